//! What the sources of a crate import of each other, and where that goes round in a circle.
//!
//! [`Sources`] reads a crate as the compiler finds its files and resolves the paths in them: a name
//! that a module passes on (`pub use`) belongs to the file that has it. Tests and what the
//! fuzzer brings in are left out, because they may look at everything. [`Graph`] is what came of it.

mod graph;
mod sources;

pub use graph::{Edge, Graph};
pub use sources::Sources;

use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file that git would keep below a folder with one of these endings, relative to it, sorted.
/// What is built or downloaded is left out.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path, endings: &[&str]) -> std::io::Result<Vec<PathBuf>> {
    fn collect(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.unwrap_or_default();
            if path.is_dir() {
                if !name.starts_with('.') && !["target", "node_modules"].contains(&name) {
                    collect(&path, endings, found)?;
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    collect(folder, endings, &mut found)?;
    let mut found: Vec<PathBuf> = found
        .into_iter()
        .filter_map(|path| path.strip_prefix(folder).ok().map(Path::to_owned))
        .collect();
    found.sort();
    Ok(found)
}
