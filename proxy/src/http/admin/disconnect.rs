//! `POST /admin/disconnect`.

use axum::extract::State;
use axum::response::Response;

use super::{Admin, back};
use crate::http::{ApiError, Console};

/// Forgets the service account's consent; the directory stays as it is.
pub(in crate::http) async fn disconnect(
    State(console): State<Console>,
    _: Admin,
) -> Result<Response, ApiError> {
    console.service_account.disconnect().await?;
    console
        .activity
        .note("service_account.disconnect", None, "ok", "")
        .await;
    Ok(back())
}
