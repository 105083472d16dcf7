//! The three truths, reconciled: what employees were told, what the proxy stored, what GoTo
//! received.

mod changes;
mod creates;
mod figures;
mod upstream;

use std::collections::HashMap;

use goto_sandbox::Sandbox;

use crate::diary::{Change, Diary, Order, Wish};
use crate::options::Options;
use crate::say;
use crate::store::{Stored, StoredChange};
use crate::truth::Truth;
use crate::weather::Damage;

/// What is known after a storm.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// As asked for.
    pub options: &'a Options,
    /// How hard it stormed.
    pub damage: Damage,
    /// What employees were told.
    pub diaries: &'a [Diary],
    /// What the proxy stored, by idempotency key.
    pub stored: HashMap<String, Stored>,
    /// Ids of the meetings the proxy stored.
    pub stored_meetings: Vec<String>,
    /// Changes of meetings the proxy stored.
    pub stored_changes: Vec<StoredChange>,
    /// Whose consents the proxy holds for lost.
    pub lost_consents: Vec<String>,
    /// What GoTo received.
    pub sandbox: &'a Sandbox,
    /// The same, put in order.
    pub truth: Truth,
    /// Requests GoTo received while it stormed.
    pub during: usize,
}

impl Evidence<'_> {
    fn wishes(&self) -> impl Iterator<Item = &Wish> {
        self.diaries.iter().flat_map(|diary| &diary.wishes)
    }

    fn orders(&self) -> impl Iterator<Item = &Order> {
        self.wishes().flat_map(|wish| &wish.orders)
    }

    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.wishes().flat_map(|wish| &wish.changes)
    }

    /// What each wish offends with.
    fn each(&self, offends: impl Fn(&Wish) -> Option<String>) -> Vec<String> {
        self.wishes().filter_map(offends).collect()
    }
}

/// One promise.
#[derive(Debug)]
struct Check {
    promise: &'static str,
    found: usize,
    allowed: String,
    holds: bool,
    /// A few of the offenders.
    examples: Vec<String>,
}

impl Check {
    fn none(promise: &'static str, offenders: Vec<String>) -> Self {
        Self {
            promise,
            found: offenders.len(),
            allowed: "0".to_owned(),
            holds: offenders.is_empty(),
            examples: offenders.into_iter().take(3).collect(),
        }
    }

    fn at_most(promise: &'static str, found: usize, most: usize) -> Self {
        Self {
            promise,
            found,
            allowed: format!("<= {most}"),
            holds: found <= most,
            examples: Vec::new(),
        }
    }

    fn at_least(promise: &'static str, found: usize, least: usize) -> Self {
        Self {
            promise,
            found,
            allowed: format!(">= {least}"),
            holds: found >= least,
            examples: Vec::new(),
        }
    }
}

/// Prints the table; true if every promise held.
pub fn pronounce(evidence: &Evidence<'_>) -> bool {
    for (name, value) in figures::rows(evidence) {
        say(&format!("{name:<70} {value:>8}"));
    }
    let mut checks = creates::checks(evidence);
    checks.extend(changes::checks(evidence));
    checks.extend(upstream::checks(evidence));
    say("");
    say(&format!(
        "{:<62} {:>7} {:>8}  {}",
        "promise", "found", "allowed", ""
    ));
    for check in &checks {
        let word = if check.holds { "ok" } else { "FAILED" };
        say(&format!(
            "{:<62} {:>7} {:>8}  {word}",
            check.promise, check.found, check.allowed
        ));
        if !check.holds {
            for example in &check.examples {
                say(&format!("    {example}"));
            }
        }
    }
    let failed = checks.iter().filter(|check| !check.holds).count();
    say("");
    say(&format!(
        "{} passed, {failed} failed",
        checks.len() - failed
    ));
    failed == 0
}
