//! Sign-ins that have not shown whose they are: how many codes one address may have GoTo refuse.
//!
//! A code costs a request to GoTo, and anybody can make one up. So an address may have a few codes
//! under way at once, and each that GoTo refuses keeps one of these places for a minute. Codes that
//! GoTo takes cost nothing: a whole office may sign in from one address.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::Client;
use crate::clock::{Clock, Millis};

/// How long a refused code counts, milliseconds.
const MINUTE: Millis = 60_000;
/// How long somebody waits for the codes before theirs.
const PATIENCE: Duration = Duration::from_secs(20);
/// Addresses remembered before those whose refusals are old are dropped.
const ADDRESSES_MAX: usize = 10_000;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Strangers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    clock: Clock,
    addresses: Mutex<HashMap<Client, Address>>,
}

#[derive(Debug, Default)]
struct Address {
    under_way: usize,
    refused: VecDeque<Millis>,
    changed: Arc<Notify>,
}

impl Address {
    /// How many places are taken.
    fn taken(&mut self, now: Millis) -> usize {
        self.refused.retain(|at| now - at < MINUTE);
        self.under_way + self.refused.len()
    }
}

/// Leave to send one code.
#[derive(Debug)]
#[must_use]
pub(crate) struct Attempt {
    strangers: Strangers,
    client: Client,
    refused: bool,
}

impl Strangers {
    /// `most` codes of one address in a minute may be refused.
    pub(crate) fn new(most: u32, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            most: super::size(most),
            clock,
            addresses: Mutex::default(),
        }))
    }

    fn addresses(&self) -> MutexGuard<'_, HashMap<Client, Address>> {
        let addresses = self.0.addresses.lock();
        addresses.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a code of this address may be sent; `None` when too many were refused.
    pub(crate) async fn enter(&self, client: Client) -> Option<Attempt> {
        let patience = self.0.clock.sleep(PATIENCE);
        tokio::pin!(patience);
        loop {
            let changed = match self.try_enter(client)? {
                Ok(attempt) => return Some(attempt),
                Err(changed) => changed,
            };
            let changed = changed.notified();
            tokio::pin!(changed);
            // From here on nothing is missed; but it may have changed just before.
            changed.as_mut().enable();
            if let Ok(attempt) = self.try_enter(client)? {
                return Some(attempt);
            }
            tokio::select! {
                () = &mut changed => {}
                () = &mut patience => return None,
            }
        }
    }

    /// `Err` tells when it may be otherwise, `None` that it will not soon.
    fn try_enter(&self, client: Client) -> Option<Result<Attempt, Arc<Notify>>> {
        let now = self.0.clock.millis();
        let mut addresses = self.addresses();
        if addresses.len() > ADDRESSES_MAX {
            addresses.retain(|_, address| address.taken(now) > 0);
        }
        let address = addresses.entry(client).or_default();
        if address.taken(now) < self.0.most {
            address.under_way += 1;
            return Some(Ok(Attempt {
                strangers: self.clone(),
                client,
                refused: false,
            }));
        }
        (address.under_way > 0).then(|| Err(address.changed.clone()))
    }
}

impl Attempt {
    /// GoTo did not take the code.
    pub(crate) fn refused(mut self) {
        self.refused = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let now = self.strangers.0.clock.millis();
        let mut addresses = self.strangers.addresses();
        if let Some(address) = addresses.get_mut(&self.client) {
            address.under_way -= 1;
            if self.refused {
                address.refused.push_back(now);
            }
            address.changed.notify_waiters();
            // Nothing is remembered of who did nothing wrong.
            if address.taken(now) == 0 {
                addresses.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strangers() -> (Strangers, Clock) {
        let clock = Clock::manual("2026-03-02T12:00:00Z".parse().unwrap());
        (Strangers::new(2, clock.clone()), clock)
    }

    fn client(last: u8) -> Client {
        Client::new([203, 0, 113, last].into())
    }

    #[tokio::test]
    async fn codes_that_goto_refuses_cost_their_address_a_minute() {
        let (strangers, clock) = strangers();
        for _ in 0..2 {
            strangers.enter(client(7)).await.unwrap().refused();
        }
        assert!(strangers.enter(client(7)).await.is_none());
        assert!(strangers.enter(client(8)).await.is_some());
        clock.advance(Duration::from_secs(60));
        assert!(strangers.enter(client(7)).await.is_some());
    }

    #[tokio::test]
    async fn codes_that_goto_takes_cost_nothing() {
        let (strangers, _) = strangers();
        for _ in 0..100 {
            drop(strangers.enter(client(7)).await.unwrap());
        }
        assert!(strangers.addresses().is_empty());
    }

    #[tokio::test]
    async fn who_comes_while_others_are_under_way_waits_for_them() {
        let (strangers, _) = strangers();
        let first = strangers.enter(client(7)).await.unwrap();
        let second = strangers.enter(client(7)).await.unwrap();
        let third = tokio::spawn({
            let strangers = strangers.clone();
            async move { strangers.enter(client(7)).await.is_some() }
        });
        second.refused();
        drop(first);
        assert!(third.await.unwrap());
    }
}
