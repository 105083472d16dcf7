//! `GET /app/api/organizers?q=&limit=`: the co-organizer search.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use goto_microapps_api::{Code, Organizers};

use crate::http::guard::SignedIn;
use crate::http::{ApiError, Employees};
use crate::organizers::find;

/// Most people in one answer.
const LIMIT_MAX: usize = 50;

/// What is searched.
#[derive(Debug, serde::Deserialize)]
pub(in crate::http) struct Search {
    #[serde(default)]
    q: String,
    #[serde(default = "default_limit")]
    limit: usize,
}

fn default_limit() -> usize {
    20
}

/// People by name or e-mail, best match first, without the one who asks.
pub(in crate::http) async fn search(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Json<Organizers>, ApiError> {
    let Query(search) = search
        .map_err(|_| ApiError::new(Code::MalformedRequest, "q is text, limit a number up to 50"))?;
    let directory = employees.organizers.directory();
    let limit = search.limit.clamp(1, LIMIT_MAX);
    let synced = directory.is_synced();
    let mut organizers = find(directory, search.q, limit + 1).await;
    let found = organizers.len();
    organizers.retain(|organizer| organizer.key != account.key);
    let yourself = organizers.len() < found;
    organizers.truncate(limit);
    Ok(Json(Organizers {
        organizers,
        synced,
        yourself,
    }))
}
