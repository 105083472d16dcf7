//! The limit of requests, the consents and the sessions.

use std::collections::HashMap;
use std::time::Duration;

use goto_sandbox::{Route, Sandbox, max_in_window};

use super::{Check, Evidence};

pub(super) fn checks(evidence: &Evidence<'_>) -> Vec<Check> {
    let options = evidence.options;
    let diaries = evidence.diaries;
    let surprises = diaries.iter().flat_map(|diary| diary.surprises.clone());
    let locked_out = diaries
        .iter()
        .enumerate()
        .filter(|(_, diary)| diary.locked_out)
        .map(|(number, _)| format!("tab {number}"));
    let arrivals: Vec<Duration> = evidence
        .sandbox
        .log_of(Route::Any)
        .iter()
        .map(|received| received.arrived)
        .collect();
    let kills = usize::try_from(options.seconds / 10).unwrap_or(0);
    vec![
        Check::at_most(
            "most requests in any window of the interval",
            max_in_window(&arrivals, options.interval()),
            options.requests,
        ),
        Check::at_most(
            "most requests in any second",
            max_in_window(&arrivals, Duration::from_secs(1)),
            options.per_second(),
        ),
        Check::none(
            "renewals of one consent at the same time",
            overlaps(evidence.sandbox),
        ),
        Check::none("consents lost", evidence.lost_consents.clone()),
        Check::none("sessions lost", locked_out.collect()),
        Check::none("answers nobody can explain", surprises.collect()),
        Check::at_least(
            "SIGKILLs",
            usize::try_from(evidence.damage.kills).unwrap_or(0),
            kills,
        ),
    ]
}

/// Renewals that arrived while another with the same refresh token was under way.
fn overlaps(sandbox: &Sandbox) -> Vec<String> {
    let mut last: HashMap<String, Duration> = HashMap::new();
    let mut renewals = sandbox.log_of(Route::Token);
    renewals.retain(|token| token.form("grant_type").as_deref() == Some("refresh_token"));
    renewals.sort_by_key(|renewal| renewal.arrived);
    let mut overlaps = Vec::new();
    for renewal in renewals {
        let token = renewal.form("refresh_token").unwrap_or_default();
        let ended = renewal.ended.unwrap_or(Duration::MAX);
        if let Some(before) = last.get(&token)
            && renewal.arrived < *before
        {
            overlaps.push(format!("at {:?}", renewal.arrived));
        }
        let until = last.entry(token).or_default();
        *until = (*until).max(ended);
    }
    overlaps
}
