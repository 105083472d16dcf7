//! Bodies of the widget API: JSON only, bounded, with a reason when they are refused.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use goto_microapps_api::Code;
use serde::de::DeserializeOwned;

use super::Refusal;

/// A JSON body.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

fn is_json(request: &Request) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        // Forms and text/plain pass a browser's CORS without a preflight; JSON does not.
        if !is_json(&request) {
            return Err(Refusal::new(
                Code::UnsupportedMediaType,
                "send content-type: application/json",
            ));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unread(&rejection))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            // Line and column only: the message may quote what was sent.
            let place = format!("line {}, column {}", error.line(), error.column());
            let detail = if error.is_data() {
                format!("the JSON does not have the expected shape ({place})")
            } else {
                format!("the body is not JSON ({place})")
            };
            Refusal::new(Code::MalformedRequest, detail)
        })
    }
}

fn unread(rejection: &BytesRejection) -> Refusal {
    let status = match rejection {
        BytesRejection::FailedToBufferBody(inner) => inner.status(),
        _ => StatusCode::BAD_REQUEST,
    };
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Refusal::new(Code::BodyTooLarge, "the body is larger than 64 KB")
    } else {
        Refusal::new(Code::MalformedRequest, "the body did not arrive whole")
    }
}
