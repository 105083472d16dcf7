//! The rules of the house, held against the sources.
//!
//! What is not in order yet stands below, with the reason. The lists only get shorter: whatever is on
//! one and in order by now is told as well.

#![allow(clippy::unwrap_used)] // What cannot be read fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use goto_microapps_layout::{Graph, Sources, files, workspace};

/// Longest file, lines: read in one sitting.
const LONGEST: usize = 450;

/// Files that are longer.
const LONG_FILES: &[&str] = &[];

/// Files of one crate that share a name, because they are the same thing of another kind: what is
/// stored of it, its section of the configuration, its handler, its command, its view.
const SHARED_NAMES: &[(&str, &[&str])] = &[
    (
        "proxy",
        &[
            "activity.rs",
            "backup.rs",
            "metrics.rs",
            "organizers.rs",
            "pending_sign_ins.rs",
            "rekey.rs",
            "session.rs",
            "sign_out.rs",
            "start_tickets.rs",
            "sync.rs",
            "tickets.rs",
        ],
    ),
    ("widget", &["element.rs", "my_meetings.rs", "sign_in.rs"]),
];

fn read(package: &str) -> Sources {
    let root = workspace().join(package).join("src/lib.rs");
    Sources::read(&root).unwrap_or_else(|error| panic!("{error:#}"))
}

fn assert_no_circle(graph: &Graph) {
    assert!(graph.circles().is_empty(), "{}", graph.told());
}

#[test]
fn nothing_in_the_proxy_imports_in_a_circle() {
    for package in ["proxy", "proxy/api"] {
        let sources = read(package);
        assert_no_circle(&sources.rooms());
        assert_no_circle(&sources.files());
    }
    assert!(read("proxy").files().len() > 100);
}

#[test]
fn nothing_in_the_widget_imports_in_a_circle() {
    let graph = read("widget").files();
    assert!(graph.len() > 20);
    assert_no_circle(&graph);
}

#[test]
fn no_file_is_too_long_to_be_read_in_one_sitting() {
    let root = workspace();
    let mut long = BTreeSet::new();
    let all = files(&root, &[".rs", ".js", ".mjs", ".css"]).unwrap();
    assert!(all.len() > 300, "{}", all.len());
    for file in all {
        let lines = std::fs::read_to_string(root.join(&file))
            .unwrap()
            .lines()
            .count();
        if lines > LONGEST {
            long.insert(format!("{}: {lines} lines", file.display()));
        }
    }
    let is_known = |line: &String| LONG_FILES.iter().any(|known| line.starts_with(known));
    let unknown: Vec<_> = long.iter().filter(|line| !is_known(line)).collect();
    assert!(
        unknown.is_empty(),
        "longer than {LONGEST} lines: {unknown:#?}"
    );
    assert_eq!(
        long.len(),
        LONG_FILES.len(),
        "take what is shorter by now off the list"
    );
}

/// Files by name, of what is compiled together: `src`, each test with its modules.
fn names(package: &Path) -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files(package, &[".rs"]).unwrap() {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let path = file.to_str().unwrap().to_owned();
        let unit = match path.split('/').collect::<Vec<_>>()[..] {
            ["src", ..] => "src".to_owned(),
            [kind @ ("tests" | "examples"), program, _, ..] => format!("{kind}/{program}"),
            _ => continue,
        };
        if !["lib.rs", "main.rs", "mod.rs"].contains(&name.as_str()) {
            names
                .entry(format!("{unit} {name}"))
                .or_default()
                .push(path);
        }
    }
    names.retain(|_, files| files.len() > 1);
    names
}

#[test]
fn files_of_one_crate_have_names_of_their_own() {
    let root = workspace();
    let mut shared = BTreeSet::new();
    for manifest in files(&root, &["Cargo.toml"]).unwrap() {
        let package = manifest.parent().unwrap();
        // The workspace is no crate.
        if package == Path::new("") {
            continue;
        }
        for (name, files) in names(&root.join(package)) {
            let file = name.split(' ').nth(1).unwrap();
            shared.insert((package.display().to_string(), file.to_owned()));
            let known = SHARED_NAMES
                .iter()
                .any(|(of, known)| Path::new(of) == package && known.contains(&file));
            assert!(known, "{}: {files:?} share a name", package.display());
        }
    }
    for (package, known) in SHARED_NAMES {
        for file in *known {
            let is_shared = shared.contains(&((*package).to_owned(), (*file).to_owned()));
            assert!(
                is_shared,
                "{package}: {file} is shared no more: take it off the list"
            );
        }
    }
}

/// The tests above see a circle: one is put into a crate on purpose.
#[test]
fn a_circle_is_seen_and_told_with_its_places() {
    let crates = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(crates.path().join(name), text).unwrap();
    write("lib.rs", "mod door;\nmod hall;\nmod roof;\n");
    write(
        "door.rs",
        "use crate::hall::Hall;\npub(crate) struct Door(Hall);\n",
    );
    std::fs::create_dir(crates.path().join("hall")).unwrap();
    write(
        "hall/mod.rs",
        "mod stairs;\npub(crate) use stairs::Stairs;\npub(crate) struct Hall(pub(crate) u8);\n\
         #[cfg(test)]\nmod tests {\n    use crate::roof::Roof;\n}\n",
    );
    // Through a name that is passed on, in a macro, in a nested group.
    write(
        "hall/stairs.rs",
        "use super::Hall;\npub(crate) struct Stairs;\nfn climb(hall: Hall) { drop(hall); }\n",
    );
    write(
        "roof.rs",
        "use crate::{door::{self, Door}, hall::Stairs};\n\
         pub(crate) struct Roof;\nfn up(_: Door, _: Stairs) {}\n",
    );
    let read = || Sources::read(&crates.path().join("lib.rs")).unwrap();
    let graph = read().files();
    assert!(graph.circles().is_empty(), "{}", graph.told());
    assert!(graph.has("roof.rs", "hall/stairs.rs"));
    assert!(
        !graph.has("roof.rs", "hall/mod.rs"),
        "it only passes the name on"
    );
    assert!(graph.mermaid().contains("[\"roof.rs\"]"));

    write(
        "hall/stairs.rs",
        "pub(crate) struct Stairs;\nfn climb() { println!(\"{}\", crate::roof::HEIGHT); }\n",
    );
    write(
        "roof.rs",
        "use crate::hall::Stairs;\npub(crate) const HEIGHT: u8 = 1;\nfn up(_: Stairs) {}\n",
    );
    let told = read().files().told();
    assert_eq!(
        told,
        "in a circle:\n  \
         hall/stairs.rs -> roof.rs   hall/stairs.rs:2 crate::roof::HEIGHT\n  \
         roof.rs -> hall/stairs.rs   roof.rs:1 crate::hall::Stairs\n"
    );
    assert_eq!(read().rooms().circles().len(), 1);
}
