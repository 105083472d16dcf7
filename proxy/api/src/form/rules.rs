//! What is wrong with a form, told by what it says, the clocks of its zone and the time it is.

use super::addresses::is_address;
use super::field::{Field, FieldCode, Mistake};
use super::wall::{Clocks, DAY, Instants, MINUTE_MS, stamp};
use crate::subject::{SubjectError, check_subject};
use crate::{Fold, InvitationExtra};

/// Most co-organizers taken.
pub const CO_ORGANIZERS_MAX: usize = 50;
/// Most participants taken.
pub const PARTICIPANTS_MAX: usize = 250;
/// Longest meeting, hours.
pub const HOURS_MAX: i64 = 24;
/// No zone ever skipped more than a day and a bit (Samoa, 2011), minutes.
const SKIPPED_MAX: i64 = DAY + 60;

/// What is wrong with a subject.
pub fn subject(subject: &str) -> Option<Mistake> {
    let code = match check_subject(subject) {
        Ok(()) => return None,
        Err(SubjectError::Empty) => FieldCode::Required,
        Err(SubjectError::TooLong(_)) => FieldCode::TooLong,
    };
    Some(Mistake::new(Field::Subject, code))
}

/// What is wrong with so many co-organizers.
pub fn co_organizers(count: usize) -> Option<Mistake> {
    (count > CO_ORGANIZERS_MAX).then(|| Mistake::new(Field::CoOrganizers, FieldCode::TooMany))
}

/// What is wrong with what only the invitation says.
pub fn invitation(extra: &InvitationExtra) -> Option<Mistake> {
    participants(extra.participants.iter().map(String::as_str))
}

/// What is wrong with participants.
pub fn participants<'a>(addresses: impl Iterator<Item = &'a str>) -> Option<Mistake> {
    let mut count = 0;
    let wrong: Vec<String> = addresses
        .inspect(|_| count += 1)
        .filter(|address| !is_address(address))
        .map(str::to_owned)
        .collect();
    if !wrong.is_empty() {
        return Some(Mistake {
            values: wrong,
            ..Mistake::new(Field::Participants, FieldCode::NotAnAddress)
        });
    }
    (count > PARTICIPANTS_MAX).then(|| Mistake::new(Field::Participants, FieldCode::TooMany))
}

/// The instant that a time on the wall of `clocks` means, epoch milliseconds.
///
/// # Errors
/// What is wrong with it as the time of `field`.
pub fn instant(
    clocks: &impl Clocks,
    field: Field,
    wall: i64,
    fold: Option<Fold>,
) -> Result<i64, Mistake> {
    let Some(instants) = clocks.instants(wall) else {
        return Err(Mistake::new(field, FieldCode::NotATime));
    };
    if let Some(at) = instants.meant(fold) {
        return Ok(at);
    }
    Err(match instants {
        Instants::Two(first, second) => Mistake {
            values: [first, second]
                .map(|at| offset(wall, at).to_string())
                .into(),
            ..Mistake::new(field, FieldCode::TimeAmbiguous)
        },
        _ => Mistake {
            values: nearest(clocks, wall),
            ..Mistake::new(field, FieldCode::TimeSkipped)
        },
    })
}

/// Minutes that a clock which shows `wall` at `instant` is ahead of UTC.
pub const fn offset(wall: i64, instant: i64) -> i64 {
    (wall * MINUTE_MS - instant) / MINUTE_MS
}

/// The last minute before the gap and the first one after it, as local times.
fn nearest(clocks: &impl Clocks, skipped: i64) -> Vec<String> {
    let exists = |wall: &i64| {
        let instants = clocks.instants(*wall);
        instants.is_some_and(|instants| instants != Instants::None)
    };
    let before = (1..=SKIPPED_MAX).map(|minutes| skipped - minutes);
    let after = (1..=SKIPPED_MAX).map(|minutes| skipped + minutes);
    let found = [
        before.into_iter().find(exists),
        after.into_iter().find(exists),
    ];
    found.into_iter().flatten().map(stamp).collect()
}

