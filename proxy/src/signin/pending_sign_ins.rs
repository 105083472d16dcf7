//! From the redirect to GoTo to its callback: state, PKCE and the browser it is bound to.
//!
//! Anybody can begin a sign-in, so there are at most so many: beyond that the oldest is forgotten,
//! which is as a rule one that was given up. Each process counts what it adds and looks at all of
//! them from time to time, so that beginning one costs the same however many there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::{Clock, Millis};
use crate::goto::oauth::{Oauth, TokenSet};
use crate::random;
use crate::store::{self, ClientKind, Identity, PendingSignIn, Store};

/// How long a sign-in at GoTo may take, milliseconds.
const LIFETIME: i64 = 600_000;
/// Most that are forgotten for one that begins, after a look found far too many.
const SURPLUS_MAX: i64 = 100;

/// See the module.
#[derive(Clone, Debug)]
pub struct PendingSignIns {
    store: Store,
    clock: Clock,
    most: i64,
    /// As far as this process knows.
    pending: Arc<AtomicI64>,
}

/// Who asks to be sent to GoTo.
#[derive(Clone, Debug)]
pub enum Initiator {
    /// A widget on this page.
    Employee {
        /// Exact origin of the page.
        origin: String,
        /// S256 of the widget's verifier.
        challenge: String,
        /// Who single sign-on says they are.
        expected: Option<Identity>,
    },
    /// Somebody on a page of the proxy's own.
    Page {
        /// Where to come back to, below the proxy's address.
        return_to: String,
        /// Who single sign-on says they are.
        expected: Option<Identity>,
    },
    /// An administrator.
    Admin {
        /// SHA-256 of the administrator's session id.
        session_hash: String,
    },
}

/// Where to send the browser.
#[derive(Debug)]
pub struct Authorization {
    /// GoTo's page.
    pub url: Url,
    /// Value for the sign-in cookie.
    pub browser: String,
}

/// What GoTo's redirect brings.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub struct CallbackQuery {
    /// One-time code.
    pub code: Option<String>,
    /// Our state.
    pub state: Option<String>,
    /// RFC 6749 section 4.1.2.1.
    pub error: Option<String>,
    /// RFC 9207, if GoTo ever sends it.
    pub iss: Option<String>,
}

/// A callback that may go on.
#[derive(Clone, Debug)]
pub struct AcceptedCallback {
    /// The sign-in it belongs to.
    pub sign_in: PendingSignIn,
    /// GoTo's one-time code.
    pub code: String,
    state_hash: String,
}

impl AcceptedCallback {
    /// What the code was exchanged for, where that worked before the rest had to wait.
    pub fn tokens(&self) -> Option<TokenSet> {
        let text = self.sign_in.tokens.as_ref()?.expose_secret();
        serde_json::from_str::<Kept>(text).ok().map(TokenSet::from)
    }
}

/// Tokens between two tries.
#[derive(Serialize, Deserialize)]
struct Kept {
    access: String,
    refresh: Option<String>,
    expires_at: Millis,
}

impl From<Kept> for TokenSet {
    fn from(kept: Kept) -> Self {
        Self {
            access_token: kept.access.into(),
            refresh_token: kept.refresh.map(SecretString::from),
            expires_at: kept.expires_at,
        }
    }
}

impl From<&TokenSet> for Kept {
    fn from(tokens: &TokenSet) -> Self {
        let refresh = tokens.refresh_token.as_ref();
        Self {
            access: tokens.access_token.expose_secret().to_owned(),
            refresh: refresh.map(|token| token.expose_secret().to_owned()),
            expires_at: tokens.expires_at,
        }
    }
}

