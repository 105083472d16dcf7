//! Somebody's browser on the intranet page, without the widget: the same requests by hand.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use goto_microapps_api::{
    Carrier, HandoffMessage, HandoffResponse, IDEMPOTENCY_KEY, NewMeeting, Problem, REQUEST_HEADER,
    SeveredRequest,
};
use goto_sandbox::Sandbox;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, RequestBuilder};
use sha2::{Digest, Sha256};

use crate::PROXY_NAME;
use crate::jar::Jar;

/// What every secret of the sandbox has in it, and how its access tokens begin: one that was cut
/// short is found as well.
pub const SECRETS: [&str; 2] = ["canary", "eyJhbGciOi"];

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub text: String,
}

impl Reply {
    /// Reads all of an answer.
    ///
    /// # Errors
    /// When it does not arrive whole.
    /// Or holds one of the sandbox's secrets, see [`SECRETS`]: no answer of the proxy may, in no
    /// test.
    pub async fn read(response: reqwest::Response) -> anyhow::Result<Self> {
        let reply = Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await?,
        };
        let leaks = |text: &str| SECRETS.iter().any(|secret| text.contains(secret));
        let headers = reply.headers.iter();
        let header = headers
            .filter_map(|(name, value)| Some((name, value.to_str().ok()?)))
            .find(|(_, value)| leaks(value));
        assert!(
            header.is_none(),
            "a secret left the proxy in a header: {header:?}"
        );
        assert!(
            !leaks(&reply.text),
            "a secret left the proxy: {}",
            reply.text
        );
        Ok(reply)
    }

    /// A header's text, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is something else.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> anyhow::Result<T> {
        serde_json::from_str(&self.text).with_context(|| format!("{}: {}", self.status, self.text))
    }

    /// The body as a problem document.
    ///
    /// # Errors
    /// When it is none, or does not say so.
    pub fn problem(&self) -> anyhow::Result<Problem> {
        let kind = self.header("content-type");
        anyhow::ensure!(
            kind == "application/problem+json",
            "{}: {kind}: {}",
            self.status,
            self.text
        );
        self.json()
    }
}

/// See the module.
#[derive(Debug)]
pub struct Visitor {
    base: String,
    origin: String,
    http: reqwest::Client,
    jar: Jar,
    bearer: Mutex<Option<String>>,
}

/// Challenge of a hand-off verifier (RFC 7636 section 4.2).
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// An attribute in a page, by a name that it has once.
fn attribute(page: &Reply, name: &str) -> Option<String> {
    let start = page.text.find(&format!("{name}=\""))? + name.len() + 2;
    let rest = &page.text[start..];
    let text = &rest[..rest.find('"')?];
    Some(
        text.replace("&#34;", "\"")
            .replace("&quot;", "\"")
            .replace("&#38;", "&")
            .replace("&amp;", "&"),
    )
}

/// A client that finds `name` at `address`, where a certificate is nobody's but the harness's own.
pub(crate) fn client(name: &str, address: SocketAddr) -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        .resolve(name, address)
        .build()
        .expect("an HTTP client")
}

impl Visitor {
    /// Somebody without cookies on a page of `origin`, whose proxy has the URL `base`, listens at
    /// `address` and is called `proxy.localhost`.
    pub fn new(base: String, address: SocketAddr, origin: String) -> Self {
        Self {
            base,
            origin,
            http: client(PROXY_NAME, address),
            jar: Jar::default(),
            bearer: Mutex::default(),
        }
    }

    /// The same browser on another page.
    #[must_use]
    pub fn on(mut self, origin: &str) -> Self {
        origin.clone_into(&mut self.origin);
        self
    }

    /// The same browser, after a load balancer chose another replica.
    pub fn turn_to(&mut self, base: &str) {
        base.clone_into(&mut self.base);
    }

