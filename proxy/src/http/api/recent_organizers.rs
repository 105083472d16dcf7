//! `/app/api/organizers/recent`: whom the employee has chosen as a co-organizer lately.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use goto_microapps_api::Organizers;

use crate::http::guard::SignedIn;
use crate::http::{ApiError, Employees};

/// `GET`: those who may still be chosen, the latest first.
pub(in crate::http) async fn list(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
) -> Result<Json<Organizers>, ApiError> {
    Ok(Json(Organizers {
        organizers: employees.meetings.recent_colleagues(&account).await?,
        synced: true,
        yourself: false,
    }))
}

/// `POST /app/api/organizers/recent/forget`: forgets them all.
pub(in crate::http) async fn forget(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
) -> Result<StatusCode, ApiError> {
    employees.meetings.forget_colleagues(&account).await?;
    Ok(StatusCode::NO_CONTENT)
}
