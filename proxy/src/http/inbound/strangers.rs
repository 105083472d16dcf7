//! Sign-ins that have not shown whose they are: how many codes one address may have GoTo refuse.
//!
//! A code costs a request to GoTo, and anybody can make one up. So an address may have a few codes
//! under way at once, and each that GoTo refuses keeps one of these places for a minute. Codes that
//! GoTo takes cost nothing: a whole office may sign in from one address, one after another. Who
//! waits for that holds a request's place, so few may, and fewer of one address.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::Client;
use super::counts::{Held, PerClient};
use crate::clock::{Clock, Millis};
use crate::config;

/// How long a refused code counts, milliseconds.
const MINUTE: Millis = 60_000;
/// How long somebody waits for the codes before theirs.
const PATIENCE: Duration = Duration::from_secs(20);
/// Sign-ins of one address that wait or are under way.
const CROWD_OF_ONE: u32 = 16;
/// Part of all requests at once that sign-ins may be.
const CROWD_PART: usize = 4;
/// Addresses remembered before those whose refusals are old are dropped.
const ADDRESSES_MAX: usize = 10_000;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Strangers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    crowd: Arc<Semaphore>,
    crowd_of: PerClient,
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
    inside: Option<(OwnedSemaphorePermit, Held)>,
}

impl Strangers {
    /// As the settings say.
    pub(crate) fn new(limits: &config::Inbound, clock: Clock) -> Self {
        let crowd = super::size(limits.requests_at_once) / CROWD_PART;
        Self(Arc::new(Inner {
            most: super::size(limits.refused_codes),
            crowd: Arc::new(Semaphore::new(crowd.max(1))),
            crowd_of: PerClient::new(CROWD_OF_ONE),
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
        let crowd = self.0.crowd.clone().try_acquire_owned().ok()?;
        let inside = (crowd, self.0.crowd_of.take(client)?);
        let mut attempt = self.wait(client).await?;
        attempt.inside = Some(inside);
        Some(attempt)
    }

    async fn wait(&self, client: Client) -> Option<Attempt> {
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
                inside: None,
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

    fn strangers(at_once: u32) -> (Strangers, Clock) {
        let clock = Clock::manual("2026-03-02T12:00:00Z".parse().unwrap());
        let limits = config::Inbound {
            refused_codes: 2,
            requests_at_once: at_once,
            ..super::super::requests::tests::limits()
        };
        (Strangers::new(&limits, clock.clone()), clock)
    }

    fn client(last: u8) -> Client {
        Client::new([203, 0, 113, last].into())
    }

    #[tokio::test]
    async fn codes_that_goto_refuses_cost_their_address_a_minute() {
        let (strangers, clock) = strangers(100);
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
        let (strangers, _) = strangers(100);
        for _ in 0..100 {
            drop(strangers.enter(client(7)).await.unwrap());
        }
        assert!(strangers.addresses().is_empty());
    }

    #[tokio::test]
    async fn few_wait_and_fewer_of_one_address() {
        let (strangers, _) = strangers(8);
        let held = strangers.enter(client(7)).await.unwrap();
        let other = strangers.enter(client(7)).await.unwrap();
        // A quarter of eight.
        assert!(strangers.enter(client(8)).await.is_none());
        drop((held, other));
        assert!(strangers.enter(client(8)).await.is_some());
    }

    #[tokio::test]
    async fn who_comes_while_others_are_under_way_waits_for_them() {
        let (strangers, _) = strangers(100);
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
