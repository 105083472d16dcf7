//! `GET /frame`: the widget as a page of the proxy's own, for pages that may not run WebAssembly or
//! can only embed an address.
//!
//! The page around it is named in the query and must be on the list; then it is told what happens
//! in it. Without a name nobody is told. Every listed page may frame it, at any distance.
//!
//! The page is of one build, whoever answers for its files: its own script is written into it, and
//! where a file does not come as it was built, while a release is rolled out or because somebody on
//! the way changes it, the page asks for itself in one piece.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use goto_microapps_widget_bundle::{FRAME, File, WHOLE, asset};

use super::{Language, Notice, Word, framed};
use crate::http::{ApiError, Employees};
use crate::random;

/// The element's attributes, as the page around wants them, and that page.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    origin: Option<String>,
    #[serde(default)]
    lang: String,
    theme: Option<String>,
    page: Option<String>,
    #[serde(rename = "meeting-id")]
    meeting_id: Option<String>,
    #[serde(rename = "time-zone")]
    time_zone: Option<String>,
    subject: Option<String>,
    start: Option<String>,
    duration: Option<String>,
    #[serde(rename = "co-organizers")]
    co_organizers: Option<String>,
    manage: Option<String>,
    /// Asks for the page in one piece.
    whole: Option<String>,
}

#[derive(Template)]
#[template(path = "frame.html")]
struct Page {
    language: &'static str,
    base: String,
    origin: String,
    theme: Option<String>,
    attributes: Vec<(&'static str, String)>,
    embed: &'static File,
    /// The page's own script.
    frame: &'static str,
    /// Everything else in one module, where the page is in one piece.
    whole: Option<String>,
    /// Where it is so.
    again: String,
    nonce: String,
    open: &'static str,
}

/// Shows the widget.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    RawQuery(query): RawQuery,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Response, ApiError> {
    let ask = ask.map(|Query(ask)| ask).unwrap_or_default();
    let language = Language::of(&ask.lang);
    if ask
        .origin
        .as_ref()
        .is_some_and(|origin| !employees.origins.contains(origin))
    {
        let [title, text] =
            [Word::PageRefused, Word::PageRefusedText].map(|word| language.say(word));
        let notice = Notice::new(&employees.public_url, language, "failed", title, text);
        return Ok(notice.into_response(StatusCode::FORBIDDEN));
    }
    let embed = asset("embed.js").ok_or_else(ApiError::not_found)?;
    let whole = match ask.whole {
        Some(_) => Some(whole(&employees, language).ok_or_else(ApiError::not_found)?),
        None => None,
    };
    let again = match query {
        _ if whole.is_some() => String::new(),
        Some(query) if !query.is_empty() => format!("?{query}&whole=1"),
        _ => "?whole=1".to_owned(),
    };
    let given = [
        ("page", ask.page),
        ("meeting-id", ask.meeting_id),
        ("time-zone", ask.time_zone),
        ("subject", ask.subject),
        ("start", ask.start),
        ("duration", ask.duration),
        ("co-organizers", ask.co_organizers),
        ("manage", ask.manage),
    ];
    let page = Page {
        language: language.tag(),
        base: employees.public_url.to_string(),
        origin: ask.origin.unwrap_or_default(),
        theme: ask.theme,
        attributes: given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect(),
        embed,
        frame: FRAME,
        whole,
        again,
        nonce: random::name(),
        open: language.say(Word::WithoutScript),
    };
    let policy = format!(
        "script-src 'self' 'nonce-{}' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'; \
         require-trusted-types-for 'script'; trusted-types 'none'; ",
        page.nonce
    );
    Ok(framed(StatusCode::OK, &page, &policy, &employees.ancestors).into_response())
}

/// The glue with everything it would load, as one module.
fn whole(employees: &Employees, language: Language) -> Option<String> {
    let text = |name: &str| std::str::from_utf8(asset(name)?.raw).ok();
    let words = format!("words-{}.txt", language.tag());
    let module = |name: &str| {
        let raw = asset(name)?.raw;
        Some(base64::engine::general_purpose::STANDARD.encode(raw))
    };
    let base = employees.public_url.as_str().trim_end_matches('/');
    let whole = serde_json::json!({
        "proxy": base,
        "lang": language.tag(),
        "open": language.say(Word::WithoutScript),
        "files": { "widget.css": text("widget.css")?, &words: text(&words)? },
        "modules": { "widget.wasm": module("widget.wasm")?, "later.wasm": module("later.wasm")? },
    });
    // What would end the element is written otherwise; in JSON that means the same.
    let whole = whole.to_string().replace('<', "\\u003c");
    let end = WHOLE.replacen("const WHOLE = {};", &format!("const WHOLE = {whole};"), 1);
    Some([text("widget.js")?, &end].concat())
}
