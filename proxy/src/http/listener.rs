//! The listener: takes connections, as many as [`Inbound`] has room for, and lets requests finish
//! when the proxy stops.

use std::time::Duration;

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::inbound::Inbound;

/// How long to wait when the system has no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` says so, then lets the requests under way finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    inbound: Inbound,
    mut stop: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
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
        let Some(place) = inbound.admit(peer.ip()) else {
            metrics::counter!("http_connections_refused_total").increment(1);
            continue;
        };
        // Small messages must not wait for each other; where it cannot be set they only take longer.
        let _ = stream.set_nodelay(true);
        let watcher = graceful.watcher();
        let router = router.clone();
        let inbound = inbound.clone();
        let mut stop = stop.clone();
        tokio::spawn(async move {
            let speaking = tokio::select! {
                speaking = inbound.is_speaking(&stream) => speaking,
                // Browsers open connections ahead of need: one that says nothing keeps nobody.
                _ = stop.wait_for(|stop| *stop) => false,
            };
            if speaking {
                let connection = inbound.connection(stream, peer, router);
                // How a client ends its connection is its own affair.
                let _ = watcher.watch(connection).await;
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}
