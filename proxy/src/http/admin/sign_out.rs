//! `POST /admin/sign-out`.

use axum::extract::State;
use axum::http::header;
use axum::response::Response;

use super::{Admin, back};
use crate::http::{Console, Refusal, cookies};

/// Ends the console session.
pub(in crate::http) async fn leave(
    State(console): State<Console>,
    Admin(id): Admin,
) -> Result<Response, Refusal> {
    console.admins.leave(&id).await?;
    let mut response = back();
    if let Some(cookie) = cookies::clear_admin() {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
