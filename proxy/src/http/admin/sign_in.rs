//! `POST /admin/sign-in`.

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use secrecy::SecretString;

use super::back;
use super::console::sign_in_page;
use crate::admin_sessions::PasswordAnswer;
use crate::http::inbound::Client;
use crate::http::{ApiError, Console, cookies};

/// The sign-in form.
#[derive(Debug, serde::Deserialize)]
pub(in crate::http) struct Password {
    password: SecretString,
}

/// Checks the password.
pub(in crate::http) async fn enter(
    State(console): State<Console>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<Password>,
) -> Result<Response, ApiError> {
    let (status, problem) = match console
        .admin_sessions
        .sign_in(client.address(), form.password)
        .await?
    {
        PasswordAnswer::SignedIn(id) => {
            console.activity.note("admin.sign_in", None, "ok", "").await;
            let mut response = back();
            if let Some(cookie) = cookies::set_admin(&headers, &id) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            return Ok(response);
        }
        PasswordAnswer::WrongPassword => {
            tracing::warn!("wrong password on the admin console");
            (
                StatusCode::FORBIDDEN,
                "That is not the password. If it is lost, the command “goto-microapps hash-password” makes a new line for admin.password_hash.".to_owned(),
            )
        }
        PasswordAnswer::Wait(seconds) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!(
                "Too many wrong passwords came from your address. Try again in {seconds} seconds."
            ),
        ),
    };
    console.activity.count("admin.sign_in", "failed", "");
    Ok(sign_in_page(status, &console, Some(problem)))
}
