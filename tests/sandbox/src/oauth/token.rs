//! `POST /oauth/token` and `POST /oauth/revoke`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::bearer::basic;
use super::clients::Client;
use super::grants::{ACCESS_SECONDS, Code, Grant};
use crate::call::{Call, Params};
use crate::options::Pkce;
use crate::reply::{self, Handled, Refusal};
use crate::world::{State, World};

/// Exchanges a code or a refresh token (RFC 6749 sections 4.1.3 and 6).
pub(crate) fn token(world: &World, call: &Call) -> Handled {
    let client = authenticated(call)?;
    let form = call.form();
    let answer = match form.get("grant_type") {
        Some("authorization_code") => exchange(world, client, &form),
        Some("refresh_token") => refresh(world, client, &form),
        // `password` ended with the retired endpoints, `client_credentials` was never offered.
        Some(_) => Err(error("unsupported_grant_type", "grant type not supported")),
        None => Err(error("invalid_request", "grant_type is missing")),
    };
    let mut response = answer.unwrap_or_else(Refusal::answer);
    reply::add_header(&mut response, "cache-control", "no-store");
    reply::add_header(&mut response, "pragma", "no-cache");
    Ok(response)
}

/// Only HTTP Basic counts. Credentials in the body are neither refused beside it nor taken instead
/// of it.
fn authenticated(call: &Call) -> Result<&'static Client, Refusal> {
    let known = basic(&call.head.headers).and_then(|(id, secret)| {
        let client = Client::with_id(&id)?;
        (client.secret == secret).then_some(client)
    });
    known.ok_or_else(|| {
        let body = json!({ "error": "invalid_client", "error_description": "client not found" });
        let mut response = reply::json(401, &body);
        reply::add_header(&mut response, WWW_AUTHENTICATE.as_str(), "Basic");
        response.into()
    })
}

fn exchange(world: &World, client: &'static Client, form: &Params) -> Handled {
    let text = form.get("code");
    let text = text.ok_or_else(|| error("invalid_request", "code is missing"))?;
    let now = world.clock.now();
    let mut state = world.lock();
    let code = state
        .grants
        .take_code(text, client, now)
        .ok_or_else(|| invalid_grant("authorization code is invalid, used or expired"))?;
    if form.get("redirect_uri") != code.redirect_uri.as_deref() {
        return Err(invalid_grant("redirect_uri does not match"));
    }
    verify(world.options.pkce, &code, form)?;
    let principal = principal(&state, &code.grant)?;
    let refresh = state.grants.issue_refresh(code.grant.clone(), now);
    let access = state.grants.issue_access(code.grant.clone(), now);
    let body = body(&code.grant, &principal, &access, Some(refresh));
    Ok(reply::json(200, &body))
}

/// PKCE (RFC 7636 section 4.6).
fn verify(pkce: Pkce, code: &Code, form: &Params) -> Result<(), Refusal> {
    let (Pkce::VerifiedIfSent, Some(challenge)) = (pkce, &code.challenge) else {
        return Ok(());
    };
    let verifier = form.get("code_verifier");
    let verifier = verifier.ok_or_else(|| invalid_grant("code_verifier is missing"))?;
    if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != *challenge {
        return Err(invalid_grant("code_verifier does not match"));
    }
    Ok(())
}

fn refresh(world: &World, client: &'static Client, form: &Params) -> Handled {
    let token = form.get("refresh_token");
    let token = token.ok_or_else(|| error("invalid_request", "refresh_token is missing"))?;
    let now = world.clock.now();
    let mut state = world.lock();
    let refreshed = state
        .grants
        .refresh(token, client, world.options.rotate_refresh, now)
        .ok_or_else(|| invalid_grant("refresh token is invalid or expired"))?;
    let principal = principal(&state, &refreshed.grant)?;
    let body = body(
        &refreshed.grant,
        &principal,
        &refreshed.access,
        refreshed.new_refresh,
    );
    Ok(reply::json(200, &body))
}

/// Address of the person who consented; none when they have left the account.
fn principal(state: &State, grant: &Grant) -> Result<String, Refusal> {
    let person = state.people.with_key(&grant.person);
    person
        .map(|person| person.email.clone())
        .ok_or_else(|| invalid_grant("user not found"))
}

/// No organizer or account key, and no refresh token unless there is a new one.
fn body(grant: &Grant, principal: &str, access: &str, refresh: Option<String>) -> Value {
    let mut body = json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": ACCESS_SECONDS,
        "scope": grant.scopes.join(" "),
        "principal": principal,
    });
    if let Some(refresh) = refresh {
        body["refresh_token"] = refresh.into();
    }
    body
}

fn error(code: &str, description: &str) -> Refusal {
    let body = json!({ "error": code, "error_description": description });
    reply::json(400, &body).into()
}

fn invalid_grant(description: &str) -> Refusal {
    error("invalid_grant", description)
}

/// Undocumented at GoTo, but called by clients: takes the client's credentials from the body or
/// Basic, and says nothing about tokens it does not know (RFC 7009 section 2.2).
pub(crate) fn revoke(world: &World, call: &Call) -> Handled {
    let form = call.form();
    let in_body = form.get("client_id").zip(form.get("client_secret"));
    let sent = basic(&call.head.headers)
        .or_else(|| in_body.map(|(id, secret)| (id.to_owned(), secret.to_owned())));
    let known = sent.is_some_and(|(id, secret)| {
        Client::with_id(&id).is_some_and(|client| client.secret == secret)
    });
    if !known {
        authenticated(call)?;
    }
    if let Some(token) = form.get("token") {
        world.lock().grants.revoke(token);
    }
    Ok(reply::empty(200))
}
