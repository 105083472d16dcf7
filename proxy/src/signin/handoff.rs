//! The one-time code that carries a finished sign-in from its window to the widget.
//!
//! Bound three ways: to the page's exact origin, to the widget that opened the window (S256), and
//! to 60 seconds. Nobody can collect it by waiting for somebody to sign in. A window that was cut
//! off from its page shows a short code to type instead: it is worth nothing without the secret of
//! that same widget, and lasts as long as typing may take.

use goto_microapps_api::Carrier;
use subtle::ConstantTimeEq;

use super::session::{SessionId, Sessions};
use crate::clock::Clock;
use crate::random;
use crate::store::{self, Handoff, Store};

/// How long a posted code is good, milliseconds.
const LIFETIME: i64 = 60_000;
/// How long a typed code is good, milliseconds.
const TYPED_LIFETIME: i64 = 300_000;

/// The two ways from the window to the widget; each works once, and ends the other.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Posted to the page.
    pub posted: String,
    /// Shown where the page cannot be reached, to be typed.
    pub typed: String,
}

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

    /// Codes for the widget on `origin` that knows what `challenge` was made from.
    pub async fn offer(
        &self,
        origin: String,
        challenge: String,
        organizer_key: String,
    ) -> Result<Offer, store::Error> {
        let now = self.clock.millis();
        let offer = Offer {
            posted: random::token(),
            typed: random::typed_code(),
        };
        let handoff = Handoff {
            origin,
            challenge,
            organizer_key,
            session_hash: None,
            expires_at: now + LIFETIME,
        };
        self.store
            .insert_handoff(&random::sha256(&offer.posted), &handoff, now)
            .await?;
        let pair = paired(&handoff.challenge, &offer.typed);
        let handoff = Handoff {
            expires_at: now + TYPED_LIFETIME,
            ..handoff
        };
        self.store.insert_handoff(&pair, &handoff, now).await?;
        Ok(offer)
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
        let code_hash = if random::looks_like_token(code) {
            random::sha256(code)
        } else {
            let typed = random::read_typed_code(code).ok_or(HandoffError::Refused)?;
            paired(&random::sha256(verifier), &typed)
        };
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

/// What a typed code is stored under: forty bits alone could be guessed, with the widget's secret
/// they cannot.
fn paired(challenge: &str, typed: &str) -> String {
    random::sha256(&format!("{challenge}:{typed}"))
}
