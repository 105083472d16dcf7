//! `GET` and `POST /app/api/meetings/{id}/cancel`, `POST /app/api/meetings/{id}/cancel/undo`: the
//! order to cancel a meeting.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use goto_microapps_api::{Cancellation, SeenMeeting};

use crate::http::guard::SignedIn;
use crate::http::json;
use crate::http::{ApiError, Employees};
use crate::meetings::UNDO;

/// Takes the order; it is sent after a while, whether or not anybody asks again.
pub(in crate::http) async fn order(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
    json::Json(seen): json::Json<SeenMeeting>,
) -> Result<(StatusCode, Json<Cancellation>), ApiError> {
    let ordered = employees.meetings.order_cancel(&account, &id, &seen, UNDO);
    Ok((StatusCode::ACCEPTED, Json(ordered.await?)))
}

/// Takes the order back, if it was not sent yet; says how far it is otherwise.
pub(in crate::http) async fn undo(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Cancellation>, ApiError> {
    let undone = employees.meetings.withdraw_cancel(&account, &id);
    Ok(Json(undone.await?))
}

/// Where the order stands.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Cancellation>, ApiError> {
    Ok(Json(employees.meetings.cancellation(&account, &id).await?))
}
