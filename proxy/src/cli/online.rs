//! `goto-microapps check --online`: what `serve` would meet outside, one line each.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use goto_microapps::clock::{Clock, millis_of};
use goto_microapps::config::Settings;
use goto_microapps::outbound::Outbound;
use goto_microapps::proxy::StartError;
use goto_microapps::store::{Inspection, Store};
use url::Url;

use super::{complain, say};

/// Longest wait for one host.
const PATIENCE: Duration = Duration::from_secs(10);
/// Clocks that differ by less make no trouble: tokens are given a minute.
const SKEW: Duration = Duration::from_secs(30);

/// What was found at one place.
type Found = Result<String, (String, String)>;

/// Looks everywhere and tells everything, whatever fails on the way.
pub(super) fn check(settings: &Settings) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the runtime cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let found = runtime.block_on(look(settings));
    let mut faults = 0;
    say("");
    for found in found {
        match found {
            Ok(text) => say(&format!("good: {text}")),
            Err((problem, cure)) => {
                faults += 1;
                say(&format!("fault: {problem}\n    cure: {cure}"));
            }
        }
    }
    match faults {
        0 => ExitCode::SUCCESS,
        1 => {
            complain("1 fault outside of the configuration");
            ExitCode::FAILURE
        }
        n => {
            complain(&format!("{n} faults outside of the configuration"));
            ExitCode::FAILURE
        }
    }
}

async fn look(settings: &Settings) -> Vec<Found> {
    let outbound = Outbound::new(&settings.goto.outgoing);
    let runs = is_running(&outbound, settings.admin.listen).await;
    let mut found = vec![store(settings, runs).await];
    for (key, address) in [
        ("server.listen", settings.server.listen),
        ("admin.listen", settings.admin.listen),
    ] {
        found.push(port(key, address, runs));
    }
    for (key, url) in hosts(settings) {
        found.push(host(&outbound, key, &url).await);
    }
    found
}

async fn store(settings: &Settings, runs: bool) -> Found {
    match Store::inspect(&settings.store).await {
        // The one that runs with this configuration has it with good reason.
        Ok(Inspection { in_use: true, .. }) if !runs => Err((
            "store.url: another process uses this SQLite file".to_owned(),
            "run one proxy on it, or give several a PostgreSQL database".to_owned(),
        )),
        Ok(Inspection { empty: true, .. }) => {
            Ok("store.url: the database can be used; the first start makes its tables".to_owned())
        }
        Ok(Inspection { pending, .. }) => {
            let migrations = match pending.len() {
                0 => "up to date".to_owned(),
                1 => "one migration was tried and taken back; the next start applies it".to_owned(),
                n => {
                    format!("{n} migrations were tried and taken back; the next start applies them")
                }
            };
            Ok(format!("store.url: the database opens, {migrations}"))
        }
        Err(error) => {
            let text = StartError::from(error).to_string();
            let (problem, cure) = text.split_once("\n    cure: ").unwrap_or((&text, ""));
            Err((problem.to_owned(), cure.to_owned()))
        }
    }
}

/// Whether one of us runs already, which takes both ports with good reason.
async fn is_running(outbound: &Outbound, admin: SocketAddr) -> bool {
    let Ok(client) = outbound.client(|builder| builder.timeout(PATIENCE)) else {
        return false;
    };
    let answer = client
        .get(format!("http://{admin}/health/live"))
        .send()
        .await;
    match answer {
        Ok(answer) => answer.text().await.is_ok_and(|text| text == "ok\n"),
        Err(_) => false,
    }
}

fn port(key: &'static str, address: SocketAddr, runs: bool) -> Found {
    match TcpListener::bind(address) {
        Ok(_) => Ok(format!("{key}: {address} is free")),
        Err(error) if runs && error.kind() == std::io::ErrorKind::AddrInUse => Ok(format!(
            "{key}: the goto-microapps that runs already listens on {address}"
        )),
        Err(error) => {
            let error = StartError::Listen {
                key,
                address,
                error,
            };
            let text = error.to_string();
            let (problem, cure) = text.split_once("\n    cure: ").unwrap_or((&text, ""));
            Err((problem.to_owned(), cure.to_owned()))
        }
    }
}

/// The hosts the proxy itself connects to, each once.
fn hosts(settings: &Settings) -> Vec<(&'static str, Url)> {
    let goto = &settings.goto;
    let mut hosts = vec![
        ("goto.api_base", goto.api_base.clone()),
        ("goto.token_url", goto.token_url.clone()),
    ];
    if let Some(oidc) = &settings.sso.oidc {
        match &oidc.jwks_url {
            Some(url) => hosts.push(("sso.oidc.jwks_url", url.clone())),
            None => hosts.extend(Url::parse(&oidc.issuer).map(|url| ("sso.oidc.issuer", url))),
        }
    }
    let mut seen = Vec::new();
    hosts.retain(|(_, url)| {
        let new = !seen.contains(&url.origin());
        seen.push(url.origin());
        new
    });
    hosts
}

/// Asks a host for its first page, without a token: anything it answers will do.
async fn host(outbound: &Outbound, key: &str, url: &Url) -> Found {
    let mut url = url.clone();
    url.set_path("/");
    url.set_query(None);
    let name = url.host_str().unwrap_or_default().to_owned();
    let client = outbound
        .client(|builder| builder.timeout(PATIENCE).connect_timeout(PATIENCE))
        .map_err(|error| (format!("{}: {error}", error.key()), error.cure().to_owned()))?;
    let clock = Clock::system();
    let answer = client.get(url.clone()).send().await.map_err(|error| {
        let fault = outbound.fault(&url, &error);
        (format!("{key}: {fault}"), fault.cure().to_owned())
    })?;
    let date = answer
        .headers()
        .get(http::header::DATE)
        .and_then(|date| chrono::DateTime::parse_from_rfc2822(date.to_str().ok()?).ok());
    let Some(date) = date else {
        return Ok(format!("{key}: {name} is reached"));
    };
    let ahead = clock.millis() - date.timestamp_millis();
    if ahead.abs() > millis_of(SKEW) {
        let way = if ahead > 0 { "ahead of" } else { "behind" };
        return Err((
            format!(
                "{key}: {name} is reached, but this machine's clock is {} seconds {way} its own",
                ahead.abs() / 1000
            ),
            "set this machine's clock and keep it set (timedatectl set-ntp true, chrony)"
                .to_owned(),
        ));
    }
    Ok(format!("{key}: {name} is reached, and the clocks agree"))
}
