//! A storm over the proxy, and its figures.
//!
//! `cargo storm` starts replicas as processes, lets employees work while requests fail, processes
//! are killed and the database goes away, and at the end reconciles three truths: what employees
//! were told, what the proxy stored, what GoTo received. `cargo measure` prints what the proxy
//! needs and how fast it is.
//!
//! The negative controls live here and nowhere else: each breaks one promise from outside the
//! proxy, to see that the storm would notice.

pub mod employee;
pub mod fleet;
pub mod hop;
pub mod options;
pub mod sabotage;
pub mod store;
pub mod verdict;
pub mod weather;

use std::io::Write;

/// Writes a line to standard output; a closed pipe is no reason to panic.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
