//! Bodies of the widget API: JSON only, bounded, with a reason when they are refused.

use axum::extract::{FromRequest, Request};
use axum::http::header;
use futures::StreamExt;
use goto_microapps_api::Code;
use serde::de::DeserializeOwned;

use super::{ApiError, BODY_MAX};

/// How much of a body that is too large is read and thrown away. A connection closed with some of
/// it unread is reset, and a reset takes the refusal with it before the browser has read it.
const DRAIN_MAX: usize = 8 * 1024 * 1024;

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
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        // Forms and text/plain pass a browser's CORS without a preflight; JSON does not.
        if !is_json(&request) {
            return Err(ApiError::new(
                Code::UnsupportedMediaType,
                "send content-type: application/json",
            ));
        }
        let bytes = read(request).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            // Line and column only: the message may quote what was sent.
            let place = format!("line {}, column {}", error.line(), error.column());
            let detail = if error.is_data() {
                format!("the JSON does not have the expected shape ({place})")
            } else {
                format!("the body is not JSON ({place})")
            };
            ApiError::new(Code::MalformedRequest, detail)
        })
    }
}

async fn read(request: Request) -> Result<Vec<u8>, ApiError> {
    let mut chunks = request.into_body().into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk
            .map_err(|_| ApiError::new(Code::MalformedRequest, "the body did not arrive whole"))?;
        length += chunk.len();
        if length > DRAIN_MAX {
            break;
        }
        if length <= BODY_MAX {
            bytes.extend_from_slice(&chunk);
        }
    }
    if length > BODY_MAX {
        return Err(ApiError::new(
            Code::BodyTooLarge,
            "the body is larger than 64 KB",
        ));
    }
    Ok(bytes)
}
