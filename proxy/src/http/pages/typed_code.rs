//! `GET /app/sign-in/code`: where the window of a finished sign-in goes that was cut off from its page.
//!
//! It shows a code to type there, and says where, once the widget has told the proxy that it does not
//! hear from its window. Until then it asks again by itself: whoever only made somebody follow a link
//! to the sign-in gets nothing to ask them for. It is shown to the browser that signed in.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use goto_microapps_api::words::fill;

use super::{Language, Notice, Word, page};
use crate::http::{ApiError, Employees, cookies};
use crate::random;
use crate::signin::Severed;
use crate::store::PendingSignIn;

/// Its path.
pub(in crate::http) const PATH: &str = "/app/sign-in/code";
/// Seconds until it looks again whether the widget has said its word.
const LOOK: u32 = 3;

/// Which sign-in.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    lang: String,
}

#[derive(Template)]
#[template(path = "typed_code.html")]
struct Page {
    language: &'static str,
    stylesheet: String,
    title: &'static str,
    text: String,
    /// The page that asked.
    origin: String,
    code: Option<String>,
    /// Words over the address, or on the way there.
    address: String,
    warning: &'static str,
    look: u32,
}

/// The address of the page for a sign-in of a widget.
pub(super) fn address(employees: &Employees, sign_in: &PendingSignIn) -> String {
    let mut url = employees.public_url.clone();
    let path = format!("{}{PATH}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url.query_pairs_mut()
        .append_pair(
            "challenge",
            sign_in.challenge.as_deref().unwrap_or_default(),
        )
        .append_pair("lang", &sign_in.language);
    url.into()
}

/// Shows the code, or what to do instead.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    headers: HeaderMap,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Response, ApiError> {
    let ask = ask.map(|Query(ask)| ask).unwrap_or_default();
    let language = Language::of(&ask.lang);
    let browsers = cookies::sign_in(&headers, &employees.public_url);
    let severed = if random::looks_like_token(&ask.challenge) {
        employees
            .handoffs
            .severed(&ask.challenge, &browsers)
            .await?
    } else {
        None
    };
    let public_url = &employees.public_url;
    let Some(Severed { origin, code }) = severed else {
        let [title, text] = [Word::Unknown, Word::UnknownText].map(|word| language.say(word));
        let notice = Notice::new(public_url, language, "failed", title, text);
        return Ok(notice.into_response(StatusCode::BAD_REQUEST));
    };
    let [title, text, address, warning] = if code.is_some() {
        [
            Word::Severed,
            Word::SeveredText,
            Word::SeveredAddress,
            Word::SeveredWarning,
        ]
    } else {
        [
            Word::Unheard,
            Word::UnheardText,
            Word::UnheardLink,
            Word::UnheardWarning,
        ]
    }
    .map(|word| language.say(word));
    // The name of the site, for sentences.
    let site = origin.split_once("://").map_or(&*origin, |(_, site)| site);
    let shown = Page {
        language: language.tag(),
        stylesheet: public_url
            .join("app/pages.css")
            .map(String::from)
            .unwrap_or_default(),
        title,
        text: fill(text, "site", site),
        address: fill(address, "site", site),
        origin,
        code,
        warning,
        look: LOOK,
    };
    Ok(page(StatusCode::OK, &shown, ""))
}
