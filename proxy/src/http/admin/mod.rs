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
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

use super::{Console, Refusal, cookies};
use crate::signin::SessionId;

/// A signed-in administrator; everybody else is sent to the sign-in form.
#[derive(Debug)]
pub(super) struct Admin(pub(super) SessionId);

/// Why a request is not an administrator's.
#[derive(Debug)]
pub(super) enum NotAdmin {
    SignIn,
    Broken(Refusal),
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
        let id = cookies::admin(&parts.headers).ok_or(NotAdmin::SignIn)?;
        match console.admins.is_valid(&id).await {
            Ok(true) => Ok(Self(id)),
            Ok(false) => Err(NotAdmin::SignIn),
            Err(error) => Err(NotAdmin::Broken(error.into())),
        }
    }
}

/// After a form: the console again, by GET.
fn back() -> Response {
    Redirect::to("/admin").into_response()
}
