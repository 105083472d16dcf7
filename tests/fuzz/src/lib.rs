//! Hostile inputs for every reader of foreign text: a corpus, what becomes of it, a watchdog.
//!
//! The readers and their promises are `goto_microapps::foreign`. Here is what is thrown at them, the
//! same for the same seed.

pub mod corpus;
mod mutate;
mod run;

pub use mutate::Mutator;
pub use run::{Outcome, run};
