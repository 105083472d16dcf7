//! The sandbox's time: what tokens, codes and meetings are measured against.
//!
//! Requests themselves (meter, truth log) are timed monotonically elsewhere: moving this clock must
//! not make a burst look spread out.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The system's time, or a standing start, plus what it was advanced by.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Option<DateTime<Utc>>,
    ahead_millis: AtomicI64,
}

impl Clock {
    pub(crate) fn new(start: Option<DateTime<Utc>>) -> Self {
        Self {
            start,
            ahead_millis: AtomicI64::new(0),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system clock"
    )]
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let ahead = TimeDelta::milliseconds(self.ahead_millis.load(Ordering::SeqCst));
        self.start.unwrap_or_else(Utc::now) + ahead
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_millis.fetch_add(by, Ordering::SeqCst);
    }
}
