//! `cargo measure`: what the proxy needs and how fast it is. Figures, not judgements: nothing here
//! fails because a machine is slow. Only a release build gives honest ones.
//!
//! The minute of the limit is scaled to two seconds, where a figure is about a full limit; what
//! that means for GoTo's minute is said beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use goto_microapps_api::{IDEMPOTENCY_KEY, NewMeeting};
use goto_microapps_harness::{ADMIN_PASSWORD, Admin, Reply, Visitor};
use goto_microapps_storm::fleet::{self, Fleet, INTRANET};
use goto_microapps_storm::options::StoreKind;
use goto_microapps_storm::store::Database;
use goto_microapps_storm::{say, told_to_end};
use goto_sandbox::{Received, Route, Sandbox};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// People of the large directory.
const PEOPLE: usize = 100_000;
/// Sessions in the store.
const SESSIONS: usize = 10_000;
/// Connections that say nothing.
const CONNECTIONS: usize = 10_000;
/// Of the scaled limit.
const REQUESTS: usize = 100;
const WINDOW: Duration = Duration::from_secs(2);
/// How long the limit is kept full.
const SATURATED: Duration = Duration::from_secs(20);
/// Creates that are timed.
const CREATES: usize = 300;

/// Prints what the proxy needs and how fast it is.
#[derive(Debug, Parser)]
#[command(name = "measure")]
struct Options {
    /// The program to measure; built first where absent.
    #[arg(long)]
    proxy: Option<PathBuf>,
    /// Only these parts; all where absent.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

/// What is measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// How much of the limit is used when everybody creates.
    Limit,
    /// What the proxy adds to a create.
    Create,
    /// Starts, memory, and the sync of a large account.
    Size,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let program = fleet::program(options.proxy.as_deref())?;
    // Each connection is two open files, one here and one there.
    rlimit::increase_nofile_limit(u64::MAX)?;
    if cfg!(debug_assertions) {
        say(
            "note: this is a debug build; the figures of `cargo measure` are those of a release build",
        );
    }
    row("figure", "measured", "target");
    tokio::select! {
        measured = measure(&options.parts, &program) => measured,
        told = told_to_end() => {
            told?;
            anyhow::bail!("told to end before everything was measured");
        }
    }
}

async fn measure(parts: &[Part], program: &Path) -> anyhow::Result<()> {
    let asked = |part| parts.is_empty() || parts.contains(&part);
    if asked(Part::Limit) {
        saturation(program).await?;
    }
    if asked(Part::Create) {
        overhead(program).await?;
    }
    if asked(Part::Size) {
        size(program).await?;
    }
    Ok(())
}

