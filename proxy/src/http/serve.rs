//! The listener: takes connections, bounds how many there are and how long they may be silent, and
//! lets requests finish when the proxy stops.
//!
//! HTTP/1.1 only: TLS and HTTP/2 end at the reverse proxy in front.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

/// Connections at once. Each idle one costs a few kilobytes.
const CONNECTIONS_MAX: usize = 16_384;
/// How long a connection may take to send the head of a request, and how long it may stay idle
/// between two requests.
const QUIET: Duration = Duration::from_secs(60);
/// How long to wait when the system has no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` says so, then lets the requests under way finish.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // An error means the sender is gone, which is a stop as well.
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // Too many open files, or a connection that was gone already.
            Err(error) => {
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(NO_ROOM).await;
                continue;
            }
        };
        // Beyond the bound the connection is closed at once: the client hears it and can go
        // elsewhere, while waiting would only take memory.
        let Ok(place) = room.clone().try_acquire_owned() else {
            metrics::counter!("http_connections_refused_total").increment(1);
            continue;
        };
        let watcher = graceful.watcher();
        let router = router.clone();
        let mut stop = stop.clone();
        tokio::spawn(async move {
            let speaking = tokio::select! {
                speaking = is_speaking(&stream) => speaking,
                // Browsers open connections ahead of need: one that says nothing keeps nobody.
                _ = stop.wait_for(|stop| *stop) => false,
            };
            if speaking {
                let connection = connection(stream, peer, router);
                // How a client ends its connection is its own affair.
                let _ = watcher.watch(connection).await;
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Waits for the first byte. Until then nothing but the socket is kept: ten thousand connections
/// that say nothing must not cost ten thousand buffers.
async fn is_speaking(stream: &TcpStream) -> bool {
    // Small messages must not wait for each other; where it cannot be set they only take longer.
    let _ = stream.set_nodelay(true);
    matches!(
        tokio::time::timeout(QUIET, stream.readable()).await,
        Ok(Ok(()))
    )
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> http1::Connection<
    TokioIo<TcpStream>,
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
    let service = router.map_request(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(QUIET)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
}
