//! A box between browser and proxy that answers for the proxy: a reverse proxy with error pages of
//! its own, or a sign-on gateway whose session has ended.
//!
//! It passes everything on until it is told to [`Middlebox::answer`] otherwise.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// Longest body it carries, bytes.
const BODY_MAX: usize = 8 << 20;

/// Headers of one connection only.
const HOP: [HeaderName; 4] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::CONTENT_LENGTH,
    header::TE,
];

/// Which requests it answers itself, and what.
#[derive(Clone, Debug)]
pub struct Interference {
    /// Requests of this method only.
    pub method: Option<Method>,
    /// Requests whose path begins so.
    pub path: &'static str,
    /// Whether the proxy gets the request first; only its answer is lost then.
    pub passes_on: bool,
    /// How many requests; `None` until told otherwise.
    pub times: Option<u32>,
    /// Status of the answer.
    pub status: u16,
    /// Where the answer sends the browser.
    pub location: Option<String>,
    /// Its content type.
    pub content_type: &'static str,
    /// Its body.
    pub body: &'static str,
}

impl Interference {
    /// A page of HTML with this status, for every request below `path`.
    pub fn page(path: &'static str, status: u16) -> Self {
        Self {
            method: None,
            path,
            passes_on: false,
            times: None,
            status,
            location: None,
            content_type: "text/html",
            body: "<!DOCTYPE html><html><head><title>Gateway</title></head>\
                   <body><h1>Sign in</h1><form><input name=\"user\"></form></body></html>",
        }
    }

    /// Only for requests of this method.
    #[must_use]
    pub fn of(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Only once the proxy has done what it was asked.
    #[must_use]
    pub fn after_the_proxy(mut self) -> Self {
        self.passes_on = true;
        self
    }

    /// So many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Sends the browser elsewhere.
    #[must_use]
    pub fn to(mut self, location: &str) -> Self {
        self.location = Some(location.to_owned());
        self
    }

    fn is_for(&self, request: &Request) -> bool {
        self.times != Some(0)
            && request.uri().path().starts_with(self.path)
            && self
                .method
                .as_ref()
                .is_none_or(|method| method == request.method())
    }

    fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let headers = [(header::CONTENT_TYPE, self.content_type)];
        let mut response = (status, headers, self.body).into_response();
        let location = self.location.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(location)) = location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// What it does to one request and its answer.
#[derive(Debug)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// Asks the proxy for this path in the place of the one that was asked for.
    Ask(String),
    /// Writes the answer's text anew.
    Text(fn(&str) -> String),
    /// Writes the answer's bytes anew.
    Bytes(fn(&[u8]) -> Vec<u8>),
    /// Takes away what the answer says of its type.
    NoType,
}

/// Decides by the path and query that are asked for.
type Meddler = Box<dyn FnMut(&str) -> Change + Send>;

struct Inner {
    proxy: SocketAddr,
    http: reqwest::Client,
    interference: Mutex<Option<Interference>>,
    meddler: Mutex<Option<Meddler>>,
    with_cookies: Mutex<Vec<String>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Middlebox");
        shown.field("proxy", &self.proxy).finish_non_exhaustive()
    }
}

/// See the module. Stops when dropped.
#[derive(Debug)]
pub struct Middlebox {
    inner: Arc<Inner>,
    server: AbortHandle,
    address: SocketAddr,
}

impl Middlebox {
    /// Stands on `port` before the proxy that listens at `proxy`; port 0 takes any.
    pub(crate) async fn start(port: u16, proxy: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // Where the proxy closed, as it does when it stops, the browser must hear of it.
            .pool_max_idle_per_host(0)
            .build()
            .context("an HTTP client")?;
        let inner = Arc::new(Inner {
            proxy,
            http,
            interference: Mutex::default(),
            meddler: Mutex::default(),
            with_cookies: Mutex::default(),
        });
        let router = Router::new().fallback(carry).with_state(inner.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            inner,
            server: server.abort_handle(),
            address,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers these requests itself from now on, instead of what it was told before.
    pub fn answer(&self, interference: Interference) {
        *self.told() = Some(interference);
    }

    /// Passes everything on again.
    pub fn pass(&self) {
        *self.told() = None;
    }

    /// Changes what it passes on, from now on.
    pub fn meddle(&self, meddler: impl FnMut(&str) -> Change + Send + 'static) {
        let told = self.inner.meddler.lock();
        *told.unwrap_or_else(PoisonError::into_inner) = Some(Box::new(meddler));
    }

    /// Paths of the requests that brought a cookie, in the order of their arrival.
    pub fn with_cookies(&self) -> Vec<String> {
        let paths = self.inner.with_cookies.lock();
        paths.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Option<Interference>> {
        let told = self.inner.interference.lock();
        told.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Middlebox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Inner {
    fn note(&self, request: &Request) {
        if request.headers().contains_key(header::COOKIE) {
            let paths = self.with_cookies.lock();
            let mut paths = paths.unwrap_or_else(PoisonError::into_inner);
            paths.push(request.uri().path().to_owned());
        }
    }

    fn draw(&self, request: &Request) -> Option<Interference> {
        let told = self.interference.lock();
        let mut told = told.unwrap_or_else(PoisonError::into_inner);
        let interference = told.as_mut().filter(|told| told.is_for(request))?;
        if let Some(times) = &mut interference.times {
            *times -= 1;
        }
        Some(interference.clone())
    }

    async fn pass_on(&self, request: Request) -> anyhow::Result<Response> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, BODY_MAX).await?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let change = self.change(path);
        let mut headers = end_to_end(parts.headers);
        if matches!(change, Change::Text(_) | Change::Bytes(_)) {
            headers.remove(header::ACCEPT_ENCODING);
        }
        let path = match &change {
            Change::Ask(other) => other,
            _ => path,
        };
        let url = format!("http://{}{path}", self.proxy);
        let answer = self
            .http
            .request(parts.method, url)
            .headers(headers)
            .body(body)
            .send()
            .await?;
        let (status, mut headers) = (answer.status(), end_to_end(answer.headers().clone()));
        let body: Bytes = answer.bytes().await?;
        let body = match change {
            Change::Text(write) => write(std::str::from_utf8(&body)?).into(),
            Change::Bytes(write) => write(&body).into(),
            Change::NoType => {
                headers.remove(header::CONTENT_TYPE);
                body
            }
            Change::Nothing | Change::Ask(_) => body,
        };
        Ok((status, headers, Body::from(body)).into_response())
    }

    fn change(&self, path: &str) -> Change {
        let told = self.meddler.lock();
        let mut told = told.unwrap_or_else(PoisonError::into_inner);
        told.as_mut().map_or(Change::Nothing, |meddle| meddle(path))
    }
}

fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in HOP {
        headers.remove(name);
    }
    headers
}

async fn carry(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    inner.note(&request);
    let interference = inner.draw(&request);
    if let Some(instead) = interference.as_ref().filter(|told| !told.passes_on) {
        return instead.response();
    }
    match (inner.pass_on(request).await, interference) {
        (Ok(_), Some(instead)) => instead.response(),
        (Ok(response), None) => response,
        (Err(_), _) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
