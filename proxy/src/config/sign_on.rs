//! What `[sso]` accepts.

use std::collections::HashMap;

use http::HeaderName;

use super::accept::{networks, optional_secret, safe_url};
use super::reader::Reader;
use super::{Gateway, Oidc, Sso};

/// `[sso]`: nothing, a gateway, an issuer, or both.
pub(super) fn sso(r: &mut Reader) -> Option<Sso> {
    let before = r.mistakes();
    let map = sso_map(r);
    let gateway = gateway(r);
    let oidc = oidc(r);
    (r.mistakes() == before).then_some(Sso { gateway, oidc, map })
}

fn sso_map(r: &mut Reader) -> HashMap<String, String> {
    let key = "sso.map";
    let mut map = HashMap::new();
    for pair in r.texts(key).unwrap_or_default() {
        match pair.split_once('=') {
            Some((from, to)) if from.contains('@') && to.contains('@') => {
                map.insert(from.trim().to_lowercase(), to.trim().to_lowercase());
            }
            _ => r.mistake(
                key,
                format!("`{pair}` is not a pair of addresses"),
                "write each as \"name@company.example=name@goto.example\"",
            ),
        }
    }
    map
}

fn gateway(r: &mut Reader) -> Option<Gateway> {
    let header = r.text_or_empty("sso.gateway.header");
    let secret_header = r
        .text_or_empty("sso.gateway.secret_header")
        .unwrap_or_else(|| "x-gateway-secret".to_owned());
    let peers = networks(r, "sso.gateway.peers");
    let before = r.mistakes();
    let cure = "make one with `openssl rand -base64 32`, and let the gateway send it in sso.gateway.secret_header";
    let secret = optional_secret(r, "sso.gateway.secret", "sso.gateway.secret_file", cure);
    let has_secret = secret.is_some();
    if header.is_some() && !has_secret && r.mistakes() == before {
        r.mistake("sso.gateway.secret", "is missing", cure);
    }
    let Some(header) = header else {
        if has_secret {
            r.mistake(
                "sso.gateway.header",
                "is missing",
                "name the header in which the gateway sends the e-mail address, for example \"x-forwarded-email\"",
            );
        }
        return None;
    };
    if peers.as_ref().is_some_and(Vec::is_empty) {
        r.mistake(
            "sso.gateway.peers",
            "is missing, so anybody could name anybody",
            "list the addresses the gateway connects from, for example [\"10.0.0.7\"]",
        );
    }
    let secret = secret?;
    if secret.len() < 16 {
        r.mistake(
            "sso.gateway.secret",
            "is shorter than 16 characters",
            "make one with `openssl rand -base64 32`",
        );
    }
    let mut name = |key: &'static str, text: &str| {
        let name = text.parse::<HeaderName>().ok();
        if name.is_none() {
            r.mistake(
                key,
                format!("`{text}` is not the name of a header"),
                "write a name such as \"x-forwarded-email\"",
            );
        }
        name
    };
    Some(Gateway {
        header: name("sso.gateway.header", &header)?,
        secret_header: name("sso.gateway.secret_header", &secret_header)?,
        secret: secret.into(),
        peers: peers?,
    })
}

fn oidc(r: &mut Reader) -> Option<Oidc> {
    let issuer = r.text_or_empty("sso.oidc.issuer");
    let audience = r.text_or_empty("sso.oidc.audience");
    let claim = r
        .text_or_empty("sso.oidc.claim")
        .unwrap_or_else(|| "email".to_owned());
    let jwks_url = match r.text_or_empty("sso.oidc.jwks_url") {
        Some(text) => Some(safe_url(
            r,
            "sso.oidc.jwks_url",
            &text,
            "https://login.example.com/keys",
        )?),
        None => None,
    };
    match (issuer, audience) {
        (None, None) => None,
        (Some(issuer), Some(audience)) => {
            safe_url(
                r,
                "sso.oidc.issuer",
                &issuer,
                "https://login.example.com/tenant/v2.0",
            )?;
            Some(Oidc {
                issuer,
                audience,
                claim,
                jwks_url,
            })
        }
        (None, _) => {
            r.mistake(
                "sso.oidc.issuer",
                "is missing",
                "paste the `iss` of the portal's tokens, for example https://login.example.com/tenant/v2.0",
            );
            None
        }
        (_, None) => {
            r.mistake(
                "sso.oidc.audience",
                "is missing, so a token of any other application would do",
                "paste the `aud` of the portal's tokens: the id of the application you registered for this proxy",
            );
            None
        }
    }
}
