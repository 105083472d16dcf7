//! Names of environment variables: which are ours, which were meant to be, which tell of a way out.

use std::collections::BTreeSet;

use url::Url;

use super::problems::Problems;
use super::spelling::distance;

/// Prefix of environment variables: `GOTO_MICROAPPS__GOTO__ACCOUNT_ID` sets `goto.account_id`.
const PREFIX: &str = "GOTO_MICROAPPS__";
/// Between section and key.
const SEPARATOR: &str = "__";
/// Environment variable with the log filter; the one name of ours that is no key.
pub const LOG_VARIABLE: &str = "GOTO_MICROAPPS_LOG";
/// Where other programs are told of a proxy.
const PROXIES: [&str; 3] = ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"];

/// The key a variable sets, if it is one of ours.
pub(super) fn key_of(name: &str) -> Option<String> {
    let name = name.to_uppercase();
    let rest = name.strip_prefix(PREFIX)?;
    Some(rest.replace(SEPARATOR, ".").to_lowercase())
}

/// The variable that sets a key.
pub(super) fn name_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', SEPARATOR).to_uppercase())
}

/// Warns of variables that look as if they were meant for us.
pub(super) fn warn_of_neighbours(
    environment: &[(String, String)],
    known: &BTreeSet<String>,
    p: &mut Problems,
) {
    let squeezed = |name: &str| name.to_uppercase().replace(['_', '.'], "");
    for (name, _) in environment {
        let upper = name.to_uppercase();
        let ours = upper.starts_with("GOTO") && upper.contains("MICROAPP");
        if !ours || upper.starts_with(PREFIX) || upper == LOG_VARIABLE || is_of_a_service(&upper) {
            continue;
        }
        let meant = known
            .iter()
            .map(|key| name_of(key))
            .chain([LOG_VARIABLE.to_owned()])
            .map(|candidate| (distance(&squeezed(name), &squeezed(&candidate)), candidate))
            .min()
            .filter(|(distance, _)| *distance <= 4)
            .map(|(_, candidate)| candidate);
        p.warning(match meant {
            Some(meant) => format!(
                "the environment variable {name} is not read: did you mean {meant}? (two underscores before the section and before the key)"
            ),
            None => format!(
                "the environment variable {name} is not read: settings are named {PREFIX}SECTION{SEPARATOR}KEY"
            ),
        });
    }
}

/// Kubernetes and Docker tell every container of a service called `goto-microapps`
/// (<https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>).
fn is_of_a_service(name: &str) -> bool {
    let rest = name.split("MICROAPPS").nth(1).unwrap_or_default();
    ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT"].contains(&rest)
        || rest.contains("_SERVICE_PORT_")
        || (rest.contains("_PORT_") && (rest.contains("_TCP") || rest.contains("_UDP")))
}

/// The first variable that names a proxy for what goes out, and that proxy without its password.
pub(super) fn outgoing_proxy(environment: &[(String, String)]) -> Option<(&str, String)> {
    PROXIES.iter().find_map(|wanted| {
        let (name, value) = environment
            .iter()
            .find(|(name, value)| name.eq_ignore_ascii_case(wanted) && !value.trim().is_empty())?;
        Some((name.as_str(), without_password(value.trim())))
    })
}

fn without_password(text: &str) -> String {
    let with_scheme = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    match Url::parse(&with_scheme) {
        Ok(mut url) if url.has_host() => {
            // Both can fail on addresses without a host only.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.set_query(None);
            url.set_fragment(None);
            url.to_string().trim_end_matches('/').to_owned()
        }
        _ => "http://proxy.example.com:3128".to_owned(),
    }
}
