//! Dates and times as people of a language write them.

use chrono::{DateTime, Duration, Locale, NaiveDateTime, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use goto_microapps_api::Meeting;

use crate::http::pages::Language;

/// When a meeting is, in one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct When {
    /// Weekday and date.
    pub(super) day: String,
    /// From, to.
    pub(super) range: String,
    /// City and UTC offset.
    pub(super) zone: String,
}

/// `None` when GoTo did not say.
pub(super) fn of(meeting: &Meeting, zone: Tz, language: Language) -> Option<When> {
    let instant = |text: &Option<String>| {
        let time = DateTime::parse_from_rfc3339(text.as_deref()?).ok()?;
        Some(time.with_timezone(&zone))
    };
    let (start, end) = (instant(&meeting.start)?, instant(&meeting.end)?);
    let (locale, day, time) = match language {
        Language::English => (Locale::en_GB, "%A %-d %B %Y", "%H:%M"),
        Language::French => (Locale::fr_FR, "%A %-d %B %Y", "%H:%M"),
    };
    let from = start.format(time);
    let mut until = end.format(time).to_string();
    if end.date_naive() != start.date_naive() {
        until = format!("{} {until}", end.format_localized("%A", locale));
    }
    let city = zone.name().rsplit('/').next().unwrap_or_default();
    Some(When {
        day: capitalised(&start.format_localized(day, locale).to_string()),
        range: format!("{from}\u{2013}{until}"),
        zone: format!(
            "{} ({})",
            city.replace('_', " "),
            utc(start.offset().fix().local_minus_utc())
        ),
    })
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn utc(seconds: i32) -> String {
    let sign = if seconds < 0 { '\u{2212}' } else { '+' };
    let minutes = seconds.abs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// Where a form begins: the next half hour on the zone's clock, and half an hour after that.
pub(super) fn next_half_hour(now: DateTime<Utc>, zone: Tz) -> (NaiveDateTime, NaiveDateTime) {
    let local = zone.from_utc_datetime(&now.naive_utc()).naive_local();
    let past = i64::from(local.minute() % 30);
    let start = local + Duration::minutes(30 - past);
    let start = start.with_second(0).unwrap_or(start);
    (start, start + Duration::minutes(30))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_is_told_in_both_languages() {
        let mut meeting: Meeting = serde_json::from_value(serde_json::json!({
            "id": "1", "subject": "x", "start": "2026-08-03T21:30:00Z",
            "end": "2026-08-03T22:15:00Z", "organizer": { "name": "x" },
            "co_organizers": [], "join_url": "https://x", "password_required": false,
        }))
        .unwrap();
        let when = of(&meeting, Tz::Europe__Paris, Language::French).unwrap();
        assert_eq!(when.day, "Lundi 3 août 2026");
        assert_eq!(when.range, "23:30\u{2013}mardi 00:15");
        assert_eq!(when.zone, "Paris (UTC+2)");
        let when = of(&meeting, Tz::America__New_York, Language::English).unwrap();
        assert_eq!(when.day, "Monday 3 August 2026");
        assert_eq!(when.zone, "New York (UTC\u{2212}4)");
        meeting.end = None;
        assert_eq!(of(&meeting, Tz::UTC, Language::English), None);
    }

    #[test]
    fn a_form_begins_at_the_next_half_hour() {
        let now = "2026-08-03T21:30:05Z".parse().unwrap();
        let (start, end) = next_half_hour(now, Tz::Europe__Paris);
        assert_eq!(start.to_string(), "2026-08-04 00:00:00");
        assert_eq!(end.to_string(), "2026-08-04 00:30:00");
    }
}
