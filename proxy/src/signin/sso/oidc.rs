//! A token of the portal (OpenID Connect), checked against its issuer's published keys.
//!
//! Only signatures with a key pair are taken, so that no published key can be mistaken for a secret
//! (RFC 8725 section 3.1). Times are checked with the proxy's clock.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use url::Url;

use super::claims::{self, TokenRefused};
use crate::clock::{Clock, Millis};
use crate::outbound::{ClientError, Outbound};
use crate::store::{Identity, Subject};
use crate::{config, email};

/// Longest token taken, bytes.
const TOKEN_MAX: usize = 16 * 1024;
/// Longest key set taken, bytes.
const KEYS_MAX: usize = 512 * 1024;
/// Clocks of issuer and proxy may differ by this, seconds.
const LEEWAY: i64 = 60;
/// Keys are asked for again after this, milliseconds: an issuer may have withdrawn one.
const KEYS_OLD: Millis = 3_600_000;
/// An unknown key makes the keys be asked for, but not more often than this, milliseconds.
const KEYS_PAUSE: Millis = 30_000;

const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Whether a published key is one for signatures (RFC 7517 sections 4.2 and 4.3).
fn verifies(key: &Jwk) -> bool {
    let common = &key.common;
    let used = common.public_key_use.as_ref();
    let may = common.key_operations.as_ref();
    used.is_none_or(|used| *used == PublicKeyUse::Signature)
        && may.is_none_or(|may| may.contains(&KeyOperations::Verify))
}

