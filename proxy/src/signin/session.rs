//! Sessions of signed-in employees.

use secrecy::{ExposeSecret, SecretString};

use crate::clock::{Clock, millis_of};
use crate::config;
use crate::goto::oauth::TokenSet;
use crate::goto::{Caller, Goto};
use crate::random;
use crate::store::{self, Grant, Owner, Store};

/// A session id: 256 random bits. Only its SHA-256 is stored.
#[derive(Clone, Debug)]
pub struct SessionId(SecretString);

impl SessionId {
    /// Reads what a browser sent; `None` for what cannot be one of ours.
    pub fn read(text: &str) -> Option<Self> {
        random::looks_like_token(text).then(|| Self(text.to_owned().into()))
    }

    /// For the cookie or the hand-off answer.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(crate) fn fresh() -> Self {
        Self(random::token().into())
    }

    pub(crate) fn hash(&self) -> String {
        random::sha256(self.expose())
    }
}

/// A signed-in employee.
#[derive(Clone, Debug)]
pub struct Account {
    /// Organizer key.
    pub key: String,
    /// Name to show.
    pub name: String,
    /// E-mail at GoTo.
    pub email: String,
    /// GoTo no longer accepts the consent.
    pub lost: bool,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Store,
    clock: Clock,
    settings: config::Session,
}

impl Sessions {
    /// Over the store.
    pub fn new(settings: &config::Session, store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            settings: settings.clone(),
        }
    }

    /// Starts a session with an id nobody had before.
    pub async fn start(&self, organizer_key: &str) -> Result<SessionId, store::Error> {
        let id = SessionId::fresh();
        self.store
            .insert_session(&id.hash(), organizer_key, self.clock.millis())
            .await?;
        Ok(id)
    }

    /// Who the session belongs to; `None` when it ended or never was.
    pub async fn account(&self, id: &SessionId) -> Result<Option<Account>, store::Error> {
        let now = self.clock.millis();
        let created_after = now - millis_of(self.settings.absolute);
        let seen_after = now - millis_of(self.settings.idle);
        let row = self
            .store
            .touch_session(&id.hash(), now, created_after, seen_after)
            .await?;
        match row {
            Some(row) => self.describe(&row.organizer_key).await,
            None => Ok(None),
        }
    }

    /// What the employee's grant says about them.
    pub async fn describe(&self, organizer_key: &str) -> Result<Option<Account>, store::Error> {
        let grant = self
            .store
            .grant(&Owner::Employee(organizer_key.to_owned()))
            .await?;
        Ok(grant.map(|row| Account {
            key: row.grant.organizer_key,
            name: row.grant.name,
            email: row.grant.email,
            lost: row.lost,
        }))
    }

    /// Who gave their consent under this address, lower case.
    pub async fn account_of(&self, email: &str) -> Result<Option<Account>, store::Error> {
        match self.store.organizer_of(email).await? {
            Some(key) => self.describe(&key).await,
            None => Ok(None),
        }
    }

    /// Ends a session; with the employee's last one, or without one, their grant goes too. That grant is returned,
    /// to be given back to GoTo.
    pub async fn end(
        &self,
        id: Option<&SessionId>,
        account: &Account,
    ) -> Result<Option<Grant>, store::Error> {
        if let Some(id) = id {
            self.store.delete_session(&id.hash()).await?;
            if self.store.count_sessions(&account.key).await? > 0 {
                return Ok(None);
            }
        }
        let owner = Owner::Employee(account.key.clone());
        let row = self.store.grant(&owner).await?;
        self.store.delete_grant(&owner).await?;
        Ok(row.filter(|row| !row.lost).map(|row| row.grant))
    }

    /// Stores the grant of a finished sign-in. A renewal without a refresh token keeps nothing to
    /// renew with, so it is refused. `expected` is who single sign-on says it must be.
    pub async fn remember(
        &self,
        goto: &Goto,
        caller: &Caller,
        tokens: TokenSet,
        expected: Option<&str>,
    ) -> Result<Option<Account>, RememberError> {
        let Some(refresh_token) = tokens.refresh_token else {
            return Ok(None);
        };
        let identity = goto.identity(caller, &tokens.access_token).await?;
        if expected.is_some_and(|expected| identity.user_name.to_lowercase() != expected) {
            return Err(RememberError::SomebodyElse);
        }
        let grant = Grant {
            organizer_key: identity.id.clone(),
            account_key: None,
            email: identity.user_name.clone(),
            name: identity.name(),
            access_token: tokens.access_token,
            refresh_token,
            access_expires_at: tokens.expires_at,
            refreshed_at: self.clock.millis(),
        };
        self.store
            .put_grant(&Owner::Employee(identity.id.clone()), &grant)
            .await?;
        Ok(Some(Account {
            key: grant.organizer_key,
            name: grant.name,
            email: grant.email,
            lost: false,
        }))
    }

    /// Forgets sessions that ended.
    pub async fn purge(&self) -> Result<(), store::Error> {
        let now = self.clock.millis();
        let (absolute, idle) = (
            millis_of(self.settings.absolute),
            millis_of(self.settings.idle),
        );
        self.store.purge_sessions(now - absolute, now - idle).await
    }
}

/// Why a sign-in that GoTo accepted could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum RememberError {
    /// GoTo did not say who it is.
    #[error(transparent)]
    Goto(#[from] crate::goto::Error),
    /// Single sign-on says they are somebody else.
    #[error("signed in at GoTo as somebody else than single sign-on says")]
    SomebodyElse,
    /// The store is away.
    #[error(transparent)]
    Store(#[from] store::Error),
}
