//! The service account: the one administrator's consent with which the organizers are read.
//!
//! Widget routes have no way to this module's tokens; only the sync uses them.

use std::sync::Arc;

use secrecy::SecretString;

use crate::clock::Clock;
use crate::goto::oauth::{Oauth, TokenError, TokenSet};
use crate::goto::{Caller, Error as GotoError, Goto};
use crate::store::{self, Grant, GrantRow, Owner, Store};

/// Why a consent is not taken. The texts are for the administrator.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The token endpoint.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// GoTo gave no refresh token, so the connection would end within the hour.
    #[error("GoTo sent no refresh token; authorise again")]
    NoRefreshToken,
    /// Identity or admin call.
    #[error("{0}")]
    Goto(#[from] GotoError),
    /// The person is no administrator, or the client lacks the scope `identity:`.
    #[error(
        "{email} may not read the account's users: sign in with an administrator, and tick the scope identity: in the OAuth client"
    )]
    NoAdmin {
        /// Who consented.
        email: String,
    },
    /// Another company's administrator.
    #[error(
        "{email} belongs to account {found}, but goto.account_id is {expected}; sign in with an administrator of that account or correct the setting"
    )]
    WrongAccount {
        /// Who consented.
        email: String,
        /// Their accounts.
        found: String,
        /// The configured one.
        expected: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl ConnectError {
    /// Seconds to wait, where nothing but time is missing.
    pub fn wait(&self) -> Option<u32> {
        match self {
            Self::Goto(error) | Self::Token(TokenError::Later(error)) => error.wait(),
            _ => None,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct ServiceAccount {
    store: Store,
    goto: Arc<Goto>,
    oauth: Arc<Oauth>,
    clock: Clock,
    account_id: String,
}

impl ServiceAccount {
    /// Over the OAuth client that reads.
    pub fn new(
        store: Store,
        goto: Arc<Goto>,
        oauth: Arc<Oauth>,
        clock: Clock,
        account_id: String,
    ) -> Self {
        Self {
            store,
            goto,
            oauth,
            clock,
            account_id,
        }
    }

    /// The OAuth client.
    pub fn oauth(&self) -> &Oauth {
        &self.oauth
    }

    /// What is connected.
    pub async fn grant(&self) -> Result<Option<GrantRow>, store::Error> {
        self.store.grant(&Owner::ServiceAccount).await
    }

    /// Swaps the code of a finished consent for tokens.
    pub async fn exchange(
        &self,
        code: &str,
        verifier: Option<&SecretString>,
    ) -> Result<TokenSet, ConnectError> {
        let caller = &Caller::newcomer();
        Ok(self.oauth.exchange(caller, code, verifier).await?)
    }

    /// Takes what a finished consent gave. The old grant stays unless everything is right.
    pub async fn connect(&self, tokens: TokenSet) -> Result<Grant, ConnectError> {
        let caller = &Caller::newcomer();
        let refresh_token = tokens.refresh_token.ok_or(ConnectError::NoRefreshToken)?;
        let identity = self.goto.identity(caller, &tokens.access_token).await?;
        let email = identity.email().unwrap_or_default().to_owned();
        let accounts = match self.goto.admin_accounts(caller, &tokens.access_token).await {
            Ok(accounts) => accounts,
            Err(GotoError::InvalidToken | GotoError::Forbidden { .. }) => {
                return Err(ConnectError::NoAdmin { email });
            }
            Err(error) => return Err(error.into()),
        };
        if !accounts.contains(&self.account_id) {
            let found = accounts.join(", ");
            return Err(ConnectError::WrongAccount {
                email,
                found,
                expected: self.account_id.clone(),
            });
        }
        // `me` names the account to everybody; only an administrator may list its users.
        match self.goto.users(&tokens.access_token, 0, 1, None).await {
            Ok(_) => {}
            Err(GotoError::InvalidToken | GotoError::Forbidden { .. }) => {
                return Err(ConnectError::NoAdmin { email });
            }
            Err(error) => return Err(error.into()),
        }
        let grant = Grant {
            organizer_key: identity.id.clone(),
            account_key: Some(self.account_id.clone()),
            email,
            name: identity.name(),
            access_token: tokens.access_token,
            refresh_token,
            access_expires_at: tokens.expires_at,
            refreshed_at: self.clock.millis(),
        };
        self.store.put_grant(&Owner::ServiceAccount, &grant).await?;
        tracing::info!("service account connected");
        Ok(grant)
    }

    /// Forgets the grant and gives it back to GoTo.
    pub async fn disconnect(&self) -> Result<(), store::Error> {
        let row = self.grant().await?;
        self.store.delete_grant(&Owner::ServiceAccount).await?;
        if let Some(row) = row.filter(|row| !row.lost) {
            let oauth = self.oauth.clone();
            // Nobody waits for it: what is gone here is gone whatever GoTo says.
            tokio::spawn(async move {
                let caller = Caller::read("service_account");
                oauth.revoke(&caller, &row.grant.refresh_token).await;
            });
        }
        Ok(())
    }
}