/// A part of a token as JSON, whoever wrote it.
fn part(token: &str, index: usize) -> Option<Value> {
    let text = token
        .split('.')
        .nth(index)
        .filter(|text| text.len() <= TOKEN_MAX)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[derive(Debug)]
pub(super) struct Oidc {
    issuer: String,
    audience: String,
    claim: String,
    /// Applications that may have asked for the token, besides the audience itself.
    clients: Vec<String>,
    /// Where the keys are; without, the issuer's discovery document says.
    jwks_url: Option<Url>,
    http: reqwest::Client,
    outbound: Outbound,
    clock: Clock,
    keys: Mutex<Keys>,
    /// One fetch at a time.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Keys {
    set: Vec<Jwk>,
    fetched: Option<Millis>,
    tried: Option<Millis>,
}

impl Oidc {
    pub(super) fn new(
        settings: &config::Oidc,
        outbound: Outbound,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
            claim: settings.claim.clone(),
            clients: settings.clients.clone(),
            jwks_url: settings.jwks_url.clone(),
            http: outbound.client(|builder| builder.timeout(Duration::from_secs(5)))?,
            outbound,
            clock,
            keys: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        })
    }

    /// Knows these keys as if they had just been fetched; for `tests/fuzz` and the tests below.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn with_keys(self, set: Vec<Jwk>) -> Self {
        let now = Some(self.clock.since_boot());
        *self.state() = Keys {
            set,
            fetched: now,
            tried: now,
        };
        self
    }

    /// Whom a token names, if everything about it is right.
    pub(super) async fn person(&self, token: &str) -> Result<Identity, TokenRefused> {
        if token.len() > TOKEN_MAX {
            return Err(TokenRefused::Unreadable);
        }
        let header = decode_header(token).map_err(|_| TokenRefused::Unreadable)?;
        let raw = part(token, 0).ok_or(TokenRefused::Unreadable)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(TokenRefused::Unreadable);
        }
        if !claims::is_our_kind(&raw) {
            return Err(TokenRefused::Kind);
        }
        let key = self.key(header.kid.as_deref()).await?;
        if key
            .common
            .key_algorithm
            .is_some_and(|named| named.to_string() != format!("{:?}", header.alg))
        {
            return Err(TokenRefused::Unreadable);
        }
        let key = DecodingKey::from_jwk(&key).map_err(|_| TokenRefused::UnknownKey)?;
        let mut validation = Validation::new(header.alg);
        // Checked below, each with its own reason and with the proxy's clock.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let claims = decode::<Value>(token, &key, &validation)
            .map_err(|_| TokenRefused::Signature)?
            .claims;
        self.check(&claims)?;
        claims::of_known_client(&claims, &self.audience, &self.clients)?;
        claims::verified(&claims)?;
        let email = claims.get(&self.claim).and_then(Value::as_str);
        let email = email.map(email::fold).filter(|text| email::is_one(text));
        Ok(Identity {
            email: email.ok_or(TokenRefused::NoEmail)?,
            subject: Some(Subject {
                issuer: self.issuer.clone(),
                id: claims::subject(&claims),
            }),
        })
    }

    /// What an administrator has to know of a refusal: what came, what was wanted, the cure.
    pub(super) fn explain(&self, token: &str, why: TokenRefused) -> String {
        let claims = part(token, 1).unwrap_or_default();
        let shown = |name: &str| claims::shown(&claims, name);
        let old = claims::is_version_1(&claims);
        let cure = match why {
            TokenRefused::Issuer | TokenRefused::Audience if old => {
                "this is a version-1 token of Entra ID: set requestedAccessTokenVersion to 2 in the \
                 manifest of the application that sso.oidc.audience names"
            }
            TokenRefused::Issuer => {
                "set sso.oidc.issuer to the `iss` of the portal's tokens, if that is whom you trust"
            }
            TokenRefused::Audience => {
                "let the portal ask for a token for sso.oidc.audience, or correct that setting"
            }
            TokenRefused::Client => {
                "add the `azp` (or `appid`) to sso.oidc.clients, if that is your portal"
            }
            TokenRefused::NotVerified => {
                "have the address verified at the issuer; an address that anybody can write names nobody"
            }
            TokenRefused::NoEmail => {
                "have the issuer put the address into the token, or name its claim in sso.oidc.claim"
            }
            TokenRefused::Expired | TokenRefused::NotYet => {
                "let the portal hand over a fresh token; if it is fresh, compare the clocks of the hosts"
            }
            TokenRefused::KeysAway | TokenRefused::UnknownKey => {
                "see that the proxy can fetch the keys of sso.oidc.issuer (sso.oidc.jwks_url)"
            }
            TokenRefused::Unreadable | TokenRefused::Kind | TokenRefused::Signature => {
                "let the portal hand over a signed JWT of sso.oidc.issuer"
            }
        };
        format!(
            "{why}: came iss {}, aud {}, azp {}, ver {}; wanted iss {}, aud {}; cure: {cure}",
            shown("iss"),
            shown("aud"),
            shown(if claims.get("azp").is_some() {
                "azp"
            } else {
                "appid"
            }),
            shown("ver"),
            self.issuer,
            self.audience,
        )
    }

    /// Issuer, audience and times (OpenID Connect Core section 3.1.3.7).
    fn check(&self, claims: &Value) -> Result<(), TokenRefused> {
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return Err(TokenRefused::Issuer);
        }
        let ours = |audience: &Value| audience.as_str() == Some(self.audience.as_str());
        let meant = match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(ours),
            Some(one) => ours(one),
            None => false,
        };
        if !meant {
            return Err(TokenRefused::Audience);
        }
        let now = self.clock.millis() / 1000;
        #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
        let time = |name: &str| {
            let value = claims.get(name)?;
            value
                .as_i64()
                .or_else(|| value.as_f64().map(|time| time as i64))
        };
        match time("exp") {
            Some(exp) if now < exp.saturating_add(LEEWAY) => {}
            _ => return Err(TokenRefused::Expired),
        }
        for name in ["nbf", "iat"] {
            // One that is there but no number holds for nobody.
            let begins = match claims.get(name) {
                Some(_) => time(name).ok_or(TokenRefused::NotYet)?,
                None => continue,
            };
            if now < begins.saturating_sub(LEEWAY) {
                return Err(TokenRefused::NotYet);
            }
        }
        Ok(())
    }

    /// The key a token says it is signed with.
    async fn key(&self, kid: Option<&str>) -> Result<Jwk, TokenRefused> {
        let (known, old, may_ask) = self.look(kid);
        if let Some(key) = &known
            && !(old && may_ask)
        {
            return Ok(key.clone());
        }
        {
            let _alone = self.fetching.lock().await;
            // Whoever was here before may have brought it.
            let (found, old, may_ask) = self.look(kid);
            if let Some(key) = found.filter(|_| !old) {
                return Ok(key);
            }
            if may_ask {
                self.fetch().await;
            }
        }
        let (found, ..) = self.look(kid);
        match found {
            Some(key) => Ok(key),
            None if self.state().fetched.is_none() => Err(TokenRefused::KeysAway),
            None => Err(TokenRefused::UnknownKey),
        }
    }

    /// The key, whether the keys are old, and whether they may be asked for now.
    fn look(&self, kid: Option<&str>) -> (Option<Jwk>, bool, bool) {
        let now = self.clock.since_boot();
        let keys = self.state();
        let mut named = keys
            .set
            .iter()
            .filter(|key| kid.is_none() || key.common.key_id.as_deref() == kid);
        let first = named.next();
        // Without a name there must be no doubt.
        let key = first.filter(|_| kid.is_some() || named.next().is_none());
        let old = keys.fetched.is_none_or(|at| now - at >= KEYS_OLD);
        let may_ask = keys.tried.is_none_or(|at| now - at >= KEYS_PAUSE);
        (key.cloned(), old, may_ask)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the keys; those known stay when the issuer is away.
    async fn fetch(&self) {
        let now = self.clock.since_boot();
        self.state().tried = Some(now);
        match self.ask().await {
            Ok(set) => {
                let mut keys = self.state();
                keys.set = set;
                keys.fetched = Some(now);
            }
            Err(why) => tracing::warn!(%why, "the keys of sso.oidc.issuer cannot be fetched"),
        }
    }

    async fn ask(&self) -> Result<Vec<Jwk>, String> {
        let jwks_url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => {
                let issuer = self.issuer.trim_end_matches('/');
                let discovery = format!("{issuer}/.well-known/openid-configuration");
                let document: Value = self.json(&discovery).await?;
                // OpenID Connect Discovery section 4.3.
                if document["issuer"].as_str() != Some(self.issuer.as_str()) {
                    return Err("the discovery document names another issuer".to_owned());
                }
                let url = document["jwks_uri"].as_str().unwrap_or_default();
                let url = Url::parse(url).map_err(|_| "no jwks_uri".to_owned())?;
                // A secure issuer does not keep its keys in the open.
                if self.issuer.starts_with("https:") && url.scheme() != "https" {
                    return Err("jwks_uri is not https".to_owned());
                }
                url
            }
        };
        let set: Value = self.json(jwks_url.as_str()).await?;
        // Keys of kinds we do not know must not hide the others.
        let keys = set["keys"].as_array().cloned().unwrap_or_default();
        let keys = keys
            .into_iter()
            .filter_map(|key| serde_json::from_value::<Jwk>(key).ok())
            .filter(verifies);
        let set = JwkSet {
            keys: keys.collect(),
        };
        if set.keys.is_empty() {
            return Err("no usable keys".to_owned());
        }
        Ok(set.keys)
    }

    async fn json(&self, url: &str) -> Result<Value, String> {
        let text = |error: reqwest::Error| match error.url() {
            Some(url) => {
                let fault = self.outbound.fault(url, &error);
                format!("{fault}; cure: {}", fault.cure())
            }
            None => error.to_string(),
        };
        let mut response = self.http.get(url).send().await.map_err(text)?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(text)? {
            if body.len() + chunk.len() > KEYS_MAX {
                return Err("too long".to_owned());
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| "not JSON".to_owned())
    }
}
