//! `POST /admin/sync`: reads the organizers now.

use axum::Form;
use axum::extract::State;
use axum::response::Response;

use super::{Admin, back};
use crate::http::Console;

/// The form beside the button.
#[derive(Debug, Default, serde::Deserialize)]
pub(in crate::http) struct Ask {
    /// Accept a directory that shrinks.
    #[serde(default)]
    force: Option<String>,
}

/// Starts a sync and shows the console, which follows it.
pub(in crate::http) async fn run(
    State(console): State<Console>,
    _: Admin,
    Form(ask): Form<Ask>,
) -> Response {
    let sync = console.organizers.clone();
    let force = ask.force.is_some();
    tokio::spawn(async move {
        if let Err(refusal) = sync.run("admin", force).await {
            tracing::warn!(%refusal, "sync");
        }
    });
    back()
}
