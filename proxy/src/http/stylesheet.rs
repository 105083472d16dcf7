//! The styles of the proxy's own pages.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use goto_microapps_widget_bundle::STYLE as WIDGET;

const TOKENS: &str = include_str!("../../../style/tokens.css");
const PAGES: &str = include_str!("../../../style/admin.css");
const FORM: &str = include_str!("../../../style/form.css");

/// The widget's tokens belong to its shadow host; here they belong to the page.
static SHEET: LazyLock<String> = LazyLock::new(|| tokens() + PAGES);
/// The plain pages are the widget's look on elements of a page.
static FORM_SHEET: LazyLock<String> =
    LazyLock::new(|| tokens() + &WIDGET.replace(":host", ".host") + FORM);

fn tokens() -> String {
    TOKENS.replace(":host {", ":root {")
}

/// One sheet for the console and the sign-in pages.
pub(super) async fn show() -> impl IntoResponse {
    css(&SHEET)
}

/// The sheet of the plain pages.
pub(super) async fn form() -> impl IntoResponse {
    css(&FORM_SHEET)
}

fn css(sheet: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, sheet)
}
