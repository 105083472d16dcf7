//! `POST /app/api/meetings?queue=`: creates the meeting of a form once per idempotency key.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use goto_microapps_api::{Code, NewMeeting};

use super::idempotency_key;
use crate::http::guard::SignedIn;
use crate::http::json::Json;
use crate::http::{ApiError, Employees};
use crate::meetings::{CreateOutcome, Order, WhenBusy};

/// How it is asked for.
#[derive(Debug, serde::Deserialize)]
pub(in crate::http) struct Wish {
    /// While the request limit is used up, the create waits at the proxy for its turn.
    #[serde(default)]
    queue: bool,
}

/// 201 with the meeting, 202 while its answer is looked for or, where it may be queued, while it waits
/// for its turn.
pub(in crate::http) async fn create(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    wish: Result<Query<Wish>, QueryRejection>,
    headers: HeaderMap,
    Json(form): Json<NewMeeting>,
) -> Result<CreateOutcome, ApiError> {
    let Query(wish) =
        wish.map_err(|_| ApiError::new(Code::MalformedRequest, "queue is true or false"))?;
    let key = idempotency_key(&headers)?;
    let when_busy = if wish.queue {
        WhenBusy::Queue
    } else {
        WhenBusy::Refuse
    };
    let order = Order::Create(Box::new(form), when_busy);
    Ok(employees.meetings.follow(&account, &key, order, 1).await?)
}
