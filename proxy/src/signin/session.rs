//! Sessions of signed-in employees.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::clock::{Clock, millis_of};
use crate::config;
use crate::email;
use crate::goto::oauth::TokenSet;
use crate::goto::{Caller, Goto};
use crate::random;
use crate::store::{
    self, Grant, GrantRow, Identity, Owner, SessionBounds, StartTicket, Store, Subject,
};

/// Longest a session lasts that came from a typed code.
const TYPED_LIFE: Duration = Duration::from_secs(12 * 3600);

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

/// A session that just began.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// How long it lasts, whatever happens.
    pub life: Duration,
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

impl From<GrantRow> for Account {
    fn from(row: GrantRow) -> Self {
        Self {
            key: row.grant.organizer_key,
            name: row.grant.name,
            email: row.grant.email,
            lost: row.lost,
        }
    }
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

    /// Starts a session with an id nobody had before; one from a typed code serves `only` the page that
    /// asked for it, and not for long.
    pub async fn start(
        &self,
        organizer_key: &str,
        only: Option<String>,
    ) -> Result<NewSession, store::Error> {
        let id = SessionId::fresh();
        let now = self.clock.millis();
        let usual = self.settings.absolute;
        let life = only.as_ref().map_or(usual, |_| usual.min(TYPED_LIFE));
        let bounds = only.map(|origin| SessionBounds {
            origin,
            ends_at: now + millis_of(life),
        });
        self.store
            .insert_session(&id.hash(), organizer_key, now, bounds.as_ref())
            .await?;
        Ok(NewSession { id, life })
    }

    /// Who the session belongs to; `None` when it ended, never was, or serves another page than the
    /// one that calls, which is `origin`.
    pub async fn account(
        &self,
        id: &SessionId,
        origin: Option<&str>,
    ) -> Result<Option<Account>, store::Error> {
        self.of_hash(&id.hash(), origin).await
    }

    async fn of_hash(
        &self,
        hash: &str,
        origin: Option<&str>,
    ) -> Result<Option<Account>, store::Error> {
        let now = self.clock.millis();
        let created_after = now - millis_of(self.settings.absolute);
        let seen_after = now - millis_of(self.settings.idle);
        let row = self
            .store
            .touch_session(hash, origin, now, created_after, seen_after)
            .await?;
        Ok(row.and_then(|row| row.grant).map(Account::from))
    }

    /// Who the session belongs to that a ticket speaks for; single sign-on has none, and is asked for
    /// the consent alone.
    pub(super) async fn behind(
        &self,
        ticket: &StartTicket,
    ) -> Result<Option<Account>, store::Error> {
        let Some(hash) = &ticket.session_hash else {
            return self.describe(&ticket.organizer_key).await;
        };
        self.of_hash(hash, Some(&ticket.origin)).await
    }

    /// What the employee's grant says about them.
    pub async fn describe(&self, organizer_key: &str) -> Result<Option<Account>, store::Error> {
        let owner = Owner::Employee(organizer_key.to_owned());
        Ok(self.store.grant(&owner).await?.map(Account::from))
    }

    /// Whose consent this is of those whom single sign-on names.
    pub async fn account_of(&self, identity: &Identity) -> Result<Option<Account>, store::Error> {
        match self.store.organizer_of(identity).await? {
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

    /// Stores the grant of a finished sign-in of somebody who belongs to the account. A renewal
    /// without a refresh token keeps nothing to renew with, so it is refused. `expected` is who
    /// single sign-on says it must be.
    pub async fn remember(
        &self,
        goto: &Goto,
        caller: &Caller,
        tokens: &TokenSet,
        expected: Option<&Identity>,
    ) -> Result<Account, RememberError> {
        let Some(refresh_token) = tokens.refresh_token.clone() else {
            return Err(RememberError::NoRefreshToken);
        };
        let identity = goto.identity(caller, &tokens.access_token).await?;
        if !identity.belongs_to(goto.account_id()) && !self.store.is_organizer(&identity.id).await?
        {
            self.store.forget_employee(&identity.id).await?;
            return Err(RememberError::AnotherAccount {
                email: identity.email().unwrap_or_default().to_owned(),
            });
        }
        let Some(email) = identity.email() else {
            return Err(RememberError::NoEmail);
        };
        if expected.is_some_and(|expected| email::fold(email) != expected.email) {
            return Err(RememberError::SomebodyElse);
        }
        let grant = Grant {
            organizer_key: identity.id.clone(),
            account_key: Some(goto.account_id().to_owned()),
            email: email.to_owned(),
            name: identity.name(),
            access_token: tokens.access_token.clone(),
            refresh_token,
            access_expires_at: tokens.expires_at,
            refreshed_at: self.clock.millis(),
        };
        self.store
            .put_grant(&Owner::Employee(identity.id.clone()), &grant)
            .await?;
        if let Some(subject) = expected.and_then(|expected| expected.subject.as_ref()) {
            self.bind(&identity.id, subject).await?;
        }
        Ok(Account {
            key: grant.organizer_key,
            name: grant.name,
            email: grant.email,
            lost: false,
        })
    }

    /// From now on the consent is this subject's: they just signed in at GoTo for it.
    pub async fn bind(&self, organizer_key: &str, subject: &Subject) -> Result<(), store::Error> {
        self.store.bind_grant(organizer_key, subject).await
    }

    /// Forgets sessions that ended.
    pub async fn purge(&self) -> Result<(), store::Error> {
        let now = self.clock.millis();
        let (absolute, idle) = (
            millis_of(self.settings.absolute),
            millis_of(self.settings.idle),
        );
        self.store
            .purge_sessions(now - absolute, now - idle, now)
            .await
    }
}

/// Why a sign-in that GoTo accepted could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum RememberError {
    /// GoTo did not say who it is.
    #[error(transparent)]
    Goto(#[from] crate::goto::Error),
    /// GoTo gave nothing to renew the consent with.
    #[error("GoTo sent no refresh token")]
    NoRefreshToken,
    /// They belong to another account than the configured one.
    #[error("signed in at GoTo with an account that is not goto.account_id")]
    AnotherAccount {
        /// Who it is there.
        email: String,
    },
    /// GoTo names no address.
    #[error("GoTo names no e-mail address")]
    NoEmail,
    /// Single sign-on says they are somebody else.
    #[error("signed in at GoTo as somebody else than single sign-on says")]
    SomebodyElse,
    /// The store is away.
    #[error(transparent)]
    Store(#[from] store::Error),
}