/// Why a callback is refused. Nothing was asked of GoTo.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// No state, unknown, used before, or of the other client.
    #[error("unknown or used state")]
    State,
    /// Started in another browser.
    #[error("another browser")]
    Browser,
    /// Took longer than ten minutes.
    #[error("too late")]
    Expired,
    /// The issuer is not the one the sign-in went to.
    #[error("another issuer")]
    Issuer,
    /// No code and no error.
    #[error("no code")]
    NoCode,
    /// The person refused.
    #[error("refused at GoTo")]
    Denied(Box<PendingSignIn>),
    /// GoTo's authorization page reported a problem.
    #[error("GoTo's authorization page answers {1}")]
    Failed(Box<PendingSignIn>, AuthorizeError),
    /// The store is away.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl PendingSignIns {
    /// Over the store; at most `most` are on their way.
    pub fn new(store: Store, clock: Clock, most: u32) -> Self {
        Self {
            store,
            clock,
            most: most.into(),
            pending: Arc::default(),
        }
    }

    /// Forgets those that are too old, and counts the others. They are kept for as long again as
    /// they are good, so that who comes back late hears that it was too late.
    pub async fn sweep(&self) -> Result<(), store::Error> {
        let late = self.clock.millis() - LIFETIME;
        let pending = self.store.sweep_pending_sign_ins(late).await?;
        self.pending.store(pending, Ordering::Relaxed);
        Ok(())
    }

    /// Starts a sign-in. `browsers` are values of sign-in cookies the browser already has.
    pub async fn authorize(
        &self,
        oauth: &Oauth,
        who: Initiator,
        language: &str,
        browsers: Vec<String>,
    ) -> Result<Authorization, store::Error> {
        let now = self.clock.millis();
        let state = random::token();
        let browser = browsers
            .into_iter()
            .find(|browser| random::looks_like_token(browser))
            .unwrap_or_else(random::token);
        let request = oauth.authorize(&state);
        let mut sign_in = PendingSignIn {
            client: ClientKind::Employee,
            issuer: oauth.issuer().to_owned(),
            browser_hash: random::sha256(&browser),
            verifier: request.verifier,
            origin: None,
            challenge: None,
            language: language.to_owned(),
            admin_hash: None,
            return_to: None,
            expected: None,
            tokens: None,
            severed: false,
            expires_at: now + LIFETIME,
        };
        match who {
            Initiator::Employee {
                origin,
                challenge,
                expected,
            } => {
                sign_in.origin = Some(origin);
                sign_in.challenge = Some(challenge);
                sign_in.expected = expected;
            }
            Initiator::Page {
                return_to,
                expected,
            } => {
                sign_in.return_to = Some(return_to);
                sign_in.expected = expected;
            }
            Initiator::Admin { session_hash } => {
                sign_in.client = ClientKind::ServiceAccount;
                sign_in.admin_hash = Some(session_hash);
            }
        }
        let pending = self.pending.fetch_add(1, Ordering::Relaxed) + 1;
        let surplus = (pending - self.most).clamp(0, SURPLUS_MAX);
        let forgotten = self
            .store
            .insert_pending_sign_in(&random::sha256(&state), &sign_in, now, surplus)
            .await?;
        self.pending.fetch_sub(forgotten, Ordering::Relaxed);
        Ok(Authorization {
            url: request.url,
            browser,
        })
    }

    /// Takes a callback. The state is spent whatever comes of it.
    pub async fn callback(
        &self,
        query: CallbackQuery,
        client: ClientKind,
        browsers: &[String],
    ) -> Result<AcceptedCallback, CallbackError> {
        let state = query.state.filter(|state| random::looks_like_token(state));
        let state = state.ok_or(CallbackError::State)?;
        let state_hash = random::sha256(&state);
        let sign_in = self.store.take_pending_sign_in(&state_hash).await?;
        let sign_in = sign_in.ok_or(CallbackError::State)?;
        self.pending.fetch_sub(1, Ordering::Relaxed);
        if sign_in.client != client {
            return Err(CallbackError::State);
        }
        let is_ours = |browser: &String| random::sha256(browser) == sign_in.browser_hash;
        if !browsers.iter().any(is_ours) {
            return Err(CallbackError::Browser);
        }
        if sign_in.expires_at <= self.clock.millis() {
            return Err(CallbackError::Expired);
        }
        if query
            .iss
            .is_some_and(|iss| !is_issuer(&sign_in.issuer, &iss))
        {
            return Err(CallbackError::Issuer);
        }
        match (query.error.as_deref(), query.code) {
            (Some("access_denied"), _) => Err(CallbackError::Denied(Box::new(sign_in))),
            (Some(error), _) => Err(CallbackError::Failed(
                Box::new(sign_in),
                AuthorizeError::read(error),
            )),
            (None, Some(code)) if !code.is_empty() => Ok(AcceptedCallback {
                sign_in,
                code,
                state_hash,
            }),
            (None, _) => Err(CallbackError::NoCode),
        }
    }

    /// Lets the same callback come once more, as late as the sign-in may take: GoTo had no time for
    /// it, and what there is so far must not be lost.
    pub async fn put_off(
        &self,
        callback: &AcceptedCallback,
        tokens: Option<&TokenSet>,
    ) -> Result<(), store::Error> {
        let tokens = tokens.and_then(|tokens| serde_json::to_string(&Kept::from(tokens)).ok());
        let sign_in = PendingSignIn {
            tokens: tokens.map(SecretString::from),
            ..callback.sign_in.clone()
        };
        let now = self.clock.millis();
        self.pending.fetch_add(1, Ordering::Relaxed);
        let forgotten = self
            .store
            .insert_pending_sign_in(&callback.state_hash, &sign_in, now, 0)
            .await?;
        self.pending.fetch_sub(forgotten, Ordering::Relaxed);
        Ok(())
    }
}

