//! `POST /app/api/sign-in/severed`: the widget says that the window it opened was cut off from it.
//!
//! Only then does the window show a code to type. It may be said before the sign-in is finished and
//! after; who says it must be on the page that began the sign-in.

use axum::extract::State;
use axum::http::StatusCode;
use goto_microapps_api::{Code, SeveredRequest};

use crate::http::guard::Origin;
use crate::http::json;
use crate::http::{ApiError, Employees};
use crate::signin::HandoffError;

/// Takes the widget's word.
pub(in crate::http) async fn tell(
    State(employees): State<Employees>,
    Origin(origin): Origin,
    json::Json(said): json::Json<SeveredRequest>,
) -> Result<StatusCode, ApiError> {
    match employees.handoffs.sever(&said.challenge, &origin).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(HandoffError::Refused) => Err(ApiError::new(
            Code::HandoffRefused,
            "this page has no such sign-in under way",
        )),
        Err(HandoffError::Store(error)) => Err(error.into()),
    }
}
