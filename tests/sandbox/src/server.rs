//! Connections. Served by hand, because a fault may have to end one in the middle of an answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::Poll;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::StreamExt;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tower::ServiceExt;

use crate::control;
use crate::pipeline::{Sent, process};
use crate::world::World;

/// Accepts connections until the sandbox stops.
pub(crate) async fn accept(listener: TcpListener, world: Arc<World>) {
    let control = control::router(Arc::clone(&world));
    let serving = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(connection(stream, Arc::clone(&world), control.clone()));
                }
                // Out of file descriptors, most likely: others have to close theirs first.
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    tokio::select! {
        () = serving => {}
        () = world.stopped() => {}
    }
}

async fn connection(stream: TcpStream, world: Arc<World>, control: axum::Router) {
    // Small answers in two writes would wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let cut = Arc::new(Notify::new());
    let service = service_fn(|request: Request<Incoming>| {
        let request = request.map(Body::new);
        let (world, control, cut) = (Arc::clone(&world), control.clone(), Arc::clone(&cut));
        async move {
            if request.uri().path().starts_with(control::PREFIX) {
                return control.oneshot(request).await;
            }
            answer(world, &cut, request).await
        }
    });
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // An error is the client's going away, or a fault.
        _ = serving => {}
        () = cut.notified() => {}
        () = world.stopped() => {}
    }
}

async fn answer(
    world: Arc<World>,
    cut: &Notify,
    request: Request<Body>,
) -> Result<Response, Infallible> {
    // A task of its own: what GoTo has begun it finishes, whether or not the client still waits.
    let stopping = Arc::clone(&world);
    let handled = tokio::spawn(async move {
        tokio::select! {
            sent = process(world, request) => sent,
            () = stopping.stopped() => Sent::Nothing,
        }
    });
    match handled.await.unwrap_or(Sent::Nothing) {
        Sent::Whole(response) => Ok(response),
        Sent::Half(response, half) => Ok(response.map(|_| broken_off(half))),
        Sent::Nothing => {
            cut.notify_one();
            std::future::pending().await
        }
    }
}

/// A body that fails after `half`. In between it is pending for a moment, in which hyper flushes
/// what it has to the socket.
fn broken_off(half: Bytes) -> Body {
    let mut turns = 0;
    let pause_then_fail = futures::stream::poll_fn(move |context| {
        turns += 1;
        if turns < 4 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("cut by a fault"))))
    });
    let whole = futures::stream::iter([Ok(half)]).chain(pause_then_fail);
    Body::from_stream(whole)
}
