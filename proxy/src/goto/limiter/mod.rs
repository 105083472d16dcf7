//! The upstream limit, exact: never more than N requests in any window, over all replicas,
//! restarts and crashes.
//!
//! Each bucket (the interval of the settings, a second) has N slot rows in the store. A request
//! leases one slot of each before it is sent; a slot becomes free one window after the *answer* to
//! its request was seen. The upstream counts a request somewhere between lease and answer, so two
//! requests over one slot are at least a window apart as the upstream sees them, whatever the
//! network does, and any window holds at most N. A lost release (crash) leaves the slot busy for
//! the worst case. When the host or the database server was started anew, commits may be lost and
//! clocks may have changed: then no slot is used until the worst case is over. So it is when the clock
//! of the database server was set; see [`course`].
//!
//! Priorities are slot ranges: sync may use the lower 60 %, reads 90 %, creates and token renewals
//! all. Takers start from their top slot, so sync can never hold what a create needs. Codes of
//! sign-ins, which anybody can make up, have a quarter that reaches a little above the reads and
//! leaves the top to creates; others use it last. Within a class users take turns.

mod course;
mod look;
mod reading;
mod turns;

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::errors::Family;
use crate::clock::{Clock, Millis, millis_of};
use crate::random;
use crate::store::Store;
use course::Course;
use look::Look;
use tokio::time::Instant;
use turns::Turns;

/// A permit that is not on the wire by then must not be used: the worst case of its slots is counted
/// from when the slots' clock was read for it.
const STALE: Duration = Duration::from_secs(1);
/// A request that timed out here may still arrive there, milliseconds.
const LATE: Millis = 5_000;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Pages of the organizer sync.
    Sync,
    /// Something an employee looks at.
    Read,
    /// Creates, their reconciliation, and token renewals.
    Create,
    /// The code of a sign-in, which may be worth nothing.
    SignIn,
}

impl Class {
    /// The slots it may use, at least one.
    fn range(self, slots: i64) -> Range<i64> {
        let percent = |part: i64| slots * part / 100;
        let (from, below) = match self {
            Self::Sync => (0, percent(60)),
            Self::Read => (0, percent(90)),
            Self::Create => (0, slots),
            Self::SignIn => (percent(67), percent(92)),
        };
        let below = below.max(1);
        from.min(below - 1)..below
    }

    fn index(self) -> usize {
        match self {
            Self::Sync => 0,
            Self::Read => 1,
            Self::Create => 2,
            Self::SignIn => 3,
        }
    }

    /// How long somebody waits for this before hearing that it takes longer.
    fn patience(self) -> Duration {
        match self {
            Self::Sync => Duration::from_secs(120),
            Self::Read | Self::Create | Self::SignIn => Duration::from_secs(5),
        }
    }
}

/// Who asks, and for what.
#[derive(Clone, Debug)]
pub struct Caller {
    class: Class,
    user: Arc<str>,
}

impl Caller {
    /// The organizer sync.
    pub fn sync() -> Self {
        Self {
            class: Class::Sync,
            user: Arc::from("sync"),
        }
    }

    /// Something `user` looks at.
    pub fn read(user: &str) -> Self {
        Self {
            class: Class::Read,
            user: Arc::from(user),
        }
    }

    /// A create of `user`, or what must be done before and after one.
    pub fn create(user: &str) -> Self {
        Self {
            class: Class::Create,
            user: Arc::from(user),
        }
    }

    /// Somebody who is not known yet: a sign-in whose code GoTo has not judged.
    pub fn stranger() -> Self {
        Self {
            class: Class::SignIn,
            user: Arc::from(random::name()),
        }
    }

    /// Somebody whose code GoTo has taken, or whom an administrator's session vouches for, before
    /// they are known by name.
    pub fn newcomer() -> Self {
        Self::create(&random::name())
    }

