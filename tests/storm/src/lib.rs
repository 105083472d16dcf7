//! A storm over the proxy, and its figures.
//!
//! `cargo storm` starts replicas as processes, lets employees work while requests fail, processes
//! are killed and the database goes away, and at the end reconciles three truths: what employees
//! were told, what the proxy stored, what GoTo received. `cargo measure` prints what the proxy
//! needs and how fast it is.
//!
//! The negative controls live here and nowhere else: each breaks one promise from outside the
//! proxy, to see that the storm would notice.

pub mod diary;
pub mod employee;
pub mod fleet;
pub mod hop;
pub mod options;
pub mod sabotage;
pub mod store;
pub mod truth;
pub mod verdict;
pub mod weather;

use std::io::Write;

use tokio::signal::unix::{SignalKind, signal};

/// Waits until this program is told to end. Whoever then drops its replicas kills them; ended by the
/// signal itself, it would leave them behind.
///
/// # Errors
/// When signals cannot be listened to.
pub async fn told_to_end() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Writes a line to standard output; a closed pipe is no reason to panic.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
