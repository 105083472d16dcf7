//! Protection of the proxy itself: a bound on requests at once, on their time, and on how many one
//! session or one address may send.
//!
//! Approximate and per process on purpose, unlike the upstream limit: this keeps a runaway script
//! from everybody else, it is no contract with anyone.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use goto_microapps_api::Code;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use tokio::sync::Semaphore;

use super::Refusal;
use crate::random;

/// Requests at once; more hear at once that the proxy is busy. Far above what a hundred requests to
/// GoTo a minute can keep busy.
const AT_ONCE: usize = 1_024;
/// What one session may send: somebody who types fast into the search stays far below.
const PER_SESSION: (u32, u32) = (20, 100);
/// What one address may send: an office behind one address stays below.
const PER_ADDRESS: (u32, u32) = (100, 1_000);
/// Keys remembered before those that are quiet are dropped.
const KEYS_MAX: usize = 50_000;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Inbound(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    at_once: Semaphore,
    longest: Duration,
    sessions: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    trusted_proxies: Vec<IpNet>,
}

fn quota((per_second, burst): (u32, u32)) -> Quota {
    let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst))
}

impl Inbound {
    /// `longest` is what one request may take.
    pub(super) fn new(longest: Duration, trusted_proxies: Vec<IpNet>) -> Self {
        Self(Arc::new(Inner {
            at_once: Semaphore::new(AT_ONCE),
            longest,
            sessions: RateLimiter::keyed(quota(PER_SESSION)),
            addresses: RateLimiter::keyed(quota(PER_ADDRESS)),
            trusted_proxies,
        }))
    }

    /// Seconds to wait, if this caller sends too much.
    fn wait(&self, request: &Request) -> Option<u32> {
        let inner = &self.0;
        let now = DefaultClock::default().now();
        let headers = request.headers();
        let refused = match (session(headers), client(request, &inner.trusted_proxies)) {
            (Some(session), _) => {
                if inner.sessions.len() > KEYS_MAX {
                    inner.sessions.retain_recent();
                }
                inner.sessions.check_key(&session).err()
            }
            (None, Some(address)) => {
                if inner.addresses.len() > KEYS_MAX {
                    inner.addresses.retain_recent();
                }
                inner.addresses.check_key(&address).err()
            }
            (None, None) => None,
        };
        let wait = refused?.wait_time_from(now).as_secs() + 1;
        Some(u32::try_from(wait).unwrap_or(u32::MAX))
    }
}

/// What names the session in a request, whether it exists or not: a guessed one is bounded too.
fn session(headers: &HeaderMap) -> Option<String> {
    let carrier = [header::AUTHORIZATION, header::COOKIE]
        .iter()
        .find_map(|name| headers.get(name)?.to_str().ok());
    carrier.map(random::sha256)
}

/// The address of the client: the peer, or what a trusted reverse proxy says. `None` for a peer on
/// this machine that is not declared as one: it may be a reverse proxy that nobody told us of, and
/// everybody behind it must not share one client's bound.
fn client(request: &Request, trusted: &[IpNet]) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let peer = peer.ip().to_canonical();
    if !is_trusted(&peer) {
        return (!peer.is_loopback()).then_some(peer);
    }
    // The last address that no trusted proxy added is the one a trusted proxy saw.
    request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.trim().parse::<IpAddr>().ok())
        .map(|address| address.to_canonical())
        .rfind(|address| !is_trusted(address))
}

/// Before everything else of the public listener.
pub(super) async fn protect(
    State(inbound): State<Inbound>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(retry_after) = inbound.wait(&request) {
        metrics::counter!("http_requests_refused_total", "why" => "rate").increment(1);
        return Refusal::overloaded(retry_after, "too many requests from here").into_response();
    }
    let Ok(_place) = inbound.0.at_once.try_acquire() else {
        metrics::counter!("http_requests_refused_total", "why" => "load").increment(1);
        return Refusal::overloaded(1, "too many requests at once").into_response();
    };
    match tokio::time::timeout(inbound.0.longest, next.run(request)).await {
        Ok(response) => response,
        // Not `Busy`: that says that nothing was sent, and a create goes on without its caller.
        Err(_) => Refusal::new(Code::GotoSlow, "the request took too long").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_not_called_busy() {
        let longest = Duration::from_secs(75);
        let inbound = Inbound::new(longest, Vec::new());
        let app = Router::new()
            .route("/", post(std::future::pending::<()>))
            .layer(from_fn_with_state(inbound, protect));
        let began = tokio::time::Instant::now();
        let request = Request::post("/").body(Body::empty()).expect("a request");
        let response = app.oneshot(request).await.expect("an answer");
        assert_eq!(began.elapsed(), longest);
        // Busy would say that nothing was sent; its create may be on the wire.
        assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
        let refusal = response.extensions().get::<Refusal>().expect("a refusal");
        assert_eq!(refusal.document("id").code, Code::GotoSlow);
    }
}
