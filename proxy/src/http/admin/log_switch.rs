//! `POST /admin/log`: turns the support log on or off.

use axum::Form;
use axum::extract::State;
use axum::response::Response;

use super::{Admin, back};
use crate::http::{ApiError, Console};

/// Which way.
#[derive(Debug, serde::Deserialize)]
pub(in crate::http) struct Switch {
    keep: Keep,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Keep {
    On,
    Off,
}

/// For all replicas, at once.
pub(in crate::http) async fn switch(
    State(console): State<Console>,
    _: Admin,
    Form(switch): Form<Switch>,
) -> Result<Response, ApiError> {
    let on = matches!(switch.keep, Keep::On);
    console.activity.switch(on).await?;
    Ok(back())
}
