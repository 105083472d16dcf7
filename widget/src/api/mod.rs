//! The widget API of the proxy: one function for the call, typed answers around it.
//!
//! The only module that fetches.

mod meeting_calls;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_net::http::{Method, RequestBuilder, Response};
use goto_microapps_api::{
    Carrier, Code, Confirming, HandoffRequest, HandoffResponse, IDEMPOTENCY_KEY, Meeting,
    Organizer, Organizers, REQUEST_HEADER, Session, SeveredRequest, WaitingCancels,
};
use js_sys::{Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, HtmlElement, RequestCache, RequestCredentials, RequestMode, RequestRedirect,
};

use crate::browser::codec;
use crate::browser::window;
use crate::failure::Failure;

const SESSION: &str = "app/api/session";

/// Longer than the proxy's own deadline towards GoTo, so the proxy speaks first.
const TIMEOUT_MS: i32 = 60_000;

/// Answer to a create.
pub(crate) enum Created {
    /// The meeting exists.
    Done(Box<Meeting>),
    /// Not known yet; ask again.
    Confirming(Confirming),
}

/// A request to be sent.
#[derive(Clone, Default)]
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
    /// That token, where the proxy does not believe it, and why. It is not sent again: other ways in
    /// count until the portal leaves another one.
    pub(crate) refused: Rc<RefCell<Option<(String, Code)>>>,
    /// What `fetch` has promised to the first question, where the loader has asked it.
    pub(crate) early: Rc<Cell<Option<Promise>>>,
}

impl Api {
    /// The proxy at `base`, as the widget of `element` sees it. `early` is what `fetch` has promised to
    /// the first question, where the loader has asked it.
    pub(crate) fn new(base: String, element: HtmlElement, early: Option<Promise>) -> Self {
        Self {
            base,
            bearer: None,
            element,
            refused: Rc::default(),
            early: Rc::new(Cell::new(early)),
        }
    }

    /// Who is signed in: as the portal says or, where it is not believed, otherwise.
    pub(crate) async fn session(self) -> Result<Session, Failure> {
        loop {
            let token = self.token();
            let (_, value) = self.get(SESSION).await?;
            let session = codec::read::<Session>(value).ok_or_else(unreadable)?;
            match (session.sign_on, token) {
                (Some(code), Some(token)) if self.token().as_ref() == Some(&token) => {
                    self.refuse(token, code);
                }
                _ => return Ok(session),
            }
        }
    }

    /// Why the portal's token, as it is now, is not believed.
    pub(crate) fn refused(&self) -> Option<Code> {
        let refused = self.refused.borrow();
        let (token, code) = refused.as_ref()?;
        (self.on_element().as_ref() == Some(token)).then_some(*code)
    }

    fn refuse(&self, token: String, code: Code) {
        *self.refused.borrow_mut() = Some((token, code));
    }

    fn on_element(&self) -> Option<String> {
        let token = Reflect::get(&self.element, &"token".into());
        token.ok().and_then(|token| token.as_string())
    }

    /// The portal's token, unless it was refused.
    fn token(&self) -> Option<String> {
        self.on_element().filter(|_| self.refused().is_none())
    }

    /// Swaps the one-time code for a session; a bearer comes back only when asked for.
    pub(crate) async fn hand_off(
        self,
        code: &str,
        verifier: &str,
        carrier: Carrier,
    ) -> Result<(Session, Option<String>), Failure> {
        let body = codec::to_text(&HandoffRequest {
            code: code.to_owned(),
            verifier: verifier.to_owned(),
            carrier,
        });
        let (_, value) = self
            .send(Call {
                method: Method::POST,
                path: "app/api/session",
                body: Some(&body),
                ..Call::default()
            })
            .await?;
        let response: HandoffResponse = codec::read(value).ok_or_else(unreadable)?;
        Ok((response.session, response.bearer))
    }

