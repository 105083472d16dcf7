//! `GET /frame`: the widget as a page of the proxy's own, for pages that may not run WebAssembly or
//! can only embed an address.
//!
//! The page around it is named in the query and must be on the list; then it alone may frame this
//! page and is told what happens in it. Without a name every page of the list may frame it, and
//! nobody is told.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use goto_microapps_widget_bundle::{File, asset};

use super::{Language, Notice, framed};
use crate::http::{Employees, Refusal};

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
    frame: &'static File,
    open: &'static str,
}

/// Shows the widget.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ask = ask.map(|Query(ask)| ask).unwrap_or_default();
    let language = Language::of(&ask.lang);
    let ancestors = match &ask.origin {
        None => employees.origins.clone(),
        Some(origin) if employees.origins.contains(origin) => vec![origin.clone()],
        Some(_) => {
            let [title, text] = language.words().page_refused;
            let notice = Notice::new(&employees.public_url, language, "failed", title, text);
            return Ok(notice.into_response(StatusCode::FORBIDDEN));
        }
    };
    let (Some(embed), Some(frame)) = (asset("embed.js"), asset("frame.js")) else {
        return Err(Refusal::not_found());
    };
    let given = [
        ("page", ask.page),
        ("meeting-id", ask.meeting_id),
        ("time-zone", ask.time_zone),
        ("subject", ask.subject),
        ("start", ask.start),
        ("duration", ask.duration),
        ("co-organizers", ask.co_organizers),
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
        frame,
        open: language.words().without_script,
    };
    let policy = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'; \
                  require-trusted-types-for 'script'; trusted-types 'none'; ";
    Ok(framed(StatusCode::OK, &page, policy, &ancestors).into_response())
}
