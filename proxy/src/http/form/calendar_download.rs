//! `GET /form/meetings/{id}/calendar` and `/cancellation`: the calendar file of one of the employee's
//! own meetings, and the one that takes it out of a calendar again.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use goto_microapps_api::Invitation;

use super::{Frame, Reader, path_of, signed_in};
use crate::http::Employees;
use crate::http::guard::MaybeSignedIn;

/// The file, or the page that says why there is none.
pub(in crate::http) async fn download(
    State(employees): State<Employees>,
    reader: Reader,
    Path(id): Path<String>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
) -> Response {
    let account = signed_in(who);
    let frame = Frame::new(&employees, &reader, account.as_ref());
    let page = Redirect::to(&frame.link(&path_of(&id)));
    let Some(account) = account else {
        return page.into_response();
    };
    let reader = frame.invites(&employees);
    let invitation = employees.meetings.invitation(&account, &id, reader).await;
    let file = invitation.ok().and_then(|invitation| {
        let kind = HeaderValue::from_static("text/calendar; charset=utf-8; method=PUBLISH");
        attached(invitation, kind)
    });
    file.unwrap_or_else(|| page.into_response())
}

/// The same of a meeting that was cancelled here.
pub(in crate::http) async fn download_cancellation(
    State(employees): State<Employees>,
    reader: Reader,
    Path(id): Path<String>,
    MaybeSignedIn { visitor: who, .. }: MaybeSignedIn,
) -> Response {
    let account = signed_in(who);
    let frame = Frame::new(&employees, &reader, account.as_ref());
    let page = Redirect::to(&frame.link(&format!("{}/cancel", path_of(&id))));
    let Some(account) = account else {
        return page.into_response();
    };
    let reader = frame.invites(&employees);
    let meetings = &employees.meetings;
    let notice = meetings.cancellation_notice(&account, &id, reader).await;
    let file = notice.ok().and_then(|notice| {
        let kind = HeaderValue::from_static("text/calendar; charset=utf-8; method=CANCEL");
        attached(notice, kind)
    });
    file.unwrap_or_else(|| page.into_response())
}

fn attached(invitation: Invitation, kind: HeaderValue) -> Option<Response> {
    let name = format!("attachment; filename=\"{}\"", invitation.file_name);
    let name = HeaderValue::from_str(&name).ok()?;
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    Some((headers, invitation.calendar_file?).into_response())
}
