//! The keeper of access tokens: one renewal at a time per grant, over tasks and replicas.
//!
//! Asks the store first, renews when the token is about to end, and tells apart a grant that is
//! lost, settings that are wrong and an outage. Never hands out a refresh token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use secrecy::SecretString;

use crate::clock::{Clock, Millis, millis_of};
use crate::goto::oauth::{Oauth, TokenError};
use crate::goto::{Caller, Error as GotoError};
use crate::random;
use crate::store::{self, Grant, GrantRow, Owner, Store};

/// Renew this long before the end, milliseconds: a request must not outlive its token.
const MARGIN: i64 = 120_000;
/// A renewal in flight on another replica is waited for this long, milliseconds.
const PATIENCE: Millis = 10_000;
/// A grant that nobody used is renewed when it is this old, milliseconds: GoTo's refresh tokens end
/// after 30 days, and rotate from the 18th on.
const IDLE: Millis = 13 * 24 * 3600 * 1000;

/// So many access tokens in a row are tried before it is said that it is not the token but a right or
/// the consent. The second may have ended as the first did, or meet GoTo's momentary "invalid token".
pub const TOKENS_TRIED: usize = 3;

/// Why there is no access token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody consented, or the consent is no longer accepted.
    #[error("no valid consent")]
    NoGrant,
    /// GoTo or the limit.
    #[error(transparent)]
    Goto(#[from] GotoError),
    /// The administrator must look.
    #[error("{0}")]
    Misconfigured(TokenError),
    /// The store is away.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// See the module. One per OAuth client.
#[derive(Debug)]
pub struct Tokens {
    store: Store,
    oauth: Arc<Oauth>,
    clock: Clock,
    /// How long a renewal may take before another replica may try, milliseconds.
    lease: Millis,
    /// Renewals under way in this process.
    flights: Mutex<HashMap<Owner, Weak<tokio::sync::Mutex<()>>>>,
}

impl Tokens {
    /// A keeper over one of the OAuth clients. `timeout` is how long one request may take.
    pub fn new(store: Store, oauth: Arc<Oauth>, timeout: Duration, clock: Clock) -> Self {
        Self {
            store,
            oauth,
            clock,
            lease: millis_of(timeout) + 20_000,
            flights: Mutex::default(),
        }
    }

    /// An access token that lasts a while, renewed if need be.
    pub async fn access(&self, owner: &Owner) -> Result<SecretString, Error> {
        let row = self.usable(owner).await?;
        if row.grant.access_expires_at - MARGIN > self.clock.millis() {
            return Ok(row.grant.access_token);
        }
        self.renew(owner, row.version).await
    }

    /// Another token after GoTo refused the one of `refused`: somebody else's newer one, or a
    /// renewed one.
    pub async fn after_refusal(
        &self,
        owner: &Owner,
        refused: &SecretString,
    ) -> Result<SecretString, Error> {
        use secrecy::ExposeSecret;
        let row = self.usable(owner).await?;
        if row.grant.access_token.expose_secret() != refused.expose_secret() {
            return Ok(row.grant.access_token);
        }
        self.renew(owner, row.version).await
    }

    /// Runs `call` with a token; when GoTo refuses the token, again with another, up to
    /// [`TOKENS_TRIED`].
    pub async fn with<T, F>(
        &self,
        owner: &Owner,
        call: impl Fn(SecretString) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, GotoError>>,
    {
        let mut token = self.access(owner).await?;
        for _ in 1..TOKENS_TRIED {
            match call(token.clone()).await {
                Err(GotoError::InvalidToken) => {}
                other => return Ok(other?),
            }
            token = self.after_refusal(owner, &token).await?;
        }
        match call(token.clone()).await {
            Err(GotoError::InvalidToken) => {
                self.lose(owner, &token).await?;
                Err(Error::NoGrant)
            }
            other => Ok(other?),
        }
    }

    /// GoTo refused even brand-new tokens of an employee: whoever they were for has nothing here any
    /// more until they sign in again. The service account may only lack a right, and an
    /// administrator looks after it.
    pub async fn lose(&self, owner: &Owner, refused: &SecretString) -> Result<(), store::Error> {
        use secrecy::ExposeSecret;
        if *owner == Owner::ServiceAccount {
            return Ok(());
        }
        if let Some(row) = self.store.grant(owner).await?
            && row.grant.access_token.expose_secret() == refused.expose_secret()
        {
            tracing::warn!("GoTo refuses an employee whose consent was just renewed");
            self.store.lose_grant(owner, row.version).await?;
        }
        Ok(())
    }

    async fn usable(&self, owner: &Owner) -> Result<GrantRow, Error> {
        let row = self.store.grant(owner).await?.ok_or(Error::NoGrant)?;
        if row.lost {
            Err(Error::NoGrant)
        } else {
            Ok(row)
        }
    }

    /// Keeps up consents that nobody uses: renews those whose refresh tokens come near their end,
    /// the service account's or the employees' as `mine` says, and forgets those that nobody has a
    /// session for. A renewal that fails is tried again at the next call.
    /// With `all`, a consent outlives its sessions: single sign-on comes back to it.
    pub async fn keep_alive(
        &self,
        mine: impl Fn(&Owner) -> bool,
        all: bool,
    ) -> Result<(), store::Error> {
        let before = self.clock.millis() - IDLE;
        for (owner, version) in self.store.idle_grants(before, all).await? {
            if !mine(&owner) {
                continue;
            }
            match self.renew(&owner, version).await {
                Ok(_) => tracing::info!(owner = owner_kind(&owner), "an idle consent was renewed"),
                Err(Error::Store(error)) => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, owner = owner_kind(&owner), "an idle consent was not renewed");
                }
            }
        }
        if all {
            return Ok(());
        }
        self.store.purge_grants(before).await
    }

    /// Renews the grant that has `version`, unless somebody else just did: one at a time in this
    /// process by a lock, over all replicas by a lease.
    async fn renew(&self, owner: &Owner, version: i64) -> Result<SecretString, Error> {
        let flight = self.flight(owner);
        let _alone = flight.lock().await;
        // Whoever was here before may have renewed it.
        let row = self.usable(owner).await?;
        if row.version != version {
            return Ok(row.grant.access_token);
        }
        let lease = format!("renew:{owner}");
        let holder = random::name();
        let give_up = self.clock.since_boot() + PATIENCE;
        loop {
            let now = self.clock.millis();
            let until = now + self.lease;
            if self.store.take_lease(&lease, &holder, now, until).await? {
                break;
            }
            if self.clock.since_boot() > give_up {
                return Err(Error::Goto(GotoError::Busy { retry_after: 3 }));
            }
            self.clock.sleep(Duration::from_millis(25)).await;
        }
        let outcome = self.renew_alone(owner, version).await;
        self.store.release_lease(&lease, &holder).await?;
        outcome
    }

    fn flight(&self, owner: &Owner) -> Arc<tokio::sync::Mutex<()>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(owner).and_then(Weak::upgrade) {
            return flight;
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::default();
        flights.insert(owner.clone(), Arc::downgrade(&flight));
        flight
    }

    async fn renew_alone(&self, owner: &Owner, version: i64) -> Result<SecretString, Error> {
        // Whoever held the lease before may have renewed it already.
        let row = self.usable(owner).await?;
        if row.version != version {
            return Ok(row.grant.access_token);
        }
        let caller = Caller::create(&owner.to_string());
        let tokens = match self.oauth.renew(&caller, &row.grant.refresh_token).await {
            Ok(tokens) => tokens,
            Err(TokenError::GrantLost) => {
                tracing::warn!(
                    owner = owner_kind(owner),
                    "GoTo no longer accepts a consent"
                );
                self.store.lose_grant(owner, version).await?;
                return Err(Error::NoGrant);
            }
            Err(TokenError::Later(error)) => return Err(Error::Goto(error)),
            Err(error) => {
                tracing::error!(%error, "tokens cannot be renewed: check [goto] in the configuration");
                return Err(Error::Misconfigured(error));
            }
        };
        let grant = Grant {
            access_token: tokens.access_token,
            // GoTo sends a new refresh token only when it issued one; otherwise the old one stays.
            refresh_token: tokens.refresh_token.unwrap_or(row.grant.refresh_token),
            access_expires_at: tokens.expires_at,
            refreshed_at: self.clock.millis(),
            ..row.grant
        };
        // Stored before it is used: a crash in between must not lose a rotated refresh token.
        if self.store.renew_grant(owner, version, &grant).await? {
            Ok(grant.access_token)
        } else {
            Ok(self.usable(owner).await?.grant.access_token)
        }
    }
}

fn owner_kind(owner: &Owner) -> &'static str {
    match owner {
        Owner::ServiceAccount => "service_account",
        Owner::Employee(_) => "employee",
    }
}
