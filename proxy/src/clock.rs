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
    System,
    Manual(Arc<ManualTime>),
}

#[derive(Debug)]
struct ManualTime {
    now: AtomicI64,
    /// How far the wall clock is from where it would be had nobody set it.
    step: AtomicI64,
    moved: Notify,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`].
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Source::Manual(Arc::new(ManualTime {
            now: AtomicI64::new(start.timestamp_millis()),
            step: AtomicI64::new(0),
            moved: Notify::new(),
        })))
    }

    /// Now by the wall clock, in milliseconds. It is read each time, so that a clock which was wrong
    /// at the start is right from the moment it is set. What counts or waits asks
    /// [`Self::since_boot`].
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system clock"
    )]
    pub fn millis(&self) -> Millis {
        match &self.0 {
            Source::System => Utc::now().timestamp_millis(),
            Source::Manual(hand) => {
                hand.now.load(Ordering::SeqCst) + hand.step.load(Ordering::SeqCst)
            }
        }
    }

    /// Milliseconds on a clock that nobody can set: since this machine was started, whichever
    /// process asks, time asleep included. A manual clock gives its own time.
    pub fn since_boot(&self) -> Millis {
        match &self.0 {
            Source::System => uptime(),
            Source::Manual(hand) => hand.now.load(Ordering::SeqCst),
        }
    }

    /// Names the start of the machine that [`Self::since_boot`] counts from. Where the system does
    /// not tell, every process counts as a start of its own.
    pub fn boot(&self) -> String {
        match &self.0 {
            Source::System => std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
                .map_or_else(|_| crate::random::name(), |id| id.trim().to_owned()),
            Source::Manual(_) => "manual".to_owned(),
        }
    }

    /// How much later than it says it may be, milliseconds: readings are cut to whole ones.
    pub fn reading_error(&self) -> Millis {
        Millis::from(self.is_system())
    }

    /// Whether time passes by itself.
    pub fn is_system(&self) -> bool {
        matches!(self.0, Source::System)
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

    /// Sets a manual wall clock forward or back, as an administrator or NTP does; what counts and
    /// waits does not notice. The system's clock is left alone.
    pub fn step(&self, by: Millis) {
        if let Source::Manual(hand) = &self.0 {
            hand.step.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Does `work`, and waits until `period` has passed since it began: what is done again and again
    /// this way keeps its beat however long it takes, and misses no time that passes meanwhile.
    pub async fn at_most_every(&self, period: Duration, work: impl Future<Output = ()>) {
        tokio::join!(self.sleep(period), work);
    }

    /// Waits until `by` has passed on this clock.
    pub async fn sleep(&self, by: Duration) {
        match &self.0 {
            Source::System => tokio::time::sleep(by).await,
            Source::Manual(hand) => {
                let until = self.since_boot() + millis_of(by);
                loop {
                    let moved = hand.moved.notified();
                    if self.since_boot() >= until {
                        return;
                    }
                    moved.await;
                }
            }
        }
    }
}

/// Milliseconds since the machine was started. `CLOCK_BOOTTIME` goes on while the machine is asleep,
/// as the world around it does.
#[cfg(target_os = "linux")]
fn uptime() -> Millis {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

/// Milliseconds of a clock that starts with this process: other systems tell no common one.
#[cfg(not(target_os = "linux"))]
fn uptime() -> Millis {
    static START: std::sync::OnceLock<tokio::time::Instant> = std::sync::OnceLock::new();
    millis_of(START.get_or_init(tokio::time::Instant::now).elapsed())
}

/// `millis` as a date; the epoch for values no calendar has.
pub fn date(millis: Millis) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

/// Whole milliseconds of `duration`.
pub fn millis_of(duration: Duration) -> Millis {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Tokio's own clock moves only once nothing else can go on.
    #[tokio::test(start_paused = true)]
    async fn time_that_passes_during_the_work_counts() {
        let clock = Clock::manual(date(0));
        let during = clock.clone();
        let work = async move { during.advance(Duration::from_secs(60)) };
        let beat = clock.at_most_every(Duration::from_secs(60), work);
        tokio::time::timeout(Duration::from_secs(10), beat)
            .await
            .expect("no wait of another minute");
    }
}
