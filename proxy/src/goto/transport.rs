//! One HTTP request to GoTo: the only place that sends.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::errors::{Error, retry_after};
use crate::clock::Clock;

/// Longest answer read, bytes. A page of 100 users stays far below.
const BODY_MAX: usize = 4 * 1024 * 1024;

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) retry_after: Option<u32>,
    /// The connection broke within the body of a refusal.
    pub(super) cut: bool,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    /// Opens a connection for each request.
    fresh: reqwest::Client,
    clock: Clock,
}

impl Transport {
    pub(super) fn new(timeout: Duration, clock: Clock) -> Result<Self, reqwest::Error> {
        // A redirect, a retry or a replay would be a request the limit never counted, and could
        // carry a token to another host.
        let client = || {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .http1_only()
                .connect_timeout(Duration::from_secs(5).min(timeout))
                .timeout(timeout)
                .user_agent(concat!("goto-microapps/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self {
            // A connection the other side is about to close looks like a lost answer.
            http: client().pool_idle_timeout(Duration::from_secs(2)).build()?,
            fresh: client().pool_max_idle_per_host(0).build()?,
            clock,
        })
    }

    pub(super) fn request(&self, method: http::Method, url: url::Url) -> reqwest::RequestBuilder {
        self.http.request(method, url)
    }

    /// A request over a connection of its own: on a reused one, a close by the other side cannot
    /// be told from a lost answer.
    pub(super) fn fresh_request(
        &self,
        method: http::Method,
        url: url::Url,
    ) -> reqwest::RequestBuilder {
        self.fresh.request(method, url)
    }

    /// Sends once. The error says whether the request may have arrived.
    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, Error> {
        let mut response = request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                Error::Unreachable
            } else {
                Error::Slow
            }
        })?;
        let status = response.status();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| retry_after(value.to_str().ok()?, self.clock.now()));
        let mut body = Vec::new();
        let mut cut = false;
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > BODY_MAX => {
                    return Err(Error::Unreadable {
                        status: status.as_u16(),
                        why: "too long",
                    });
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                // A refusal is a refusal even if its text was cut short.
                Err(_) if status.is_client_error() => {
                    cut = true;
                    break;
                }
                Err(_) => return Err(Error::Slow),
            }
        }
        Ok(Answer {
            status: status.as_u16(),
            body,
            retry_after,
            cut,
        })
    }
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        StatusCode::from_u16(self.status).is_ok_and(|status| status.is_success())
    }
}