    /// A request with cookies and nothing else, as a navigation sends it. The path may be a whole
    /// URL.
    pub fn plain(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{}", self.base, path.trim_start_matches('/'))
        };
        let request = self.http.request(method, url);
        match self.jar.header() {
            cookies if cookies.is_empty() => request,
            cookies => request.header("cookie", cookies),
        }
    }

    /// A request of the widget: static header, origin, session.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .plain(method, path)
            .header(REQUEST_HEADER, "1")
            .header("origin", &self.origin);
        let bearer = self.bearer.lock().expect("no panic while held").clone();
        match bearer {
            Some(bearer) => request.bearer_auth(bearer),
            None => request,
        }
    }

    /// Sends and keeps cookies.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn send(&self, request: RequestBuilder) -> anyhow::Result<Reply> {
        let response = request.send().await?;
        self.jar.keep(response.headers());
        Reply::read(response).await
    }

    /// `GET` of the widget.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.send(self.call(Method::GET, path)).await
    }

    /// `GET` of the widget by a whole URL, for a load balancer's choice of a replica.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn get_at(&self, url: String) -> anyhow::Result<Reply> {
        self.get(&url).await
    }

    /// A navigation.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn open(&self, url: &str) -> anyhow::Result<Reply> {
        self.send(self.plain(Method::GET, url)).await
    }

    /// Creates a meeting.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn create(&self, key: &str, form: &NewMeeting) -> anyhow::Result<Reply> {
        let request = self
            .call(Method::POST, "app/api/meetings")
            .header(IDEMPOTENCY_KEY, key)
            .json(form);
        self.send(request).await
    }

    /// Opens the sign-in window and returns GoTo's address it leaves for.
    ///
    /// # Errors
    /// When the proxy does not send it there.
    pub async fn depart(&self, verifier: &str) -> anyhow::Result<String> {
        let mut url = url::Url::parse(&format!("{}app/sign-in", self.base))?;
        url.query_pairs_mut()
            .append_pair("origin", &self.origin)
            .append_pair("challenge", &challenge(verifier))
            .append_pair("lang", "en");
        let reply = self.open(url.as_str()).await?;
        anyhow::ensure!(reply.status == 303, "{}: {}", reply.status, reply.text);
        Ok(reply.header(LOCATION.as_str()).to_owned())
    }

    /// Follows GoTo's redirect back. A page that says when the sign-in goes on is opened again then,
    /// as a browser does, so that a budget spent by somebody else delays and does not refuse. For a
    /// clock that runs.
    ///
    /// # Errors
    /// When no whole answer came, or it was put off again and again.
    pub async fn arrive(&self, back: &str) -> anyhow::Result<Reply> {
        for _ in 0..10 {
            let page = self.open(back).await?;
            let posted = Self::posted(&page).ok();
            match posted.and_then(|(message, _)| message.retry_after) {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds.into())).await,
                None => return Ok(page),
            }
        }
        anyhow::bail!("the sign-in was put off ten times")
    }

    /// What the sign-in window posts, and to which origin; read from the page as its script does.
    ///
    /// # Errors
    /// When the page posts nothing.
    pub fn posted(page: &Reply) -> anyhow::Result<(HandoffMessage, String)> {
        let message = attribute(page, "data-message").context("the page posts nothing")?;
        let origin = attribute(page, "data-origin").context("no origin")?;
        Ok((serde_json::from_str(&message)?, origin))
    }

    /// Says, as the widget does, that its window was cut off from it.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn sever(&self, challenge: &str) -> anyhow::Result<Reply> {
        let body = SeveredRequest {
            challenge: challenge.to_owned(),
        };
        let request = self.call(Method::POST, "app/api/sign-in/severed");
        self.send(request.json(&body)).await
    }

    /// Where the window goes that was cut off from its page; read from the page of the callback as its
    /// script does.
    ///
    /// # Errors
    /// When that page goes nowhere.
    pub fn severed(page: &Reply) -> anyhow::Result<String> {
        attribute(page, "data-severed").with_context(|| page.text.clone())
    }

    /// The code to type that such a window shows, if it shows one.
    pub fn typed(page: &Reply) -> Option<String> {
        let (_, rest) = page.text.split_once("data-code>")?;
        let (typed, _) = rest.split_once('<')?;
        Some(typed.to_owned())
    }

    /// Follows GoTo's redirect back in a window that was cut off from its page, of which the widget has
    /// told the proxy: the code that would be posted, and the one that is shown.
    ///
    /// # Errors
    /// When there is no code.
    pub async fn arrive_severed(
        &self,
        back: &str,
        verifier: &str,
    ) -> anyhow::Result<(String, String)> {
        let told = self.sever(&challenge(verifier)).await?;
        anyhow::ensure!(told.status == 204, "{}: {}", told.status, told.text);
        let page = self.arrive(back).await?;
        let (message, _) = Self::posted(&page)?;
        let shown = self.open(&Self::severed(&page)?).await?;
        let typed = Self::typed(&shown).with_context(|| shown.text.clone())?;
        Ok((message.code.context("no code")?, typed))
    }

    /// Swaps a code for a session.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn take(
        &self,
        code: &str,
        verifier: &str,
        carrier: Carrier,
    ) -> anyhow::Result<Reply> {
        let body = goto_microapps_api::HandoffRequest {
            code: code.to_owned(),
            verifier: verifier.to_owned(),
            carrier,
        };
        let request = self.call(Method::POST, "app/api/session").json(&body);
        let reply = self.send(request).await?;
        if reply.status == 200
            && let Some(bearer) = reply.json::<HandoffResponse>()?.bearer
        {
            *self.bearer.lock().expect("no panic while held") = Some(bearer);
        }
        Ok(reply)
    }

    /// The whole sign-in with a cookie.
    ///
    /// # Errors
    /// What did not work.
    pub async fn sign_in(&self, sandbox: &Sandbox, email: &str) -> anyhow::Result<()> {
        let verifier = format!("verifier-of-{email}-0123456789-0123456789-0123456789");
        let departure = self.depart(&verifier).await?;
        let back = sandbox.consent(&departure, email).await?;
        let page = self.open(&back).await?;
        let (message, _) = Self::posted(&page)
            .with_context(|| format!("callback {}: {}", page.status, page.text))?;
        let code = message.code.with_context(|| page.text.clone())?;
        let reply = self.take(&code, &verifier, Carrier::Cookie).await?;
        anyhow::ensure!(
            reply.status == 200,
            "hand-off {}: {}",
            reply.status,
            reply.text
        );
        Ok(())
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.get(name)
    }

    /// Plants a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar.set(name, value);
    }

    /// Forgets all cookies and the bearer.
    pub fn forget(&self) {
        self.jar.clear();
        *self.bearer.lock().expect("no panic while held") = None;
    }
}
