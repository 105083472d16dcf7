//! The upstream limit, exact: never more than N requests in any window, over all replicas,
//! restarts and crashes.
//!
//! Each bucket (a minute, a second) has N slot rows in the store. A request leases one slot of
//! each before it is sent; a slot becomes free one window after the *answer* to its request was
//! seen. The upstream counts a request somewhere between lease and answer, so two requests over
//! one slot are at least a window apart as the upstream sees them, whatever the network does, and
//! any window holds at most N. A lost release (crash) leaves the slot busy for the worst case.
//!
//! Priorities are slot ranges: sync may use the lower 60 %, reads 90 %, creates and token renewals
//! all. Takers start from their top slot, so sync can never hold what a create needs.

use std::time::Duration;

use tokio::sync::Mutex;

use crate::clock::{Clock, Millis, millis_of};
use crate::random;
use crate::store::Store;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Pages of the organizer sync.
    Sync,
    /// Something an employee looks at.
    Read,
    /// Creates, their reconciliation, and token renewals.
    Create,
}

impl Class {
    fn share(self, slots: i64) -> i64 {
        let share = match self {
            Self::Sync => slots * 60 / 100,
            Self::Read => slots * 90 / 100,
            Self::Create => slots,
        };
        share.max(1)
    }

    fn index(self) -> usize {
        match self {
            Self::Sync => 0,
            Self::Read => 1,
            Self::Create => 2,
        }
    }
}

/// There is no room before the deadline, or the store that counts is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// Seconds until there is room.
    For(u32),
    /// Nothing may be sent while the store is away.
    NoStore,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    name: &'static str,
    window: Millis,
    slots: i64,
}

/// See the module.
#[derive(Debug)]
pub struct Limiter {
    store: Store,
    clock: Clock,
    minute: Bucket,
    second: Bucket,
    /// Longest a request can be on the wire, late delivery included.
    longest: Millis,
    /// First come, first served within a class.
    queues: [Mutex<()>; 3],
}

/// Leave to send one request.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    lease: String,
    minute: i64,
    second: i64,
    taken_at: Millis,
}

impl Limiter {
    /// Makes the store hold the slots.
    pub async fn new(
        settings: &crate::config::Goto,
        store: Store,
        clock: Clock,
    ) -> Result<Self, crate::store::Error> {
        let minute = Bucket {
            name: "minute",
            window: 60_000,
            slots: settings.requests_per_minute.into(),
        };
        let second = Bucket {
            name: "second",
            window: 1_000,
            slots: settings.requests_per_second.into(),
        };
        for bucket in [minute, second] {
            store.prepare_slots(bucket.name, bucket.slots).await?;
        }
        // Late delivery: a request that timed out here may still arrive there.
        let longest = millis_of(settings.timeout) + 5_000;
        Ok(Self {
            store,
            clock,
            minute,
            second,
            longest,
            queues: Default::default(),
        })
    }

    /// Waits at most `patience` for room.
    pub async fn acquire(&self, class: Class, patience: Duration) -> Result<Permit, Busy> {
        let deadline = self.clock.millis() + millis_of(patience);
        let _turn = self.queues[class.index()].lock().await;
        loop {
            let now = self.clock.millis();
            if let Some(permit) = self.take(class, now).await.map_err(|_| Busy::NoStore)? {
                return Ok(permit);
            }
            let wait = self.wait(class, now).await.map_err(|_| Busy::NoStore)?;
            if now + wait > deadline {
                let seconds = u32::try_from((wait + 999) / 1000).unwrap_or(u32::MAX);
                return Err(Busy::For(seconds.max(1)));
            }
            self.clock
                .sleep(Duration::from_millis(wait.unsigned_abs()))
                .await;
        }
    }

    async fn take(&self, class: Class, now: Millis) -> Result<Option<Permit>, crate::store::Error> {
        let lease = random::name();
        let busy_until = |bucket: Bucket| now + self.longest + bucket.window;
        let take = async |bucket: Bucket| {
            let below = class.share(bucket.slots);
            self.store
                .take_slot(bucket.name, below, now, busy_until(bucket), &lease)
                .await
        };
        let Some(minute) = take(self.minute).await? else {
            return Ok(None);
        };
        let Some(second) = take(self.second).await? else {
            // Nothing was sent, so the minute's slot is free at once.
            self.store
                .release_slot(self.minute.name, minute, &lease, now)
                .await?;
            return Ok(None);
        };
        Ok(Some(Permit {
            lease,
            minute,
            second,
            taken_at: now,
        }))
    }

    /// Milliseconds until both buckets may have room.
    async fn wait(&self, class: Class, now: Millis) -> Result<Millis, crate::store::Error> {
        let mut free_at = now;
        for bucket in [self.minute, self.second] {
            let next = self
                .store
                .next_free_slot(bucket.name, class.share(bucket.slots))
                .await?;
            free_at = free_at.max(next.unwrap_or(now));
        }
        Ok((free_at - now).max(1))
    }

    /// A permit is good for a moment only: what is not on the wire by then must not be sent.
    pub fn is_stale(&self, permit: &Permit) -> bool {
        self.clock.millis() - permit.taken_at > 500
    }

    /// The answer was seen: the slots are free one window from now.
    pub async fn answered(&self, permit: Permit) {
        let now = self.clock.millis();
        self.release(permit, now + self.minute.window, now + self.second.window)
            .await;
    }

    /// Certainly nothing was sent: the slots are free at once.
    pub async fn not_sent(&self, permit: Permit) {
        let now = self.clock.millis();
        self.release(permit, now, now).await;
    }

    async fn release(&self, permit: Permit, minute: Millis, second: Millis) {
        let releases = [
            self.store
                .release_slot(self.minute.name, permit.minute, &permit.lease, minute)
                .await,
            self.store
                .release_slot(self.second.name, permit.second, &permit.lease, second)
                .await,
        ];
        for release in releases {
            if let Err(error) = release {
                tracing::warn!(%error, "an upstream slot stays busy for the worst case");
            }
        }
    }

    /// GoTo said 429: nobody sends for a while, on any replica.
    pub async fn pause(&self, seconds: u32) {
        let until = self.clock.millis() + Millis::from(seconds) * 1000;
        if let Err(error) = self.store.pause_slots(until).await {
            tracing::error!(%error, "the pause after a 429 could not be shared");
        }
    }

    /// Slots in use in the minute bucket, and how many there are.
    pub async fn usage(&self) -> Result<(i64, i64), crate::store::Error> {
        let used = self
            .store
            .slots_in_use(self.minute.name, self.clock.millis())
            .await?;
        Ok((used, self.minute.slots))
    }
}
