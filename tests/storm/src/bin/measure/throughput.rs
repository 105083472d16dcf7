//! How much of the limit is used when everybody creates, and what the proxy adds to a create.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use goto_microapps_api::{IDEMPOTENCY_KEY, NewMeeting};
use goto_microapps_harness::{Reply, Visitor};
use goto_microapps_storm::fleet::Fleet;
use goto_microapps_storm::options::StoreKind;
use goto_microapps_storm::store::Database;
use goto_sandbox::{Received, Route};
use reqwest::Method;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{REQUESTS, WINDOW, employees, limited, millis, percentile, row, sandbox, share};

/// How long the limit is kept full.
const SATURATED: Duration = Duration::from_secs(20);

/// Creates that are timed.
const CREATES: usize = 300;

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
pub(super) async fn saturation(program: &Path) -> anyhow::Result<()> {
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
pub(super) async fn overhead(program: &Path) -> anyhow::Result<()> {
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
