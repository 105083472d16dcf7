//! `GET /app/api/meetings/{id}/cancellation?lang=&time_zone=`: what participants are told of a meeting
//! that was cancelled here.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use goto_microapps_api::Invitation;

use super::meeting_invitation::Ask;
use crate::http::guard::SignedIn;
use crate::http::{ApiError, Employees};
use crate::meetings::Reader;

/// The text, a mail and the file that takes the entry out of a calendar. GoTo is not asked.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
    ask: Result<Query<Ask>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Invitation>, ApiError> {
    let (language, zone) = Ask::read(ask, &employees, &headers)?;
    let reader = Reader {
        language,
        zone: &zone,
        proxy: &employees.public_url,
    };
    let notice = employees
        .meetings
        .cancellation_notice(&account, &id, reader);
    Ok(Json(notice.await?))
}
