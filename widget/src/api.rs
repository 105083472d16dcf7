//! The widget API of the proxy: one function for the call, typed answers around it.
//!
//! The only module that fetches.

use gloo_net::http::{Method, RequestBuilder};
use goto_microapps_api::{
    Carrier, Confirming, IDEMPOTENCY_KEY, Meeting, Organizers, Problem, REQUEST_HEADER, Session,
};
use js_sys::Reflect;
use web_sys::{AbortSignal, HtmlElement, RequestCredentials};

use crate::json::{self, Value};
use crate::wire;

/// Longer than the proxy's own deadline towards GoTo, so the proxy speaks first.
const TIMEOUT_MS: f64 = 60_000.0;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// No answer at all: what became of the request is not known.
    Offline,
    /// The proxy said what is wrong.
    Problem(Box<Problem>),
}

/// Answer to a create.
pub(crate) enum Created {
    /// The meeting exists.
    Done(Box<Meeting>),
    /// Not known yet; ask again.
    Confirming(Confirming),
}

/// A request to be sent.
#[derive(Default)]
pub(crate) struct Call<'a> {
    /// HTTP method.
    pub(crate) method: Method,
    /// Path under the proxy's base URL.
    pub(crate) path: &'a str,
    /// `Idempotency-Key`.
    pub(crate) key: Option<&'a str>,
    /// JSON text.
    pub(crate) body: Option<&'a str>,
}

/// The proxy as one widget sees it.
#[derive(Clone)]
pub(crate) struct Api {
    /// Base URL, ends in `/`.
    pub(crate) base: String,
    /// Session for browsers that refuse the cookie; in memory only.
    pub(crate) bearer: Option<String>,
    /// The element, on which a portal may leave the token of its own sign-on.
    pub(crate) element: HtmlElement,
}

impl Api {
    /// Who is signed in.
    pub(crate) async fn session(self) -> Result<Session, Failure> {
        let (_, value) = self.get("app/api/session").await?;
        wire::session(&value).ok_or_else(unreadable)
    }

    /// Swaps the one-time code for a session; a bearer comes back only when asked for.
    pub(crate) async fn hand_off(
        self,
        code: &str,
        verifier: &str,
        carrier: Carrier,
    ) -> Result<(Session, Option<String>), Failure> {
        let body = wire::handoff(code, verifier, carrier);
        let (_, value) = self
            .send(Call {
                method: Method::POST,
                path: "app/api/session",
                body: Some(&body),
                ..Call::default()
            })
            .await?;
        let session = wire::session(value.get("session")).ok_or_else(unreadable)?;
        Ok((session, value.owned("bearer")))
    }

    /// Signs out.
    pub(crate) async fn sign_out(self) -> Result<(), Failure> {
        self.send(Call {
            method: Method::DELETE,
            path: "app/api/session",
            ..Call::default()
        })
        .await
        .map(|_| ())
    }

    /// Searches the directory.
    pub(crate) async fn organizers(self, query: &str) -> Result<Organizers, Failure> {
        let query: String = js_sys::encode_uri_component(query).into();
        let path = ["app/api/organizers?limit=8&q=", &query].concat();
        let (_, value) = self.get(&path).await?;
        Ok(wire::organizers(&value))
    }

    /// Creates the meeting of `body`, or says what became of the create of this `key`.
    pub(crate) async fn create(self, key: &str, body: Option<&str>) -> Result<Created, Failure> {
        let path = if body.is_some() {
            "app/api/meetings"
        } else {
            "app/api/meetings/check"
        };
        let call = Call {
            method: Method::POST,
            path,
            key: Some(key),
            body,
        };
        match self.send(call).await? {
            (202, value) => Ok(Created::Confirming(wire::confirming(&value))),
            (_, value) => wire::meeting(&value)
                .map(|meeting| Created::Done(Box::new(meeting)))
                .ok_or_else(unreadable),
        }
    }

    /// The meeting `id`.
    pub(crate) async fn meeting(self, id: &str) -> Result<Meeting, Failure> {
        let id: String = js_sys::encode_uri_component(id).into();
        let (_, value) = self.get(&["app/api/meetings/", &id].concat()).await?;
        wire::meeting(&value).ok_or_else(unreadable)
    }

    async fn get(&self, path: &str) -> Result<(u16, Value), Failure> {
        self.send(Call {
            method: Method::GET,
            path,
            ..Call::default()
        })
        .await
    }

    async fn send(&self, call: Call<'_>) -> Result<(u16, Value), Failure> {
        let (status, text) = self.fetch(call).await.map_err(|_| Failure::Offline)?;
        let value = json::parse(&text).unwrap_or(Value::Null);
        if (200..300).contains(&status) {
            Ok((status, value))
        } else {
            Err(Failure::Problem(Box::new(wire::problem(status, &value))))
        }
    }

    async fn fetch(&self, call: Call<'_>) -> Result<(u16, String), gloo_net::Error> {
        let url = [self.base.as_str(), call.path].concat();
        let mut request = RequestBuilder::new(&url)
            .method(call.method)
            .credentials(RequestCredentials::Include)
            .header(REQUEST_HEADER, "1")
            .header("accept", "application/json");
        if let Some(key) = call.key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        let token = Reflect::get(&self.element, &"token".into());
        let token = token.ok().and_then(|token| token.as_string());
        if let Some(bearer) = token.or_else(|| self.bearer.clone()) {
            request = request.header("authorization", &["Bearer ", &bearer].concat());
        }
        if Reflect::has(&js_sys::global(), &"AbortSignal".into()) == Ok(true) {
            let signal = AbortSignal::timeout_with_f64(TIMEOUT_MS);
            request = request.abort_signal(Some(&signal));
        }
        let response = match call.body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                request.body(body)?.send().await?
            }
            None => request.send().await?,
        };
        Ok((response.status(), response.text().await?))
    }
}

/// An answer that says yes but is not what was asked for.
fn unreadable() -> Failure {
    Failure::Problem(Box::new(wire::problem(200, &Value::Null)))
}
