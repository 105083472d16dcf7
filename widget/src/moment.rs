//! Instants and zones as the browser knows them, through `Intl`.
//!
//! Owns every call to `Intl`. The arithmetic is in [`wall`].

use std::cell::RefCell;

use goto_microapps_api::form::wall::{self, Instants};
use goto_microapps_api::{Fold, format};
use js_sys::{Array, Date, Function, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `Intl.DateTimeFormat`; the one of js-sys throws on an unknown zone instead of saying so.
    #[derive(Clone)]
    #[wasm_bindgen(js_name = DateTimeFormat, js_namespace = Intl)]
    type Formatter;

    #[wasm_bindgen(constructor, catch, js_class = DateTimeFormat, js_namespace = Intl)]
    fn new(lang: &str, options: &Object) -> Result<Formatter, JsValue>;

    #[wasm_bindgen(method)]
    fn format(this: &Formatter, at: &Date) -> String;

    #[wasm_bindgen(method, catch, js_name = formatRange)]
    fn format_range(this: &Formatter, from: &Date, to: &Date) -> Result<String, JsValue>;

    #[wasm_bindgen(method, js_name = resolvedOptions)]
    fn resolved_options(this: &Formatter) -> JsValue;

    /// `Intl.RelativeTimeFormat`; missing in the oldest browsers.
    #[wasm_bindgen(js_name = RelativeTimeFormat, js_namespace = Intl)]
    type RelativeFormatter;

    #[wasm_bindgen(constructor, catch, js_class = RelativeTimeFormat, js_namespace = Intl)]
    fn new(lang: &str, options: &Object) -> Result<RelativeFormatter, JsValue>;

    #[wasm_bindgen(method)]
    fn format(this: &RelativeFormatter, value: f64, unit: &str) -> String;
}

thread_local! {
    /// Formatters made so far. A browser takes a hundred times longer to make one than to use it, and
    /// a form asks for a dozen with every letter typed.
    static FORMATTERS: RefCell<Vec<(String, Formatter)>> = const { RefCell::new(Vec::new()) };
}

/// How many formatters are kept: more than one form needs, fewer than there are zones.
const KEPT: usize = 24;

/// A formatter, made once for the same `lang`, `zone` and `options`.
fn formatter(lang: &str, zone: &str, options: &[(&str, &str)]) -> Option<Formatter> {
    let mut key = [lang, zone].join(" ");
    for (name, value) in options {
        key.push_str(name);
        key.push_str(value);
    }
    let known = FORMATTERS.with(|kept| {
        let kept = kept.borrow();
        let same = kept.iter().find(|(other, _)| *other == key);
        same.map(|(_, formatter)| formatter.clone())
    });
    if known.is_some() {
        return known;
    }
    let object = Object::new();
    let set = |name: &str, value: &str| {
        let _ = Reflect::set(&object, &name.into(), &value.into());
    };
    if !zone.is_empty() {
        set("timeZone", zone);
    }
    for (name, value) in options {
        set(name, value);
    }
    let made = Formatter::new(lang, &object)
        .or_else(|_| Formatter::new("en", &object))
        .ok()?;
    // The browser's own zone is asked anew each time: people travel.
    if zone.is_empty() {
        return Some(made);
    }
    FORMATTERS.with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() == KEPT {
            kept.clear();
        }
        kept.push((key, made.clone()));
    });
    Some(made)
}

#[allow(clippy::cast_precision_loss)] // Epoch milliseconds stay far below 2^53.
fn date(ms: i64) -> Date {
    Date::new(&JsValue::from_f64(ms as f64))
}

/// Now, in epoch milliseconds.
#[allow(clippy::cast_possible_truncation)] // A whole number already.
pub(crate) fn now() -> i64 {
    Date::now() as i64
}

/// The instant of an RFC 3339 text.
#[allow(clippy::cast_possible_truncation)] // A whole number already.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let ms = Date::parse(text);
    (!ms.is_nan()).then_some(ms as i64)
}

/// As RFC 3339.
pub(crate) fn iso(ms: i64) -> String {
    date(ms).to_iso_string().into()
}

/// The browser's own zone, and whether it is only a guess: some browsers say none.
pub(crate) fn own_zone() -> (String, bool) {
    formatter("en", "", &[])
        .and_then(|own| Reflect::get(&own.resolved_options(), &"timeZone".into()).ok())
        .and_then(|zone| zone.as_string())
        .filter(|zone| is_zone(zone))
        .map_or_else(|| (guess(), true), |zone| (zone, false))
}

/// A zone with the offset that the device's clock has now.
#[allow(clippy::cast_possible_truncation)] // Whole minutes.
pub(crate) fn guess() -> String {
    let now = now();
    let ahead = -(date(now).get_timezone_offset() as i64);
    let hours = (ahead / 60).unsigned_abs().to_string();
    // Their sign is the other way round (tz database, `etcetera`).
    let sign = if ahead < 0 { "+" } else { "-" };
    let plain = ["Etc/GMT", sign, &hours].concat();
    if ahead == 0 {
        "UTC".to_owned()
    } else if ahead % 60 == 0 && is_zone(&plain) {
        plain
    } else {
        let same = |zone: &String| offset(zone, now) == ahead;
        zones()
            .into_iter()
            .find(same)
            .unwrap_or_else(|| "UTC".to_owned())
    }
}