    /// Says that the window of the sign-in with this challenge was cut off from the widget.
    pub(crate) async fn severed(self, challenge: &str) -> Result<(), Failure> {
        let body = codec::to_text(&SeveredRequest {
            challenge: challenge.to_owned(),
        });
        self.send(Call {
            method: Method::POST,
            path: "app/api/sign-in/severed",
            body: Some(&body),
            ..Call::default()
        })
        .await
        .map(|_| ())
    }

    /// Signs out; `waiting` says what becomes of cancellations that were not sent yet.
    pub(crate) async fn sign_out(self, waiting: Option<WaitingCancels>) -> Result<(), Failure> {
        let ask = waiting.map_or(String::new(), |waiting| {
            ["?cancel=", waiting.as_str()].concat()
        });
        let delete = self
            .send(Call {
                method: Method::DELETE,
                path: &[SESSION, &*ask].concat(),
                ..Call::default()
            })
            .await;
        if delete != Err(Failure::Offline) {
            return delete.map(|_| ());
        }
        // Some firewalls let only GET and POST through.
        self.send(Call {
            method: Method::POST,
            path: &["app/api/session/end", &*ask].concat(),
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
        codec::read(value).ok_or_else(unreadable)
    }

    /// Whom the employee has chosen lately; nobody where the proxy does not remember it.
    pub(crate) async fn recent(self) -> Vec<Organizer> {
        let answer = self.get("app/api/organizers/recent").await;
        let found = answer
            .ok()
            .and_then(|(_, value)| codec::read::<Organizers>(value));
        found.map(|found| found.organizers).unwrap_or_default()
    }

    /// Forgets them.
    pub(crate) async fn forget_recent(self) -> Result<(), Failure> {
        let call = Call {
            method: Method::POST,
            path: "app/api/organizers/recent/forget",
            ..Call::default()
        };
        self.send(call).await.map(|_| ())
    }

    /// Creates the meeting of `body`, or says what became of the create of this `key`.
    pub(crate) async fn create(self, key: &str, body: Option<&str>) -> Result<Created, Failure> {
        let path = if body.is_some() {
            // While others were first it waits at the proxy, and the person may leave.
            "app/api/meetings?queue=true"
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
            (202, value) => codec::read(value)
                .map(Created::Confirming)
                .ok_or_else(unreadable),
            (_, value) => codec::read(value)
                .map(|meeting| Created::Done(Box::new(meeting)))
                .ok_or_else(unreadable),
        }
    }

    /// Takes the create of this `key` back that waits for its turn; false where it is too late.
    pub(crate) async fn withdraw(self, key: &str) -> Result<bool, Failure> {
        let call = Call {
            method: Method::POST,
            path: "app/api/meetings/withdraw",
            key: Some(key),
            body: None,
        };
        Ok(self.send(call).await?.0 == 204)
    }

    async fn get(&self, path: &str) -> Result<(u16, JsValue), Failure> {
        self.send(Call {
            method: Method::GET,
            path,
            ..Call::default()
        })
        .await
    }

    /// As [`Self::once`]; where the portal's token is not believed, once more without it: nothing was
    /// done.
    async fn send(&self, call: Call<'_>) -> Result<(u16, JsValue), Failure> {
        let token = self.token();
        let answer = self.once(call.clone()).await;
        let (Some(token), Err(Failure::Problem(problem))) = (token, &answer) else {
            return answer;
        };
        if !problem.code.is_of_sign_on() {
            return answer;
        }
        self.refuse(token, problem.code);
        match self.once(call).await {
            // Nobody is known without it either; why it is refused says more.
            Err(Failure::Problem(problem)) if problem.code == Code::SignInRequired => answer,
            other => other,
        }
    }

    async fn once(&self, call: Call<'_>) -> Result<(u16, JsValue), Failure> {
        let (status, text) = match self.fetch(call).await {
            Ok(answer) => answer,
            Err(error) => return Err(self.silence(&error).await),
        };
        let value = codec::parse(&text);
        let is_readable = value.is_some() || text.is_empty();
        let value = value.unwrap_or(JsValue::NULL);
        if (200..300).contains(&status) && is_readable {
            Ok((status, value))
        } else {
            Err(Failure::of(status, codec::read(value)))
        }
    }

    /// Why there was no answer. A page of another origin is not told what a gateway says, not even
    /// that it said something: what can be found out is whether the proxy speaks to us at all now,
    /// and if not, whether anybody does.
    ///
    /// Of the proxy, a page that is not listed may read one answer only: that it is not.
    async fn silence(&self, error: &gloo_net::Error) -> Failure {
        let is_network =
            matches!(error, gloo_net::Error::JsError(error) if error.name == "TypeError");
        if is_network && let Some(refused) = self.unlisted().await {
            return refused;
        }
        let own = window().location().origin().unwrap_or_default();
        let is_elsewhere = !self.base.starts_with(&[own.as_str(), "/"].concat());
        let asks = Call {
            method: Method::GET,
            path: SESSION,
            ..Call::default()
        };
        if is_network && is_elsewhere && self.fetch(asks).await.is_err() && self.somebody().await {
            Failure::SignOn
        } else {
            Failure::Offline
        }
    }

    /// What the proxy says of this page, if it is not listed.
    async fn unlisted(&self) -> Option<Failure> {
        let request = RequestBuilder::new(&[self.base.as_str(), "app/listed"].concat())
            .credentials(RequestCredentials::Omit)
            .cache(RequestCache::NoStore);
        let response = patiently(request).send().await.ok()?;
        let problem = codec::from_text(&response.text().await.ok()?)?;
        (response.status() == 403).then(|| Failure::of(403, Some(problem)))
    }

    /// Whether anybody answers in the proxy's place, whatever they say.
    async fn somebody(&self) -> bool {
        for path in [SESSION, "embed.js"] {
            let request = RequestBuilder::new(&[self.base.as_str(), path].concat())
                .mode(RequestMode::NoCors)
                .credentials(RequestCredentials::Include)
                .cache(RequestCache::NoStore);
            if patiently(request).send().await.is_ok() {
                return true;
            }
        }
        false
    }

    async fn fetch(&self, call: Call<'_>) -> Result<(u16, String), gloo_net::Error> {
        // A first question that failed is asked anew.
        if (&call.method, call.path) == (&Method::GET, SESSION)
            && let Some(early) = self.early.take()
            && self.bearer.is_none()
            && let Ok(response) = JsFuture::from(early).await
        {
            return received(Response::from(
                response.unchecked_into::<web_sys::Response>(),
            ))
            .await;
        }
        let url = [self.base.as_str(), call.path].concat();
        let mut request = RequestBuilder::new(&url)
            .method(call.method)
            .credentials(RequestCredentials::Include)
            // The API never redirects: whoever does wants somebody to sign on.
            .redirect(RequestRedirect::Manual)
            .header(REQUEST_HEADER, "1")
            .header("accept", "application/json");
        if let Some(key) = call.key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        if let Some(bearer) = self.token().or_else(|| self.bearer.clone()) {
            request = request.header("authorization", &["Bearer ", &bearer].concat());
        }
        let request = patiently(request);
        let response = match call.body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                request.body(body)?.send().await?
            }
            None => request.send().await?,
        };
        received(response).await
    }
}

/// Status and text of an answer.
async fn received(response: Response) -> Result<(u16, String), gloo_net::Error> {
    Ok((response.status(), response.text().await?))
}

/// Gives up in the end.
fn patiently(request: RequestBuilder) -> RequestBuilder {
    let Ok(controller) = AbortController::new() else {
        return request;
    };
    let signal = controller.signal();
    // `AbortSignal.timeout` is younger than some browsers.
    let abort = Closure::once_into_js(move || controller.abort());
    let _ = window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(abort.unchecked_ref(), TIMEOUT_MS);
    request.abort_signal(Some(&signal))
}

/// An answer that says yes but is not what was asked for.
fn unreadable() -> Failure {
    Failure::of(200, None)
}
