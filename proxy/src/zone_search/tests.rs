use goto_microapps_widget_bundle::LANGUAGES;

use super::*;

fn search() -> ZoneSearch {
    static SEARCH: OnceLock<ZoneSearch> = OnceLock::new();
    SEARCH
        .get_or_init(|| ZoneSearch::new(Zones::bundled()))
        .clone()
}

fn winter() -> DateTime<Utc> {
    "2026-12-01T13:00:00Z".parse().unwrap()
}

/// Place and offset of the first hit.
fn first(query: &str, language: &str) -> (String, String, i64) {
    let found = search().search(query, language, winter(), 1);
    let hit = found
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("{query}"));
    (hit.name, hit.place, hit.offset)
}

#[test]
fn what_people_type_is_found() {
    for (query, language, name, place) in [
        ("Mumbai", "en", "Asia/Kolkata", "Mumbai"),
        ("mum", "en", "Asia/Kolkata", "Mumbai"),
        ("Zürich", "de", "Europe/Zurich", "Zürich"),
        ("zurich", "de", "Europe/Zurich", "Zürich"),
        ("Zuerich", "de", "Europe/Zurich", "Zürich"),
        ("Londres", "fr", "Europe/London", "Londres"),
        ("Londres", "en", "Europe/London", "London"),
        ("London", "fr", "Europe/London", "Londres"),
        ("London", "fr-CA", "Europe/London", "Londres"),
        ("Inde", "fr", "Asia/Kolkata", "Calcutta"),
        ("Allemagne", "fr", "Europe/Berlin", "Berlin"),
        ("Pacific", "en", "America/Los_Angeles", "Los Angeles"),
        ("Pacific Time", "en", "America/Los_Angeles", "Los Angeles"),
        ("PST", "en", "America/Los_Angeles", "Los Angeles"),
        ("CET", "en", "Europe/Paris", "Paris"),
        ("東京", "ja", "Asia/Tokyo", "東京"),
        ("东京", "zh", "Asia/Tokyo", "东京"),
        ("北京", "zh", "Asia/Shanghai", "北京"),
        ("Asia/Kolkata", "en", "Asia/Kolkata", "Kolkata"),
        ("new york", "en", "America/New_York", "New York"),
        ("new_york", "en", "America/New_York", "New York"),
        ("Nueva York", "es", "America/New_York", "Nueva York"),
        ("MÜNCHEN", "de", "Europe/Berlin", "München"),
        ("münch", "de", "Europe/Berlin", "München"),
        ("Kiev", "en", "Europe/Kyiv", "Kyiv"),
    ] {
        let (found, shown, _) = first(query, language);
        assert_eq!((&*found, &*shown), (name, place), "{query}");
    }
}

#[test]
fn an_offset_is_a_zone_and_the_places_that_have_it() {
    let found = search().search("GMT+2", "en", winter(), 8);
    assert_eq!((&*found[0].name, &*found[0].place), ("Etc/GMT-2", "UTC+2"));
    assert!(found.iter().all(|hit| hit.offset == 120), "{found:?}");
    assert_eq!(found[1].name, "Europe/Athens");
    let india = search().search("+5:30", "en", winter(), 8);
    assert_eq!(india[0].name, "Asia/Kolkata");
    let utc = search().search("utc", "en", winter(), 8);
    assert_eq!((&*utc[0].name, &*utc[0].place), ("UTC", "UTC"));
}

#[test]
fn offsets_are_those_of_the_day() {
    let summer = "2026-07-01T12:00:00Z".parse().unwrap();
    let offset = |at| search().search("Paris", "en", at, 1)[0].offset;
    assert_eq!((offset(winter()), offset(summer)), (60, 120));
}

#[test]
fn whose_time_it_is_has_a_name() {
    let time = |query, language| {
        search().search(query, language, winter(), 1)[0]
            .time
            .clone()
    };
    assert_eq!(time("Mumbai", "en"), "India Standard Time");
    assert_eq!(time("Paris", "fr"), "heure d’Europe centrale");
    assert_eq!(time("Los Angeles", "en"), "Pacific Time");
}

#[test]
fn only_what_is_sure_is_taken_without_a_look() {
    let one = |query| {
        let zone = search().the_one(query, "fr", winter());
        zone.map(|zone| zone.name().to_owned())
    };
    assert_eq!(one("Mumbai").as_deref(), Some("Asia/Kolkata"));
    assert_eq!(one("londres").as_deref(), Some("Europe/London"));
    assert_eq!(one("a"), None);
    assert_eq!(one(""), None);
    assert_eq!(one("nowhere at all"), None);
}

#[test]
fn every_zone_is_found_by_its_city_in_every_language() {
    let search = search();
    for entry in search.entries(winter()) {
        for (at, language) in LANGUAGES.iter().enumerate() {
            let city = &entry.places[at];
            let found = search.search(city, language, winter(), 8);
            let is_there = found.iter().any(|hit| hit.name == entry.name);
            assert!(is_there, "{city} in {language}: {found:?}");
        }
        let found = search.search(&entry.name, "en", winter(), 1);
        assert_eq!(found[0].name, entry.name);
    }
}

#[test]
fn what_is_said_is_said_of_zones_that_there_are() {
    let search = search();
    let names: Vec<&str> = search
        .entries(winter())
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    let said = said::SAID.iter().map(|(name, _)| *name);
    for name in said.chain(said::FIRST.iter().copied()) {
        assert!(names.contains(&name), "{name}");
    }
}

#[test]
fn named_zones_are_told_and_others_left_out() {
    let names = ["Europe/London", "Mars/Olympus", "UTC"];
    let found = search().named(names.into_iter(), "fr", winter());
    let places: Vec<&str> = found.iter().map(|hit| hit.place.as_str()).collect();
    assert_eq!(places, ["Londres", "UTC"]);
}

proptest::proptest! {
    #[test]
    fn no_search_is_too_strange(query in ".{0,40}", limit in 0usize..10) {
        let found = search().search(&query, "en", winter(), limit);
        proptest::prop_assert!(found.len() <= limit);
    }
}
