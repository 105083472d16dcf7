//! `POST /admin/sign-out`.

use axum::extract::State;
use axum::http::header;
use axum::response::Response;

use super::{Admin, back};
use crate::http::{ApiError, Console, cookies};

/// Ends the console session.
pub(in crate::http) async fn leave(
    State(console): State<Console>,
    Admin(id): Admin,
) -> Result<Response, ApiError> {
    console.admin_sessions.sign_out(&id).await?;
    let mut response = back();
    for cookie in cookies::clear_admin() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
