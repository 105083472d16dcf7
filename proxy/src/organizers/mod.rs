//! The "All organizers" directory: copied from GoTo by a sync, searched from memory.

mod directory;
mod fold;
mod pages;
mod search;
mod sync;

pub use crate::config::Offer;
pub use directory::{Builder, Directory, Entry};
pub use fold::{fold, words};
pub use search::find;
pub use sync::{DirectorySync, SyncError};