fn row(figure: &str, measured: &str, target: &str) {
    say(&format!("{figure:<66} {measured:>22}  {target}"));
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn share(part: usize, whole: f64) -> String {
    format!("{:.1} %", part as f64 / whole * 100.0)
}

/// The value below which `percent` of them are.
fn percentile(values: &mut [Duration], percent: usize) -> Duration {
    values.sort_unstable();
    let at = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or_default()
}

async fn sandbox(organizers: usize) -> anyhow::Result<Sandbox> {
    Sandbox::start(goto_sandbox::Options {
        organizers,
        requests_per_second: 0,
        public_host: Some("goto.localhost".to_owned()),
        ..goto_sandbox::Options::default()
    })
    .await
}

fn limited(requests: usize, per_second: usize) -> Vec<(&'static str, String)> {
    vec![
        ("goto.requests", requests.to_string()),
        ("goto.requests_per_second", per_second.to_string()),
        ("goto.interval_seconds", WINDOW.as_secs().to_string()),
        ("organizers.sync", "\"manual\"".to_owned()),
    ]
}

async fn employees(
    fleet: &Fleet,
    sandbox: &Sandbox,
    count: usize,
) -> anyhow::Result<Vec<Arc<Visitor>>> {
    let mut visitors = Vec::new();
    for person in sandbox.employees().iter().take(count) {
        let base = fleet.bases()[0].clone();
        let visitor = Visitor::new(base, fleet.public(0), INTRANET.to_owned());
        visitor.sign_in(sandbox, &person.email).await?;
        visitors.push(Arc::new(visitor));
    }
    Ok(visitors)
}

fn form(now: DateTime<Utc>, subject: String) -> NewMeeting {
    let start = now + TimeDelta::days(1);
    let end = start + TimeDelta::minutes(30);
    NewMeeting {
        subject,
        start: start.format("%Y-%m-%dT%H:%M").to_string(),
        end: end.format("%Y-%m-%dT%H:%M").to_string(),
        time_zone: "UTC".to_owned(),
        ..NewMeeting::default()
    }
}

async fn create(visitor: &Visitor, now: DateTime<Utc>, number: usize) -> anyhow::Result<Reply> {
    let key = format!("00000000-0000-4000-8000-{number:012x}");
    let request = visitor.call(Method::POST, "app/api/meetings");
    let request = request.header(IDEMPOTENCY_KEY, key);
    let request = request.json(&form(now, format!("measure {number}")));
    visitor.send(request).await
}

/// Everybody creates as fast as the limit lets them.
async fn saturation(program: &Path) -> anyhow::Result<()> {
    let sandbox = sandbox(100).await?;
    let database = Database::start(StoreKind::Sqlite)?;
    let settings = limited(REQUESTS, 60);
    let fleet = Fleet::start(program.into(), &sandbox, &database.url, 1, &settings).await?;
    let visitors = employees(&fleet, &sandbox, 40).await?;
    let now = sandbox.now();
    let began = Instant::now();
    let mut working = JoinSet::new();
    for (number, visitor) in visitors.iter().enumerate() {
        for tab in 0..3 {
            let visitor = visitor.clone();
            working.spawn(async move {
                let mut next = (number * 3 + tab) * 1_000_000;
                while began.elapsed() < SATURATED + WINDOW {
                    next += 1;
                    if create(&visitor, now, next).await?.status != 201 {
                        sleep(Duration::from_millis(50)).await;
                    }
                }
                anyhow::Ok(())
            });
        }
    }
    // The first window is still that of the sign-ins.
    sleep(WINDOW).await;
    let before = sandbox.log_of(Route::Any).len();
    sleep(SATURATED).await;
    let during = sandbox.log_of(Route::Any).len() - before;
    while let Some(done) = working.join_next().await {
        done??;
    }
    row(
        "most requests in any window, all of them creates (limit 100 in 2 s)",
        &sandbox.max_in_window(WINDOW).to_string(),
        "<= 100",
    );
    row(
        "most requests in any second (limit 60)",
        &sandbox.max_in_window(Duration::from_secs(1)).to_string(),
        "<= 60",
    );
    let windows = SATURATED.as_secs_f64() / WINDOW.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let possible = windows * REQUESTS as f64;
    row(
        "limit used under saturation (2 s; a minute loses a thirtieth of that)",
        &share(during, possible),
        ">= 95 %",
    );
    Ok(())
}

/// A create when nobody else is there: what the proxy adds to GoTo's own time.
async fn overhead(program: &Path) -> anyhow::Result<()> {
    let disk = tempfile::tempdir()?;
    let on_disk = format!("sqlite://{}", disk.path().join("store.db").display());
    let in_memory = Database::start(StoreKind::Sqlite)?;
    let postgres = Database::start(StoreKind::Postgres);
    let mut stores = vec![
        ("SQLite in memory", in_memory.url.clone()),
        ("SQLite on this disk, synced", on_disk),
    ];
    if let Ok(postgres) = &postgres {
        stores.push(("PostgreSQL on this host, not synced", postgres.url.clone()));
    }
    for (name, url) in stores {
        let sandbox = sandbox(20).await?;
        let settings = limited(10_000, 1_000);
        let fleet = Fleet::start(program.into(), &sandbox, &url, 1, &settings).await?;
        // Several, because the proxy bounds what one of them may send.
        let visitors = employees(&fleet, &sandbox, 6).await?;
        let now = sandbox.now();
        let mut took = Vec::new();
        for number in 0..CREATES {
            let began = Instant::now();
            let reply = create(&visitors[number % visitors.len()], now, number).await?;
            let elapsed = began.elapsed();
            anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
            let posts = sandbox.log_of(Route::CreateMeeting);
            let goto = posts.last().and_then(time_at_goto).context("a POST")?;
            took.push(elapsed.saturating_sub(goto));
        }
        row(
            &format!("overhead of a create, p50 ({name})"),
            &millis(percentile(&mut took, 50)),
            "",
        );
        row(
            &format!("overhead of a create, p99 ({name})"),
            &millis(percentile(&mut took, 99)),
            "< 10 ms",
        );
    }
    Ok(())
}

fn time_at_goto(post: &Received) -> Option<Duration> {
    Some(post.ended?.saturating_sub(post.arrived))
}

/// Megabytes of the process that are in memory.
fn resident(fleet: &Fleet) -> anyhow::Result<String> {
    let pid = fleet.pid(0).context("it runs")?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: f64 = line
        .and_then(|line| line.trim().strip_suffix("kB"))
        .context("VmRSS")?
        .trim()
        .parse()?;
    Ok(format!("{:.1} MB", kilobytes / 1024.0))
}

/// Kills and starts again; how long until it serves.
async fn restart(fleet: &mut Fleet) -> anyhow::Result<Duration> {
    fleet.kill(0);
    let began = Instant::now();
    fleet.launch(0)?;
    fleet.ready(0).await?;
    Ok(began.elapsed())
}

async fn restarts(fleet: &mut Fleet) -> anyhow::Result<Duration> {
    let mut took = Vec::new();
    for _ in 0..7 {
        took.push(restart(fleet).await?);
    }
    Ok(percentile(&mut took, 50))
}

/// Small and large: memory, starts, the sync of a large account and what others feel of it.
async fn size(program: &Path) -> anyhow::Result<()> {
    let sandbox = sandbox(PEOPLE).await?;
    let database = Database::start(StoreKind::Sqlite)?;
    let settings = limited(REQUESTS, 60);
    let mut fleet = Fleet::start(program.into(), &sandbox, &database.url, 1, &settings).await?;
    row(
        "start to ready, empty store (median of 7)",
        &millis(restarts(&mut fleet).await?),
        "< 300 ms",
    );
    // Nothing announces that a process has settled.
    sleep(Duration::from_secs(2)).await;
    row("memory, idle", &resident(&fleet)?, "< 30 MB");

    let visitors = employees(&fleet, &sandbox, 1).await?;
    sandbox.clear_log();
    let began = Instant::now();
    let (took, mut waits) = sync_while_somebody_works(&fleet, &sandbox, &visitors[0]).await?;
    let pages = sandbox.log_of(Route::Users).len();
    row(
        "full sync of 100,000 organizers: requests",
        &pages.to_string(),
        "",
    );
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let least = pages as f64 / 60.0;
    row(
        "  least time at GoTo's limit: 60 of 100 a minute are for the sync",
        &format!("{least:.1} min"),
        "",
    );
    row(
        "  measured at 60 in 2 s, of the least possible",
        &format!(
            "{:.1} s, {}",
            took.as_secs_f64(),
            share(100, took.as_secs_f64() / (least * 2.0) * 100.0)
        ),
        "",
    );
    row(
        "  most requests in any window meanwhile",
        &sandbox.max_in_window(WINDOW).to_string(),
        "<= 100",
    );
    let per_minute = waits.len() * 60 / usize::try_from(began.elapsed().as_secs().max(1))?;
    row(
        &format!("  somebody else's requests meanwhile ({per_minute} a minute), p50"),
        &millis(percentile(&mut waits, 50)),
        "",
    );
    row(
        &format!("  somebody else's requests meanwhile ({per_minute} a minute), p99"),
        &millis(percentile(&mut waits, 99)),
        "< 100 ms",
    );
    row("memory right after that sync", &resident(&fleet)?, "");
    fill_sessions(&database).await?;
    row(
        "start to ready, 100,000 organizers (median of 7)",
        &millis(restarts(&mut fleet).await?),
        "",
    );
    sleep(Duration::from_secs(2)).await;
    row(
        "memory, 100,000 organizers and 10,000 sessions, after a start",
        &resident(&fleet)?,
        "< 80 MB",
    );
    let silent = connect(&fleet, false).await?;
    row(
        "  and 10,000 connections that say nothing",
        &resident(&fleet)?,
        "",
    );
    drop(silent);
    restart(&mut fleet).await?;
    let idle = connect(&fleet, true).await?;
    row(
        "  and 10,000 connections idle after a request",
        &resident(&fleet)?,
        "",
    );
    drop(idle);
    Ok(())
}

/// The administrator reads everybody while an employee looks at meetings twice a second. How long
/// the sync took, and how long each look.
async fn sync_while_somebody_works(
    fleet: &Fleet,
    sandbox: &Sandbox,
    visitor: &Visitor,
) -> anyhow::Result<(Duration, Vec<Duration>)> {
    let admin = Admin::new(sandbox, fleet.admin(0), fleet.public(0));
    admin.sign_in(ADMIN_PASSWORD).await?;
    let began = Instant::now();
    // The consent starts the first sync by itself.
    let page = admin.authorise(&sandbox.admin().email).await?;
    anyhow::ensure!(page.status == 200, "consent: {}", page.text);
    let mut waits = Vec::new();
    loop {
        let asked = Instant::now();
        let reply = visitor.get("app/api/meetings/123456789").await?;
        anyhow::ensure!(reply.status == 404, "{}: {}", reply.status, reply.text);
        waits.push(asked.elapsed());
        sleep(Duration::from_millis(500)).await;
        let ready = admin.get("/health/ready").await?;
        let ready: serde_json::Value = ready.json()?;
        if ready["organizers"].as_u64() >= Some(PEOPLE as u64) {
            return Ok((began.elapsed(), waits));
        }
        anyhow::ensure!(began.elapsed() < Duration::from_secs(300), "{ready}");
    }
}

async fn fill_sessions(database: &Database) -> anyhow::Result<()> {
    let pool = database.pool().await?;
    let mut tx = pool.begin().await?;
    let now = now_millis();
    for number in 0..SESSIONS {
        sqlx::query(
            "INSERT INTO session (id_hash, organizer_key, seen, created_at, last_seen_at) \
             VALUES ($1, $2, 1, $3, $3)",
        )
        .bind(format!("measure-{number}"))
        .bind(format!("{number}"))
        .bind(now)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    pool.close().await;
    Ok(())
}

/// Opens connections; with one request on each, or none.
async fn connect(fleet: &Fleet, speaking: bool) -> anyhow::Result<Vec<TcpStream>> {
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(fleet.public(0)).await?;
        if speaking {
            stream
                .write_all(b"HEAD /embed.js HTTP/1.1\r\nhost: proxy.localhost\r\n\r\n")
                .await?;
            let mut answer = [0; 1024];
            let read = stream.read(&mut answer).await?;
            anyhow::ensure!(answer[..read].starts_with(b"HTTP/1.1 200"), "no answer");
        }
        open.push(stream);
    }
    sleep(Duration::from_secs(1)).await;
    Ok(open)
}

/// The sandbox and the proxies here run on the system's time.
fn now_millis() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}
