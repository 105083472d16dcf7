//! The playground for page authors, held against what the widget's tag has: whatever the types
//! declare can be tried there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn page() -> String {
    read("tests/harness/pages/playground.html")
}

fn types() -> String {
    read("widget/loader/goto-meeting.d.ts")
}

/// Everything between `open` and `close` in `text`.
fn between(text: &str, open: &str, close: &str) -> BTreeSet<String> {
    let pieces = text.split(open).skip(1);
    let found = pieces.filter_map(|piece| piece.split(close).next());
    found.map(str::to_owned).collect()
}

/// The attributes that the types declare, with what each is declared as.
fn declared() -> Vec<(String, String)> {
    let types = types();
    let (_, rest) = types
        .split_once("interface GotoMeetingAttributes {")
        .unwrap();
    let body = rest.split('}').next().unwrap();
    let lines = body.lines().filter_map(|line| line.split_once("?: "));
    let named = lines.map(|(name, kind)| {
        let name = name.trim().trim_matches('\'').to_owned();
        (name, kind.trim_end_matches(';').to_owned())
    });
    named.collect()
}

/// What can be chosen for an attribute, where there is a list to choose from.
fn offered(page: &str, attribute: &str) -> BTreeSet<String> {
    let control = format!("data-attribute=\"{attribute}\"");
    let (_, rest) = page.split_once(&control).unwrap();
    let list = rest.split("</select>").next().unwrap();
    let options = list.split("<option").skip(1).map(|option| {
        let (tag, text) = option.split_once('>').unwrap();
        match tag.split_once("value=\"") {
            Some((_, value)) => value.split('"').next().unwrap().to_owned(),
            None => text.split('<').next().unwrap().to_owned(),
        }
    });
    options.filter(|value| !value.is_empty()).collect()
}

#[test]
fn every_attribute_can_be_tried() {
    let declared: BTreeSet<String> = declared().into_iter().map(|one| one.0).collect();
    assert!(declared.len() > 10, "{declared:?}");
    assert_eq!(between(&page(), "data-attribute=\"", "\""), declared);
}

#[test]
fn every_value_of_an_attribute_can_be_chosen() {
    let page = page();
    let mut lists = 0;
    for (name, kind) in declared() {
        if kind.contains('\'') {
            let values: BTreeSet<String> = kind
                .split('\'')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect();
            assert_eq!(offered(&page, &name), values, "{name}");
            lists += 1;
        }
    }
    assert!(lists >= 4, "{lists}");
}

#[test]
fn every_language_can_be_chosen() {
    let files = std::fs::read_dir(path("widget/locales")).unwrap();
    let names = files.map(|file| file.unwrap().path().file_stem().unwrap().to_owned());
    let languages: BTreeSet<String> = names.map(|name| name.into_string().unwrap()).collect();
    assert!(languages.len() >= 9, "{languages:?}");
    assert_eq!(offered(&page(), "lang"), languages);
}

#[test]
fn every_event_is_heard() {
    let events = between(&types(), "  'gotomeeting:", "'");
    assert!(events.len() >= 7, "{events:?}");
    assert_eq!(between(&page(), "data-event=\"gotomeeting:", "\""), events);
}

/// Variables are no part of the types: the style sheet that reads them has them all.
#[test]
fn every_variable_can_be_set() {
    let variables = between(&read("style/tokens.css"), "var(--gotomeeting-", ",");
    assert!(variables.len() > 10, "{variables:?}");
    let set = between(&page(), "data-variable=\"--gotomeeting-", "\"");
    assert_eq!(set, variables);
}

#[test]
fn no_script_and_no_style_stands_in_the_page() {
    let page = page();
    let tags: Vec<&str> = page
        .split('<')
        .filter_map(|piece| piece.split('>').next())
        .collect();
    for tag in tags {
        assert!(!tag.starts_with("style"), "{tag}");
        assert!(!tag.contains(" style=") && !tag.contains(" on"), "{tag}");
        assert!(!tag.starts_with("script") || tag.contains(" src="), "{tag}");
    }
}
