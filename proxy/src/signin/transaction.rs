//! From the redirect to GoTo to its callback: state, PKCE and the browser it is bound to.
//!
//! Anybody can begin a sign-in, so there are at most so many: beyond that the oldest is forgotten,
//! which is as a rule one that was given up. Each process counts what it adds and looks at all of
//! them from time to time, so that beginning one costs the same however many there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use url::Url;

use crate::clock::Clock;
use crate::goto::oauth::Oauth;
use crate::random;
use crate::store::{self, ClientKind, Store, Transaction};

/// How long a sign-in at GoTo may take, milliseconds.
const LIFETIME: i64 = 600_000;
/// Most that are forgotten for one that begins, after a look found far too many.
const SURPLUS_MAX: i64 = 100;

/// See the module.
#[derive(Clone, Debug)]
pub struct Transactions {
    store: Store,
    clock: Clock,
    most: i64,
    /// As far as this process knows.
    pending: Arc<AtomicI64>,
}

/// Who asks to be sent to GoTo.
#[derive(Clone, Debug)]
pub enum Who {
    /// A widget on this page.
    Employee {
        /// Exact origin of the page.
        origin: String,
        /// S256 of the widget's verifier.
        challenge: String,
        /// Who single sign-on says they are.
        expected: Option<String>,
    },
    /// Somebody on a page of the proxy's own.
    Page {
        /// Where to come back to, below the proxy's address.
        return_to: String,
        /// Who single sign-on says they are.
        expected: Option<String>,
    },
    /// An administrator.
    Admin {
        /// SHA-256 of the administrator's session id.
        session_hash: String,
    },
}

/// Where to send the browser.
#[derive(Debug)]
pub struct Departure {
    /// GoTo's page.
    pub url: Url,
    /// Value for the transaction cookie.
    pub browser: String,
}

/// What GoTo's redirect brings.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub struct Arrival {
    /// One-time code.
    pub code: Option<String>,
    /// Our state.
    pub state: Option<String>,
    /// RFC 6749 section 4.1.2.1.
    pub error: Option<String>,
    /// RFC 9207, if GoTo ever sends it.
    pub iss: Option<String>,
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
    Denied(Box<Transaction>),
    /// GoTo's authorization page reported a problem.
    #[error("GoTo reported a problem")]
    Failed(Box<Transaction>),
    /// The store is away.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Transactions {
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
        let pending = self.store.sweep_transactions(late).await?;
        self.pending.store(pending, Ordering::Relaxed);
        Ok(())
    }

    /// Starts a sign-in. `browsers` are values of transaction cookies the browser already
    /// has.
    pub async fn depart(
        &self,
        oauth: &Oauth,
        who: Who,
        language: &str,
        browsers: Vec<String>,
    ) -> Result<Departure, store::Error> {
        let now = self.clock.millis();
        let state = random::token();
        let browser = browsers
            .into_iter()
            .find(|browser| random::looks_like_token(browser))
            .unwrap_or_else(random::token);
        let departure = oauth.depart(&state);
        let mut transaction = Transaction {
            client: ClientKind::Employee,
            issuer: oauth.issuer().to_owned(),
            browser_hash: random::sha256(&browser),
            verifier: departure.verifier,
            origin: None,
            challenge: None,
            language: language.to_owned(),
            admin_hash: None,
            return_to: None,
            expected_email: None,
            expires_at: now + LIFETIME,
        };
        match who {
            Who::Employee {
                origin,
                challenge,
                expected,
            } => {
                transaction.origin = Some(origin);
                transaction.challenge = Some(challenge);
                transaction.expected_email = expected;
            }
            Who::Page {
                return_to,
                expected,
            } => {
                transaction.return_to = Some(return_to);
                transaction.expected_email = expected;
            }
            Who::Admin { session_hash } => {
                transaction.client = ClientKind::ServiceAccount;
                transaction.admin_hash = Some(session_hash);
            }
        }
        let pending = self.pending.fetch_add(1, Ordering::Relaxed) + 1;
        let surplus = (pending - self.most).clamp(0, SURPLUS_MAX);
        let forgotten = self
            .store
            .insert_transaction(&random::sha256(&state), &transaction, now, surplus)
            .await?;
        self.pending.fetch_sub(forgotten, Ordering::Relaxed);
        Ok(Departure {
            url: departure.url,
            browser,
        })
    }

    /// Takes a callback. The state is spent whatever comes of it.
    pub async fn arrive(
        &self,
        arrival: Arrival,
        client: ClientKind,
        browsers: &[String],
    ) -> Result<(Transaction, String), CallbackError> {
        let state = arrival
            .state
            .filter(|state| random::looks_like_token(state));
        let state = state.ok_or(CallbackError::State)?;
        let transaction = self.store.take_transaction(&random::sha256(&state)).await?;
        let transaction = transaction.ok_or(CallbackError::State)?;
        self.pending.fetch_sub(1, Ordering::Relaxed);
        if transaction.client != client {
            return Err(CallbackError::State);
        }
        let is_ours = |browser: &String| random::sha256(browser) == transaction.browser_hash;
        if !browsers.iter().any(is_ours) {
            return Err(CallbackError::Browser);
        }
        if transaction.expires_at <= self.clock.millis() {
            return Err(CallbackError::Expired);
        }
        if arrival
            .iss
            .is_some_and(|iss| !is_issuer(&transaction.issuer, &iss))
        {
            return Err(CallbackError::Issuer);
        }
        match (arrival.error.as_deref(), arrival.code) {
            (Some("access_denied"), _) => Err(CallbackError::Denied(Box::new(transaction))),
            (Some(_), _) => Err(CallbackError::Failed(Box::new(transaction))),
            (None, Some(code)) if !code.is_empty() => Ok((transaction, code)),
            (None, _) => Err(CallbackError::NoCode),
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
