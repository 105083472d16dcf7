//! Single sign-on: a gateway's header, a portal's token, and everybody who would like to write
//! either.

mod gateway;
mod keys;
mod portal_tokens;
mod refused;
mod subjects;
mod verified;

use goto_microapps_api::Session;
use goto_microapps_harness::portal::{AUDIENCE, Issuer};
use goto_microapps_harness::{Options, Visitor};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::steps::{noon, quiet};

pub(super) const SECRET: &str = "a-secret-that-only-the-gateway-knows";

pub(super) fn behind_gateway(peers: &str) -> Options {
    quiet()
        .set("sso.gateway.header", "\"x-forwarded-email\"")
        .set("sso.gateway.secret", &format!("\"{SECRET}\""))
        .set("sso.gateway.peers", peers)
        .set(
            "sso.map",
            "[\"z.oneill@corp.example=zoe.oneill@corp.example\"]",
        )
}

/// As the gateway sends it on.
pub(super) fn named(request: RequestBuilder, email: &str) -> RequestBuilder {
    request
        .header("x-forwarded-email", email)
        .header("x-gateway-secret", SECRET)
}

pub(super) async fn who(
    visitor: &Visitor,
    request: RequestBuilder,
) -> anyhow::Result<Option<String>> {
    let reply = visitor.send(request).await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    Ok(reply.json::<Session>()?.user.map(|user| user.email))
}

pub(super) fn session(visitor: &Visitor) -> RequestBuilder {
    visitor.call(Method::GET, "app/api/session")
}

/// A proxy that takes the tokens of `issuer`.
pub(super) fn of(issuer: &Issuer) -> Options {
    quiet()
        .set("sso.oidc.issuer", &format!("{:?}", issuer.url()))
        .set("sso.oidc.audience", &format!("{AUDIENCE:?}"))
}

/// A good token's claims at noon.
pub(super) fn claims(issuer: &Issuer, email: &str) -> Value {
    issuer.claims(email, noon().timestamp())
}

pub(super) fn with_token(visitor: &Visitor, token: &str) -> RequestBuilder {
    session(visitor).bearer_auth(token)
}
