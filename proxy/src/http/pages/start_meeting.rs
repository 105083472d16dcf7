//! `POST /app/start`: sends the host of a meeting to GoTo's page, once for a ticket.
//!
//! The address of that page starts the meeting without a sign-in. It leaves here as a `Location` and
//! in no other way.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;

use super::{Language, Notice, Word};
use crate::http::guard::{MaybeSignedIn, header_text};
use crate::http::{ApiError, Employees};
use crate::signin::{Account, Bearer};
use crate::words::for_code;

/// The form that the widget sends in a window of its own.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::http) struct Sent {
    ticket: String,
    lang: String,
}

/// Where the meeting is hosted, or why not.
pub(in crate::http) async fn start(
    State(employees): State<Employees>,
    headers: HeaderMap,
    MaybeSignedIn { visitor, .. }: MaybeSignedIn,
    sent: Result<Form<Sent>, FormRejection>,
) -> Result<Response, ApiError> {
    let sent = sent.map(|Form(sent)| sent).unwrap_or_default();
    let language = Language::known(&sent.lang).unwrap_or_else(|| Language::of_browser(&headers));
    let known = visitor.as_ref().map(|visitor| visitor.account.key.as_str());
    let origin = header_text(&headers, header::ORIGIN.as_str());
    let taken = employees
        .start_tickets
        .take(&sent.ticket, origin, Bearer::Window(known), None);
    Ok(match taken.await? {
        Some((account, id)) => send(&employees, &account, &id, language).await,
        None => spent(&employees, language).into_response(StatusCode::FORBIDDEN),
    })
}

/// Sends somebody on to where they host their meeting.
pub(in crate::http) async fn send(
    employees: &Employees,
    account: &Account,
    id: &str,
    language: Language,
) -> Response {
    let refusal = match employees.meetings.host_address(account, id).await {
        Ok(address) => match HeaderValue::from_str(address.expose_secret()) {
            Ok(mut location) => {
                location.set_sensitive(true);
                return (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
            }
            Err(_) => ApiError::not_found(),
        },
        Err(error) => error.into(),
    };
    let problem = refusal.document("");
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let title = language.say(Word::StartFailed);
    let text = language.say(for_code(problem.code));
    Notice::new(&employees.public_url, language, "failed", title, text).into_response(status)
}

/// The ticket is not good, or not any more.
pub(in crate::http) fn spent(employees: &Employees, language: Language) -> Notice {
    let [title, text] = [Word::StartSpent, Word::StartSpentText].map(|word| language.say(word));
    Notice::new(&employees.public_url, language, "stopped", title, text)
}
