//! The search of time zones: what people type, in the languages they read.

use std::hint::black_box;

use chrono::DateTime;
use criterion::{Criterion, criterion_group, criterion_main};
use goto_microapps::zone_search::ZoneSearch;
use goto_microapps::zones::Zones;

/// A city, one without its accent, one in another language, an abbreviation, an offset, a country, one
/// letter, and nothing that there is.
const QUERIES: [(&str, &str); 8] = [
    ("mumbai", "en"),
    ("zurich", "de"),
    ("londres", "fr"),
    ("pacific", "en"),
    ("gmt+2", "it"),
    ("日本", "ja"),
    ("a", "es"),
    ("qqqq", "nl"),
];
/// As many as the widget's list shows.
const LIMIT: usize = 8;

fn search(criterion: &mut Criterion) {
    let zones = ZoneSearch::new(Zones::bundled());
    let at = DateTime::from_timestamp(1_780_000_000, 0).expect("an instant");
    let mut group = criterion.benchmark_group("zones");
    group.sample_size(20);
    group.bench_function("first search, which puts the names together", |bencher| {
        bencher.iter(|| {
            let zones = ZoneSearch::new(Zones::bundled());
            black_box(zones.search(black_box("mumbai"), "en", at, LIMIT))
        });
    });
    for (query, language) in QUERIES {
        group.bench_function(query, |bencher| {
            bencher.iter(|| black_box(zones.search(black_box(query), language, at, LIMIT)));
        });
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
