//! Single sign-on: who the employee is, said by a gateway in front of the proxy or by the portal
//! around the widget.
//!
//! It names an e-mail address and, where it can, a person. What may be done in that name is decided
//! by the consent that was given at GoTo under the same address; it belongs to the person who first
//! came back to it.

mod claims;
#[cfg(feature = "fuzzing")]
#[path = "../../../../tests/fuzz/promises/portal_tokens.rs"]
pub(crate) mod fuzzing;
mod gateway;
mod oidc;

use std::collections::HashMap;
use std::net::IpAddr;

use http::HeaderMap;

use crate::clock::Clock;
use crate::outbound::{ClientError, Outbound};
use crate::store::Identity;
use crate::{config, email};
use gateway::Gateway;
use oidc::Oidc;

pub use claims::TokenRefused;

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
    pub fn new(
        settings: &config::Sso,
        outbound: Outbound,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        let oidc = match &settings.oidc {
            Some(oidc) => Some(Oidc::new(oidc, outbound, clock)?),
            None => None,
        };
        Ok(Self {
            gateway: settings.gateway.as_ref().map(Gateway::new),
            oidc,
            map: settings
                .map
                .iter()
                .map(|(from, to)| (email::fold(from), email::fold(to)))
                .collect(),
        })
    }

    /// Whether anything is configured: then a consent outlives the sessions it was given in.
    pub fn is_on(&self) -> bool {
        self.gateway.is_some() || self.oidc.is_some()
    }

    /// Whether the gateway in front speaks for this request, and for whom.
    pub fn by_gateway(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<Identity> {
        let identity = self.gateway.as_ref()?.person(peer?, headers)?;
        Some(self.at_goto(identity))
    }

    /// Who the portal's token names; `None` where tokens are not taken.
    ///
    /// # Errors
    /// Why it is not believed.
    pub async fn by_token(&self, token: &str) -> Option<Result<Identity, TokenRefused>> {
        let person = self.oidc.as_ref()?.person(token).await;
        Some(person.map(|person| self.at_goto(person)))
    }

    /// What an administrator has to know of a token that is not believed: what it says of itself,
    /// what was wanted, the cure.
    pub fn explain(&self, token: &str, why: TokenRefused) -> String {
        let oidc = self.oidc.as_ref();
        oidc.map_or_else(|| why.to_string(), |oidc| oidc.explain(token, why))
    }

    /// The same person by the address they have at GoTo.
    fn at_goto(&self, mut identity: Identity) -> Identity {
        if let Some(email) = self.map.get(&identity.email) {
            identity.email.clone_from(email);
        }
        identity
    }
}