/// Every zone the browser knows, in alphabetical order.
pub(crate) fn zones() -> Vec<String> {
    let list = || {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let list: Function = Reflect::get(&intl, &"supportedValuesOf".into())
            .ok()?
            .dyn_into()
            .ok()?;
        let zones: Array = list
            .call1(&intl, &"timeZone".into())
            .ok()?
            .dyn_into()
            .ok()?;
        Some(zones.iter().filter_map(|zone| zone.as_string()).collect())
    };
    list().unwrap_or_default()
}

/// The zone somebody means: an IANA name in any case, or the city at its end.
pub(crate) fn find_zone(typed: &str) -> Option<String> {
    let wanted = typed.trim().to_ascii_lowercase().replace(' ', "_");
    if wanted.is_empty() || wanted.starts_with(['+', '-', '\u{2212}']) {
        return None;
    }
    let all = zones();
    let named = all.iter().find(|zone| zone.eq_ignore_ascii_case(&wanted));
    let city = || {
        all.iter().find(|zone| {
            zone.rsplit('/')
                .next()
                .is_some_and(|city| city.eq_ignore_ascii_case(&wanted))
        })
    };
    // Names the list leaves out (aliases, `UTC`) still work.
    named
        .or_else(city)
        .cloned()
        .or_else(|| is_zone(&wanted).then(|| spelled(&wanted)))
}

/// A name in small letters as it is usually spelled: `Asia/Kolkata`, `UTC`.
fn spelled(small: &str) -> String {
    let mut first = true;
    let letter = |letter: char| {
        let capital = first || !small.contains('/');
        first = matches!(letter, '/' | '_' | '-');
        if capital {
            letter.to_ascii_uppercase()
        } else {
            letter
        }
    };
    small.chars().map(letter).collect()
}

/// Whether the browser knows `zone`, and somebody can live by it: an offset and the names for "not
/// set" are none.
pub(crate) fn is_zone(zone: &str) -> bool {
    let options = Object::new();
    let _ = Reflect::set(&options, &"timeZone".into(), &zone.into());
    let none = zone.is_empty()
        || zone.starts_with(['+', '-', '\u{2212}'])
        || zone.eq_ignore_ascii_case("Factory")
        || zone.eq_ignore_ascii_case("Etc/Unknown");
    !none && Formatter::new("en", &options).is_ok()
}

/// Whether `zone` is worth sending: the browser knows it, or it may be too young for the browser.
pub(crate) fn may_be_zone(zone: &str) -> bool {
    is_zone(zone) || zone.contains('/')
}

/// Offset of `zone` from UTC at an instant, in minutes.
pub(crate) fn offset(zone: &str, ms: i64) -> i64 {
    formatter("en-US", zone, &[("timeZoneName", "longOffset")])
        .map_or(0, |format| wall::parse_offset(&format.format(&date(ms))))
}

/// The clock on the wall of `zone` right now.
pub(crate) fn now_wall(zone: &str) -> i64 {
    let now = now();
    now / 60_000 + offset(zone, now)
}

/// The clock on the wall of `zone` in half a minute: what starts after that is still to come when the
/// proxy reads of it.
pub(crate) fn soon_wall(zone: &str) -> i64 {
    let soon = now() + 30_000;
    soon / 60_000 + offset(zone, soon)
}

/// Which instants a wall time means in `zone`.
pub(crate) fn instants(zone: &str, wall: i64) -> Instants {
    wall::instants(wall, |ms| offset(zone, ms))
}

/// The one instant to show: the chosen one of two, the first until one is chosen.
pub(crate) fn instant(zone: &str, wall: i64, fold: Option<Fold>) -> Option<i64> {
    instants(zone, wall).meant(fold.or(Some(Fold::Earlier)))
}

/// A period in words, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    /// `Mardi 1 décembre 2026`
    pub(crate) day: String,
    /// `14:00 – 14:30`
    pub(crate) range: String,
    /// `mar. 1 déc., 14:00 – 14:30`; over midnight both days.
    pub(crate) line: String,
    /// `Paris`
    pub(crate) city: String,
    /// `UTC+1`
    pub(crate) offset: String,
}

impl Period {
    /// `Paris (UTC+1)`
    pub(crate) fn place(&self) -> String {
        format::place(&self.city, &self.offset)
    }
}

/// Puts the period from `start` to `end` into words.
pub(crate) fn period(lang: &str, zone: &str, start: i64, end: i64) -> Option<Period> {
    let mut period = told(lang, zone, start, end)?;
    period.offset = format::utc_offset(offset(zone, start));
    period.city = format::city(zone);
    Some(period)
}

