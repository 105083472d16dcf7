//! `GET /app/signed-on`: the end of a sign-on at a gateway before the proxy.
//!
//! The widget opens it in a window where a gateway seems to have ended the employee's sign-on.
//! Whoever sees it has come through.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{Language, Notice, Word};
use crate::http::Employees;

/// The widget's language.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    #[serde(default)]
    lang: String,
}

/// Says that the window may be closed.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Response {
    let ask = ask.map(|Query(ask)| ask).unwrap_or_default();
    let language = Language::of(&ask.lang);
    let [title, text] = [Word::SignedOn, Word::SignedOnText].map(|word| language.say(word));
    Notice::new(&employees.public_url, language, "ok", title, text).into_response(StatusCode::OK)
}