    /// For what.
    pub fn class(&self) -> Class {
        self.class
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

impl From<crate::store::Error> for Busy {
    fn from(error: crate::store::Error) -> Self {
        tracing::error!(%error, "nothing is sent to GoTo while its requests cannot be counted");
        Self::NoStore
    }
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
    interval: Bucket,
    second: Bucket,
    /// Longest a request can be on the wire, late delivery included.
    longest: Millis,
    /// The start of this host that the slots are in, once it is known.
    start: Mutex<String>,
    /// How the database server's clock has gone.
    course: Mutex<Option<Course>>,
    turns: [Turns; 4],
}

/// Leave to send one request.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    lease: String,
    interval: i64,
    second: i64,
    /// When its slots were asked for. Real time, whatever clock the rest goes by: this is about how
    /// long the store and this process take.
    asked_at: Instant,
}

impl Limiter {
    /// Makes the store hold the slots.
    pub async fn new(
        settings: &crate::config::Goto,
        store: Store,
        clock: Clock,
    ) -> Result<Self, crate::store::Error> {
        let interval = Bucket {
            name: "interval",
            window: millis_of(settings.interval),
            slots: settings.requests.into(),
        };
        let second = Bucket {
            name: "second",
            window: 1_000,
            slots: settings.requests_per_second.into(),
        };
        let limiter = Self {
            store,
            clock,
            interval,
            second,
            longest: millis_of(settings.timeout) + LATE,
            start: Mutex::default(),
            course: Mutex::default(),
            turns: Default::default(),
        };
        let now = limiter.look(None).await?.now;
        for bucket in [interval, second] {
            let grown_until = limiter.busy_until(bucket, now.latest);
            limiter
                .store
                .prepare_slots(bucket.name, bucket.slots, grown_until)
                .await?;
        }
        Ok(limiter)
    }

    /// Waits for room, and for the end of a pause of `family`, as long as `caller` is willing to.
    pub async fn acquire(&self, caller: &Caller, family: Family) -> Result<Permit, Busy> {
        let class = caller.class;
        let turns = &self.turns[class.index()];
        let patience = millis_of(class.patience());
        let deadline = self.clock.since_boot() + patience;
        let ahead = turns.ahead(&caller.user).ok_or(Busy::For(1))?;
        if ahead > 0 {
            // Told at once rather than after waiting in vain.
            let mut look = self.look(None).await?;
            let wait = self.wait(&mut look, class, ahead).await?;
            if wait > patience {
                return Err(Busy::For(seconds(wait)));
            }
        }
        loop {
            let turn = turns.take(&caller.user).await;
            let pause = loop {
                // Before the clock is read: a store that takes long must not make a permit look
                // younger than its slots' worst case is.
                let asked_at = Instant::now();
                let mut look = self.look(Some(family)).await?;
                let now = look.now.earliest;
                if let Some(until) = look.paused_until.filter(|until| *until > now) {
                    break until - now;
                }
                if let Some(permit) = self.take(&mut look, class, asked_at).await? {
                    return Ok(permit);
                }
                let wait = self.wait(&mut look, class, 0).await?;
                drop(look);
                self.pass(wait, deadline).await?;
            };
            // Whoever waits for one API must not stand in the way to the others.
            drop(turn);
            self.pass(pause, deadline).await?;
        }
    }

    /// Lets `wait` milliseconds pass, unless that is longer than the caller stays.
    async fn pass(&self, wait: Millis, deadline: Millis) -> Result<(), Busy> {
        if self.clock.since_boot() + wait > deadline {
            return Err(Busy::For(seconds(wait)));
        }
        // Room, but another replica was faster for this slot: the next one is there to be taken.
        if wait > 0 {
            let wait = Duration::from_millis(wait.unsigned_abs());
            self.clock.sleep(wait).await;
        }
        Ok(())
    }

    fn busy_until(&self, bucket: Bucket, now: Millis) -> Millis {
        now + self.longest + bucket.window
    }