/// The same in `zone` or, where the browser does not know that, in its own.
pub(crate) fn period_somewhere(lang: &str, zone: &str, start: i64, end: i64) -> Option<Period> {
    period(lang, zone, start, end).or_else(|| period(lang, &own_zone().0, start, end))
}

/// The same for times on the wall of `zone` at an offset that the browser may not know of.
pub(crate) fn wall_period(
    lang: &str,
    zone: &str,
    walls: (i64, i64),
    offset: i64,
) -> Option<Period> {
    let mut period = told(lang, "UTC", walls.0 * 60_000, walls.1 * 60_000)?;
    period.offset = format::utc_offset(offset);
    period.city = format::city(zone);
    Some(period)
}

fn told(lang: &str, zone: &str, start: i64, end: i64) -> Option<Period> {
    let (from, to) = (date(start), date(end));
    let day = formatter(
        lang,
        zone,
        &[
            ("weekday", "long"),
            ("day", "numeric"),
            ("month", "long"),
            ("year", "numeric"),
        ],
    )?;
    let hours = formatter(lang, zone, &[("hour", "numeric"), ("minute", "2-digit")])?;
    let same_day = day.format(&from) == day.format(&to);
    // Over midnight formatRange would repeat both dates.
    let range = same_day
        .then(|| hours.format_range(&from, &to).ok())
        .flatten()
        .unwrap_or_else(|| both(&hours, &from, &to));
    Some(Period {
        day: capital(lang, &day.format(&from)),
        range,
        line: line(lang, zone, start, end)?,
        offset: String::new(),
        city: String::new(),
    })
}

/// A period in one line, as [`Period::line`].
pub(crate) fn line(lang: &str, zone: &str, start: i64, end: i64) -> Option<String> {
    let (from, to) = (date(start), date(end));
    let brief = formatter(
        lang,
        zone,
        &[
            ("weekday", "short"),
            ("day", "numeric"),
            ("month", "short"),
            ("hour", "numeric"),
            ("minute", "2-digit"),
        ],
    )?;
    let line = brief.format_range(&from, &to);
    Some(capital(
        lang,
        &line.unwrap_or_else(|_| both(&brief, &from, &to)),
    ))
}

fn both(words: &Formatter, from: &Date, to: &Date) -> String {
    [words.format(from), words.format(to)].join(" – ")
}

/// A clock time in words, as the wall shows it.
pub(crate) fn wall_time(lang: &str, wall: i64) -> String {
    wall_words(lang, wall, &[("timeStyle", "short")])
}

/// A day in words, as the wall shows it.
pub(crate) fn wall_day(lang: &str, wall: i64) -> String {
    wall_words(
        lang,
        wall,
        &[("weekday", "long"), ("day", "numeric"), ("month", "long")],
    )
}

/// A day by what people call it: `Today`, `Tomorrow`, `Monday`. The first two are `ahead` days after
/// today.
pub(crate) fn day_name(lang: &str, day: i64, ahead: usize) -> String {
    let name = if ahead < 2 {
        relative_day(lang, ahead)
    } else {
        None
    };
    let name = name.unwrap_or_else(|| wall_words(lang, day * wall::DAY, &[("weekday", "long")]));
    capital(lang, &name)
}

/// A day as it stands under its name: `27 Nov`.
pub(crate) fn day_date(lang: &str, day: i64) -> String {
    wall_words(
        lang,
        day * wall::DAY,
        &[("day", "numeric"), ("month", "short")],
    )
}

fn relative_day(lang: &str, ahead: usize) -> Option<String> {
    let options = Object::new();
    let _ = Reflect::set(&options, &"numeric".into(), &"auto".into());
    let format = RelativeFormatter::new(lang, &options).ok()?;
    // A small number of days.
    #[allow(clippy::cast_precision_loss)]
    Some(format.format(ahead as f64, "day"))
}

fn wall_words(lang: &str, wall: i64, options: &[(&str, &str)]) -> String {
    formatter(lang, "UTC", options)
        .map_or_else(String::new, |format| format.format(&date(wall * 60_000)))
}

/// Languages that write weekdays small still begin a line with a capital. The browser knows the
/// letters; Rust's own tables would weigh 8 KB.
fn capital(lang: &str, text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| {
        let capital = JsString::from(first).to_locale_upper_case(Some(lang));
        [&String::from(capital), signs.as_str()].concat()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_a_zone_as_usual() {
        for (small, usual) in [
            ("asia/kolkata", "Asia/Kolkata"),
            ("america/port-au-prince", "America/Port-Au-Prince"),
            ("utc", "UTC"),
            ("", ""),
        ] {
            assert_eq!(spelled(small), usual);
        }
    }

    #[test]
    fn tells_a_place_with_its_offset() {
        let period = Period {
            day: "Mardi 1 décembre 2026".into(),
            range: "14:00 – 14:30".into(),
            line: "Mar. 1 déc., 14:00 – 14:30".into(),
            city: "Paris".into(),
            offset: "UTC+1".into(),
        };
        assert_eq!(period.place(), "Paris (UTC+1)");
    }
}
