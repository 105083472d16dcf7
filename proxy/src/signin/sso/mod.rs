//! Single sign-on: who the employee is, said by a gateway in front of the proxy or by the portal
//! around the widget.
//!
//! It names an e-mail address, nothing more. What may be done in that name is decided by the consent
//! that was given at GoTo under the same address.

pub(crate) mod foreign;
mod gateway;
mod oidc;

use std::collections::HashMap;
use std::net::IpAddr;

use http::HeaderMap;

use crate::clock::Clock;
use crate::config;
use crate::outbound::{NoClient, Outbound};
use gateway::Gateway;
use oidc::Oidc;

/// An employee by the address they have at GoTo, lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// E-mail at GoTo.
    pub email: String,
}

/// Why a token of the portal is not believed. Never contains the token.
#[derive(Debug, thiserror::Error)]
pub enum TokenRefused {
    /// Not a token, or not signed in a way that is accepted.
    #[error("the token cannot be read")]
    Unreadable,
    /// Signed by nobody known.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// The keys are away.
    #[error("the issuer's keys cannot be fetched")]
    KeysAway,
    /// Changed on the way.
    #[error("the signature is wrong")]
    Signature,
    /// Of another issuer.
    #[error("another issuer")]
    Issuer,
    /// Meant for somebody else.
    #[error("another audience")]
    Audience,
    /// Too old.
    #[error("the token expired")]
    Expired,
    /// Too young.
    #[error("the token is not valid yet")]
    NotYet,
    /// It names nobody.
    #[error("the token has no usable e-mail claim")]
    NoEmail,
}

/// See the module. Does nothing where nothing is configured.
#[derive(Debug)]
pub struct Sso {
    gateway: Option<Gateway>,
    oidc: Option<Oidc>,
    /// Addresses that differ at GoTo.
    map: HashMap<String, String>,
}

impl Sso {
    /// As configured.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(settings: &config::Sso, outbound: Outbound, clock: Clock) -> Result<Self, NoClient> {
        let oidc = match &settings.oidc {
            Some(oidc) => Some(Oidc::new(oidc, outbound, clock)?),
            None => None,
        };
        Ok(Self {
            gateway: settings.gateway.as_ref().map(Gateway::new),
            oidc,
            map: settings.map.clone(),
        })
    }

    /// Whether anything is configured: then a consent outlives the sessions it was given in.
    pub fn is_on(&self) -> bool {
        self.gateway.is_some() || self.oidc.is_some()
    }

    /// Whether the gateway in front speaks for this request, and for whom.
    pub fn by_gateway(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<Identity> {
        let email = self.gateway.as_ref()?.email(peer?, headers)?;
        Some(self.identity(&email))
    }

    /// Who the portal's token names; `None` where tokens are not taken.
    ///
    /// # Errors
    /// Why it is not believed.
    pub async fn by_token(&self, token: &str) -> Option<Result<Identity, TokenRefused>> {
        let email = self.oidc.as_ref()?.email(token).await;
        Some(email.map(|email| self.identity(&email)))
    }

    fn identity(&self, email: &str) -> Identity {
        let email = email.trim().to_lowercase();
        let email = self.map.get(&email).cloned().unwrap_or(email);
        Identity { email }
    }
}
