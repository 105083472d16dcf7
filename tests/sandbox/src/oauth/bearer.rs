//! Whose token a request carries.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::clients::Client;
use super::grants::Grant;
use crate::call::Call;
use crate::log::Authorization;
use crate::person::Person;
use crate::reply::{self, Refusal};
use crate::route::Api;
use crate::world::{State, World};

/// The person for whom a request is made, and what the token allows.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) person: Person,
    grant: Grant,
}

impl Caller {
    /// The owner of a usable token, or the answer of the call's family to anything else.
    pub(crate) fn of(world: &World, call: &Call) -> Result<Self, Refusal> {
        let strict = world.options.strict_bearer;
        let found = presented(&call.head.headers).and_then(|presented| {
            let token = presented
                .token
                .filter(|_| !strict || presented.is_bearer())?;
            let state = world.lock();
            let (grant, usable) = state.grants.of_access(token, world.clock.now())?;
            let person = state.people.with_key(&grant.person)?;
            usable.then(|| Self {
                person: Person::clone(person),
                grant: grant.clone(),
            })
        });
        found.ok_or_else(|| {
            let mut refusal = reply::invalid_token(call.route.api());
            let missing = !call.head.headers.contains_key(AUTHORIZATION);
            if missing && call.route.api() == Some(Api::Meetings) {
                reply::add_header(&mut refusal, "x-amzn-errortype", "UnauthorizedException");
            }
            refusal.into()
        })
    }

    pub(crate) fn may(&self, scope: &str) -> bool {
        self.grant.scopes.contains(&scope)
    }
}

/// A credential as sent.
struct Presented<'a> {
    /// Empty for a bare token.
    scheme: &'a str,
    token: Option<&'a str>,
}

impl Presented<'_> {
    fn is_bearer(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("bearer")
    }
}

/// Three forms are in use: `Bearer`, and from older clients a bare token and
/// `OAuth oauth_token=…`.
fn presented(headers: &HeaderMap) -> Option<Presented<'_>> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let Some((scheme, rest)) = value.split_once(' ') else {
        return Some(Presented {
            scheme: "",
            token: Some(value),
        });
    };
    let rest = rest.trim();
    let token = if scheme.eq_ignore_ascii_case("bearer") {
        Some(rest)
    } else if scheme.eq_ignore_ascii_case("oauth") {
        rest.strip_prefix("oauth_token=")
            .map(|token| token.trim_matches('"'))
    } else {
        None
    };
    Some(Presented { scheme, token })
}

/// Client id and secret of HTTP Basic.
pub(super) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// The header for the truth log.
pub(crate) fn describe(state: &State, headers: &HeaderMap, now: DateTime<Utc>) -> Authorization {
    if let Some((id, secret)) = basic(headers) {
        let client = Client::with_id(&id);
        return Authorization {
            scheme: Some("Basic".to_owned()),
            usable: client.is_some_and(|client| client.secret == secret),
            client_id: Some(id),
            person: None,
        };
    }
    let Some(presented) = presented(headers) else {
        return Authorization::default();
    };
    let access = presented
        .token
        .and_then(|token| state.grants.of_access(token, now));
    let person = access.and_then(|(grant, _)| state.people.with_key(&grant.person));
    Authorization {
        scheme: Some(presented.scheme.to_owned()),
        client_id: access.map(|(grant, _)| grant.client.id.to_owned()),
        person: person.map(|person| person.email.clone()),
        usable: access.is_some_and(|(_, usable)| usable) && person.is_some(),
    }
}
