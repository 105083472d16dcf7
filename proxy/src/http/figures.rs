//! `GET /metrics`: figures for operators.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::{Console, Refusal};
use crate::meters;

/// What is counted all the time, and what is only looked up when somebody asks.
pub(super) async fn show(State(console): State<Console>) -> Result<impl IntoResponse, Refusal> {
    let (used, slots) = console.limiter.usage().await?;
    let grant = console.service_account.grant().await?;
    let connected = grant.is_some_and(|row| !row.lost);
    let gauge = |name: &'static str, value: i64| {
        // Far below what an f64 counts exactly.
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        metrics::gauge!(name).set(value as f64);
    };
    gauge("goto_slots", slots);
    gauge("goto_slots_in_use", used);
    gauge("service_account_connected", i64::from(connected));
    let people = i64::try_from(console.organizers.directory().len()).unwrap_or(i64::MAX);
    gauge("organizers", people);
    let headers = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    Ok((headers, meters::render()))
}
