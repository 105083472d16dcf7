//! The widget API of the proxy: one function for the call, typed answers around it.
//!
//! The only module that fetches.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use goto_microapps_api::{
    Carrier, Code, Confirming, HandoffRequest, HandoffResponse, IDEMPOTENCY_KEY, Meeting,
    Organizers, REQUEST_HEADER, Session,
};
use js_sys::{Promise, Reflect, TypeError};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, HtmlElement, Request, RequestCache, RequestCredentials, RequestInit,
    RequestMode, RequestRedirect, Response,
};

use crate::browser::codec;
use crate::failure::Failure;
use crate::host::window;

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
    pub(crate) method: &'a str,
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
                method: "POST",
                path: "app/api/session",
                body: Some(&body),
                ..Call::default()
            })
            .await?;
        let response: HandoffResponse = codec::read(value).ok_or_else(unreadable)?;
        Ok((response.session, response.bearer))
    }

    /// Signs out.
    pub(crate) async fn sign_out(self) -> Result<(), Failure> {
        let delete = self
            .send(Call {
                method: "DELETE",
                path: SESSION,
                ..Call::default()
            })
            .await;
        if delete != Err(Failure::Offline) {
            return delete.map(|_| ());
        }
        // Some firewalls let only GET and POST through.
        self.send(Call {
            method: "POST",
            path: "app/api/session/end",
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

    /// Creates the meeting of `body`, or says what became of the create of this `key`.
    pub(crate) async fn create(self, key: &str, body: Option<&str>) -> Result<Created, Failure> {
        let path = if body.is_some() {
            "app/api/meetings"
        } else {
            "app/api/meetings/check"
        };
        let call = Call {
            method: "POST",
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

    /// The meeting `id`.
    pub(crate) async fn meeting(self, id: &str) -> Result<Meeting, Failure> {
        let id: String = js_sys::encode_uri_component(id).into();
        let (_, value) = self.get(&["app/api/meetings/", &id].concat()).await?;
        codec::read(value).ok_or_else(unreadable)
    }

    async fn get(&self, path: &str) -> Result<(u16, JsValue), Failure> {
        self.send(Call {
            method: "GET",
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
    async fn silence(&self, error: &JsValue) -> Failure {
        let is_network = error.is_instance_of::<TypeError>();
        if is_network && let Some(refused) = self.unlisted().await {
            return refused;
        }
        let own = window().location().origin().unwrap_or_default();
        let is_elsewhere = !self.base.starts_with(&[own.as_str(), "/"].concat());
        let asks = Call {
            method: "GET",
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
        let how = RequestInit::new();
        how.set_credentials(RequestCredentials::Omit);
        how.set_cache(RequestCache::NoStore);
        let (status, text) = self.send_to("app/listed", &how).await.ok()?;
        let problem = codec::from_text(&text)?;
        (status == 403).then(|| Failure::of(403, Some(problem)))
    }

    /// Whether anybody answers in the proxy's place, whatever they say.
    async fn somebody(&self) -> bool {
        for path in [SESSION, "embed.js"] {
            let how = RequestInit::new();
            how.set_mode(RequestMode::NoCors);
            how.set_credentials(RequestCredentials::Include);
            how.set_cache(RequestCache::NoStore);
            if self.send_to(path, &how).await.is_ok() {
                return true;
            }
        }
        false
    }

    async fn fetch(&self, call: Call<'_>) -> Result<(u16, String), JsValue> {
        if (call.method, call.path) == ("GET", SESSION)
            && let Some(early) = self.early.take()
            && self.bearer.is_none()
        {
            return received(early).await;
        }
        let how = RequestInit::new();
        how.set_method(call.method);
        how.set_credentials(RequestCredentials::Include);
        // The API never redirects: whoever does wants somebody to sign on.
        how.set_redirect(RequestRedirect::Manual);
        let headers = Headers::new()?;
        headers.set(REQUEST_HEADER, "1")?;
        headers.set("accept", "application/json")?;
        if let Some(key) = call.key {
            headers.set(IDEMPOTENCY_KEY, key)?;
        }
        if let Some(bearer) = self.token().or_else(|| self.bearer.clone()) {
            headers.set("authorization", &["Bearer ", &bearer].concat())?;
        }
        if let Some(body) = call.body {
            headers.set("content-type", "application/json")?;
            how.set_body(&body.into());
        }
        how.set_headers(&headers);
        self.send_to(call.path, &how).await
    }

    /// Status and text of the answer.
    async fn send_to(&self, path: &str, how: &RequestInit) -> Result<(u16, String), JsValue> {
        if let Ok(controller) = AbortController::new() {
            how.set_signal(Some(&controller.signal()));
            // `AbortSignal.timeout` is younger than some browsers.
            let abort = Closure::once_into_js(move || controller.abort());
            window().set_timeout_with_callback_and_timeout_and_arguments_0(
                abort.unchecked_ref(),
                TIMEOUT_MS,
            )?;
        }
        let url = [self.base.as_str(), path].concat();
        let request = Request::new_with_str_and_init(&url, how)?;
        received(window().fetch_with_request(&request)).await
    }
}

/// Status and text of an answer that `fetch` has promised.
async fn received(answer: Promise) -> Result<(u16, String), JsValue> {
    let response: Response = JsFuture::from(answer).await?.unchecked_into();
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}

/// An answer that says yes but is not what was asked for.
fn unreadable() -> Failure {
    Failure::of(200, None)
}
