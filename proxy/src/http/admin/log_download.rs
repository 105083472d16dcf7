//! `GET /admin/log.ndjson`: the support log, one JSON object per line.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use futures::TryStreamExt;

use super::Admin;
use crate::clock::date;
use crate::http::{ApiError, Console};
use crate::store::ActivityRow;

#[derive(serde::Serialize)]
struct Line<'a> {
    at: String,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'a str>,
    outcome: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
}

/// Oldest line first.
pub(in crate::http) async fn download(
    State(console): State<Console>,
    _: Admin,
) -> Result<impl IntoResponse, ApiError> {
    let lines = console.activity.lines().await?;
    // As they are read: a client that stops reading stops it.
    let body = Body::from_stream(lines.map_ok(|rows| rows.iter().map(line).collect::<String>()));
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"goto-microapps-log.ndjson\"",
        ),
    ];
    Ok((headers, body))
}

fn line(row: &ActivityRow) -> String {
    let line = Line {
        at: date(row.at).to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        kind: &row.kind,
        actor: row.actor.as_deref(),
        outcome: &row.outcome,
        detail: &row.detail,
    };
    let mut text = serde_json::to_string(&line).unwrap_or_default();
    text.push('\n');
    text
}
