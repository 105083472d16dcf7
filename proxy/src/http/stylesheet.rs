//! The styles of the proxy's own pages.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use goto_microapps_widget_bundle::STYLE as WIDGET;

const TOKENS: &str = include_str!("../../../style/tokens.css");
const PAGES: &str = include_str!("../../../style/admin.css");
const FORM: &str = include_str!("../../../style/form.css");

/// What is measured by the reader's text, on pages whose root is the proxy's own.
const OF_TEXT: [&str; 4] = ["font:", "font-size:", "line-height:", "@container"];

/// The widget's tokens belong to its shadow host; here they belong to the page.
static SHEET: LazyLock<String> = LazyLock::new(|| in_rem(&(tokens() + PAGES)));
/// The plain pages are the widget's look on elements of a page.
static FORM_SHEET: LazyLock<String> =
    LazyLock::new(|| in_rem(&(tokens() + &WIDGET.replace(":host", ".host") + FORM)));

/// Sizes of texts in `rem`, so that they follow what the reader has set in the browser; the widget, which
/// stands on pages of others, cannot know what 1rem is there.
fn in_rem(css: &str) -> String {
    let mut written = String::with_capacity(css.len());
    for piece in css.split_inclusive([';', '{', '}']) {
        let declared = piece.trim_start();
        if !OF_TEXT.iter().any(|name| declared.starts_with(name)) {
            written.push_str(piece);
            continue;
        }
        let mut rest = piece;
        while let Some((before, after)) = rest.split_once("px") {
            let digits = before
                .trim_end_matches(|sign: char| sign.is_ascii_digit() || sign == '.')
                .len();
            match before[digits..].parse::<f64>() {
                Ok(pixels) => {
                    written.push_str(&before[..digits]);
                    let _ = write!(written, "{}rem", pixels / 16.0);
                }
                Err(_) => {
                    written.push_str(before);
                    written.push_str("px");
                }
            }
            rest = after;
        }
        written.push_str(rest);
    }
    written
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_follow_the_reader_and_lines_stay_thin() {
        let css = "a { font: 400 16px/1.5 x; border: 1px solid; font-size: 13px }\n\
                   b { line-height: 20px; padding: 8px }\n\
                   @container widget (min-width: 560px) { c { font-size: 1em } }";
        let wanted = "a { font: 400 1rem/1.5 x; border: 1px solid; font-size: 0.8125rem }\n\
                      b { line-height: 1.25rem; padding: 8px }\n\
                      @container widget (min-width: 35rem) { c { font-size: 1em } }";
        assert_eq!(in_rem(css), wanted);
        for sheet in [&*SHEET, &*FORM_SHEET] {
            assert!(!sheet.contains("font-size: 14px") && sheet.contains("font-size: 0.875rem"));
        }
    }
}
