//! `POST /app/api/meetings/{id}/start`: leave to start a meeting, for the form that opens its host's
//! page.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use goto_microapps_api::StartTicket;

use crate::http::guard::{Origin, Visitor};
use crate::http::{ApiError, Employees};
use crate::signin::PRESSED;

/// A ticket, to be sent within a minute as the field `ticket` of a form to `/app/start`. GoTo is not
/// asked before that.
pub(in crate::http) async fn offer(
    State(employees): State<Employees>,
    Origin(origin): Origin,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<StartTicket>), ApiError> {
    let session = visitor.session.as_ref();
    let ticket = employees
        .start_tickets
        .offer(&visitor.account, session, &origin, Some(&id), PRESSED)
        .await?;
    Ok((StatusCode::CREATED, Json(StartTicket { ticket })))
}
