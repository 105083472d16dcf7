//! What the README says, held against the code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Everything in quotation marks of `open` and `close` in `text`.
fn between<'t>(text: &'t str, open: &str, close: &str) -> BTreeSet<&'t str> {
    let pieces = text.split(open).skip(1);
    pieces
        .filter_map(|piece| piece.split(close).next())
        .collect()
}

/// The section below a heading, up to the next heading.
fn section<'t>(readme: &'t str, heading: &str) -> &'t str {
    let (_, rest) = readme.split_once(&format!("\n{heading}\n")).unwrap();
    rest.split("\n#").next().unwrap()
}

/// What the first cells of a section's tables name.
fn first_cells(section: &str) -> BTreeSet<&str> {
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

/// The text of every Rust file below a folder.
fn sources(folder: &str) -> String {
    fn collect(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, text);
            } else if path.extension().is_some_and(|end| end == "rs") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut text = String::new();
    collect(&root().join(folder), &mut text);
    text
}

#[test]
fn every_key_of_the_configuration_is_in_the_table() {
    let readme = read("README.md");
    let told = first_cells(section(&readme, "### Every key"));
    let known = goto_microapps::config::keys();
    let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    assert!(known.len() > 30, "{known:?}");
    assert_eq!(told, known);
}

#[test]
fn every_attribute_is_in_the_table() {
    let readme = read("README.md");
    let loader = read("widget/loader/embed.js");
    let (_, list) = loader.split_once("const ATTRIBUTES = [").unwrap();
    let list = list.split(']').next().unwrap();
    let known: BTreeSet<&str> = list.split('\'').skip(1).step_by(2).collect();
    let mut told = first_cells(section(&readme, "### Attributes"));
    assert!(told.remove("proxy"), "read by the loader alone");
    assert_eq!(told, known);
}

#[test]
fn every_event_is_in_the_table() {
    let readme = read("README.md");
    let told = first_cells(section(&readme, "### Events"));
    let told: BTreeSet<&str> = told
        .into_iter()
        .filter_map(|name| name.strip_prefix("gotomeeting:"))
        .collect();
    let widget = sources("widget/src");
    let mut events = between(&widget, ".tell(\"", "\"");
    events.extend(between(&widget, ".may(\"", "\""));
    assert_eq!(told, events);
    let types = read("widget/loader/goto-meeting.d.ts");
    assert_eq!(told, between(&types, "'gotomeeting:", "'"), "in the types");
}

#[test]
fn every_variable_and_part_is_told_and_they_stay_few() {
    let readme = read("README.md");
    let look = section(&readme, "### Look");
    let tokens = read("style/tokens.css");
    let variables: BTreeSet<&str> = between(&tokens, "var(--gotomeeting-", ",");
    let told: BTreeSet<&str> = first_cells(look)
        .into_iter()
        .filter_map(|name| name.strip_prefix("--gotomeeting-"))
        .collect();
    assert_eq!(told, variables);
    assert!(variables.len() <= 16, "{variables:?}");

    let widget = sources("widget/src");
    let mut parts = between(&widget, ".attr(\"part\", \"", "\"");
    // The main button is both.
    parts.extend(["button", "primary"]);
    parts.retain(|part| !part.is_empty());
    let line = look
        .lines()
        .find(|line| line.starts_with("Parts: "))
        .unwrap();
    let told: BTreeSet<&str> = line.split('`').skip(1).step_by(2).collect();
    assert_eq!(told, parts);
    assert!(parts.len() <= 10, "{parts:?}");
}

#[test]
fn every_metric_is_in_the_table() {
    let readme = read("README.md");
    let told = first_cells(section(&readme, "### The administrator's listener"));
    let told: BTreeSet<&str> = told
        .into_iter()
        .filter(|name| !name.starts_with('/'))
        .collect();
    let metrics = read("proxy/src/metrics.rs");
    let described = metrics.split("describe_").skip(1);
    let known: BTreeSet<&str> = described
        .filter_map(|call| call.split_once('(')?.1.split('"').nth(1))
        .filter(|name| !name.contains(' '))
        .collect();
    assert_eq!(told, known);
}

#[test]
fn every_link_leads_somewhere_and_every_test_exists() {
    let readme = read("README.md");
    let mut tests = 0;
    for piece in readme.split("](").skip(1) {
        let target = piece.split(')').next().unwrap();
        if target.contains("://") {
            continue;
        }
        let (file, heading) = target.split_once('#').unwrap_or((target, ""));
        assert!(root().join(file).exists(), "{target}");
        if !heading.is_empty() {
            let known = read(if file.is_empty() { "README.md" } else { file });
            let is_heading = |line: &str| anchor(line) == heading;
            assert!(known.lines().any(is_heading), "{target}");
        }
    }
    for piece in readme.split("[`").skip(1) {
        let Some((name, rest)) = piece.split_once("`](") else {
            continue;
        };
        let file = rest.split(')').next().unwrap();
        if file.contains("/tests/") {
            let found = read(file).contains(&format!("fn {name}("));
            assert!(found, "{file} has no test {name}");
            tests += 1;
        }
    }
    assert!(tests >= 15, "{tests}");
}

/// The anchor GitHub gives a heading.
fn anchor(line: &str) -> String {
    let words = line.trim_start_matches('#').trim().to_lowercase();
    words
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}
