//! What every zone is called, in every language of the widget.

use chrono::{DateTime, Datelike, TimeZone as _, Utc};
use goto_microapps_api::format;
use goto_microapps_widget_bundle::LANGUAGES;
use icu_datetime::NoCalendarFormatter;
use icu_datetime::fieldsets::zone::{ExemplarCity, GenericLong, Location};
use icu_datetime::input::{TimeZone, UtcOffset};
use icu_locale_core::Locale;
use icu_time::zone::ZoneNameTimestamp;
use icu_time::zone::iana::IanaParserExtended;

use super::said::{FIRST, SAID};
use crate::organizers::fold;
use crate::words::Language;
use crate::zones::{Zone, Zones};

/// What kind of a name it is; those that say most of where somebody is come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The city that stands for the zone.
    City,
    /// What people say, without being asked.
    Said,
    /// What its clocks are abbreviated to: `CET`.
    Abbreviation,
    /// The country, where it has one zone; else the city again.
    Country,
    /// Whose time it is: `Pacific Time`.
    Time,
    /// The IANA name.
    Iana,
}

/// A name of a zone.
#[derive(Debug)]
pub(super) struct Label {
    /// As it is written.
    pub(super) text: String,
    /// As it is compared.
    pub(super) plain: String,
    /// What it is.
    pub(super) kind: Kind,
    /// Whose word it is, as an index into the widget's languages; everybody's where there is none.
    pub(super) language: Option<usize>,
}

/// A zone with its names.
#[derive(Debug)]
pub(super) struct Entry {
    /// IANA name.
    pub(super) name: String,
    /// Where it comes among those that are called the same.
    pub(super) rank: usize,
    /// Its city in each language.
    pub(super) places: Vec<String>,
    /// Whose time it is in each language; empty where that has no name.
    pub(super) times: Vec<String>,
    /// Everything that it is called.
    pub(super) labels: Vec<Label>,
}

/// Index of a language; that of English for one that the widget does not speak.
pub(super) fn language(tag: &str) -> usize {
    let tag = Language::of(tag).tag();
    let known = LANGUAGES.iter().position(|known| *known == tag);
    known.unwrap_or_default()
}

/// The formatters of one language.
struct Words {
    city: NoCalendarFormatter<ExemplarCity>,
    place: NoCalendarFormatter<Location>,
    time: NoCalendarFormatter<GenericLong>,
}

impl Words {
    fn of(tag: &str) -> Option<Self> {
        let locale: Locale = tag.parse().ok()?;
        Some(Self {
            city: NoCalendarFormatter::try_new((&locale).into(), ExemplarCity).ok()?,
            place: NoCalendarFormatter::try_new((&locale).into(), Location).ok()?,
            time: NoCalendarFormatter::try_new((&locale).into(), GenericLong).ok()?,
        })
    }
}

/// Every zone that has a place, with its names around an instant.
pub(super) fn all(zones: &Zones, at: DateTime<Utc>) -> Vec<Entry> {
    let words: Vec<Option<Words>> = LANGUAGES.iter().map(|tag| Words::of(tag)).collect();
    let parser = IanaParserExtended::new();
    let known = parser.iter().filter_map(|zone| {
        let name = zone.canonical;
        let is_place = name.contains('/') && !name.starts_with("Etc/");
        let rules = zones.find(name).filter(|_| is_place)?;
        Some(entry(name, zone.time_zone, &rules, &words, at))
    });
    known.collect()
}

fn entry(
    name: &str,
    zone: TimeZone,
    rules: &Zone,
    words: &[Option<Words>],
    at: DateTime<Utc>,
) -> Entry {
    let rank = FIRST.iter().position(|first| *first == name);
    let mut entry = Entry {
        name: name.to_owned(),
        rank: rank.unwrap_or(FIRST.len()),
        places: Vec::new(),
        times: Vec::new(),
        labels: Vec::new(),
    };
    let seconds = rules.at(at).offset().local_minus_utc();
    let info = zone
        .with_offset(UtcOffset::try_from_seconds(seconds).ok())
        .with_zone_name_timestamp(ZoneNameTimestamp::from_epoch_seconds(at.timestamp()));
    for (language, words) in words.iter().enumerate() {
        let mut city = format::city(name);
        let mut time = String::new();
        if let Some(words) = words {
            city = words.city.format(&info).to_string();
            time = words.time.format(&info).to_string();
            let place = words.place.format(&info).to_string();
            entry.add(&place, Kind::Country, Some(language));
            // Where the time has no name, it is told as an offset or as the place again.
            if time == place || time.contains(|sign: char| sign.is_ascii_digit()) {
                time.clear();
            }
        }
        entry.add(&city, Kind::City, Some(language));
        entry.add(&time, Kind::Time, Some(language));
        entry.places.push(city);
        entry.times.push(time);
    }
    for (_, said) in SAID.iter().filter(|(zone, _)| *zone == name) {
        for text in *said {
            entry.add(text, Kind::Said, None);
        }
    }
    for month in [1, 7] {
        let day = Utc.with_ymd_and_hms(at.year(), month, 15, 0, 0, 0);
        if let Some(short) = day.single().and_then(|day| rules.abbreviation(day)) {
            entry.add(&short, Kind::Abbreviation, None);
        }
    }
    entry.add(&format::city(name), Kind::Iana, None);
    entry.add(name, Kind::Iana, None);
    entry
}

impl Entry {
    fn add(&mut self, text: &str, kind: Kind, language: Option<usize>) {
        let plain = plain(text);
        let is_known = |label: &Label| label.plain == plain && label.language == language;
        if !plain.is_empty() && !self.labels.iter().any(is_known) {
            self.labels.push(Label {
                text: text.to_owned(),
                plain,
                kind,
                language,
            });
        }
    }
}

/// What is compared.
pub(super) fn plain(text: &str) -> String {
    let spaced = fold(text).replace(['-', '_', '/', '.', ',', '(', ')'], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ")
}
