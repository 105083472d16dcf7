//! Wall-clock arithmetic: pure, no zone database, no browser.
//!
//! A wall time is counted in minutes since 1970-01-01T00:00 on the clock on the wall; the offset
//! of a zone comes in as a function, from `Intl` in the widget and from tables in the tests. Instants
//! are epoch milliseconds.

use crate::format::two;
use crate::{Fold, LocalDateTime};

/// Minutes of a day.
pub const DAY: i64 = 24 * 60;
/// Milliseconds of a minute.
pub const MINUTE_MS: i64 = 60_000;

/// Minutes on the wall clock (H. Hinnant, *chrono-compatible low-level date algorithms*).
pub fn to_wall(time: LocalDateTime) -> i64 {
    let year = i64::from(time.year) - i64::from(time.month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (i64::from(time.month) + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + i64::from(time.day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    days * DAY + i64::from(time.hour) * 60 + i64::from(time.minute)
}

/// The other way round; times outside the years 1 to 9999 stay at the nearer end.
pub fn from_wall(wall: i64) -> LocalDateTime {
    let days = wall.div_euclid(DAY) + 719_468;
    let minute = wall.rem_euclid(DAY);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let small = |number: i64| u8::try_from(number).unwrap_or(1);
    LocalDateTime {
        year: u16::try_from(year.clamp(1, 9999)).unwrap_or(1),
        month: small(month),
        day: small(day),
        hour: small(minute / 60),
        minute: small(minute % 60),
    }
}

/// Which instants a wall time means in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instants {
    /// The usual case, epoch milliseconds.
    One(i64),
    /// Clocks went back: it occurs twice, earlier instant first.
    Two(i64, i64),
    /// Clocks went forward: it does not occur.
    None,
}

impl Instants {
    /// The instant that is meant: of two, the one that `fold` says.
    pub const fn meant(self, fold: Option<Fold>) -> Option<i64> {
        match (self, fold) {
            (Self::One(at), _)
            | (Self::Two(at, _), Some(Fold::Earlier))
            | (Self::Two(_, at), Some(Fold::Later)) => Some(at),
            (Self::Two(..), None) | (Self::None, _) => None,
        }
    }
}

/// The clocks of one zone.
pub trait Clocks {
    /// Which instants a time on the wall means; `None` outside the years that can be counted.
    fn instants(&self, wall: i64) -> Option<Instants>;
}

/// Finds the instants of `wall`. `offset_at` gives a zone's offset from UTC, in minutes, at an
/// instant in epoch milliseconds.
pub fn instants(wall: i64, offset_at: impl Fn(i64) -> i64) -> Instants {
    let as_utc = wall * MINUTE_MS;
    let day = DAY * MINUTE_MS;
    // Offsets a day before and after: one of them holds at the time itself, or it does not exist.
    let (before, after) = (offset_at(as_utc - day), offset_at(as_utc + day));
    let candidate = |offset: i64| {
        let instant = as_utc - offset * MINUTE_MS;
        (offset_at(instant) == offset).then_some(instant)
    };
    match (candidate(before), candidate(after)) {
        (Some(first), Some(second)) if first != second => {
            Instants::Two(first.min(second), first.max(second))
        }
        (Some(instant), _) | (_, Some(instant)) => Instants::One(instant),
        (None, None) => Instants::None,
    }
}

/// Which of the two instants of a time that the clock shows twice it is; `None` of any other time.
pub fn fold_of(instants: &Instants, at: i64) -> Option<Fold> {
    match instants {
        Instants::Two(first, _) if *first == at => Some(Fold::Earlier),
        Instants::Two(..) => Some(Fold::Later),
        _ => None,
    }
}

/// The next full or half hour after `now`, on the wall clock.
pub fn next_half_hour(now_wall: i64) -> i64 {
    (now_wall.div_euclid(30) + 1) * 30
}

/// Days that somebody is likely to mean, counted since 1970-01-01: today, tomorrow, and the two working
/// days after that.
pub fn next_days(today: i64) -> [i64; 4] {
    // The first of January 1970 was a Thursday.
    let is_working = |day: &i64| !matches!((day + 4).rem_euclid(7), 0 | 6);
    let mut later = (today + 2..).filter(is_working);
    let mut next = || later.next().unwrap_or(today);
    [today, today + 1, next(), next()]
}

/// Minutes from a clock text such as `09:05`; browsers may add seconds.
pub fn clock(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() < 5 || bytes[2] != b':' {
        return None;
    }
    let number = |at: usize| -> Option<i64> {
        let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
        Some(digit(bytes[at])? * 10 + digit(bytes[at + 1])?)
    };
    let is_seconds = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b':' | b'.');
    if bytes.get(5).is_some_and(|byte| *byte != b':') || !bytes[5..].iter().all(is_seconds) {
        return None;
    }
    let (hour, minute) = (number(0)?, number(3)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// The other way round; `time` is of any day.
pub fn clock_text(time: i64) -> String {
    let minutes = time.rem_euclid(DAY).unsigned_abs();
    [&*two(minutes / 60), ":", &*two(minutes % 60)].concat()
}

/// The offset in minutes out of what `Intl` writes for `longOffset`: `GMT`, `GMT+05:30`.
pub fn parse_offset(text: &str) -> i64 {
    let Some((_, offset)) = text.rsplit_once('T') else {
        return 0;
    };
    // U+2212 is what some locales and browsers write for minus.
    let ahead = offset.strip_prefix('+').map(|digits| (1, digits));
    let behind = || {
        offset
            .strip_prefix(['-', '\u{2212}'])
            .map(|digits| (-1, digits))
    };
    let Some((sign, digits)) = ahead.or_else(behind) else {
        return 0;
    };
    clock(digits).map_or(0, |minutes| sign * minutes)
}

/// A wall time as the fields and the wire have it: `2026-12-01T14:00`.
pub fn stamp(wall: i64) -> String {
    from_wall(wall).stamp()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wall(text: &str) -> i64 {
        to_wall(text.parse().unwrap())
    }

    /// Paris in 2026 and 2027: summer time until 2026-10-25T01:00Z, again from 2027-03-28T01:00Z.
    fn paris(ms: i64) -> i64 {
        let winter = wall("2026-10-25T01:00")..wall("2027-03-28T01:00");
        if winter.contains(&ms.div_euclid(MINUTE_MS)) {
            60
        } else {
            120
        }
    }

    #[test]
    fn counts_from_the_epoch() {
        assert_eq!(wall("1970-01-01T00:00"), 0);
        assert_eq!(wall("2000-03-01T00:01"), 11_017 * DAY + 1);
        assert_eq!(wall("1969-12-31T23:59"), -1);
    }

    #[test]
    fn a_usual_time_is_one_instant() {
        let noon = wall("2026-12-01T12:00");
        assert_eq!(
            instants(noon, paris),
            Instants::One((noon - 60) * MINUTE_MS)
        );
    }

    #[test]
    fn the_hour_clocks_skip_does_not_exist() {
        for (text, exists) in [
            ("2027-03-28T01:59", true),
            ("2027-03-28T02:00", false),
            ("2027-03-28T02:59", false),
            ("2027-03-28T03:00", true),
        ] {
            assert_eq!(
                instants(wall(text), paris) != Instants::None,
                exists,
                "{text}"
            );
        }
    }

    #[test]
    fn the_hour_clocks_repeat_is_two_instants() {
        let twice = wall("2026-10-25T02:30");
        let (first, second) = ((twice - 120) * MINUTE_MS, (twice - 60) * MINUTE_MS);
        assert_eq!(instants(twice, paris), Instants::Two(first, second));
        for text in ["2026-10-25T01:59", "2026-10-25T03:00"] {
            assert!(
                matches!(instants(wall(text), paris), Instants::One(_)),
                "{text}"
            );
        }
    }

    #[test]
    fn reads_offsets() {
        for (text, minutes) in [
            ("12/1/2026, GMT", 0),
            ("12/1/2026, GMT+01:00", 60),
            ("GMT-03:30", -210),
            ("GMT\u{2212}11:00", -660),
            ("GMT+05:45", 345),
        ] {
            assert_eq!(parse_offset(text), minutes, "{text}");
        }
        assert_eq!(parse_offset("nonsense"), 0);
    }

    #[test]
    fn of_two_instants_a_fold_says_which() {
        for (instants, none, later) in [
            (Instants::One(1), Some(1), Some(1)),
            (Instants::Two(1, 2), None, Some(2)),
            (Instants::None, None, None),
        ] {
            assert_eq!(instants.meant(None), none);
            assert_eq!(instants.meant(Some(Fold::Later)), later);
        }
        assert_eq!(Instants::Two(1, 2).meant(Some(Fold::Earlier)), Some(1));
    }

    #[test]
    fn the_days_after_tomorrow_are_working_days() {
        let day = |text: &str| to_wall(text.parse().unwrap()) / DAY;
        // A Thursday, a Friday and a Saturday.
        for (today, third, fourth) in [
            ("2026-11-26T00:00", "2026-11-30T00:00", "2026-12-01T00:00"),
            ("2026-11-27T00:00", "2026-11-30T00:00", "2026-12-01T00:00"),
            ("2026-11-28T00:00", "2026-11-30T00:00", "2026-12-01T00:00"),
            ("2026-11-30T00:00", "2026-12-02T00:00", "2026-12-03T00:00"),
        ] {
            let today = day(today);
            assert_eq!(
                next_days(today),
                [today, today + 1, day(third), day(fourth)]
            );
        }
    }

    #[test]
    fn reads_the_clock() {
        assert_eq!(clock("09:05"), Some(545));
        assert_eq!(clock("23:59:30"), Some(1439));
        for text in ["", "9:05", "24:00", "12:60", "1a:00", "12h30"] {
            assert_eq!(clock(text), None, "{text}");
        }
    }

    #[test]
    fn the_next_half_hour_is_never_now() {
        assert_eq!(next_half_hour(0), 30);
        assert_eq!(next_half_hour(29), 30);
        assert_eq!(next_half_hour(30), 60);
    }

    proptest! {
        #[test]
        fn wall_times_go_round(minutes in -1_000_000_000_i64..4_000_000_000) {
            let time = from_wall(minutes);
            prop_assert_eq!(to_wall(time), minutes);
            let parts = (time.year, time.month, time.day, time.hour, time.minute);
            let (year, month, day, hour, minute) = parts;
            prop_assert_eq!(
                stamp(minutes),
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
            );
        }

        #[test]
        fn instants_read_back_as_the_time_asked_for(
            minutes in 29_600_000_i64..30_400_000,
            first in -840_i64..=840,
            shift in prop_oneof![Just(60_i64), Just(-60), Just(30), Just(0)],
            change in 29_600_000_i64..30_400_000,
        ) {
            let zone = |ms: i64| if ms < change * MINUTE_MS { first } else { first + shift };
            let back = |ms: i64| ms / MINUTE_MS + zone(ms);
            match instants(minutes, zone) {
                Instants::One(at) => prop_assert_eq!(back(at), minutes),
                Instants::Two(a, b) => {
                    prop_assert!(a < b && shift < 0);
                    prop_assert_eq!((back(a), back(b)), (minutes, minutes));
                }
                Instants::None => prop_assert!(shift > 0),
            }
        }
    }
}
