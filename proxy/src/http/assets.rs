//! The widget's files, compressed when they were built, and the integration's icon.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use goto_microapps_widget_bundle::{File, file};

use super::{ApiError, Employees};

/// `embed.js`: the one stable name, so it is asked for again after a while.
pub(super) async fn loader(headers: HeaderMap) -> Response {
    serve(file("embed.js"), &headers)
}

/// What pages may rely on of the element, for TypeScript.
pub(super) async fn types(headers: HeaderMap) -> Response {
    serve(file("goto-meeting.d.ts"), &headers)
}

/// Everything else has its hash in its name and never changes.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve(file(&format!("assets/{name}")), &headers)
}

/// The best encoding both sides know. Weights are not needed: a browser that lists one takes it.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| {
            let mut pieces = part.split(';').map(str::trim);
            let is_it = pieces
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
            is_it && pieces.all(|weight| !matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
}

fn serve(file: Option<&'static File>, headers: &HeaderMap) -> Response {
    let Some(file) = file else {
        return ApiError::not_found().into_response();
    };
    let etag = format!("\"{}\"", file.integrity);
    let fresh = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|seen| seen.as_bytes() == etag.as_bytes());
    let (encoding, body) = if accepts(headers, "br") {
        (Some("br"), file.brotli)
    } else if accepts(headers, "gzip") {
        (Some("gzip"), file.gzip)
    } else {
        (None, file.raw)
    };
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body.into_response()
    };
    let out = response.headers_mut();
    // Whoever rewrites them on the way breaks their digests (RFC 9111, section 5.2.2.6).
    let caching = if file.immutable {
        "public, max-age=31536000, immutable, no-transform"
    } else {
        "public, max-age=300, no-transform"
    };
    let fixed = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CACHE_CONTROL, caching),
        (header::VARY, "accept-encoding"),
    ];
    for (name, value) in fixed {
        out.insert(name, HeaderValue::from_static(value));
    }
    if let Some(encoding) = encoding.filter(|_| !fresh) {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        out.insert(header::ETAG, etag);
    }
    response
}

/// The icon the administrator configured.
pub(super) async fn icon(State(employees): State<Employees>) -> Response {
    let Some(icon) = &employees.integration.icon else {
        return ApiError::not_found().into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, icon.content_type),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        // An SVG opened as a page must not run.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        ),
    ];
    (headers, icon.bytes.clone()).into_response()
}
