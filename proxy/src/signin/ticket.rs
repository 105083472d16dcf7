//! A one-time ticket from the admin console to the public address.
//!
//! The console lives on its own listener, the OAuth callback on the public one, and cookies do not
//! travel between the two. The ticket says which console session asked; it is good once, for a
//! minute.

use crate::clock::Clock;
use crate::random;
use crate::store::{self, Handoff, Store};

/// How long a ticket is good, milliseconds.
const LIFETIME: i64 = 60_000;
/// What stands in place of a page's origin: no page has it.
const CONSOLE: &str = "console";

/// See the module.
#[derive(Clone, Debug)]
pub struct Tickets {
    store: Store,
    clock: Clock,
}

impl Tickets {
    /// Over the store.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// A ticket for the console session with this hash.
    pub async fn offer(&self, session_hash: &str) -> Result<String, store::Error> {
        let now = self.clock.millis();
        let ticket = random::token();
        let row = Handoff {
            origin: CONSOLE.to_owned(),
            challenge: session_hash.to_owned(),
            organizer_key: String::new(),
            session_hash: None,
            expires_at: now + LIFETIME,
        };
        self.store
            .insert_handoff(&random::sha256(&ticket), &row, now)
            .await?;
        Ok(ticket)
    }

    /// The hash of the session a ticket was made for; spends it.
    pub async fn take(&self, ticket: &str) -> Result<Option<String>, store::Error> {
        if !random::looks_like_token(ticket) {
            return Ok(None);
        }
        let row = self.store.take_handoff(&random::sha256(ticket)).await?;
        Ok(row
            .filter(|row| row.origin == CONSOLE && row.expires_at > self.clock.millis())
            .map(|row| row.challenge))
    }
}
