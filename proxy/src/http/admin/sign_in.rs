//! `POST /admin/sign-in`.

use axum::Form;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use secrecy::SecretString;

use super::back;
use super::console::sign_in_page;
use crate::console::Entry;
use crate::http::{Console, Refusal, cookies};

/// The sign-in form.
#[derive(Debug, serde::Deserialize)]
pub(in crate::http) struct Password {
    password: SecretString,
}

/// Checks the password.
pub(in crate::http) async fn enter(
    State(console): State<Console>,
    Form(form): Form<Password>,
) -> Result<Response, Refusal> {
    let (status, problem) = match console.admins.enter(form.password).await? {
        Entry::Welcome(id) => {
            console.activity.note("admin.sign_in", None, "ok", "").await;
            let mut response = back();
            if let Some(cookie) = cookies::set_admin(&id) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            return Ok(response);
        }
        Entry::Wrong => {
            tracing::warn!("wrong password on the admin console");
            (
                StatusCode::FORBIDDEN,
                "That is not the password. `goto-microapps hash-password` makes a new one for admin.password_hash.".to_owned(),
            )
        }
        Entry::Wait(seconds) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!("Too many wrong passwords. Try again in {seconds} seconds."),
        ),
    };
    console
        .activity
        .note("admin.sign_in", None, "failed", "")
        .await;
    Ok(sign_in_page(status, &console, Some(problem)))
}
