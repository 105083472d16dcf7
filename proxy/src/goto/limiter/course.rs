//! How the slots' clock goes, held against a clock that nobody can set.
//!
//! On PostgreSQL the slots go by the server's wall clock, the only one that replicas share. NTP and
//! administrators set it, and a step forward would free slots early. So each reading is compared with
//! this process's own clock. What the server has gained on it by a small step is believed slowly,
//! never faster than clocks drift. After a larger one, forward or back, the slots enter another epoch
//! as after a start of the server: every one of them counts as taken now.

use crate::clock::Millis;

/// What two clocks that nobody sets may differ by, microseconds for each millisecond: NTP slews by
/// half of this at most (<https://www.rfc-editor.org/rfc/rfc5905#section-11.3>).
pub(super) const DRIFT: i64 = 1;
/// A gain or loss beyond this is worth an epoch, microseconds.
const STEP: i64 = 1_000_000;

/// Now on the slots' clock, as well as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// It is not sooner: what is free by then is free.
    pub(super) earliest: Millis,
    /// It is not later: what is busy from then on is busy long enough.
    pub(super) latest: Millis,
}

/// One question to the slots' clock, between two looks at our own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) asked: Millis,
    pub(super) told: Millis,
    pub(super) answered: Millis,
}

impl Reading {
    /// How far the slots' clock is ahead of ours, microseconds, at least and at most. Ours is cut to
    /// whole milliseconds, the server's is rounded.
    fn ahead(&self) -> (i64, i64) {
        let least = (self.told - self.answered) * 1000 - 1500;
        let most = (self.told - self.asked) * 1000 + 500;
        (least, most)
    }
}

/// How a clock that can be set has gone so far.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// The epoch it is in.
    epoch: String,
    /// What was asked for before then says nothing about it.
    since: Millis,
    /// When it was last looked at.
    at: Millis,
    /// How far it is ahead of ours, microseconds, at least and at most.
    least: i64,
    most: i64,
}

impl Course {
    pub(super) fn begin(reading: Reading, epoch: &str) -> Self {
        let (least, most) = reading.ahead();
        Self {
            epoch: epoch.to_owned(),
            since: reading.answered,
            at: reading.answered,
            least,
            most,
        }
    }

    /// What the time is, unless the clock was set.
    fn follow(&mut self, reading: Reading) -> Option<Moment> {
        let drift = (reading.answered - self.at).max(0) * DRIFT;
        let (least, most) = (self.least - drift, self.most + drift);
        let seen = reading.ahead();
        if seen.0 > most + STEP || seen.1 < least - STEP {
            return None;
        }
        self.at = self.at.max(reading.answered);
        // A small loss is believed at once, a small gain as fast as clocks drift.
        self.most = most.min(seen.1);
        self.least = least.max(seen.0).min(self.most);
        Some(self.moment(reading))
    }

    fn moment(&self, reading: Reading) -> Moment {
        Moment {
            earliest: reading.asked + self.least.div_euclid(1000),
            latest: reading.told,
        }
    }
}

/// What a reading comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    Now(Moment),
    /// It is older than the course.
    Outdated,
    /// The clock was set, and the slots do not know it yet.
    Stepped,
}

