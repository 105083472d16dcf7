//! Starts, memory, and the sync of a large account.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use goto_microapps_harness::{ADMIN_PASSWORD, Admin, Visitor};
use goto_microapps_storm::fleet::Fleet;
use goto_microapps_storm::options::StoreKind;
use goto_microapps_storm::store::Database;
use goto_sandbox::{Route, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{REQUESTS, WINDOW, employees, limited, millis, percentile, row, sandbox, share};

/// People of the large directory.
const PEOPLE: usize = 100_000;

/// Sessions in the store.
const SESSIONS: usize = 10_000;

/// Connections that say nothing.
const CONNECTIONS: usize = 10_000;

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
pub(super) async fn size(program: &Path) -> anyhow::Result<()> {
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
