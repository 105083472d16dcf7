//! A one-time ticket from the admin console to the public address.
//!
//! The console lives on its own listener, the OAuth callback on the public one, and cookies do not
//! travel between the two. The ticket says which console session asked; it is good once, for a
//! minute.

use crate::clock::{Clock, Millis};
use crate::random;
use crate::store::{self, Store};

/// How long a ticket is good, milliseconds.
const LIFETIME: Millis = 60_000;

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
        let hash = random::sha256(&ticket);
        self.store
            .insert_ticket(&hash, session_hash, now + LIFETIME, now)
            .await?;
        Ok(ticket)
    }

    /// The hash of the session a ticket was made for; spends it.
    pub async fn take(&self, ticket: &str) -> Result<Option<String>, store::Error> {
        if !random::looks_like_token(ticket) {
            return Ok(None);
        }
        let hash = random::sha256(ticket);
        self.store.take_ticket(&hash, self.clock.millis()).await
    }
}
