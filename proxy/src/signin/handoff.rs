//! The one-time code that carries a finished sign-in from its window to the widget.
//!
//! Bound three ways: to the page's exact origin, to the widget that opened the window (S256), and
//! to 60 seconds. Nobody can collect it by waiting for somebody to sign in.

use goto_microapps_api::Carrier;
use subtle::ConstantTimeEq;

use super::session::{SessionId, Sessions};
use crate::clock::Clock;
use crate::random;
use crate::store::{self, Handoff, Store};

/// How long a code is good, milliseconds.
const LIFETIME: i64 = 60_000;

/// Why a code is not taken; one answer for all reasons.
#[derive(Debug, thiserror::Error)]
pub enum HandoffError {
    /// Unknown, used, too old, another page or another widget.
    #[error("the code is unknown, used or too old")]
    Refused,
    /// The store is away.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Handoffs {
    store: Store,
    sessions: Sessions,
    clock: Clock,
}

impl Handoffs {
    /// Over the store.
    pub fn new(store: Store, sessions: Sessions, clock: Clock) -> Self {
        Self {
            store,
            sessions,
            clock,
        }
    }

    /// A code for the widget on `origin` that knows what `challenge` was made from.
    pub async fn offer(
        &self,
        origin: String,
        challenge: String,
        organizer_key: String,
    ) -> Result<String, store::Error> {
        let now = self.clock.millis();
        let code = random::token();
        let handoff = Handoff {
            origin,
            challenge,
            organizer_key,
            session_hash: None,
            expires_at: now + LIFETIME,
        };
        self.store
            .insert_handoff(&random::sha256(&code), &handoff, now)
            .await?;
        Ok(code)
    }

    /// Swaps a code for a session. Taken for a cookie, it may be taken once more for a bearer, as
    /// long as nobody ever came with that cookie.
    pub async fn take(
        &self,
        code: &str,
        verifier: &str,
        origin: &str,
        carrier: Carrier,
    ) -> Result<(SessionId, String), HandoffError> {
        if !random::looks_like_token(code) {
            return Err(HandoffError::Refused);
        }
        let code_hash = random::sha256(code);
        let handoff = self
            .store
            .take_handoff(&code_hash)
            .await?
            .ok_or(HandoffError::Refused)?;
        let now = self.clock.millis();
        let same = random::sha256(verifier)
            .as_bytes()
            .ct_eq(handoff.challenge.as_bytes());
        if handoff.expires_at <= now || handoff.origin != origin || !bool::from(same) {
            return Err(HandoffError::Refused);
        }
        match (carrier, &handoff.session_hash) {
            (_, None) => {}
            (Carrier::Bearer, Some(unseen)) if self.store.delete_unseen_session(unseen).await? => {}
            _ => return Err(HandoffError::Refused),
        }
        let session = self.sessions.start(&handoff.organizer_key).await?;
        if carrier == Carrier::Cookie {
            let again = Handoff {
                session_hash: Some(session.hash()),
                ..handoff.clone()
            };
            self.store.insert_handoff(&code_hash, &again, now).await?;
        }
        Ok((session, handoff.organizer_key))
    }
}