/// An error of the authorization endpoint (RFC 6749 section 4.1.2.1, OpenID Connect Core section
/// 3.1.2.6), told apart by who can do something about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizeError {
    /// The request or the client is wrong: only the administrator can cure that. With the code.
    Setup(String),
    /// GoTo is not itself; later it may be.
    Later(String),
    /// The person has to begin again.
    Again(String),
}

impl AuthorizeError {
    fn read(code: &str) -> Self {
        // A code is a word; anything else is somebody's text.
        let is_word = !code.is_empty()
            && code.len() <= 40
            && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let code = if is_word { code } else { "unknown_error" }.to_owned();
        match code.as_str() {
            "server_error" | "temporarily_unavailable" => Self::Later(code),
            "login_required"
            | "consent_required"
            | "interaction_required"
            | "account_selection_required"
            | "unknown_error" => Self::Again(code),
            code if code.starts_with("invalid_")
                || code.starts_with("unsupported_")
                || code.starts_with("unauthorized_")
                || code.contains("redirect_uri")
                || code.contains("not_supported") =>
            {
                Self::Setup(code.to_owned())
            }
            _ => Self::Again(code),
        }
    }

    /// What the administrator has to do about it, where it is theirs.
    pub fn cure(&self) -> Option<&'static str> {
        let Self::Setup(code) = self else { return None };
        Some(match code.as_str() {
            "invalid_scope" => {
                "tick the scopes that goto.*.scopes names in this OAuth client in GoTo's developer \
                 portal, or leave the setting away to get all that are ticked"
            }
            "unauthorized_client" | "invalid_client" => {
                "compare the client ID with the one in GoTo's developer portal, and see that the \
                 client is enabled there"
            }
            code if code.contains("redirect_uri") => {
                "register the callback URL of this client in GoTo's developer portal, exactly as \
                 the console shows it"
            }
            _ => {
                "compare client ID, scopes and callback URL with GoTo's developer portal; where GoTo refuses PKCE, set goto.pkce to false"
            }
        })
    }
}

impl std::fmt::Display for AuthorizeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Setup(code) | Self::Later(code) | Self::Again(code) => f.write_str(code),
        }
    }
}

/// GoTo publishes no issuer identifier, so `iss` has to be of the origin the sign-in went to.
fn is_issuer(authorize_url: &str, iss: &str) -> bool {
    match (Url::parse(authorize_url), Url::parse(iss)) {
        (Ok(ours), Ok(theirs)) => ours.origin() == theirs.origin(),
        _ => false,
    }
}
