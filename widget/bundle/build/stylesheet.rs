//! The widget's style sheet, put together of its parts.

use std::path::Path;
use std::{fs, io};

/// The parts below `style/widget`, in the order in which they are served: what comes later overrules
/// what came before.
const PARTS: &[&str] = &[
    "base.css",
    "header.css",
    "buttons.css",
    "form.css",
    "slip.css",
    "switch.css",
    "co_organizers.css",
    "messages.css",
    "meeting.css",
    "agenda.css",
    "skeleton.css",
    "widths.css",
];

/// The style sheet in one piece, as it is written. A part that is not in the list would be served to
/// nobody.
pub(crate) fn widget(folder: &Path) -> io::Result<String> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if !PARTS.iter().any(|part| name == **part) {
            let told = format!("style/widget/{} is not in PARTS", name.display());
            return Err(io::Error::other(told));
        }
    }
    let parts = PARTS
        .iter()
        .map(|part| fs::read_to_string(folder.join(part)));
    parts.collect()
}

/// What is between the comments.
pub(crate) fn without_comments(source: &str) -> String {
    let mut pieces = source.split("/*");
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    kept.extend(
        pieces
            .filter_map(|piece| piece.split_once("*/"))
            .map(|(_, after)| after),
    );
    kept
}
