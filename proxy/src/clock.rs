//! The only source of time.
//!
//! Everything that expires, waits or is scheduled asks a [`Clock`], so that tests move time instead
//! of sleeping. clippy.toml bans the system clock elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

/// Wall-clock time in milliseconds since the Unix epoch.
pub type Millis = i64;

/// A clock that is either the system's or moved by hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    /// Process-monotonic time anchored once to wall time: a step of the system clock while the
    /// process runs must not free upstream slots early.
    System {
        anchor: Millis,
        /// Milliseconds since boot when this clock was made.
        booted: Millis,
        since: tokio::time::Instant,
    },
    Manual(Arc<Hand>),
}

#[derive(Debug)]
struct Hand {
    now: AtomicI64,
    moved: Notify,
}

impl Clock {
    /// The system's clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system clock"
    )]
    pub fn system() -> Self {
        Self(Source::System {
            anchor: Utc::now().timestamp_millis(),
            booted: uptime().unwrap_or_else(|| Utc::now().timestamp_millis()),
            since: tokio::time::Instant::now(),
        })
    }

    /// A clock that stands still until [`Clock::advance`].
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Source::Manual(Arc::new(Hand {
            now: AtomicI64::new(start.timestamp_millis()),
            moved: Notify::new(),
        })))
    }

    /// Now, in milliseconds.
    pub fn millis(&self) -> Millis {
        match &self.0 {
            Source::System { anchor, since, .. } => anchor + millis_of(since.elapsed()),
            Source::Manual(hand) => hand.now.load(Ordering::SeqCst),
        }
    }

    /// Milliseconds on a clock that nobody can set: since this machine was started, whichever
    /// process asks. A manual clock gives its own time.
    pub fn since_boot(&self) -> Millis {
        match &self.0 {
            Source::System { booted, since, .. } => booted + millis_of(since.elapsed()),
            Source::Manual(_) => self.millis(),
        }
    }

    /// Names the start of the machine that [`Self::since_boot`] counts from. Where the system does
    /// not tell, every process counts as a start of its own.
    pub fn boot(&self) -> String {
        match &self.0 {
            Source::System { .. } => std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
                .map_or_else(|_| crate::random::name(), |id| id.trim().to_owned()),
            Source::Manual(_) => "manual".to_owned(),
        }
    }

    /// How much later than it says it may be, milliseconds: readings are cut to whole ones, and the
    /// system tells its time since boot in hundredths of a second, in every process anew.
    pub fn reading_error(&self) -> Millis {
        if self.is_system() { 11 } else { 0 }
    }

    /// Whether time passes by itself.
    pub fn is_system(&self) -> bool {
        matches!(self.0, Source::System { .. })
    }

    /// Now, as a date.
    pub fn now(&self) -> DateTime<Utc> {
        date(self.millis())
    }

    /// Moves a manual clock forward and wakes who sleeps on it; the system's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(hand) = &self.0 {
            hand.now.fetch_add(millis_of(by), Ordering::SeqCst);
            hand.moved.notify_waiters();
        }
    }

    /// Waits until `by` has passed on this clock.
    pub async fn sleep(&self, by: Duration) {
        match &self.0 {
            Source::System { .. } => tokio::time::sleep(by).await,
            Source::Manual(hand) => {
                let until = self.millis() + millis_of(by);
                loop {
                    let moved = hand.moved.notified();
                    if self.millis() >= until {
                        return;
                    }
                    moved.await;
                }
            }
        }
    }
}

/// Milliseconds since the machine was started, as Linux tells them.
fn uptime() -> Option<Millis> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let (seconds, rest) = text.split_whitespace().next()?.split_once('.')?;
    let hundredths: Millis = rest.get(..2)?.parse().ok()?;
    Some(seconds.parse::<Millis>().ok()? * 1000 + hundredths * 10)
}

/// `millis` as a date; the epoch for values no calendar has.
pub fn date(millis: Millis) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

/// Whole milliseconds of `duration`.
pub fn millis_of(duration: Duration) -> Millis {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
