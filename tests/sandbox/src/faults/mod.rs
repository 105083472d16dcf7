//! Faults: what can be made to go wrong, how often, and to which call.

mod apply;
mod entities;
mod kinds;
mod odd;
mod spoil;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

pub(crate) use apply::{Before, Leaving, Plan};
pub use entities::Cleaner;
pub use kinds::{Answer, FaultKind, Gone, RetryAfter, Spelling};

use crate::call::Call;
use crate::route::Route;

/// Something that goes wrong.
///
/// Faults are drawn in the order in which they were set. Delays and spoilt bodies add up; of the
/// kinds that replace or cut the answer, one request takes one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The call it happens to.
    pub route: Route,
    /// What happens.
    pub kind: FaultKind,
    /// How many requests it happens to; `None` until cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// For how large a part of the requests it happens, 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
}

impl Fault {
    /// Happens to every request of `route` until cleared.
    pub fn new(route: Route, kind: FaultKind) -> Self {
        Self {
            route,
            kind,
            times: None,
            probability: always(),
        }
    }

    /// Happens to the next request of `route` only.
    pub fn once(route: Route, kind: FaultKind) -> Self {
        Self::new(route, kind).times(1)
    }

    /// Happens this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Happens to this part of the requests.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }
}

fn always() -> f64 {
    1.0
}

/// The faults that are set.
#[derive(Debug)]
pub(crate) struct Faults {
    set: Vec<Fault>,
    dice: StdRng,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            set: Vec::new(),
            dice: StdRng::seed_from_u64(seed),
        }
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.set.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.set.clear();
    }

    pub(crate) fn all(&self) -> &[Fault] {
        &self.set
    }

    /// What happens to a request that arrives now.
    pub(crate) fn draw(&mut self, call: &Call) -> Plan {
        let mut plan = Plan::default();
        for fault in &mut self.set {
            let concerns = fault.route.covers(call.route) && fault.kind.concerns(call);
            if !concerns || !plan.has_room_for(&fault.kind) {
                continue;
            }
            if fault.probability < 1.0 && !self.dice.random_bool(fault.probability.max(0.0)) {
                continue;
            }
            if let Some(times) = &mut fault.times {
                let Some(left) = times.checked_sub(1) else {
                    continue;
                };
                *times = left;
            }
            plan.add(&fault.kind);
        }
        self.set.retain(|fault| fault.times != Some(0));
        plan
    }
}
