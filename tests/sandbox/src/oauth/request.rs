//! The authorization request (RFC 6749 section 4.1.1): what the application asks for.

use axum::response::Response;
use http::header::LOCATION;
use url::Url;

use super::clients::Client;
use super::grants::Grant;
use super::pages;
use crate::call::Params;
use crate::options::Pkce;
use crate::person::Person;
use crate::reply::{self, Refusal};
use crate::world::World;

/// A valid authorization request.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) client: &'static Client,
    pub(super) scopes: Vec<&'static str>,
    /// As sent, byte for byte; `None` if it was not.
    pub(super) redirect_uri: Option<String>,
    pub(super) challenge: Option<String>,
    back: Back,
}

/// The way back to the application.
#[derive(Debug)]
struct Back {
    url: Url,
    state: Option<String>,
}

impl Ask {
    /// Reads a request, or answers it: with a page while the way back is not sure, afterwards with
    /// a redirect.
    pub(super) fn read(world: &World, params: &Params) -> Result<Self, Refusal> {
        let client = params.get("client_id").and_then(Client::with_id);
        let client = client.ok_or_else(|| pages::refusal("This application is not known."))?;
        let redirect_uri = params.get("redirect_uri");
        let url = world.lock().redirects.destination(client, redirect_uri);
        let url = url.ok_or_else(|| {
            pages::refusal(
                "The redirect URL of the request is not one of those registered for this \
                 application.",
            )
        })?;
        let back = Back {
            url,
            state: params.get("state").map(str::to_owned),
        };
        match params.get("response_type") {
            Some("code") => {}
            Some(_) => return Err(back.error("unsupported_response_type").into()),
            None => return Err(back.error("invalid_request").into()),
        }
        let scopes = client.granted(params.get("scope"));
        let Some(scopes) = scopes else {
            return Err(back.error("invalid_scope").into());
        };
        let Ok(challenge) = challenge(world.options.pkce, params) else {
            return Err(back.error("invalid_request").into());
        };
        Ok(Self {
            client,
            scopes,
            redirect_uri: redirect_uri.map(str::to_owned),
            challenge,
            back,
        })
    }

    pub(super) fn grant(&self, person: &Person) -> Grant {
        Grant {
            person: person.key.clone(),
            client: self.client,
            scopes: self.scopes.clone(),
        }
    }

    pub(super) fn allowed(&self, code: &str) -> Response {
        self.back.with(&[("code", code)])
    }

    pub(super) fn denied(&self) -> Response {
        self.back.error("access_denied")
    }
}

impl Back {
    fn error(&self, code: &str) -> Response {
        self.with(&[("error", code)])
    }

    /// 303, so that no browser posts the sign-in form to the application (RFC 9700 section 4.12).
    fn with(&self, parameters: &[(&str, &str)]) -> Response {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        let mut response = reply::empty(303);
        reply::add_header(&mut response, LOCATION.as_str(), url.as_str());
        response
    }
}

/// The challenge to check later; an error for what the sandbox refuses.
fn challenge(pkce: Pkce, params: &Params) -> Result<Option<String>, ()> {
    let Some(challenge) = params.get("code_challenge") else {
        return Ok(None);
    };
    match pkce {
        Pkce::Ignored => Ok(None),
        Pkce::Refused => Err(()),
        Pkce::VerifiedIfSent => match params.get("code_challenge_method") {
            Some("S256") => Ok(Some(challenge.to_owned())),
            _ => Err(()),
        },
    }
}
