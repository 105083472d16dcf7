//! `POST /form/meetings/{id}/start`: sends the host of a meeting to GoTo's page, once for a page.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::{Frame, Reader, path_of};
use crate::http::guard::{MaybeSignedIn, Visitor};
use crate::http::pages::Word;
use crate::http::pages::start_meeting::{send, spent};
use crate::http::{ApiError, Employees};
use crate::signin::{Bearer, CARRIED};

/// What the page carries.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::http) struct Sent {
    ticket: String,
}

/// Where the meeting is hosted, or why not.
pub(in crate::http) async fn start(
    State(employees): State<Employees>,
    reader: Reader,
    Path(id): Path<String>,
    MaybeSignedIn { visitor, .. }: MaybeSignedIn,
    sent: Result<Form<Sent>, FormRejection>,
) -> Result<Response, ApiError> {
    let Form(sent) = sent.unwrap_or_default();
    let account = visitor.as_ref().map(|visitor| &visitor.account);
    let frame = Frame::new(&employees, &reader, account);
    let page = frame.link(&path_of(&id));
    let Some(Visitor { account, session }) = &visitor else {
        return Ok(Redirect::to(&page).into_response());
    };
    let own = employees.public_url.origin().ascii_serialization();
    let bearer = Bearer::Page(account, session.as_ref());
    let taken = employees
        .start_tickets
        .take(&sent.ticket, Some(&own), bearer, Some(&id));
    let language = frame.texts.language();
    let Some((account, id)) = taken.await? else {
        let mut notice = spent(&employees, language);
        notice.back = frame.t(Word::MeetingDetails);
        notice.next = Some(page);
        return Ok(notice.into_response(StatusCode::FORBIDDEN));
    };
    Ok(send(&employees, &account, &id, language).await)
}

/// A ticket for the page that shows a meeting of somebody's, or several.
pub(super) async fn ticket(
    employees: &Employees,
    visitor: &Visitor,
    id: Option<&str>,
) -> Result<String, ApiError> {
    let own = employees.public_url.origin().ascii_serialization();
    let (account, session) = (&visitor.account, visitor.session.as_ref());
    let offered = employees
        .start_tickets
        .offer(account, session, &own, id, CARRIED);
    Ok(offered.await?)
}
