//! The "All organizers" directory: copied from GoTo by a sync, searched from memory.

mod directory;
mod fold;
mod pages;
mod sync;

pub use crate::config::Offer;
pub use directory::{Builder, Directory, Entry, find};
pub use fold::{fold, words};
pub use sync::{Refusal, Sync};
