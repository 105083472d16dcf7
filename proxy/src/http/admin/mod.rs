//! The administrator's console: plain pages and forms, no script.
//!
//! On its own listener; `CsrfLayer` stands before every form.

pub(super) mod authorise;
pub(super) mod console;
pub(super) mod disconnect;
pub(super) mod log_download;
pub(super) mod log_switch;
pub(super) mod sign_in;
pub(super) mod sign_out;
pub(super) mod sync;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

use super::{ApiError, Console, cookies};
use crate::signin::SessionId;

/// A signed-in administrator; everybody else is sent to the sign-in form.
#[derive(Debug)]
pub(super) struct Admin(pub(super) SessionId);

/// Why a request is not an administrator's.
#[derive(Debug)]
pub(super) enum NotAdmin {
    SignIn,
    Broken(ApiError),
}

impl IntoResponse for NotAdmin {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn => back(),
            Self::Broken(refusal) => refusal.into_response(),
        }
    }
}

impl FromRequestParts<Console> for Admin {
    type Rejection = NotAdmin;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, NotAdmin> {
        let id = admin(console, &parts.headers).await;
        let id = id.map_err(|error| NotAdmin::Broken(error.into()))?;
        id.map(Self).ok_or(NotAdmin::SignIn)
    }
}

/// The administrator's session among the cookies that may be one.
async fn admin(
    console: &Console,
    headers: &HeaderMap,
) -> Result<Option<SessionId>, crate::store::Error> {
    for id in cookies::admin(headers) {
        if console.admin_sessions.is_valid(&id).await? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// After a form: the console again, by GET.
fn back() -> Response {
    Redirect::to("/admin").into_response()
}
