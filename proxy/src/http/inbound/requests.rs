//! The way of one request in: its address is counted, its body is read, and only when all of it is
//! there does it take a place.
//!
//! tower-http bounds the time of a body (`RequestBodyDeadlineLayer`) and the number of requests
//! (`tower::limit`), but the first fails wherever the body is read and the second gives the place
//! before the body is there. Every body here is small, so it is read in one place and first.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use goto_microapps_api::Code;

use super::super::ApiError;
use super::address::Client;
use super::{BODY_MAX, Inbound};

/// Bytes of a body that is too large that are read all the same.
const DISCARD_MAX: usize = 2 * 1024 * 1024;
fn refused(why: &'static str, refusal: ApiError) -> Response {
    metrics::counter!("http_requests_refused_total", "why" => why).increment(1);
    refusal.into_response()
}

/// Before everything else of a listener.
pub(in super::super) async fn protect(
    State(inbound): State<Inbound>,
    mut request: Request,
    next: Next,
) -> Response {
    let inner = &inbound.0;
    let client = Client::of(&request, &inner.trusted_proxies);
    request.extensions_mut().insert(client);
    if inner.trusted_proxies.is_empty() {
        inner.rates.warn_of_undeclared(&request);
    }
    if let Some(retry_after) = inner.rates.wait(client, request.headers()) {
        let refusal = ApiError::overloaded(retry_after, "too many requests from here");
        return refused("rate", refusal);
    }
    let Some(_open) = inner.requests_of.take(client) else {
        let refusal = ApiError::overloaded(1, "too many requests at once from here");
        return refused("address", refusal);
    };
    let request = match whole(&inbound, request).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let Ok(_place) = inner.at_once.try_acquire() else {
        return refused("load", ApiError::overloaded(1, "too many requests at once"));
    };
    match tokio::time::timeout(inner.longest, next.run(request)).await {
        Ok(response) => response,
        // Not `Busy`: that says that nothing was sent, and a create goes on without its caller.
        Err(_) => ApiError::new(Code::GotoSlow, "the request took too long").into_response(),
    }
}

/// The request with all of its body.
async fn whole(inbound: &Inbound, request: Request) -> Result<Request, Response> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let reading = read(inbound, body);
    let Ok(body) = tokio::time::timeout(inbound.0.limits.body, reading).await else {
        let detail = "the rest of the request did not come in time";
        let refusal = ApiError::new(Code::MalformedRequest, detail);
        return Err(refused(
            "body",
            refusal.with_status(StatusCode::REQUEST_TIMEOUT),
        ));
    };
    let body = body?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

async fn read(inbound: &Inbound, body: Body) -> Result<Bytes, Response> {
    let too_large = || {
        let refusal = ApiError::new(Code::BodyTooLarge, "the body is larger than 64 KB");
        refusal.into_response()
    };
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > DISCARD_MAX {
        return Err(too_large());
    }
    let mut share = inbound.0.buffers.share();
    let mut whole = Vec::new();
    let mut seen = 0;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let Ok(piece) = piece else {
            let detail = "the request ended in the middle";
            return Err(ApiError::new(Code::MalformedRequest, detail).into_response());
        };
        seen += piece.len();
        if declared.max(seen) > BODY_MAX {
            // Read and not kept: a client that is still sending would not hear the refusal.
            whole = Vec::new();
            share.give_back();
            if seen > DISCARD_MAX {
                break;
            }
        } else if share.grow(piece.len()) {
            whole.extend_from_slice(&piece);
        } else {
            let refusal = ApiError::overloaded(1, "too many unfinished requests");
            return Err(refused("buffers", refusal));
        }
    }
    if seen > BODY_MAX {
        return Err(too_large());
    }
    Ok(whole.into())
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use tower::ServiceExt;

    use super::*;
    use crate::config;

    pub(in super::super) fn limits() -> config::Inbound {
        config::Inbound {
            connections: 10,
            connections_per_address: 10,
            requests_at_once: 10,
            requests_at_once_per_address: 10,
            requests_per_second: 10,
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            write: Duration::from_secs(10),
            idle: Duration::from_secs(10),
            buffers: 1024,
            pending_sign_ins: 10,
            refused_codes: 2,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_not_called_busy() {
        let longest = Duration::from_secs(75);
        let inbound = Inbound::new(&limits(), &[], longest);
        let app = Router::new()
            .route("/", post(std::future::pending::<()>))
            .layer(from_fn_with_state(inbound, protect));
        let began = tokio::time::Instant::now();
        let request = Request::post("/").body(Body::empty()).expect("a request");
        let response = app.oneshot(request).await.expect("an answer");
        assert_eq!(began.elapsed(), longest);
        // Busy would say that nothing was sent; its create may be on the wire.
        assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
        let refusal = response.extensions().get::<ApiError>().expect("a refusal");
        assert_eq!(refusal.document("id").code, Code::GotoSlow);
    }
}