/// What is wrong between the instants of a form and the clock, epoch milliseconds. `start` alone
/// counts while the end is no time.
pub fn order(start: Option<i64>, times: Option<(i64, i64)>, now: i64) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let start = times.map(|(start, _)| start).or(start);
    if start.is_some_and(|start| start <= now) {
        mistakes.push(Mistake::new(Field::Start, FieldCode::InThePast));
    }
    if let Some((start, end)) = times {
        if end <= start {
            mistakes.push(Mistake::new(Field::End, FieldCode::NotAfterStart));
        } else if end - start > HOURS_MAX * 60 * MINUTE_MS {
            mistakes.push(Mistake::new(Field::End, FieldCode::TooFarFromStart));
        }
    }
    mistakes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::wall;

    /// Clocks of UTC+1 until 2027-03-28T01:00Z and of UTC+2 from then on, forth and back.
    struct Changing {
        before: i64,
        after: i64,
    }

    impl Clocks for Changing {
        fn instants(&self, at: i64) -> Option<Instants> {
            let change = minutes("2027-03-28T01:00") * MINUTE_MS;
            let offset = |ms| if ms < change { self.before } else { self.after };
            Some(wall::instants(at, offset))
        }
    }

    fn minutes(text: &str) -> i64 {
        wall::to_wall(text.parse().unwrap())
    }

    const SPRING: Changing = Changing {
        before: 60,
        after: 120,
    };
    const AUTUMN: Changing = Changing {
        before: 120,
        after: 60,
    };

    #[test]
    fn a_skipped_time_names_its_neighbours() {
        let skipped = minutes("2027-03-28T02:30");
        let mistake = instant(&SPRING, Field::Start, skipped, None).unwrap_err();
        assert_eq!(
            (mistake.field, mistake.code),
            (Field::Start, FieldCode::TimeSkipped)
        );
        assert_eq!(mistake.values, ["2027-03-28T01:59", "2027-03-28T03:00"]);
    }

    #[test]
    fn a_time_that_occurs_twice_asks_which() {
        let twice = minutes("2027-03-28T02:30");
        let mistake = instant(&AUTUMN, Field::End, twice, None).unwrap_err();
        assert_eq!(
            (mistake.field, mistake.code),
            (Field::End, FieldCode::TimeAmbiguous)
        );
        assert_eq!(mistake.values, ["120", "60"]);
        let of = |fold| instant(&AUTUMN, Field::End, twice, Some(fold)).unwrap();
        assert_eq!(of(Fold::Later) - of(Fold::Earlier), 60 * MINUTE_MS);
    }

    #[test]
    fn a_time_outside_of_the_years_is_none() {
        struct Never;
        impl Clocks for Never {
            fn instants(&self, _: i64) -> Option<Instants> {
                None
            }
        }
        let mistake = instant(&Never, Field::Start, 0, None).unwrap_err();
        assert_eq!(mistake, Mistake::new(Field::Start, FieldCode::NotATime));
    }

    #[test]
    fn start_and_end_stand_in_order_after_now() {
        let hour = 60 * MINUTE_MS;
        let codes = |start, times, now| -> Vec<(Field, FieldCode)> {
            let found = order(start, times, now).into_iter();
            found.map(|mistake| (mistake.field, mistake.code)).collect()
        };
        let past = (Field::Start, FieldCode::InThePast);
        let end = |code| (Field::End, code);
        assert_eq!(codes(None, Some((1, hour)), 0), []);
        assert_eq!(codes(None, Some((1, 1 + 24 * hour)), 0), []);
        assert_eq!(
            codes(None, Some((1, 2 + 24 * hour)), 0),
            [end(FieldCode::TooFarFromStart)]
        );
        assert_eq!(codes(Some(5), None, 5), [past]);
        assert_eq!(
            codes(Some(9), Some((5, 5)), 5),
            [past, end(FieldCode::NotAfterStart)]
        );
    }
}
