//! `GET /app/api/meetings?fresh=`: the employee's next meetings.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use goto_microapps_api::{Code, MyMeetings};

use crate::http::guard::SignedIn;
use crate::http::{ApiError, Employees};

/// How they are wanted.
#[derive(Debug, serde::Deserialize)]
pub(in crate::http) struct Ask {
    #[serde(default)]
    fresh: bool,
}

/// What GoTo lists of the caller's own, now or within the last minute.
pub(in crate::http) async fn list(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Json<MyMeetings>, ApiError> {
    let Query(ask) =
        ask.map_err(|_| ApiError::new(Code::MalformedRequest, "fresh is true or false"))?;
    Ok(Json(employees.meetings.mine(&account, ask.fresh).await?))
}