pub(super) fn judge(course: &mut Option<Course>, reading: Reading, epoch: &str) -> Judged {
    let Some(known) = course else {
        let begun = course.insert(Course::begin(reading, epoch));
        return Judged::Now(begun.moment(reading));
    };
    if reading.asked < known.since {
        return Judged::Outdated;
    }
    let moment = known.follow(reading);
    if known.epoch == epoch {
        return moment.map_or(Judged::Stepped, Judged::Now);
    }
    // Another replica has seen to it; to us it may look like no step at all.
    match moment {
        Some(moment) => {
            epoch.clone_into(&mut known.epoch);
            Judged::Now(moment)
        }
        None => {
            *known = Course::begin(reading, epoch);
            Judged::Now(known.moment(reading))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 3_600_000;

    /// A reading at `asked` of a clock that is `ahead`, by a database that takes two milliseconds.
    fn read(asked: Millis, ahead: Millis) -> Reading {
        Reading {
            asked,
            told: asked + 1 + ahead,
            answered: asked + 2,
        }
    }

    fn now(judged: &Judged) -> Moment {
        match judged {
            Judged::Now(moment) => *moment,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_clock_that_nobody_sets_is_followed_closely() {
        let mut course = None;
        for asked in (0..HOUR).step_by(997) {
            // A quarter of a second in an hour.
            let ahead = HOUR + asked / 14_400;
            let moment = now(&judge(&mut course, read(asked, ahead), "one"));
            assert_eq!(moment.latest, asked + 1 + ahead);
            assert!(
                (1..=6).contains(&(moment.latest - moment.earliest)),
                "{moment:?}"
            );
        }
    }

    #[test]
    fn a_slow_answer_is_no_step_and_does_not_blur_what_is_known() {
        let mut course = None;
        // Slow the first time: anything within is possible, so the earliest counts.
        let slow = |asked, told| Reading {
            asked,
            told,
            answered: asked + 5_000,
        };
        let moment = now(&judge(&mut course, slow(0, HOUR), "one"));
        assert!(moment.earliest < HOUR - 4_999, "{moment:?}");
        let moment = now(&judge(&mut course, read(6_000, HOUR), "one"));
        assert!(moment.earliest > HOUR + 5_990, "{moment:?}");
        let moment = now(&judge(&mut course, slow(10_000, HOUR + 15_000), "one"));
        assert!(
            (HOUR + 9_990..=HOUR + 10_000).contains(&moment.earliest),
            "{moment:?}"
        );
    }

    #[test]
    fn a_small_gain_is_believed_no_faster_than_clocks_drift() {
        let mut course = None;
        now(&judge(&mut course, read(0, HOUR), "one"));
        let mut before = HOUR;
        for asked in (10..=1_000_000).step_by(10) {
            let moment = now(&judge(&mut course, read(asked, HOUR + 900), "one"));
            // What a reading cannot tell is believed at once.
            let allowed = HOUR + asked + asked / 1000 + 2;
            assert!(moment.earliest <= allowed, "{moment:?} at {asked}");
            assert!(moment.earliest >= before);
            before = moment.earliest;
        }
        // In the end it is.
        assert!(before > HOUR + 1_000_000 + 890);
    }

    #[test]
    fn a_small_loss_is_believed_at_once() {
        let mut course = None;
        now(&judge(&mut course, read(0, HOUR), "one"));
        let moment = now(&judge(&mut course, read(10, HOUR - 900), "one"));
        assert!(moment.earliest <= moment.latest);
        assert_eq!(moment.latest, HOUR + 10 + 1 - 900);
    }

    #[test]
    fn a_step_is_one_until_the_slots_know_it() {
        for ahead in [2 * HOUR, 0, HOUR + 1_100, HOUR - 1_100] {
            let mut course = None;
            now(&judge(&mut course, read(0, HOUR), "one"));
            for _ in 0..2 {
                assert_eq!(judge(&mut course, read(10, ahead), "one"), Judged::Stepped);
            }
            // Another replica was faster.
            now(&judge(&mut course, read(20, ahead), "two"));
            now(&judge(&mut course, read(30, ahead), "two"));
        }
    }

    #[test]
    fn an_answer_from_before_a_step_is_not_taken_for_a_step_back() {
        let mut course = None;
        now(&judge(&mut course, read(0, HOUR), "one"));
        course = Some(Course::begin(read(20, 2 * HOUR), "two"));
        let late = Reading {
            asked: 10,
            told: HOUR + 11,
            answered: 40,
        };
        assert_eq!(judge(&mut course, late, "one"), Judged::Outdated);
        now(&judge(&mut course, read(50, 2 * HOUR), "two"));
    }
}
