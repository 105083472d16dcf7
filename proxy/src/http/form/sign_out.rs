//! `POST /form/sign-out`.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::WaitingCancels;
use goto_microapps_api::icons::Icon;

use super::{Frame, Reader, show};
use crate::http::api::session::{leave, settle};
use crate::http::guard::MaybeSignedIn;
use crate::http::pages::Word;
use crate::http::{ApiError, Employees};

/// What becomes of cancellations that still wait.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Leaving {
    cancel: Option<WaitingCancels>,
}

#[derive(Template)]
#[template(path = "form_sign_out.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// What the meetings are about that are to be cancelled.
    subjects: Vec<String>,
}

/// Signs out and goes back to the form. While a cancellation waits, it asks first what becomes of it.
pub(in crate::http) async fn sign_out(
    State(employees): State<Employees>,
    reader: Reader,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
    leaving: Result<Form<Leaving>, FormRejection>,
) -> Result<Response, ApiError> {
    let leaving = leaving.map(|Form(leaving)| leaving).unwrap_or_default();
    if let Some(visitor) = &who {
        let account = &visitor.account;
        let waiting = settle(&employees, account, leaving.cancel).await?;
        if !waiting.is_empty() {
            let frame = Frame::new(&employees, &reader, Some(account));
            let named = waiting
                .into_iter()
                .map(|order| frame.named(order.meeting.subject));
            let page = Page {
                frame: &frame,
                subjects: named.collect(),
            };
            return Ok(show(StatusCode::CONFLICT, &page));
        }
    }
    let frame = Frame::new(&employees, &reader, None);
    let cookie = leave(&employees, who).await?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(&frame.link("form")) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(cookie) = cookie {
        headers.insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
