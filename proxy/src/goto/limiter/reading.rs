//! The time on the slots' clock, and the epoch that its slots are in; how the clock is believed is in
//! [`super::course`].

use std::sync::{MutexGuard, PoisonError};

use super::course::{Course, DRIFT, Judged, Moment, Reading, judge};
use super::look::Look;
use super::{Bucket, Limiter};
use crate::clock::Millis;
use crate::goto::errors::Family;
use crate::random;

impl Limiter {
    /// The slots, and the time on their clock. Sees to it that a new epoch is entered before anything
    /// is sent in it.
    pub(super) async fn look(&self, api: Option<Family>) -> Result<Look, crate::store::Error> {
        loop {
            let mut slots = self.store.slots().await?;
            let asked = self.clock.since_boot();
            let time = slots.time(api.map(Family::name)).await?;
            let paused_until = time.paused_until;
            let Some(epoch) = time.epoch else {
                self.enter_start(&time.start, time.now).await?;
                let now = Moment {
                    earliest: time.now,
                    latest: time.now,
                };
                return Ok(Look {
                    slots,
                    now,
                    paused_until,
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
                    Judged::Now(now) => {
                        return Ok(Look {
                            slots,
                            now,
                            paused_until,
                        });
                    }
                    Judged::Outdated => continue,
                    Judged::Stepped => {
                        let next = format!("{}+{}", time.start, random::name());
                        (next, "the clock of the database server was set")
                    }
                }
            } else {
                (time.start, "the database server was started anew")
            };
            // The others that see it have their connections as well, and all need one more.
            drop(slots);
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
        self.look(None).await.map(drop)
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
