//! `GET /admin`: what is connected, what is wrong, and the cure.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use goto_microapps_api::Code;
use goto_microapps_widget_bundle::asset;

use super::back;
use crate::clock::{Millis, date};
use crate::config::Settings;
use crate::http::pages::page;
use crate::http::{ApiError, Console};
use crate::store::{GrantRow, RunState, SyncRun};

/// Seconds between looks at a running sync.
const FOLLOW: &str = "2";
/// Seconds between looks while a consent is awaited.
const AWAIT: &str = "5";

#[derive(Debug, Template)]
#[template(path = "admin_sign_in.html")]
struct SignInPage<'a> {
    name: &'a str,
    problem: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "admin_console.html")]
struct ConsolePage<'a> {
    name: &'a str,
    settings: &'a Settings,
    attention: Vec<(String, String)>,
    service: Connection,
    connected: bool,
    /// Of the account, and how many of them can be chosen.
    people: usize,
    offered: usize,
    runs: Vec<Run>,
    running: Option<Progress>,
    schedule: String,
    quota: Quota,
    /// Why GoTo is not reached, and the cure.
    unreachable: Option<String>,
    log_on: bool,
    log_hours: u64,
    snippet: String,
    /// The same under its digest.
    pinned: String,
    /// The widget as a page.
    frame: String,
    embedding: String,
}

#[derive(Debug)]
enum Connection {
    Missing,
    Lost { email: String },
    Connected { email: String, name: String },
}

#[derive(Debug)]
struct Run {
    started: String,
    trigger: &'static str,
    state: &'static str,
    text: String,
}

#[derive(Debug)]
struct Progress {
    fetched: i64,
    total: Option<i64>,
    /// When it will probably be done, in words.
    left: Option<String>,
}

#[derive(Debug)]
struct Quota {
    used: i64,
    slots: i64,
}

/// `/` of the listener leads to the console.
pub(in crate::http) async fn home() -> Response {
    back()
}

/// The sign-in form.
pub(super) fn sign_in_page(
    status: StatusCode,
    console: &Console,
    problem: Option<String>,
) -> Response {
    let name = &console.settings.integration.name;
    page(
        status,
        &SignInPage { name, problem },
        "form-action 'self'; ",
    )
}

/// The console, or the sign-in form.
pub(in crate::http) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if super::admin(&console, &headers).await?.is_none() {
        return Ok(sign_in_page(StatusCode::OK, &console, None));
    }
    let settings = &console.settings;
    let runs = console.organizers.runs().await?;
    let running = runs
        .first()
        .filter(|run| run.state == RunState::Running)
        .map(|run| Progress {
            fetched: run.fetched,
            total: run.total,
            left: left(run, console.clock.millis()),
        });
    let directory = console.organizers.directory();
    let service = connection(console.service_account.grant().await?);
    let (used, slots) = console.limiter.usage().await?;
    let public_url = &settings.server.public_url;
    let loader = public_url
        .join("embed.js")
        .map_err(|_| ApiError::new(Code::Internal, "server.public_url cannot be extended"))?;
    let refresh = match (&running, &service) {
        (Some(_), _) => Some(FOLLOW),
        (None, Connection::Missing | Connection::Lost { .. }) => Some(AWAIT),
        _ => None,
    };
    let template = ConsolePage {
        name: &settings.integration.name,
        settings,
        attention: attention(&console).await?,
        connected: matches!(service, Connection::Connected { .. }),
        service,
        people: directory.len(),
        offered: directory.offered(),
        runs: runs.iter().map(describe).collect(),
        running,
        schedule: schedule(settings),
        quota: Quota { used, slots },
        unreachable: console
            .goto
            .fault()
            .map(|fault| format!("{fault}. Cure: {}.", fault.cure())),
        log_on: console.activity.is_on().await?,
        log_hours: console.activity.retention_hours(),
        snippet: format!("<script src=\"{loader}\" async></script>"),
        pinned: asset("embed.js").map_or_else(String::new, |file| {
            format!(
                "<script src=\"{public_url}{}\" integrity=\"{}\" crossorigin async></script>",
                file.path, file.integrity
            )
        }),
        frame: format!(
            "<iframe src=\"{public_url}frame\" width=\"100%\" height=\"760\" title=\"{}\"></iframe>",
            settings.integration.name.replace('"', "")
        ),
        embedding: settings.embedding.origins.join("\n"),
    };
    // The Authorise form ends at GoTo, so its redirects are allowed by name.
    let policy = format!(
        "form-action 'self' {} {}; ",
        public_url.origin().ascii_serialization(),
        settings.goto.authorize_url.origin().ascii_serialization()
    );
    let mut response = page(StatusCode::OK, &template, &policy);
    if let Some(seconds) = refresh {
        response
            .headers_mut()
            .insert(header::REFRESH, HeaderValue::from_static(seconds));
    }
    Ok(response)
}

/// What only the administrator can cure: when it last happened, and the words.
async fn attention(console: &Console) -> Result<Vec<(String, String)>, ApiError> {
    let lines = console.attention.lines().await?.into_iter();
    let when = |at| date(at).format("%Y-%m-%d %H:%M UTC").to_string();
    Ok(lines.map(|line| (when(line.at), line.text)).collect())
}

fn connection(grant: Option<GrantRow>) -> Connection {
    match grant {
        None => Connection::Missing,
        Some(row) if row.lost => Connection::Lost {
            email: row.grant.email,
        },
        Some(row) => Connection::Connected {
            email: row.grant.email,
            name: row.grant.name,
        },
    }
}

fn describe(run: &SyncRun) -> Run {
    let text = match run.state {
        RunState::Running => format!("{} read so far", run.fetched),
        RunState::Done if run.restarts > 0 => format!(
            "{} people; read twice, because GoTo's list changed meanwhile",
            run.fetched
        ),
        RunState::Done => format!("{} people", run.fetched),
        RunState::Failed => run.problem.clone().unwrap_or_default(),
    };
    Run {
        started: date(run.started_at)
            .format("%Y-%m-%d %H:%M:%S UTC")
            .to_string(),
        trigger: match run.trigger.as_str() {
            "schedule" => "schedule",
            "consent" => "after Authorise",
            _ => "by hand",
        },
        state: run.state.text(),
        text,
    }
}

/// How long the rest of a run will probably take, from how long it took so far.
fn left(run: &SyncRun, now: Millis) -> Option<String> {
    let rest = run.total? - run.fetched;
    if run.fetched == 0 || rest <= 0 {
        return None;
    }
    let seconds = (now - run.started_at) * rest / run.fetched / 1000;
    Some(match seconds {
        ..60 => "less than a minute left".to_owned(),
        60..120 => "about a minute left".to_owned(),
        _ => format!("about {} minutes left", seconds / 60),
    })
}

fn schedule(settings: &Settings) -> String {
    match settings.organizers.sync_every {
        None => "only by hand".to_owned(),
        Some(every) if every.as_secs().is_multiple_of(3600) => match every.as_secs() / 3600 {
            1 => "every hour".to_owned(),
            hours => format!("every {hours} hours"),
        },
        Some(every) => format!("every {} minutes", every.as_secs() / 60),
    }
}
