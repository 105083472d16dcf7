//! Hostile inputs for every reader of foreign text: a corpus, what becomes of it, a watchdog.
//!
//! What each reader promises stands in `promises`; those files are compiled into the proxy, behind its
//! feature `fuzzing`, because nobody else may see its readers. Here is what is thrown at them, the same
//! for the same seed.

pub mod corpus;
mod mutate;
mod run;

pub use mutate::Mutator;
pub use run::{Outcome, run};
