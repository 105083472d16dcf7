//! `POST /admin/authorise`: the button that connects the service account.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use goto_microapps_api::Code;

use super::Admin;
use crate::http::pages::service_start;
use crate::http::{ApiError, Console};

/// Sends the window to the public address with a ticket; from there it leaves for GoTo.
pub(in crate::http) async fn start(
    State(console): State<Console>,
    Admin(id): Admin,
) -> Result<Response, ApiError> {
    let ticket = console.tickets.offer(&id.hash()).await?;
    let public_url = &console.settings.server.public_url;
    let path = service_start::PATH.trim_start_matches('/');
    let mut url = public_url
        .join(path)
        .map_err(|_| ApiError::new(Code::Internal, "server.public_url cannot be extended"))?;
    url.query_pairs_mut().append_pair("ticket", &ticket);
    Ok(Redirect::to(url.as_str()).into_response())
}
