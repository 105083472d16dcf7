//! What a stranger may cost. One module for both listeners: how long a head, a body, an answer and
//! silence may take, how many connections and requests there may be in all and of one address, and
//! how much is kept of what is not finished yet.
//!
//! Approximate and per process on purpose, unlike the upstream limit: this keeps a runaway script
//! and a stranger from everybody else, it is no contract with anyone. What the libraries bring is
//! used (hyper: size of heads, silence; governor: rates); where they have nothing, the file says so.

mod address;
mod connection;
mod counts;
mod rates;
mod requests;
pub(super) mod strangers;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ipnet::IpNet;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

use super::HostAddress;
use crate::config;
pub(crate) use address::Client;
use connection::{Course, Guarded};
use counts::{Buffers, Held, PerClient};
use rates::Rates;
pub(super) use requests::protect;

/// Largest head, bytes: a dozen cookies and a token of a portal fit many times.
const HEAD_MAX: usize = 32 * 1024;
/// Largest body, bytes. A form with fifty co-organizers stays below 4 KB.
pub(super) const BODY_MAX: usize = 64 * 1024;

/// See the module. One for each listener.
#[derive(Clone, Debug)]
pub(crate) struct Inbound(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: config::Inbound,
    trusted_proxies: Vec<IpNet>,
    /// What one request may take once it is all there.
    longest: Duration,
    connections: Arc<Semaphore>,
    connections_of: PerClient,
    at_once: Semaphore,
    requests_of: PerClient,
    rates: Rates,
    buffers: Buffers,
}

/// Room for one connection, until dropped.
#[derive(Debug)]
pub(super) struct Place {
    _room: OwnedSemaphorePermit,
    _of: Option<Held>,
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Inbound {
    /// `longest` is what one request may take once it is all there.
    pub(crate) fn new(
        limits: &config::Inbound,
        trusted_proxies: &[IpNet],
        longest: Duration,
    ) -> Self {
        Self(Arc::new(Inner {
            trusted_proxies: trusted_proxies.to_vec(),
            longest,
            connections: Arc::new(Semaphore::new(size(limits.connections))),
            connections_of: PerClient::new(limits.connections_per_address),
            at_once: Semaphore::new(size(limits.requests_at_once)),
            requests_of: PerClient::new(limits.requests_at_once_per_address),
            rates: Rates::new(limits.requests_per_second),
            buffers: Buffers::new(limits.buffers),
            limits: limits.clone(),
        }))
    }

    /// Room for a connection of `peer`. Without, it is to be closed at once: the client hears it
    /// and can go elsewhere, while waiting would only take memory.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Place> {
        let inner = &self.0;
        let of = if address::is_trusted(peer, &inner.trusted_proxies) {
            // It brings everybody, and has limits of its own.
            None
        } else {
            Some(inner.connections_of.take(Client::new(peer))?)
        };
        let room = inner.connections.clone().try_acquire_owned().ok()?;
        Some(Place {
            _room: room,
            _of: of,
        })
    }

    /// Waits for the first byte. Until then nothing but the socket is kept: ten thousand connections
    /// that say nothing must not cost ten thousand buffers.
    pub(super) async fn is_speaking(&self, stream: &TcpStream) -> bool {
        let spoke = tokio::time::timeout(self.0.limits.head, stream.readable()).await;
        matches!(spoke, Ok(Ok(())))
    }

    /// Serves a connection. HTTP/1.1 only: TLS and HTTP/2 end at the reverse proxy in front.
    pub(super) fn connection(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        router: Router,
    ) -> http1::Connection<
        TokioIo<Guarded>,
        TowerToHyperService<
            impl tower::Service<
                hyper::Request<Incoming>,
                Response = axum::response::Response,
                Error = std::convert::Infallible,
                Future = impl Send,
            > + Clone
            + Send,
        >,
    > {
        let inner = &self.0;
        let course = Arc::new(Course::new(inner.buffers.share()));
        let host = stream.local_addr().ok().map(|address| address.ip());
        let (begun, ended) = (course.clone(), course.clone());
        let service = router.map_request(move |request: hyper::Request<Incoming>| {
            begun.served();
            let mut request: Request = request.map(axum::body::Body::new);
            let extensions = request.extensions_mut();
            extensions.insert(ConnectInfo(peer));
            extensions.insert(HostAddress(host));
            request
        });
        let service = ServiceExt::<hyper::Request<Incoming>>::map_response(
            service,
            move |response: axum::response::Response| {
                ended.answered();
                response
            },
        );
        let guarded = Guarded::new(stream, course, inner.limits.head, inner.limits.write);
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(inner.limits.idle.max(inner.limits.head))
            .max_header_size(HEAD_MAX)
            .max_buf_size(HEAD_MAX)
            .serve_connection(TokioIo::new(guarded), TowerToHyperService::new(service))
    }
}
