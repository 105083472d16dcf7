//! `GET /admin/api/gwsc/auth/start`: the administrator's browser leaves the public address for
//! GoTo, so that the callback finds its cookie there.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::employee_start::redirect_to_goto;
use super::{Language, Notice};
use crate::http::{ApiError, Console, cookies};
use crate::signin::Initiator;

/// Where the console sends its window.
pub(in crate::http) const PATH: &str = "/admin/api/gwsc/auth/start";

/// The one-time ticket from the console.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    #[serde(default)]
    ticket: String,
}

/// Starts the consent of the service account for a console that is still signed in.
pub(in crate::http) async fn authorize(
    State(console): State<Console>,
    headers: HeaderMap,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Response, ApiError> {
    let ask = ask.map(|Query(ask)| ask).unwrap_or_default();
    let public_url = &console.settings.server.public_url;
    let Some(session_hash) = console.tickets.take(&ask.ticket).await? else {
        let notice = Notice::new(
            public_url,
            Language::ENGLISH,
            "failed",
            "This link was used before",
            "Press Authorise on the admin console again.",
        );
        return Ok(notice.into_response(StatusCode::FORBIDDEN));
    };
    let browser = cookies::sign_in(&headers, public_url);
    let authorization = console
        .pending_sign_ins
        .authorize(
            console.service_account.oauth(),
            Initiator::Admin { session_hash },
            "en",
            browser,
        )
        .await?;
    redirect_to_goto(public_url, &authorization)
}
