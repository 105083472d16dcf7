//! Dates and times as people of a language write them.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use goto_microapps_api::words::fill;
use goto_microapps_api::{Meeting, format};

use crate::words::{Language, Word};
use crate::zones::Zone;

/// When a meeting is, in one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// Weekday and date, from and to.
    pub(crate) times: String,
    /// City and UTC offset.
    pub(crate) zone: String,
    /// From, to in UTC.
    pub(crate) utc: String,
}

/// `None` when GoTo did not say.
pub(crate) fn of(meeting: &Meeting, zone: &Zone, language: Language) -> Option<When> {
    between(
        meeting.start.as_deref(),
        meeting.end.as_deref(),
        zone,
        language,
    )
}

/// `None` when one of the two is missing or no time.
pub(crate) fn between(
    start: Option<&str>,
    end: Option<&str>,
    zone: &Zone,
    language: Language,
) -> Option<When> {
    Some(told(instant(start)?, instant(end)?, zone, language))
}

/// Start and end; `None` when GoTo did not say.
pub(crate) fn instants(meeting: &Meeting) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let start = instant(meeting.start.as_deref())?;
    Some((start, instant(meeting.end.as_deref())?))
}

fn instant(text: Option<&str>) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text?).ok()?;
    Some(time.to_utc())
}

/// A day in words, in the middle of a sentence.
pub(crate) fn day(date: NaiveDate, language: Language) -> String {
    written(date, language, Word::DateShort)
}

/// A day with its parts in the places and the order of the language.
fn written(date: NaiveDate, language: Language, word: Word) -> String {
    let parts = [
        ("weekday", "%A"),
        ("day", "%-d"),
        ("month", "%B"),
        ("year", "%Y"),
    ];
    let text = language.say(word).to_owned();
    parts.into_iter().fold(text, |text, (place, format)| {
        let part = date.format_localized(format, language.dates());
        fill(&text, place, &part.to_string())
    })
}

/// The period in words.
pub(crate) fn told(
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    zone: &Zone,
    language: Language,
) -> When {
    let utc = format::range(
        &start.format("%Y-%m-%d %H:%M").to_string(),
        &end.format("%H:%M UTC").to_string(),
    );
    let (start, end) = (zone.at(start), zone.at(end));
    let clock = |at: &DateTime<FixedOffset>| at.format("%H:%M").to_string();
    let mut until = clock(&end);
    if end.date_naive() != start.date_naive() {
        until = format!("{} {until}", end.format_localized("%A", language.dates()));
    }
    let offset = format::utc_offset((start.offset().local_minus_utc() / 60).into());
    let day = capitalised(&written(start.date_naive(), language, Word::DateLong));
    let times = fill(language.say(Word::DayAndTimes), "day", &day);
    When {
        times: fill(&times, "times", &format::range(&clock(&start), &until)),
        zone: format::place(&format::city(zone.name()), &offset),
        utc,
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zones::Zones;

    fn zone(name: &str) -> Zone {
        Zones::bundled().find(name).unwrap()
    }

    #[test]
    fn a_meeting_is_told_in_both_languages() {
        let mut meeting: Meeting = serde_json::from_value(serde_json::json!({
            "id": "1", "subject": "x", "start": "2026-08-03T21:30:00Z",
            "end": "2026-08-03T22:15:00Z", "organizer": { "name": "x" },
            "co_organizers": [], "join_url": "https://x", "password_required": false,
        }))
        .unwrap();
        let when = of(&meeting, &zone("Europe/Paris"), Language::of("fr")).unwrap();
        let times = "Lundi 3 août 2026, 23:30\u{2013}mardi 00:15";
        assert_eq!(when.times, times);
        assert_eq!(when.zone, "Paris (UTC+2)");
        let when = of(&meeting, &zone("America/New_York"), Language::ENGLISH).unwrap();
        assert_eq!(when.times, "Monday 3 August 2026, 17:30\u{2013}18:15");
        assert_eq!(when.zone, "New York (UTC\u{2212}4)");
        assert_eq!(when.utc, "2026-08-03 21:30\u{2013}22:15 UTC");
        let when = of(&meeting, &zone("Asia/Tokyo"), Language::of("ja")).unwrap();
        // No comma of another script.
        assert_eq!(when.times, "2026年8月4日(火曜日) 06:30\u{2013}07:15");
        let when = of(&meeting, &zone("Etc/GMT-2"), Language::ENGLISH).unwrap();
        assert_eq!(when.zone, "UTC+2");
        let when = of(&meeting, &zone("UTC"), Language::ENGLISH).unwrap();
        assert_eq!(when.zone, "UTC");
        meeting.end = None;
        assert_eq!(of(&meeting, &zone("UTC"), Language::ENGLISH), None);
    }
}
