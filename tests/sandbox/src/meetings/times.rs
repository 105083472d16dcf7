//! Times as clients send them and as GoTo writes them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::options::Times;

impl Times {
    /// `2012-12-01T09:00:00.+0000`, a dot without fraction digits and an offset without colon; or
    /// RFC 3339.
    pub(super) fn written(self, time: DateTime<Utc>) -> String {
        let format = match self {
            Self::AsSampled => "%Y-%m-%dT%H:%M:%S.+0000",
            Self::AsFormatted => "%Y-%m-%dT%H:%M:%SZ",
        };
        time.format(format).to_string()
    }

    /// `06/14/2012 11:14:43`, which one field of the oldest list kept.
    pub(super) fn oldest(self, time: DateTime<Utc>) -> String {
        match self {
            Self::AsSampled => time.format("%m/%d/%Y %H:%M:%S").to_string(),
            Self::AsFormatted => self.written(time),
        }
    }

    /// The deprecated time of creation.
    pub(super) fn created(self, time: DateTime<Utc>) -> String {
        match self {
            Self::AsSampled => String::new(),
            Self::AsFormatted => self.written(time),
        }
    }
}

/// Reads an instant in UTC: with or without `Z`, with or without a fraction, parts padded or not.
/// Of numeric offsets only that of UTC is taken, which clients made from GoTo's description send.
pub(super) fn read(text: &str) -> Option<DateTime<Utc>> {
    let text = text.strip_suffix("+00:00").unwrap_or(text);
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let (date, time) = text.split_once(['T', 't'])?;
    let [year, month, day] = parts(date, '-')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = parts(time, ':')?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let instant = date.and_hms_opt(hour, minute, second)?.and_utc();
    Some(instant + milliseconds(fraction)?)
}

fn parts(text: &str, separator: char) -> Option<[u32; 3]> {
    let mut numbers = text.split(separator).map(number);
    let three = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(three)
}

/// Digits only: `parse` alone would take a sign.
fn number(text: &str) -> Option<u32> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn milliseconds(fraction: &str) -> Option<TimeDelta> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let three: String = fraction.chars().chain("000".chars()).take(3).collect();
    three.parse().ok().map(TimeDelta::milliseconds)
}