    async fn take(
        &self,
        look: &mut Look,
        class: Class,
        asked_at: Instant,
    ) -> Result<Option<Permit>, crate::store::Error> {
        let lease = random::name();
        let (now, slots) = (look.now, &mut look.slots);
        let mut take = async |bucket: Bucket| {
            let range = class.range(bucket.slots);
            // Left to sign-ins while there is other room.
            let spare = match class {
                Class::SignIn => 0..0,
                _ => Class::SignIn.range(bucket.slots),
            };
            let until = self.busy_until(bucket, now.latest);
            slots
                .take(bucket.name, range, spare, now.earliest, until, &lease)
                .await
        };
        let Some(interval) = take(self.interval).await? else {
            return Ok(None);
        };
        let Some(second) = take(self.second).await? else {
            // Nothing was sent, so the other slot is free at once.
            slots
                .release(self.interval.name, interval, &lease, now.earliest)
                .await?;
            return Ok(None);
        };
        Ok(Some(Permit {
            lease,
            interval,
            second,
            asked_at,
        }))
    }

    /// Milliseconds until both buckets may have room after `ahead` others went first.
    async fn wait(
        &self,
        look: &mut Look,
        class: Class,
        ahead: usize,
    ) -> Result<Millis, crate::store::Error> {
        let now = look.now.earliest;
        let mut wait = 0;
        for bucket in [self.interval, self.second] {
            let range = class.range(bucket.slots);
            let slots = range.end - range.start;
            let ahead = i64::try_from(ahead).unwrap_or(i64::MAX);
            // Each round through all slots takes a window at least.
            let (rounds, rest) = (ahead / slots, ahead % slots);
            // If the answer to one that is on the wire came now.
            let answered = now + bucket.window;
            let free_at = look
                .slots
                .next_free(bucket.name, range, rest, answered)
                .await?;
            let free_in = free_at.map_or(0, |at| (at - now).max(0));
            wait = wait.max(free_in + rounds * bucket.window);
        }
        Ok(wait)
    }

    /// A permit is good for a moment only: what is not on the wire by then must not be sent.
    pub fn is_stale(&self, permit: &Permit) -> bool {
        permit.asked_at.elapsed() > STALE
    }

    /// The answer was seen: the slots are free one window from now, and as much later as two
    /// readings of the clock may be off. An answer can come within a millisecond.
    pub async fn answered(&self, permit: Permit) {
        self.release(permit, |bucket| bucket.window + self.error(bucket))
            .await;
    }

    /// Certainly nothing was sent: the slots are free at once.
    pub async fn not_sent(&self, permit: Permit) {
        self.release(permit, |_| 0).await;
    }

    async fn release(&self, permit: Permit, after: impl Fn(Bucket) -> Millis) {
        let release = async {
            let Look { mut slots, now, .. } = self.look(None).await?;
            for (bucket, slot) in [
                (self.interval, permit.interval),
                (self.second, permit.second),
            ] {
                let free_at = now.latest + after(bucket);
                slots
                    .release(bucket.name, slot, &permit.lease, free_at)
                    .await?;
            }
            Ok::<_, crate::store::Error>(())
        };
        if let Err(error) = release.await {
            tracing::warn!(%error, "an upstream slot stays busy for the worst case");
        }
    }

    /// GoTo said 429: nobody sends to that API for a while, on any replica. Each API of GoTo's has a
    /// limit of its own.
    pub async fn pause(&self, family: Family, pause: Duration) {
        let pause = async {
            let Look { mut slots, now, .. } = self.look(None).await?;
            let until = now.latest + millis_of(pause);
            slots.pause_api(family.name(), until).await
        };
        if let Err(error) = pause.await {
            tracing::error!(%error, "the pause after a 429 could not be shared");
        }
    }

    /// Slots of the interval's bucket.
    pub fn slots(&self) -> i64 {
        self.interval.slots
    }

    /// Slots in use of the interval's bucket, and how many there are.
    pub async fn usage(&self) -> Result<(i64, i64), crate::store::Error> {
        let Look { mut slots, now, .. } = self.look(None).await?;
        let used = slots.in_use(self.interval.name, now.earliest).await?;
        Ok((used, self.interval.slots))
    }
}

fn seconds(wait: Millis) -> u32 {
    u32::try_from((wait + 999) / 1000)
        .unwrap_or(u32::MAX)
        .max(1)
}
