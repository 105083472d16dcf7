//! `cargo attack`: everything a stranger did to the proxy once with success, done again, each at
//! twice the cap that stands against it, while somebody honest works.
//!
//! Loopback only; each attack is bounded and ends by itself.

pub mod attacks;
pub mod honest;
pub mod stage;

use std::io::Write;

/// How large the attacks are.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "attack")]
pub struct Size {
    /// Connections one address may have; twice as many are opened.
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// Requests one address may have open; twice as many are begun.
    #[arg(long, default_value_t = 16)]
    pub requests: usize,
    /// Sign-ins that may be on their way; twice as many are begun.
    #[arg(long, default_value_t = 60)]
    pub sign_ins: usize,
}

/// What became of an attack.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which promise it is about.
    pub row: u8,
    /// What was done.
    pub attack: &'static str,
    /// How often.
    pub sent: usize,
    /// What the proxy let pass of it.
    pub passed: usize,
    /// More of it may not pass.
    pub allowed: usize,
    /// What the honest one got meanwhile.
    pub honest: honest::Report,
}

impl Outcome {
    /// Whether it bounced and nobody felt it.
    pub fn bounced(&self) -> bool {
        self.passed <= self.allowed && self.honest.failed.is_empty() && self.honest.served > 0
    }
}

/// Writes to standard output; a closed pipe is no reason to panic.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints what became of the attacks.
pub fn print(outcomes: &[Outcome]) {
    say(
        "row  attack                                         sent  passed  at most  honest: served  failed  slowest",
    );
    for outcome in outcomes {
        let honest = &outcome.honest;
        say(&format!(
            "{:>3}  {:<44} {:>6}  {:>6}  {:>7}  {:>14}  {:>6}  {:>4} ms{}",
            outcome.row,
            outcome.attack,
            outcome.sent,
            outcome.passed,
            outcome.allowed,
            honest.served,
            honest.failed.len(),
            honest.slowest.as_millis(),
            if outcome.bounced() {
                ""
            } else {
                "  GOT THROUGH"
            }
        ));
        for failed in honest.failed.iter().take(3) {
            say(&format!("     {failed}"));
        }
    }
}
