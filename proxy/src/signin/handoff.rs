//! The one-time code that carries a finished sign-in from its window to the widget.
//!
//! Bound three ways: to the page's exact origin, to the widget that opened the window (S256), and
//! to 60 seconds. Nobody can collect it by waiting for somebody to sign in.
//!
//! A window that was cut off from its page shows a short code to type instead: it is worth nothing
//! without the secret of that same widget, and lasts as long as typing may take. Somebody could be
//! talked into typing it elsewhere, so there is one only when the widget on the page that asked has
//! said that its window was cut off, and the session that it gives serves that page alone and ends
//! early.

use goto_microapps_api::Carrier;
use subtle::ConstantTimeEq;

use super::session::{NewSession, Sessions};
use crate::clock::Clock;
use crate::random;
use crate::store::{self, Handoff, PendingSignIn, Store};

/// How long a posted code is good, milliseconds.
const LIFETIME: i64 = 60_000;
/// How long a typed code is good, milliseconds.
const TYPED_LIFETIME: i64 = 300_000;

/// What a window that was cut off from its page can say.
#[derive(Clone, Debug)]
pub struct Severed {
    /// The page that asked.
    pub origin: String,
    /// What to type there; only once its widget has said that the window was cut off.
    pub code: Option<String>,
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

    /// A code to be posted to the widget that began `sign_in`. Its window may come for one to type.
    pub async fn offer(
        &self,
        sign_in: &PendingSignIn,
        organizer_key: String,
    ) -> Result<String, store::Error> {
        let now = self.clock.millis();
        let posted = random::token();
        let handoff = Handoff {
            origin: sign_in.origin.clone().unwrap_or_default(),
            challenge: sign_in.challenge.clone().unwrap_or_default(),
            organizer_key,
            session_hash: None,
            expires_at: now + LIFETIME,
        };
        self.store
            .insert_handoff(&random::sha256(&posted), &handoff, now)
            .await?;
        let window = window(&handoff.challenge, &sign_in.browser_hash);
        let handoff = Handoff {
            expires_at: now + TYPED_LIFETIME,
            ..handoff
        };
        self.store
            .insert_window(&window, &handoff, sign_in.severed)
            .await?;
        Ok(posted)
    }

    /// Takes the word of the widget on `origin` that its window was cut off from it.
    pub async fn sever(&self, challenge: &str, origin: &str) -> Result<(), HandoffError> {
        let now = self.clock.millis();
        if random::looks_like_token(challenge)
            && self.store.note_severed(challenge, origin, now).await?
        {
            return Ok(());
        }
        Err(HandoffError::Refused)
    }

    /// What the window of a finished sign-in can say; `None` when it is none of this browser's, was
    /// taken or is too old. `browsers` are values of sign-in cookies the browser has.
    pub async fn severed(
        &self,
        challenge: &str,
        browsers: &[String],
    ) -> Result<Option<Severed>, store::Error> {
        let now = self.clock.millis();
        for browser in browsers {
            let window = window(challenge, &random::sha256(browser));
            let code = random::typed_code();
            let typed = paired(challenge, &code);
            let shown = self
                .store
                .show_code(&window, &typed, now, now + TYPED_LIFETIME);
            if let Some(shown) = shown.await? {
                return Ok(Some(Severed {
                    origin: shown.origin,
                    code: shown.said.then_some(code),
                }));
            }
        }
        Ok(None)
    }

    /// Swaps a code for a session. Taken for a cookie, it may be taken once more for a bearer, as
    /// long as nobody ever came with that cookie.
    pub async fn take(
        &self,
        code: &str,
        verifier: &str,
        origin: &str,
        carrier: Carrier,
    ) -> Result<(NewSession, String), HandoffError> {
        let posted = random::looks_like_token(code);
        let code_hash = if posted {
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
        let only = (!posted).then(|| handoff.origin.clone());
        let session = self.sessions.start(&handoff.organizer_key, only).await?;
        if carrier == Carrier::Cookie {
            let again = Handoff {
                session_hash: Some(session.id.hash()),
                ..handoff.clone()
            };
            self.store.insert_handoff(&code_hash, &again, now).await?;
        }
        Ok((session, handoff.organizer_key))
    }
}

/// What the window of a sign-in is stored under: only the browser that signed in finds it.
fn window(challenge: &str, browser_hash: &str) -> String {
    random::sha256(&format!("{challenge}:{browser_hash}"))
}

/// What a typed code is stored under: forty bits alone could be guessed, with the widget's secret
/// they cannot.
fn paired(challenge: &str, typed: &str) -> String {
    random::sha256(&format!("{challenge}:{typed}"))
}
