//! One HTTP request to GoTo: the only place that sends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use url::Url;

use super::errors::{Error, retry_after};
use crate::clock::Clock;
use crate::outbound::{ClientError, Fault, Outbound};

/// Longest answer read, bytes. A page of 100 users stays far below.
const BODY_MAX: usize = 4 * 1024 * 1024;

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// How long a 429 keeps others from being sent.
    pub(super) pause: Option<Duration>,
    /// The connection broke within the body of a refusal.
    pub(super) cut: bool,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    /// Opens a connection for each request.
    fresh: reqwest::Client,
    outbound: Outbound,
    /// Why GoTo was not reached last, until it is.
    fault: Arc<Mutex<Option<Fault>>>,
    clock: Clock,
}

impl Transport {
    pub(super) fn new(
        outbound: Outbound,
        timeout: Duration,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        let shape = |builder: reqwest::ClientBuilder| {
            builder
                .http1_only()
                .connect_timeout(Duration::from_secs(5).min(timeout))
                .timeout(timeout)
        };
        // A connection the other side is about to close looks like a lost answer.
        let short = Duration::from_secs(2);
        Ok(Self {
            http: outbound.client(|builder| shape(builder).pool_idle_timeout(short))?,
            fresh: outbound.client(|builder| shape(builder).pool_max_idle_per_host(0))?,
            outbound,
            fault: Arc::default(),
            clock,
        })
    }

    /// Why GoTo is not reached at the moment.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.lock_fault().clone()
    }

    fn lock_fault(&self) -> MutexGuard<'_, Option<Fault>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps and logs why GoTo was not reached, once for each reason.
    fn not_reached(&self, url: &Url, error: &reqwest::Error) {
        let fault = self.outbound.fault(url, error);
        let mut known = self.lock_fault();
        if known.as_ref() != Some(&fault) {
            tracing::warn!(
                cause = fault.cause.word(),
                host = fault.host,
                proxy = fault.proxy,
                cure = fault.cure(),
                "GoTo cannot be reached: {fault}"
            );
        }
        *known = Some(fault);
    }

    fn reached(&self) {
        if self.lock_fault().take().is_some() {
            tracing::info!("GoTo is reached again");
        }
    }

    pub(super) fn request(&self, method: http::Method, url: Url) -> reqwest::RequestBuilder {
        self.http.request(method, url)
    }

    /// A request over a connection of its own: on a reused one, a close by the other side cannot
    /// be told from a lost answer.
    pub(super) fn fresh_request(&self, method: http::Method, url: Url) -> reqwest::RequestBuilder {
        self.fresh.request(method, url)
    }

    /// Sends once. The error says whether the request may have arrived.
    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, Error> {
        let sent = request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                if let Some(url) = error.url() {
                    self.not_reached(url, &error);
                }
                Error::Unreachable
            } else {
                Error::Slow
            }
        });
        let mut response = sent?;
        self.reached();
        let status = response.status();
        let named = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| retry_after(value.to_str().ok()?, self.clock.now()));
        let pause = named.map_or_else(unnamed_pause, |seconds| Duration::from_secs(seconds.into()));
        let pause = (status == StatusCode::TOO_MANY_REQUESTS).then_some(pause);
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
            pause,
            cut,
        })
    }
}

/// GoTo counts per second and API, and as a rule does not say how long to wait. Not all who were
/// refused come back at the same moment.
fn unnamed_pause() -> Duration {
    Duration::from_millis(rand::random_range(1_000..2_000))
}

impl Answer {
    /// The pause in whole seconds, for whoever is told to wait.
    pub(super) fn retry_after(&self) -> Option<u32> {
        let millis = self.pause?.as_millis();
        u32::try_from(millis.div_ceil(1000)).ok()
    }

    pub(super) fn is_success(&self) -> bool {
        StatusCode::from_u16(self.status).is_ok_and(|status| status.is_success())
    }
}
