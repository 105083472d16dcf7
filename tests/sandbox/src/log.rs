//! The truth log: every request as it arrived, and what became of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::route::Route;

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// Position in the order in which requests were read to their end, from 0.
    pub sequence: u64,
    /// Monotonic time since the sandbox started, as microseconds in JSON. Taken when the head of
    /// the request was read.
    #[serde(rename = "arrived_micros", serialize_with = "micros")]
    pub arrived: Duration,
    /// The sandbox's clock at arrival.
    pub at: DateTime<Utc>,
    /// Method, upper case.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query as sent.
    pub query: Option<String>,
    /// Which call it is.
    pub route: Route,
    /// Who it says it is from.
    pub authorization: Authorization,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
    /// Body; bytes that are no UTF-8 are replaced.
    pub body: String,
    /// Whether it reached its handler: what it asks for is done or refused. Not so for the ones
    /// that are still held, over the limit, or hit by a fault before.
    pub handled: bool,
    /// What was answered.
    pub outcome: Outcome,
    /// Id of the meeting it made.
    pub meeting: Option<u64>,
    /// When the outcome was known, as microseconds in JSON.
    #[serde(rename = "ended_micros", serialize_with = "maybe_micros")]
    pub ended: Option<Duration>,
}

/// The `Authorization` header, resolved at arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Authorization {
    /// `Basic`, `Bearer`, `OAuth`, or empty for a bare token; `None` without a header.
    pub scheme: Option<String>,
    /// The OAuth client: named by Basic, or the one the token was issued to.
    pub client_id: Option<String>,
    /// Address of the person the token was issued for; `None` if it was never issued.
    pub person: Option<String>,
    /// Whether the token could be used at arrival.
    pub usable: bool,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Held, delayed or being handled.
    Pending,
    /// Answered whole.
    Answered(u16),
    /// Answered with this status and half the body.
    Truncated(u16),
    /// The connection was closed without an answer.
    Cut,
}

fn micros<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(value.as_micros()).unwrap_or(u64::MAX))
}

#[expect(clippy::ref_option, reason = "serde hands a reference to the field")]
fn maybe_micros<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => micros(value, serializer),
        None => serializer.serialize_none(),
    }
}

impl Received {
    /// The status that was sent, whole or not.
    pub fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Answered(status) | Outcome::Truncated(status) => Some(status),
            Outcome::Pending | Outcome::Cut => None,
        }
    }

    /// The body as JSON; null when it is something else.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// A field of a form body.
    pub fn form(&self, name: &str) -> Option<String> {
        pair(self.body.as_bytes(), name)
    }

    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        pair(self.query.as_deref().unwrap_or_default().as_bytes(), name)
    }
}

fn pair(encoded: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(encoded)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Requests since the start or the last clearing.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: Vec<Received>,
    next: u64,
}

impl Log {
    /// Adds a request and numbers it.
    pub(crate) fn add(&mut self, mut received: Received) -> u64 {
        let sequence = self.next;
        self.next += 1;
        received.sequence = sequence;
        self.entries.push(received);
        sequence
    }

    /// The entry, unless the log was cleared since.
    pub(crate) fn entry(&mut self, sequence: u64) -> Option<&mut Received> {
        let first = self.entries.first()?.sequence;
        let place = usize::try_from(sequence.checked_sub(first)?).ok()?;
        self.entries.get_mut(place)
    }

    pub(crate) fn of(&self, route: Route) -> impl Iterator<Item = &Received> {
        let mut entries = self.entries.iter();
        std::iter::from_fn(move || entries.find(|entry| route.covers(entry.route)))
    }

    pub(crate) fn all(&self) -> &[Received] {
        &self.entries
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
