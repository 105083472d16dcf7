//! The time on the slots' clock, and the epoch that its slots are in; how the clock is believed is in
//! [`super::course`].

use std::sync::{MutexGuard, PoisonError};

use super::course::{Course, DRIFT, Judged, Moment, Reading, judge};
use super::{Bucket, Limiter};
use crate::clock::Millis;
use crate::random;

impl Limiter {
    /// The time on the slots' clock. Sees to it that a new epoch is entered before anything is sent
    /// in it.
    pub(super) async fn now(&self) -> Result<Moment, crate::store::Error> {
        loop {
            let asked = self.clock.since_boot();
            let time = self.store.slot_time().await?;
            let Some(epoch) = time.epoch else {
                self.enter_start(&time.start, time.now).await?;
                return Ok(Moment {
                    earliest: time.now,
                    latest: time.now,
                });
            };
            let reading = Reading {
                asked,
                told: time.now,
                answered: self.clock.since_boot(),
            };
            let (next, why) = if epoch.split('+').next() == Some(time.start.as_str()) {
                let judged = judge(&mut self.course(), reading, &epoch);
                match judged {
                    Judged::Now(moment) => return Ok(moment),
                    Judged::Outdated => continue,
                    Judged::Stepped => {
                        let next = format!("{}+{}", time.start, random::name());
                        (next, "the clock of the database server was set")
                    }
                }
            } else {
                (time.start, "the database server was started anew")
            };
            // One replica moves the slots on; the others come too late and find them moved.
            let until = self.all_busy(time.now);
            if self
                .store
                .enter_slot_epoch(Some(&epoch), &next, &until)
                .await?
            {
                *self.course() = Some(Course::begin(reading, &next));
                self.tell_of_pause(why);
            }
        }
    }

    /// Sees a step of the slots' clock also when nobody asks for a slot.
    pub async fn watch(&self) -> Result<(), crate::store::Error> {
        self.now().await.map(drop)
    }

    /// Enters the epoch of a start of this host, once for this process.
    async fn enter_start(&self, start: &str, now: Millis) -> Result<(), crate::store::Error> {
        if *self.start.lock().unwrap_or_else(PoisonError::into_inner) == start {
            return Ok(());
        }
        let until = self.all_busy(now);
        if self.store.enter_slot_epoch(None, start, &until).await? {
            self.tell_of_pause("the host was started anew");
        }
        start.clone_into(&mut self.start.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    fn all_busy(&self, now: Millis) -> [(&'static str, Millis); 2] {
        [self.interval, self.second].map(|bucket| (bucket.name, self.busy_until(bucket, now)))
    }

    fn tell_of_pause(&self, why: &str) {
        let seconds = (self.longest + self.interval.window) / 1000;
        tracing::warn!(
            seconds,
            "{why}: nothing is sent to GoTo for a while, so that the limit holds"
        );
    }

    fn course(&self) -> MutexGuard<'_, Option<Course>> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By how much a window may seem over before it is.
    pub(super) fn error(&self, bucket: Bucket) -> Millis {
        let drift = match *self.course() {
            Some(_) => bucket.window * DRIFT / 1000 + 1,
            None => 0,
        };
        self.clock.reading_error() + drift
    }
}
