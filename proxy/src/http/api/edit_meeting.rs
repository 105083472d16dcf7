//! `GET` and `POST /app/api/meetings/{id}/edit`: a meeting that was made here becomes another one, once
//! per idempotency key.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::{EditMeeting, EditState, EditableMeeting};

use super::idempotency_key;
use crate::http::guard::SignedIn;
use crate::http::json;
use crate::http::{ApiError, Employees};

/// When a change that is under way is asked about again, seconds.
const AGAIN: u16 = 2;

/// The meeting with what its form needs.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<EditableMeeting>, ApiError> {
    Ok(Json(employees.meetings.editable(&account, &id).await?))
}

/// 200 with what became of it, 202 while that is not known.
pub(in crate::http) async fn save(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    json::Json(form): json::Json<EditMeeting>,
) -> Result<Response, ApiError> {
    let key = idempotency_key(&headers)?;
    let meetings = &employees.meetings;
    let edit = meetings.edit(&account, &id, &key, &form, 1).await?;
    let is_open = matches!(edit.state, EditState::Saving | EditState::Confirming);
    if !is_open {
        return Ok(Json(edit).into_response());
    }
    let again = [(header::RETRY_AFTER, HeaderValue::from(AGAIN))];
    Ok((StatusCode::ACCEPTED, again, Json(edit)).into_response())
}
