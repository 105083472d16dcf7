//! `/health/live` and `/health/ready`, for load balancers and operators.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Console;

/// What is ready.
#[derive(Debug, serde::Serialize)]
pub(super) struct Ready {
    /// The database can be written, and what was written can be read.
    store: bool,
    /// The service account is connected and its consent accepted.
    service_account: bool,
    /// People in the directory.
    organizers: usize,
    /// LogOnce to stop: answers what still comes, and wants no more.
    draining: bool,
    /// The zone rules that count.
    tzdata: Tzdata,
}

/// Which zone rules count.
#[derive(Debug, serde::Serialize)]
pub(super) struct Tzdata {
    /// Of the tz database, for example `2026f`.
    version: String,
    /// `bundled`, or `system` with the folder.
    from: String,
}

/// The process runs.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// Employees can be served. A missing service account is shown but does not take the proxy out of
/// rotation: the form works without co-organizers.
pub(super) async fn ready(State(console): State<Console>) -> (StatusCode, Json<Ready>) {
    let works = async {
        console.store.heartbeat(console.clock.millis()).await?;
        console.service_account.grant().await
    };
    let grant = works.await;
    if let Err(error) = &grant {
        tracing::warn!(%error, cure = error.cure(), "not ready: the database cannot be used");
    }
    let ready = Ready {
        store: grant.is_ok(),
        service_account: grant.is_ok_and(|grant| grant.is_some_and(|row| !row.lost)),
        organizers: console.organizers.directory().len(),
        draining: console.draining.load(Ordering::SeqCst),
        tzdata: Tzdata {
            version: console.settings.zones.version().to_owned(),
            from: console.settings.zones.origin().to_string(),
        },
    };
    let status = if ready.store && !ready.draining {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(ready))
}
