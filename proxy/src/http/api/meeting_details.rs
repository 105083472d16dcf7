//! `GET /app/api/meetings/{id}`: one of the employee's own meetings.

use axum::Json;
use axum::extract::{Path, State};
use goto_microapps_api::Meeting;

use crate::http::guard::SignedIn;
use crate::http::{ApiError, Employees};

/// What GoTo says about the meeting now.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Meeting>, ApiError> {
    let known = employees.meetings.details(&account, &id).await?;
    Ok(Json(known.meeting))
}
