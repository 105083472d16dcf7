//! `[sso]`: who else may say who an employee is.

use std::collections::HashMap;

use http::HeaderName;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::problems::Problems;
use super::secret::SecretSetting;
use super::setting::Setting;
use super::urls::{networks, safe_url};

/// Who else may say who an employee is.
#[derive(Clone, Debug, Default)]
pub struct Sso {
    /// A gateway in front.
    pub gateway: Option<Gateway>,
    /// The portal around the widget.
    pub oidc: Option<Oidc>,
    /// Addresses of single sign-on, lower case, and the ones the same people have at GoTo.
    pub map: HashMap<String, String>,
}

/// A gateway that names the employee in a header.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Header with the e-mail address.
    pub header: HeaderName,
    /// Header with what tells the person from others who had or will have the address.
    pub subject_header: Option<HeaderName>,
    /// Header with the secret.
    pub secret_header: HeaderName,
    /// What only the gateway knows.
    pub secret: SecretString,
    /// Where the gateway connects from.
    pub peers: Vec<IpNet>,
}

/// An OpenID Connect issuer whose tokens name the employee.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// Exactly as in the tokens.
    pub issuer: String,
    /// What the tokens must be meant for.
    pub audience: String,
    /// Claim with the e-mail address.
    pub claim: String,
    /// Applications that may have asked for the tokens, besides the audience itself.
    pub clients: Vec<String>,
    /// Where the keys are; without, discovery says.
    pub jwks_url: Option<Url>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    gateway: RawGateway,
    oidc: RawOidc,
    map: Setting,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct RawGateway {
    header: Setting,
    subject_header: Setting,
    secret_header: Setting,
    secret: Setting,
    secret_file: Setting,
    peers: Setting,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct RawOidc {
    issuer: Setting,
    audience: Setting,
    claim: Setting,
    clients: Setting,
    jwks_url: Setting,
}

impl Raw {
    /// Nothing, a gateway, an issuer, or both.
    pub(super) fn validate(self, p: &mut Problems) -> Option<Sso> {
        let before = p.count();
        let map = map(&self.map, p);
        let gateway = self.gateway.validate(p);
        let oidc = self.oidc.validate(p);
        (p.count() == before).then_some(Sso { gateway, oidc, map })
    }
}

fn map(setting: &Setting, p: &mut Problems) -> HashMap<String, String> {
    let mut map = HashMap::new();
    for pair in setting.texts(p) {
        match pair.split_once('=') {
            Some((from, to)) if from.contains('@') && to.contains('@') => {
                map.insert(from.trim().to_lowercase(), to.trim().to_lowercase());
            }
            _ => p.mistake(
                setting,
                format!("`{pair}` is not a pair of addresses"),
                "write each as \"name@company.example=name@goto.example\"",
            ),
        }
    }
    map
}

impl RawGateway {
    fn validate(self, p: &mut Problems) -> Option<Gateway> {
        let header = self.header.text(p);
        let subject_header = self.subject_header.text(p);
        let secret_header = self.secret_header.text_or(p, "x-gateway-secret");
        let before = p.count();
        let peers = networks(&self.peers, p);
        let nobody = peers.is_empty() && p.count() == before;
        let before = p.count();
        let cure = "make one with `openssl rand -base64 32`, and let the gateway send it in sso.gateway.secret_header";
        let mut pair = SecretSetting::new(self.secret, self.secret_file);
        let secret = pair.optional(p);
        if header.is_some() && secret.is_none() && p.count() == before {
            p.mistake(&pair.value, "is missing", cure);
        }
        let Some(header) = header else {
            if secret.is_some() {
                p.mistake(
                    &self.header,
                    "is missing",
                    "name the header in which the gateway sends the e-mail address, for example \"x-forwarded-email\"",
                );
            }
            return None;
        };
        if nobody {
            p.mistake(
                &self.peers,
                "is missing, so anybody could name anybody",
                "list the addresses the gateway connects from, for example [\"10.0.0.7\"]",
            );
        }
        let secret = secret?;
        if secret.len() < 16 {
            p.mistake(
                pair.source(),
                "is shorter than 16 characters",
                "make one with `openssl rand -base64 32`",
            );
        }
        let mut name = |setting: &Setting, text: &str| {
            let name = text.parse::<HeaderName>().ok();
            if name.is_none() {
                p.mistake(
                    setting,
                    format!("`{text}` is not the name of a header"),
                    "write a name such as \"x-forwarded-email\"",
                );
            }
            name
        };
        Some(Gateway {
            header: name(&self.header, &header)?,
            subject_header: match subject_header {
                Some(text) => Some(name(&self.subject_header, &text)?),
                None => None,
            },
            secret_header: name(&self.secret_header, &secret_header)?,
            secret: secret.into(),
            peers,
        })
    }
}

impl RawOidc {
    fn validate(&self, p: &mut Problems) -> Option<Oidc> {
        let issuer = self.issuer.text(p);
        let audience = self.audience.text(p);
        let claim = self.claim.text_or(p, "email");
        let clients = self.clients.texts(p);
        let jwks_url = match self.jwks_url.text(p) {
            Some(text) => Some(safe_url(
                &self.jwks_url,
                p,
                &text,
                "https://login.example.com/keys",
            )?),
            None => None,
        };
        match (issuer, audience) {
            (None, None) => None,
            (Some(issuer), Some(audience)) => {
                safe_url(
                    &self.issuer,
                    p,
                    &issuer,
                    "https://login.example.com/tenant/v2.0",
                )?;
                Some(Oidc {
                    issuer,
                    audience,
                    claim,
                    clients,
                    jwks_url,
                })
            }
            (None, _) => {
                p.mistake(
                    &self.issuer,
                    "is missing",
                    "paste the `iss` of the portal's tokens, for example https://login.example.com/tenant/v2.0",
                );
                None
            }
            (_, None) => {
                p.mistake(
                    &self.audience,
                    "is missing, so a token of any other application would do",
                    "paste the `aud` of the portal's tokens: the id of the application you registered for this proxy",
                );
                None
            }
        }
    }
}
