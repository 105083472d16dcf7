//! Finding a time zone by what people call it: a city or a country in any of the languages of the
//! widget, an abbreviation, an offset, or a place that the tz database does not name.
//!
//! The names are those of CLDR (crates `icu_datetime` and `icu_time`); which offset a zone has is for
//! [`crate::zones`] to say.

mod labels;
mod said;
mod typed_offset;

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use goto_microapps_api::{ZoneHit, format};

use crate::zones::{Zone, Zones};
use labels::{Entry, Kind, plain};

/// Most signs of a search that are looked at.
const TYPED: usize = 100;

/// See the module. The names are put together when they are first asked for.
#[derive(Clone, Debug)]
pub struct ZoneSearch {
    zones: Zones,
    entries: Arc<OnceLock<Vec<Entry>>>,
}

/// How well a zone fits: the kind of name, and how it begins.
type Score = (u8, u8, usize);

impl ZoneSearch {
    /// Over the zones that the proxy has rules of.
    pub fn new(zones: Zones) -> Self {
        Self {
            zones,
            entries: Arc::default(),
        }
    }

    fn entries(&self, at: DateTime<Utc>) -> &[Entry] {
        self.entries.get_or_init(|| labels::all(&self.zones, at))
    }

    /// Zones that people call `query`, the best first, told in `language` and with their offsets `at`
    /// an instant.
    pub fn search(
        &self,
        query: &str,
        language: &str,
        at: DateTime<Utc>,
        limit: usize,
    ) -> Vec<ZoneHit> {
        let typed: String = query.trim().chars().take(TYPED).collect();
        if typed.is_empty() {
            return Vec::new();
        }
        if let Some(minutes) = typed_offset::minutes(&typed) {
            return self.at_offset(minutes, language, at, limit);
        }
        let (wanted, language) = (plain(&typed), labels::language(language));
        let mut found = self.called(&wanted, language, at);
        if found.is_empty() {
            found = self.called(&without_umlauts(&wanted), language, at);
        }
        let found = found.into_iter().take(limit);
        found
            .filter_map(|(_, entry, said)| self.hit(entry, said, language, at))
            .collect()
    }

    /// Zones that are called so, the best first, with the name that somebody said.
    fn called(
        &self,
        wanted: &str,
        language: usize,
        at: DateTime<Utc>,
    ) -> Vec<(Score, &Entry, Option<&str>)> {
        let mut found: Vec<(Score, &Entry, Option<&str>)> = Vec::new();
        for entry in self.entries(at) {
            let best = entry
                .labels
                .iter()
                .filter_map(|label| {
                    let begins = fit(&label.plain, wanted)?;
                    // What the reader's own language says counts first.
                    let foreign = label.language.is_some_and(|other| other != language);
                    let kind = label.kind as u8 * 2 + u8::from(foreign);
                    Some(((begins, kind, entry.rank), label))
                })
                .min_by_key(|(score, _)| *score);
            if let Some((score, label)) = best {
                let said = (label.kind == Kind::Said).then_some(label.text.as_str());
                found.push((score, entry, said));
            }
        }
        found.sort_by(|one, other| {
            let key = |hit: &(Score, &Entry, Option<&str>)| (hit.0, hit.1.name.clone());
            key(one).cmp(&key(other))
        });
        found
    }

    /// Zones of these IANA names, as [`Self::search`] tells them; those that there are, each once.
    pub(crate) fn named<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        language: &str,
        at: DateTime<Utc>,
    ) -> Vec<ZoneHit> {
        let language = labels::language(language);
        let hits = names.filter_map(|name| {
            let zone = self.zones.find(name)?;
            let known = |entry: &&Entry| entry.name.eq_ignore_ascii_case(name);
            match self.entries(at).iter().find(known) {
                Some(entry) => self.hit(entry, None, language, at),
                None => Some(by_name(&zone, at)),
            }
        });
        let mut found: Vec<ZoneHit> = Vec::new();
        for hit in hits {
            if found.iter().all(|other| other.name != hit.name) {
                found.push(hit);
            }
        }
        found
    }

    /// The one zone that is called so, if it is only one or one is called exactly so.
    pub(crate) fn the_one(&self, query: &str, language: &str, at: DateTime<Utc>) -> Option<Zone> {
        let found = self.search(query, language, at, 2);
        let wanted = plain(query);
        let hit = match &found[..] {
            [only] => Some(only),
            [first, ..] => Some(first).filter(|hit| plain(&hit.place) == wanted),
            [] => None,
        };
        self.zones.find(&hit?.name)
    }

    fn hit(
        &self,
        entry: &Entry,
        said: Option<&str>,
        language: usize,
        at: DateTime<Utc>,
    ) -> Option<ZoneHit> {
        let zone = self.zones.find(&entry.name)?;
        Some(ZoneHit {
            name: entry.name.clone(),
            place: said.unwrap_or(&entry.places[language]).to_owned(),
            time: entry.times[language].clone(),
            offset: offset(&zone, at),
        })
    }

    /// The zone that is nothing but this offset, and those that have it `at` an instant.
    fn at_offset(
        &self,
        minutes: i64,
        language: &str,
        at: DateTime<Utc>,
        limit: usize,
    ) -> Vec<ZoneHit> {
        let language = labels::language(language);
        let fixed = typed_offset::zone(minutes).and_then(|name| self.zones.find(&name));
        let mut places: Vec<(usize, ZoneHit)> = self
            .entries(at)
            .iter()
            .filter_map(|entry| Some((entry.rank, self.hit(entry, None, language, at)?)))
            .filter(|(_, hit)| hit.offset == minutes)
            .collect();
        places.sort_by(|one, other| (one.0, &one.1.name).cmp(&(other.0, &other.1.name)));
        let fixed = fixed.into_iter().map(|zone| by_name(&zone, at));
        let places = places.into_iter().map(|(_, hit)| hit);
        fixed.chain(places).take(limit).collect()
    }
}

/// A zone of which nothing but its name is known.
fn by_name(zone: &Zone, at: DateTime<Utc>) -> ZoneHit {
    let offset = offset(zone, at);
    let city = format::city(zone.name());
    ZoneHit {
        name: zone.name().to_owned(),
        place: if city.is_empty() || city == "UTC" {
            format::utc_offset(offset)
        } else {
            city
        },
        time: String::new(),
        offset,
    }
}

/// Minutes that the clocks of a zone are ahead of UTC.
fn offset(zone: &Zone, at: DateTime<Utc>) -> i64 {
    i64::from(zone.at(at).offset().local_minus_utc() / 60)
}

/// Letters of German as they are typed where the keyboard has none: `Zuerich`.
fn without_umlauts(text: &str) -> String {
    let text = text.replace("ae", "a").replace("oe", "o");
    text.replace("ue", "u")
}

/// How `text` has what is wanted: whole, from its beginning, from the beginning of a word, or inside
/// of one, which a letter or two are not enough for.
fn fit(text: &str, wanted: &str) -> Option<u8> {
    if wanted.is_empty() {
        None
    } else if text == wanted {
        Some(0)
    } else if text.starts_with(wanted) {
        Some(1)
    } else if text
        .match_indices(wanted)
        .any(|(at, _)| text[..at].ends_with(' '))
    {
        Some(2)
    } else {
        (wanted.chars().count() > 2 && text.contains(wanted)).then_some(3)
    }
}

#[cfg(test)]
mod tests;
