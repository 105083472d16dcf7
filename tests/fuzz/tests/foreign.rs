//! Every reader of foreign text keeps its promises for the whole corpus, and for what is made of it.

use std::collections::BTreeSet;

use goto_microapps::fuzzing::PARSERS;
use goto_microapps_fuzz::{corpus, run};

/// Enough to notice a promise that is broken often; `cargo fuzz-parsers` has a million.
const INPUTS: u64 = 3_000;

#[test]
fn readers_of_foreign_text_keep_their_promises() {
    for parser in PARSERS {
        let outcome = run(*parser, INPUTS, 1).unwrap();
        assert_eq!(outcome.findings, Vec::<String>::new(), "{}", parser.name);
        assert!(outcome.accepted > 0, "{} accepts nothing", parser.name);
        assert!(
            outcome.accepted < outcome.inputs,
            "{} accepts everything",
            parser.name
        );
    }
}

#[test]
fn every_corpus_has_a_reader() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let names = PARSERS.iter().map(|parser| format!("{}.txt", parser.name));
    assert_eq!(files, names.collect());
    for parser in PARSERS {
        for input in corpus::read(parser.name).unwrap() {
            let line = corpus::escape(&input);
            assert!(!line.contains('\n'), "{line}");
        }
    }
}
