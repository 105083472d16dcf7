//! The page on which authors try everything the widget's tag takes, with the markup to copy.

use axum::Router;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use url::Url;

/// The page and its files, for the proxy at this address.
pub(crate) fn router<S>(proxy: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let address = proxy.trim_end_matches('/');
    let page = include_str!("../pages/playground.html").replace("PROXY", address);
    let policy = policy(proxy);
    let page = move || async move { ([("content-security-policy", policy)], Html(page)) };
    Router::new()
        .route("/playground", get(page))
        .route("/playground.css", get(style))
        .route("/playground.js", get(script))
}

/// What the README tells a strict page to add, on a page that allows nothing but its own two files:
/// no script and no style stands in its markup.
fn policy(proxy: &str) -> String {
    let origin = Url::parse(proxy).map(|url| url.origin().ascii_serialization());
    let origin = origin.unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self' {origin} 'wasm-unsafe-eval'; \
         connect-src {origin}; img-src 'self' {origin}; frame-src {origin}"
    )
}

async fn style() -> impl IntoResponse {
    let text = include_str!("../pages/playground.css");
    ([("content-type", "text/css")], text)
}

async fn script() -> impl IntoResponse {
    let text = include_str!("../pages/playground.js");
    ([("content-type", "text/javascript")], text)
}
