//! The limit of requests to GoTo, measured by GoTo; the breaker; the proxy's own protection.

mod shares;
mod windows;

use std::time::Duration;

use goto_microapps_api::Code;
use goto_microapps_harness::{Harness, Options, Reply, Visitor};
use goto_sandbox::{Route, max_in_window};

use crate::steps::{
    ELODIE, JUERGEN, Test, as_time_passes, code, count, form, fresh_key, noon, quiet, way_back,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn limited(requests: &str) -> Options {
    quiet().set("goto.requests", requests)
}

/// One request to GoTo: a meeting that does not exist.
async fn ask(visitor: &Visitor) -> anyhow::Result<Reply> {
    visitor.get("app/api/meetings/123456789").await
}

fn is_sent(reply: &Reply) -> anyhow::Result<bool> {
    match code(reply)? {
        (404, Code::MeetingNotFound) => Ok(true),
        (503, Code::Busy) => Ok(false),
        other => anyhow::bail!("{other:?}: {}", reply.text),
    }
}

fn wait_of(reply: &Reply) -> anyhow::Result<u64> {
    Ok(reply.header("retry-after").parse()?)
}

/// The most requests in any window by GoTo's own clock.
fn most_in(harness: &Harness, window: Duration) -> usize {
    let arrivals: Vec<Duration> = harness
        .sandbox
        .log_of(Route::Any)
        .iter()
        .filter_map(|received| (received.at - noon()).to_std().ok())
        .collect();
    max_in_window(&arrivals, window)
}

#[tokio::test]
async fn beyond_the_limit_nothing_is_sent_and_the_wait_is_told() -> Test {
    let harness = Harness::start(limited("5")).await?;
    // Two of the five: the code and who it is.
    let elodie = harness.employee(ELODIE).await?;
    for _ in 0..3 {
        assert!(is_sent(&ask(&elodie).await?)?);
    }
    harness.advance(10 * SECOND);
    let refused = ask(&elodie).await?;
    assert!(!is_sent(&refused)?);
    assert_eq!(wait_of(&refused)?, 50);
    let refused = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(code(&refused)?, (503, Code::Busy));
    assert_eq!(wait_of(&refused)?, 50);
    assert_eq!(count(&harness, Route::Any), 5);

    harness.advance(50 * SECOND);
    assert!(is_sent(&ask(&elodie).await?)?);
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn a_short_wait_is_waited_instead_of_told() -> Test {
    let harness = Harness::start(limited("5")).await?;
    let elodie = harness.employee(ELODIE).await?;
    for _ in 0..3 {
        ask(&elodie).await?;
    }
    harness.advance(56 * SECOND);
    let waiting = as_time_passes(&harness, SECOND / 2, ask(&elodie));
    assert!(is_sent(&waiting.await?)?);
    assert!(most_in(&harness, MINUTE) <= 5);
    Ok(())
}

#[tokio::test]
async fn the_interval_is_a_setting() -> Test {
    let harness = Harness::start(limited("5").set("goto.interval_seconds", "600")).await?;
    let elodie = harness.employee(ELODIE).await?;
    for _ in 0..3 {
        ask(&elodie).await?;
    }
    harness.advance(2 * MINUTE);
    assert_eq!(wait_of(&ask(&elodie).await?)?, 480);
    harness.advance(8 * MINUTE);
    assert!(is_sent(&ask(&elodie).await?)?);
    Ok(())
}

#[tokio::test]
async fn a_sign_in_beyond_the_limit_is_told_to_wait() -> Test {
    let harness = Harness::start(limited("3")).await?;
    harness.employee(ELODIE).await?;
    // One request is left, and it is not for codes.
    let juergen = harness.visitor();
    let back = way_back(&harness, &juergen, JUERGEN).await?;
    let page = juergen.open(&back).await?;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("Many people"), "{}", page.text);
    assert_eq!(count(&harness, Route::Any), 2, "nor is it spent in vain");
    harness.advance(MINUTE);
    juergen.sign_in(&harness.sandbox, JUERGEN).await
}
