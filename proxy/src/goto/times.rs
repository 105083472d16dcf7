//! GoTo's times: `2012-12-01T09:00:00.+0000`, a dot without digits, an offset without a colon.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};

/// Reads a time of any form GoTo was seen to write; `None` for anything else, never a panic.
pub fn read_time(text: &str) -> Option<DateTime<Utc>> {
    // Beyond these years a time could not be written as it was read.
    any_time(text).filter(|time| (0..=9999).contains(&time.year()))
}

fn any_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let dotless = text
        .replacen(".+", "+", 1)
        .replacen(".-", "-", 1)
        .replacen(".Z", "Z", 1);
    for format in ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%.f%z"] {
        if let Ok(time) = DateTime::parse_from_str(&dotless, format) {
            return Some(time.to_utc());
        }
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(&dotless) {
        return Some(time.to_utc());
    }
    NaiveDateTime::parse_from_str(&dotless, "%Y-%m-%dT%H:%M:%S")
        .ok()
        .map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_seen() {
        let expected = DateTime::parse_from_rfc3339("2012-12-01T09:00:00Z")
            .unwrap()
            .to_utc();
        for text in [
            "2012-12-01T09:00:00.+0000",
            "2012-12-01T09:00:00Z",
            "2012-12-01T09:00:00.000Z",
            "2012-12-01T10:00:00+01:00",
            "2012-12-01T10:00:00.+0100",
            "2012-12-01T10:00:00.000+0100",
            "2012-12-01T09:00:00",
        ] {
            assert_eq!(read_time(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "06/14/2012 11:14:43",
            "2012-13-01T09:00:00Z",
            ".+",
            "+10000-01-01T00:00:00.+0000",
            "€.+€",
        ] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
