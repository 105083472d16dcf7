//! The "All organizers" directory: copied from GoTo by a sync, searched from memory.

mod directory;
mod sync;

pub use directory::{Builder, Directory, Entry, fold};
pub use sync::{Refusal, Sync};
