//! The co-organizer search over 100,000 people: building the directory and answering a query.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use goto_microapps::organizers::Directory;
use goto_microapps::store::OrganizerRow;
use goto_sandbox::{Options, Sandbox};

const PEOPLE: usize = 100_000;

/// What employees type: a common beginning, a rare word, an accent left out, another script, part of
/// an address, a single letter, and nobody.
const QUERIES: [&str; 8] = [
    "mar", "o'neill", "elodie", "山", "@corp", "a", "a zzzz", "zzzz",
];

fn people() -> Vec<OrganizerRow> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let options = Options {
        organizers: PEOPLE,
        ..Options::default()
    };
    let sandbox = runtime
        .block_on(Sandbox::start(options))
        .expect("a sandbox");
    let people = sandbox.employees();
    people
        .into_iter()
        .map(|person| OrganizerRow {
            key: person.key,
            name: person.name,
            email: person.email,
            group: String::new(),
            can_host: true,
        })
        .collect()
}

fn search(criterion: &mut Criterion) {
    let people = people();
    let mut group = criterion.benchmark_group("directory of 100,000");
    group.sample_size(20);
    group.bench_function("build", |bencher| {
        bencher.iter(|| black_box(Directory::new(black_box(&people))));
    });
    let directory = Directory::new(&people);
    for query in QUERIES {
        group.bench_function(format!("search {query}"), |bencher| {
            bencher.iter(|| black_box(directory.search(black_box(query), 8)));
        });
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
