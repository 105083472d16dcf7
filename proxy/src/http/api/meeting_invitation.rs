//! `GET /app/api/meetings/{id}/invitation?lang=&time_zone=`: what one of the employee's own meetings
//! is handed on with.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use goto_microapps_api::{Code, Invitation};

use crate::http::guard::SignedIn;
use crate::http::pages::Language;
use crate::http::{ApiError, Employees};
use crate::meetings::Reader;
use crate::zones::Zone;

/// In which language and where its reader is.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::http) struct Ask {
    lang: String,
    time_zone: String,
}

impl Ask {
    /// What was asked for, or what can be known without.
    pub(super) fn read(
        ask: Result<Query<Self>, QueryRejection>,
        employees: &Employees,
        headers: &HeaderMap,
    ) -> Result<(Language, Zone), ApiError> {
        let Query(ask) =
            ask.map_err(|_| ApiError::new(Code::MalformedRequest, "lang and time_zone are text"))?;
        let zone = employees.zones.find(&ask.time_zone);
        let zone = zone.unwrap_or_else(|| employees.integration.time_zone.clone());
        let language = Language::known(&ask.lang).unwrap_or_else(|| Language::of_browser(headers));
        Ok((language, zone))
    }
}

/// Of a meeting made here GoTo is not asked: this costs nothing of its limit.
pub(in crate::http) async fn show(
    State(employees): State<Employees>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
    ask: Result<Query<Ask>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Invitation>, ApiError> {
    let (language, zone) = Ask::read(ask, &employees, &headers)?;
    let reader = Reader {
        language,
        zone: &zone,
        proxy: &employees.public_url,
    };
    let invitation = employees.meetings.invitation(&account, &id, reader);
    Ok(Json(invitation.await?))
}
