//! A header of the gateway in front (Citrix Gateway, oauth2-proxy, nginx `auth_request`).
//!
//! Believed only from its own addresses and beside the secret that only it knows: anybody else could
//! write the same header.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::store::{Identity, Subject};
use crate::{config, email};

/// Stands for the gateway where an issuer has a URL.
const ISSUER: &str = "gateway";

#[derive(Debug)]
pub(super) struct Gateway {
    header: HeaderName,
    subject_header: Option<HeaderName>,
    secret_header: HeaderName,
    secret: SecretString,
    peers: Vec<IpNet>,
}

impl Gateway {
    pub(super) fn new(settings: &config::Gateway) -> Self {
        Self {
            header: settings.header.clone(),
            subject_header: settings.subject_header.clone(),
            secret_header: settings.secret_header.clone(),
            secret: settings.secret.clone(),
            peers: settings.peers.clone(),
        }
    }

    /// Whom the gateway names.
    pub(super) fn person(&self, peer: IpAddr, headers: &HeaderMap) -> Option<Identity> {
        let email = only(headers, &self.header)?;
        let peer = peer.to_canonical();
        if !self.peers.iter().any(|net| net.contains(&peer)) {
            tracing::warn!(%peer, "a sign-on header came from outside sso.gateway.peers");
            return None;
        }
        let secret = only(headers, &self.secret_header).unwrap_or_default();
        let same = secret
            .as_bytes()
            .ct_eq(self.secret.expose_secret().as_bytes());
        if !bool::from(same) {
            tracing::warn!(%peer, "a sign-on header came without the gateway's secret");
            return None;
        }
        let subject = match &self.subject_header {
            None => None,
            // A gateway that should tell people apart and does not, names nobody.
            Some(name) => {
                let id = only(headers, name)
                    .map(str::trim)
                    .filter(|id| !id.is_empty())?;
                Some(Subject {
                    issuer: ISSUER.to_owned(),
                    id: id.to_owned(),
                })
            }
        };
        let email = email::fold(email);
        email::is_one(&email).then_some(Identity { email, subject })
    }
}

/// The value of a header that is there once. Twice means that somebody added one.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
