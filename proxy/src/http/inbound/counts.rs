//! Bounded counts: of what one address has open, and of the bytes everybody keeps waiting.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Client;

/// Things open by address, each address at most so many.
#[derive(Clone, Debug)]
pub(super) struct PerClient(Arc<Open>);

#[derive(Debug)]
struct Open {
    most: u32,
    counts: Mutex<HashMap<Client, u32>>,
}

/// One of them, until dropped.
#[derive(Debug)]
pub(super) struct Held {
    open: Arc<Open>,
    client: Client,
}

impl PerClient {
    pub(super) fn new(most: u32) -> Self {
        Self(Arc::new(Open {
            most,
            counts: Mutex::default(),
        }))
    }

    /// One more, unless this client has its share.
    pub(super) fn take(&self, client: Client) -> Option<Held> {
        let mut counts = self.0.counts();
        let count = counts.entry(client).or_default();
        if *count >= self.0.most {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Held {
            open: self.0.clone(),
            client,
        })
    }
}

impl Open {
    fn counts(&self) -> MutexGuard<'_, HashMap<Client, u32>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut counts = self.open.counts();
        if let Some(count) = counts.get_mut(&self.client) {
            *count -= 1;
            // Nothing is remembered of who has nothing open.
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}

/// Bytes of unfinished requests, all clients together.
#[derive(Clone, Debug)]
pub(super) struct Buffers(Arc<Room>);

#[derive(Debug)]
struct Room {
    most: usize,
    used: AtomicUsize,
}

/// What one request keeps of them; given back when dropped.
#[derive(Debug)]
pub(super) struct Share {
    room: Arc<Room>,
    bytes: usize,
}

impl Buffers {
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(Room {
            most,
            used: AtomicUsize::new(0),
        }))
    }

    pub(super) fn share(&self) -> Share {
        Share {
            room: self.0.clone(),
            bytes: 0,
        }
    }
}

impl Share {
    /// So many more; false when there is no room for them.
    #[must_use]
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        let before = self.room.used.fetch_add(bytes, Ordering::Relaxed);
        before + bytes <= self.room.most
    }

    /// All of it, the request has gone on.
    pub(super) fn give_back(&mut self) {
        self.room.used.fetch_sub(self.bytes, Ordering::Relaxed);
        self.bytes = 0;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_can_be_taken_again_and_leaves_nothing_behind() {
        let open = PerClient::new(2);
        let client = Client::new([203, 0, 113, 7].into());
        let (first, second) = (open.take(client), open.take(client));
        assert!(first.is_some() && second.is_some());
        assert!(open.take(client).is_none());
        assert!(open.take(Client::new([203, 0, 113, 8].into())).is_some());
        drop(first);
        assert!(open.take(client).is_some());
        drop(second);
        assert!(open.0.counts().is_empty());
    }

    #[test]
    fn bytes_are_given_back() {
        let buffers = Buffers::new(10);
        let (mut one, mut other) = (buffers.share(), buffers.share());
        assert!(one.grow(6));
        assert!(!other.grow(5));
        drop(other);
        assert!(one.grow(4));
        one.give_back();
        assert!(buffers.share().grow(10));
    }
}
