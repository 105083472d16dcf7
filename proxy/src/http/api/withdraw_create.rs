//! `POST /app/api/meetings/withdraw`: takes a create back that waits for its turn.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::idempotency_key;
use crate::http::guard::SignedIn;
use crate::http::{ApiError, Employees};

/// 204 when it will not be sent; else the same answers as the create with this key.
pub(in crate::http) async fn withdraw(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let key = idempotency_key(&headers)?;
    let standing = employees.meetings.withdraw_create(&account, &key).await?;
    Ok(match standing {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(outcome) => outcome.into_response(),
    })
}
