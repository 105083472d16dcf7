//! `GET /app/api/time-zones?q=&names=&lang=&at=`: time zones by what people call them. Nobody needs to
//! be signed in: it says nothing of anybody, and the form is filled in before.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use goto_microapps_api::{Code, ZoneHits};

use crate::http::{ApiError, Employees};

/// Most zones in one answer.
const LIMIT: usize = 8;

/// What is searched.
#[derive(Debug, serde::Deserialize)]
pub(in crate::http) struct Search {
    /// What somebody types.
    #[serde(default)]
    q: String,
    /// IANA names with commas between them, to be told.
    #[serde(default)]
    names: String,
    /// Language of the answer.
    #[serde(default)]
    lang: String,
    /// The instant whose offsets are told; now where it is left out.
    at: Option<DateTime<Utc>>,
}

/// The best first.
pub(in crate::http) async fn search(
    State(employees): State<Employees>,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Json<ZoneHits>, ApiError> {
    let Query(search) = search
        .map_err(|_| ApiError::new(Code::MalformedRequest, "q is text, at an RFC 3339 time"))?;
    let at = search.at.unwrap_or_else(|| employees.clock.now());
    let zones = employees.zone_search.clone();
    // Off the async workers: the first search puts the names together.
    let found = tokio::task::spawn_blocking(move || {
        let named = search.names.split(',').take(LIMIT);
        let mut found = zones.named(named, &search.lang, at);
        found.extend(zones.search(&search.q, &search.lang, at, LIMIT));
        found
    });
    let mut zones = found.await?;
    zones.truncate(LIMIT);
    Ok(Json(ZoneHits { zones }))
}
