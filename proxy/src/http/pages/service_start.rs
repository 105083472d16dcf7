//! `GET /admin/api/gwsc/auth/start`: the administrator's browser leaves the public address for
//! GoTo, so that the callback finds its cookie there.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::sign_in::leave;
use super::{Language, Notice};
use crate::http::{Console, Refusal, cookies};
use crate::signin::Who;

/// Where the console sends its window.
pub(in crate::http) const PATH: &str = "/admin/api/gwsc/auth/start";

/// The one-time ticket from the console.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    #[serde(default)]
    ticket: String,
}

/// Starts the consent of the service account for a console that is still signed in.
pub(in crate::http) async fn depart(
    State(console): State<Console>,
    headers: HeaderMap,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Response, Refusal> {
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
    let departure = console
        .transactions
        .depart(
            console.service_account.oauth(),
            Who::Admin { session_hash },
            "en",
            browser,
        )
        .await?;
    leave(public_url, &departure)
}
