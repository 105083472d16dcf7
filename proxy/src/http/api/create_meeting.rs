//! `POST /app/api/meetings`: creates the meeting of a form once per idempotency key.

use axum::extract::State;
use axum::http::HeaderMap;
use goto_microapps_api::NewMeeting;

use super::idempotency_key;
use crate::http::guard::SignedIn;
use crate::http::json::Json;
use crate::http::{ApiError, Employees};
use crate::meetings::{CreateOutcome, Order};

/// 201 with the meeting, 202 while its answer is looked for.
pub(in crate::http) async fn create(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    headers: HeaderMap,
    Json(form): Json<NewMeeting>,
) -> Result<CreateOutcome, ApiError> {
    let key = idempotency_key(&headers)?;
    let order = Order::Create(Box::new(form));
    Ok(employees.meetings.follow(&account, &key, order, 1).await?)
}
