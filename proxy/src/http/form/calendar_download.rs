//! `GET /form/meetings/{id}/calendar`: the calendar file of one of the employee's own meetings.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::meeting::path_of;
use super::{Frame, Reader, signed_in};
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
    let Ok(invitation) = invitation else {
        return page.into_response();
    };
    let name = format!("attachment; filename=\"{}\"", invitation.file_name);
    let (Some(file), Ok(name)) = (invitation.calendar_file, HeaderValue::from_str(&name)) else {
        return page.into_response();
    };
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8; method=PUBLISH");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, file).into_response()
}
