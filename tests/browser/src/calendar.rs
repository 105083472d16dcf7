//! Days of next year, so that the suites never grow old: known offsets, and the two nights on which
//! clocks change in the European Union (Directive 2000/84/EC: the last Sunday of March and of
//! October, at 01:00 UTC).

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

/// A script that gives a browser the zone rules of before 2026, when Vancouver still went to UTC-8 in
/// winter.
pub const OLD_RULES: &str = "
    const Real = Intl.DateTimeFormat;
    Intl.DateTimeFormat = function (locales, options = {}) {
        const old = options.timeZone === 'America/Vancouver' ? 'Etc/GMT+8' : options.timeZone;
        return new Real(locales, { ...options, timeZone: old });
    };
    Intl.DateTimeFormat.prototype = Real.prototype;
";

/// Next year in Paris.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    year: i32,
}

/// Which offset Paris has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// UTC+1.
    Winter,
    /// UTC+2.
    Summer,
}

impl Calendar {
    /// The year after `now`.
    pub fn after(now: DateTime<Utc>) -> Self {
        Self {
            year: now.year() + 1,
        }
    }

    /// A Wednesday in winter.
    pub fn winter(self) -> NaiveDate {
        self.first(1, Weekday::Wed)
    }

    /// A Wednesday in summer.
    pub fn summer(self) -> NaiveDate {
        self.first(7, Weekday::Wed)
    }

    /// The night without 02:00 to 02:59.
    pub fn forward(self) -> NaiveDate {
        self.last_sunday(3)
    }

    /// The night with 02:00 to 02:59 twice.
    pub fn back(self) -> NaiveDate {
        self.last_sunday(10)
    }

    fn first(self, month: u32, weekday: Weekday) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(self.year, month, 8).unwrap_or_default();
        let ahead = weekday.days_since(first.weekday());
        first + TimeDelta::days(ahead.into())
    }

    fn last_sunday(self, month: u32) -> NaiveDate {
        // Both months have 31 days.
        let last = NaiveDate::from_ymd_opt(self.year, month, 31).unwrap_or_default();
        last - TimeDelta::days(last.weekday().num_days_from_sunday().into())
    }
}

impl Clock {
    /// The instant at which clocks in Paris show `time` on `day`.
    pub fn instant(self, day: NaiveDate, time: &str) -> DateTime<Utc> {
        let time = NaiveTime::parse_from_str(time, "%H:%M").unwrap_or_default();
        let hours = match self {
            Self::Winter => 1,
            Self::Summer => 2,
        };
        day.and_time(time).and_utc() - TimeDelta::hours(hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_nights_of_2027() {
        let calendar = Calendar { year: 2027 };
        assert_eq!(calendar.forward().to_string(), "2027-03-28");
        assert_eq!(calendar.back().to_string(), "2027-10-31");
        assert_eq!(calendar.winter().to_string(), "2027-01-13");
        let instant = Clock::Summer.instant(calendar.summer(), "14:00");
        assert_eq!(instant.to_rfc3339(), "2027-07-14T12:00:00+00:00");
    }
}
