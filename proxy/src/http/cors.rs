//! Which pages may read our answers: those of the list, letter by letter. Nobody else is told
//! anything, not even what would be allowed.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use goto_microapps_api::{Code, IDEMPOTENCY_KEY, REQUEST_HEADER};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{ApiError, Employees, api, finish};

/// Exact origins only; the list is the one the guard refuses by.
pub(super) fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| origin.parse().ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            HeaderName::from_static(IDEMPOTENCY_KEY),
            HeaderName::from_static(REQUEST_HEADER),
        ])
        .expose_headers([
            header::RETRY_AFTER,
            HeaderName::from_static(api::IDEMPOTENT_REPLAYED),
            HeaderName::from_static(finish::REQUEST_ID),
        ])
        .max_age(std::time::Duration::from_secs(600))
}

/// Around [`cors`], which writes most of its headers for everybody: takes them away from whoever is
/// not listed, and tells the log of a page that should perhaps be. A browser asks before it sends
/// (the preflight), so this is the only place that hears of it.
pub(super) async fn listed_only(
    State(employees): State<Employees>,
    request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.run(request).await;
    let known = |origin: &HeaderValue| employees.origins.iter().any(|known| origin == known);
    match origin {
        Some(origin) if known(&origin) => return response,
        Some(origin) => tell(&employees, &origin),
        None => {}
    }
    let headers = response.headers_mut();
    let of_cors: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("access-control-"))
        .cloned()
        .collect();
    for name in of_cors {
        headers.remove(name);
    }
    response
}

/// Names the page and the key. It is what a stranger wrote, so it is shown as text, short, and not
/// each time.
fn tell(employees: &Employees, origin: &HeaderValue) {
    metrics::counter!("http_requests_refused_total", "why" => "origin").increment(1);
    let text = String::from_utf8_lossy(origin.as_bytes());
    let origin: String = text.chars().take(100).collect();
    if employees.refused_origins.is_new(&origin) {
        tracing::warn!(
            ?origin,
            "embedding.origins: a page of this origin asked for the widget and is not listed; if it is one of yours, add it"
        );
    }
}

/// `GET /app/listed`: whether the page that asks may use the API. Everybody may read the answer: a
/// widget on a page that is not listed hears nothing else, and would take it for a broken network.
/// Pages that are listed may ask with their cookies, so that a gateway lets the question through: it
/// needs no preflight, and tells whether those are what is refused.
pub(super) async fn listed(
    State(employees): State<Employees>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    if !employees.origins.iter().any(|known| origin == known) {
        tell(&employees, origin);
        return Err(ApiError::new(
            Code::OriginRefused,
            "this page is not on embedding.origins of the proxy's configuration",
        ));
    }
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
        (
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        ),
        (header::VARY, HeaderValue::from_static("origin")),
    ];
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// The widget's files: any page may load them, and read that there is none. Which page may use the
/// API is decided there.
pub(super) async fn public_file(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        .or_insert(HeaderValue::from_static("*"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}
