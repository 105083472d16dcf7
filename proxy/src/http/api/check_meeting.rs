//! `POST /app/api/meetings/check`: looks now for a meeting whose answer was lost.

use axum::extract::State;
use axum::http::HeaderMap;

use super::idempotency_key;
use crate::http::guard::SignedIn;
use crate::http::{ApiError, Employees};
use crate::meetings::{CreateOutcome, Order};

/// Same answers as the create with this key.
pub(in crate::http) async fn check(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    headers: HeaderMap,
) -> Result<CreateOutcome, ApiError> {
    let key = idempotency_key(&headers)?;
    let follow = employees.meetings.follow(&account, &key, Order::Check, 1);
    Ok(follow.await?)
}
