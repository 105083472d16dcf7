//! The widget API below `/app/api`. [`super::guard`] stands before all of it.

pub(super) mod cancel_meeting;
pub(super) mod cancellation_notice;
pub(super) mod check_meeting;
pub(super) mod create_meeting;
pub(super) mod edit_meeting;
pub(super) mod meeting_details;
pub(super) mod meeting_invitation;
pub(super) mod my_meetings;
pub(super) mod organizers;
pub(super) mod recent_organizers;
pub(super) mod session;
pub(super) mod severed;
pub(super) mod start_ticket;
pub(super) mod time_zones;
pub(super) mod withdraw_create;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::{Code, IDEMPOTENCY_KEY};

use super::ApiError;
use crate::meetings::CreateOutcome;

/// Response header of a create that an earlier request with the same key had made.
pub(super) const IDEMPOTENT_REPLAYED: &str = "idempotent-replayed";

/// The key of a create: 16 to 64 characters, as UUIDs have.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<String, ApiError> {
    let key = headers
        .get(IDEMPOTENCY_KEY)
        .and_then(|value| value.to_str().ok())
        .map(|value| value.trim_matches('"'));
    match key {
        Some(key)
            if (16..=64).contains(&key.len())
                && key
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') =>
        {
            Ok(key.to_owned())
        }
        _ => Err(ApiError::new(
            Code::IdempotencyKeyRequired,
            "send idempotency-key: one random value per form, for example a UUID",
        )),
    }
}

impl IntoResponse for CreateOutcome {
    fn into_response(self) -> Response {
        match self {
            Self::Created { meeting, replayed } => {
                let mut response = (StatusCode::CREATED, Json(meeting)).into_response();
                if replayed {
                    response
                        .headers_mut()
                        .insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
                }
                response
            }
            Self::Confirming(confirming) => {
                let wait = HeaderValue::from(confirming.retry_after);
                let mut response = (StatusCode::ACCEPTED, Json(confirming)).into_response();
                response.headers_mut().insert(header::RETRY_AFTER, wait);
                response
            }
        }
    }
}
