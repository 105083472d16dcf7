//! What strangers do, in the support log: counted, one line, readable.

use goto_microapps_harness::{ADMIN_PASSWORD, Harness};
use serde_json::Value;

use super::{MINUTE, garbage};
use crate::inbound::forwarded;
use crate::steps::{Disk, Test, VERIFIER, quiet};

/// The lines of the support log, parsed.
async fn log(harness: &Harness) -> anyhow::Result<Vec<Value>> {
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let reply = admin.get("/admin/log.ndjson").await?;
    assert_eq!(reply.header("content-length"), "", "it streams");
    let lines = reply.text.lines().map(serde_json::from_str);
    Ok(lines.collect::<Result<_, _>>()?)
}

/// How often what a line of the support log tells of happened.
fn times(line: &Value) -> u64 {
    let detail = line["detail"].as_str().unwrap_or_default();
    let (before, _) = detail.split_once(" times").unwrap_or(("1", ""));
    let (_, times) = before.rsplit_once(' ').unwrap_or(("", before));
    times.parse().unwrap_or(1)
}

#[tokio::test]
async fn security_46_what_nobody_known_did_is_counted_not_listed() -> Test {
    let harness = Harness::start(forwarded()).await?;
    for number in 0..20 {
        let visitor = harness.visitor();
        let departure = visitor.depart(VERIFIER).await?;
        let back = harness.sandbox.deny(&departure).await?;
        assert_eq!(visitor.open(&back).await?.status, 200);
        garbage(&harness, &format!("203.0.113.{number}"), "garbage").await?;
        let admin = harness.admin();
        admin
            .post("/admin/sign-in", &[("password", "wrong")])
            .await?;
        harness.advance(MINUTE);
    }
    let lines = log(&harness).await?;
    let told = |kind: &str, outcome: &str| -> u64 {
        let of = lines
            .iter()
            .filter(|line| line["kind"] == kind && line["outcome"] == outcome);
        of.map(times).sum()
    };
    assert_eq!(told("employee.sign_in", "denied"), 20, "{lines:?}");
    assert_eq!(told("employee.sign_in", "failed"), 20, "{lines:?}");
    assert_eq!(told("admin.sign_in", "failed"), 20, "{lines:?}");
    // A look every half minute at the most.
    assert!(lines.len() <= 3 * 40 + 1, "{}", lines.len());
    Ok(())
}

#[tokio::test]
async fn security_46_a_flood_of_failures_is_one_line() -> Test {
    let harness = Harness::start(quiet()).await?;
    for _ in 0..20 {
        let visitor = harness.visitor();
        let departure = visitor.depart(VERIFIER).await?;
        visitor
            .open(&harness.sandbox.deny(&departure).await?)
            .await?;
    }
    let lines = log(&harness).await?;
    let (denied, others): (Vec<_>, Vec<_>) =
        lines.iter().partition(|line| line["outcome"] == "denied");
    // The look that a proxy takes when it starts may fall between them.
    assert!(denied.len() <= 2, "{lines:?}");
    assert_eq!(others.len(), 1, "{lines:?}");
    let times = denied.iter().map(|line| times(line));
    assert_eq!(times.sum::<u64>(), 20, "{lines:?}");
    Ok(())
}

#[tokio::test]
async fn security_46_the_download_reads_as_it_sends() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let pool = sqlx::SqlitePool::connect(&disk.url()).await?;
    let now = harness.clock.now().timestamp_millis();
    // Several of the same instant, over several reads.
    sqlx::query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) \
         INSERT INTO activity (id, at, kind, outcome, detail) \
         SELECT 'id' || i, $1 + i / 700, 'flood', 'ok', CAST(i AS TEXT) FROM n",
    )
    .bind(now - 60_000)
    .execute(&pool)
    .await?;
    pool.close().await;
    let lines = log(&harness).await?;
    let mut seen: Vec<u32> = lines
        .iter()
        .filter(|line| line["kind"] == "flood")
        .filter_map(|line| line["detail"].as_str()?.parse().ok())
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=3000).collect::<Vec<_>>());
    let times: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["at"].as_str())
        .collect();
    assert!(times.is_sorted());
    Ok(())
}
