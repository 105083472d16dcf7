//! `/health/live` and `/health/ready`, for load balancers and operators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Console;

/// What is ready.
#[derive(Debug, serde::Serialize)]
pub(super) struct Ready {
    /// The database answers.
    store: bool,
    /// The service account is connected and its consent accepted.
    service_account: bool,
    /// People in the directory.
    organizers: usize,
}

/// The process runs.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// Employees can be served. A missing service account is shown but does not take the proxy out of
/// rotation: the form works without co-organizers.
pub(super) async fn ready(State(console): State<Console>) -> (StatusCode, Json<Ready>) {
    let grant = console.service_account.grant().await;
    let ready = Ready {
        store: grant.is_ok(),
        service_account: grant.is_ok_and(|grant| grant.is_some_and(|row| !row.lost)),
        organizers: console.organizers.directory().len(),
    };
    let status = if ready.store {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(ready))
}
