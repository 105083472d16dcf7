//! The style of the proxy's own pages.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;

const TOKENS: &str = include_str!("../../../style/tokens.css");
const PAGES: &str = include_str!("../../../style/admin.css");

/// The widget's tokens belong to its shadow host; here they belong to the page.
static SHEET: LazyLock<String> = LazyLock::new(|| TOKENS.replace(":host {", ":root {") + PAGES);

/// One sheet for the console and the sign-in pages.
pub(super) async fn show() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, SHEET.as_str())
}
