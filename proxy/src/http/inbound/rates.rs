//! How fast requests may come, of one address and of one session.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, header};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::address::{Client, is_forwarded};
use crate::random;

/// What one session may send: somebody who types fast into the search stays far below.
const PER_SESSION: (u32, u32) = (20, 100);
/// Requests of one address in a burst, as a multiple of what it may send in a second.
const BURST: u32 = 10;
/// Keys remembered before those that are quiet are dropped.
const KEYS_MAX: usize = 50_000;
/// Seconds between two warnings that a reverse proxy is not declared.
const WARN_EVERY: i64 = 3_600;

/// How fast requests may come.
#[derive(Debug)]
pub(super) struct Rates {
    sessions: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<Client>,
    began: std::time::Instant,
    /// When, in seconds since then, somebody was last told of an undeclared reverse proxy.
    warned: AtomicI64,
}

fn quota((per_second, burst): (u32, u32)) -> Quota {
    let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst))
}

/// Seconds until `key` may come again, if it comes too often.
fn wait<K: Clone + Eq + std::hash::Hash>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Option<u32> {
    if limiter.len() > KEYS_MAX {
        limiter.retain_recent();
    }
    let refused = limiter.check_key(key).err()?;
    let wait = refused.wait_time_from(DefaultClock::default().now());
    Some(u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX))
}

impl Rates {
    pub(super) fn new(per_address: u32) -> Self {
        Self {
            sessions: RateLimiter::keyed(quota(PER_SESSION)),
            addresses: RateLimiter::keyed(quota((per_address, per_address.saturating_mul(BURST)))),
            began: std::time::Instant::now(),
            warned: AtomicI64::new(-WARN_EVERY),
        }
    }

    /// Seconds to wait, if this caller sends too much. The address counts whatever else the request
    /// says: a session is only claimed, and anybody can claim a new one each time.
    pub(super) fn wait(&self, client: Client, headers: &HeaderMap) -> Option<u32> {
        wait(&self.addresses, &client)
            .or_else(|| session(headers).and_then(|session| wait(&self.sessions, &session)))
    }

    /// Everybody behind a reverse proxy that nobody told us of is one client.
    pub(super) fn warn_of_undeclared(&self, request: &Request) {
        let peer = request
            .extensions()
            .get::<ConnectInfo<std::net::SocketAddr>>();
        let Some(ConnectInfo(peer)) = peer else {
            return;
        };
        if !peer.ip().to_canonical().is_loopback() || !is_forwarded(request.headers()) {
            return;
        }
        let now = i64::try_from(self.began.elapsed().as_secs()).unwrap_or(i64::MAX);
        let warned = self.warned.load(Ordering::Relaxed);
        let due = now - warned >= WARN_EVERY;
        let first = || {
            let exchange = (Ordering::Relaxed, Ordering::Relaxed);
            self.warned
                .compare_exchange(warned, now, exchange.0, exchange.1)
                .is_ok()
        };
        if due && first() {
            tracing::warn!(
                "server.trusted_proxies: a reverse proxy on this machine is not named there, so everybody behind it counts as one client; add \"{}\"",
                peer.ip()
            );
        }
    }
}

/// What names the session in a request, whether it exists or not: a guessed one is bounded too.
fn session(headers: &HeaderMap) -> Option<String> {
    let carrier = [header::AUTHORIZATION, header::COOKIE]
        .iter()
        .find_map(|name| headers.get(name)?.to_str().ok());
    carrier.map(random::sha256)
}
