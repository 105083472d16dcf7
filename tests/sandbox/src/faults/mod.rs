//! Faults: what can be made to go wrong, how often, and to which call.

mod apply;
mod spoil;

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

pub(crate) use apply::{Before, Leaving, Plan};

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

/// What goes wrong. "Before handling" nothing is done; "after" everything is done and only the
/// answer suffers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Waits before handling. Milliseconds in JSON.
    DelayBefore(#[serde(with = "millis")] Duration),
    /// Waits after handling, before answering. Milliseconds in JSON.
    DelayAfter(#[serde(with = "millis")] Duration),
    /// Answers this instead of handling.
    Instead(Answer),
    /// Handles, then answers this.
    AfterCommit(Answer),
    /// A gateway's HTML page with status 200 instead of handling.
    Html,
    /// Handles, then answers that page.
    HtmlAfterCommit,
    /// The call's own answer to a token that expired, instead of handling: 403 `InvalidToken` from
    /// GoToMeeting, 401 from admin and identity.
    InvalidToken,
    /// 429 instead of handling.
    TooManyRequests(RetryAfter),
    /// Closes the connection instead of handling.
    CutBefore,
    /// Handles, then closes the connection without an answer.
    CutAfterCommit,
    /// Handles, sends the headers and half the body, then closes the connection.
    Truncated,
    /// Handles and answers without the body.
    EmptyBody,
    /// Numbers and booleans as strings, strings of digits as numbers.
    WrongTypes,
    /// Leaves these fields out wherever they are; an empty list leaves out all that a client can do
    /// without.
    MissingFields(Vec<String>),
}

/// An answer that is not GoTo's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Body.
    #[serde(default)]
    pub body: String,
}

/// The `Retry-After` header of a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// No header.
    Absent,
    /// Seconds.
    Seconds(u32),
    /// An HTTP date this many seconds after the sandbox's clock.
    Date(u32),
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

impl FaultKind {
    /// A bare status instead of handling.
    pub fn status(status: u16) -> Self {
        Self::Instead(Answer::status(status))
    }

    /// Handles, then answers a bare status.
    pub fn status_after_commit(status: u16) -> Self {
        Self::AfterCommit(Answer::status(status))
    }
}

impl Answer {
    /// A status without headers or body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
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

    /// What happens to a request of `route` that arrives now.
    pub(crate) fn draw(&mut self, route: Route) -> Plan {
        let mut plan = Plan::default();
        for fault in &mut self.set {
            if !fault.route.covers(route) || !plan.has_room_for(&fault.kind) {
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

mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}
