//! The outermost layer: names each request, logs it, writes problem documents and the headers that
//! every answer has.
//!
//! URLs are logged by their route, never with path values or query: those carry codes and states.

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use goto_microapps_api::Code;
use tracing::Instrument;

use super::Refusal;
use crate::random;

/// Response header that names the request in the log.
pub(super) const REQUEST_ID: &str = "x-request-id";

pub(super) async fn finish(request: Request, next: Next) -> Response {
    let id = random::name();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id, %method, %route);
    let started = tokio::time::Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let elapsed = started.elapsed();
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    metrics::histogram!("http_request_duration_seconds", "route" => route)
        .record(elapsed.as_secs_f64());
    let response = dress(response, &id);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), millis, "answered"));
    response
}

/// Refusals axum itself made, in our words.
fn refusal_of(response: &Response) -> Option<Refusal> {
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        return Some(refusal.clone());
    }
    let code = match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Code::MalformedRequest,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        StatusCode::FORBIDDEN => Code::OriginRefused,
        _ => return None,
    };
    let is_page = response.headers().contains_key(header::CONTENT_TYPE)
        && !response.headers()[header::CONTENT_TYPE]
            .as_bytes()
            .starts_with(b"text/plain");
    (!is_page).then(|| Refusal::new(code, "the request cannot be read as it is"))
}

fn dress(mut response: Response, id: &str) -> Response {
    if let Some(refusal) = refusal_of(&response) {
        let document = refusal.document(id);
        let body = serde_json::to_vec(&document).unwrap_or_default();
        if let Ok(status) = StatusCode::from_u16(document.status) {
            *response.status_mut() = status;
        }
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        *response.body_mut() = Body::from(body);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static(REQUEST_ID), value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    // What nobody declared cacheable may hold somebody's data.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
