//! No second and no minute with more than the limit, whatever clock and process do.

use std::time::Duration;

use futures::future::join_all;
use goto_microapps_harness::{Harness, Options};
use goto_sandbox::{Fault, FaultKind, Route};

use super::{MINUTE, SECOND, ask, is_sent, limited, most_in, wait_of};
use crate::steps::{
    Disk, ELODIE, JUERGEN, Test, ZOE, as_time_passes, form, fresh_key, quiet, soon,
};

/// Somebody sets the host's clock, or NTP does: the limit counts by a clock that nobody can set.
#[tokio::test]
async fn a_step_of_the_wall_clock_neither_opens_the_limit_early_nor_closes_it_for_longer() -> Test {
    let hour = 3_600_000;
    for step in [hour, -hour] {
        let harness = Harness::start(limited("5")).await?;
        let elodie = harness.employee(ELODIE).await?;
        for _ in 0..3 {
            assert!(is_sent(&ask(&elodie).await?)?);
        }
        harness.clock.step(step);
        let refused = ask(&elodie).await?;
        assert!(!is_sent(&refused)?, "{step}");
        assert_eq!(wait_of(&refused)?, 60, "{step}");
        harness.advance(59 * SECOND);
        // Somebody who waits does so by the same clock.
        let waiting = as_time_passes(&harness, SECOND / 2, ask(&elodie));
        assert!(is_sent(&waiting.await?)?, "{step}");
        assert!(most_in(&harness, MINUTE) <= 5, "{step}");
    }
    Ok(())
}

#[tokio::test]
async fn a_restart_does_not_forget_what_was_sent() -> Test {
    let mut harness = Harness::start(limited("5")).await?;
    let elodie = harness.employee(ELODIE).await?;
    for _ in 0..3 {
        ask(&elodie).await?;
    }
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    assert!(!is_sent(&ask(&elodie).await?)?);
    harness.kill_proxy().await?;
    harness.start_proxy().await?;
    assert!(!is_sent(&ask(&elodie).await?)?);
    harness.advance(MINUTE);
    assert!(is_sent(&ask(&elodie).await?)?);
    assert!(most_in(&harness, MINUTE) <= 5);
    Ok(())
}

#[tokio::test]
async fn a_request_that_died_with_the_proxy_counts_until_it_cannot_arrive_any_more() -> Test {
    let mut harness = Harness::start(limited("5")).await?;
    let elodie = harness.employee(ELODIE).await?;
    let hold = harness.sandbox.hold(Route::GetMeeting);
    let killing = async {
        soon(harness.sandbox.received(Route::GetMeeting, 1)).await;
        harness.kill_proxy().await
    };
    let (reply, killed) = tokio::join!(ask(&elodie), killing);
    killed?;
    assert!(reply.is_err());
    hold.release();
    harness.start_proxy().await?;
    harness.advance(MINUTE);
    // Four of five are free again; the reads' share is four of five slots.
    let mut sent = 0;
    for _ in 0..5 {
        sent += usize::from(is_sent(&ask(&elodie).await?)?);
    }
    assert!(sent < 5, "the lost one still counts");
    // Timeout, late delivery, window.
    harness.advance(MINUTE + 20 * SECOND);
    assert!(is_sent(&ask(&elodie).await?)?);
    Ok(())
}

#[tokio::test]
async fn after_a_start_of_the_host_nothing_is_sent_until_nothing_can_be_under_way() -> Test {
    let disk = Disk::new()?;
    let mut harness = Harness::start(disk.under(limited("5"))).await?;
    let elodie = harness.employee(ELODIE).await?;
    // No slot is in use any more, as far as the store knows.
    harness.advance(2 * MINUTE);
    harness.stop_proxy().await?;
    let pool = sqlx::SqlitePool::connect(&disk.url()).await?;
    let moved = sqlx::query("UPDATE setting SET value = 'another' WHERE name = 'slot_epoch'")
        .execute(&pool)
        .await?;
    assert_eq!(moved.rows_affected(), 1);
    pool.close().await;
    harness.start_proxy().await?;
    assert!(!is_sent(&ask(&elodie).await?)?);
    harness.advance(MINUTE);
    assert!(!is_sent(&ask(&elodie).await?)?);
    // Timeout and late delivery.
    harness.advance(20 * SECOND);
    assert!(is_sent(&ask(&elodie).await?)?);
    Ok(())
}

#[tokio::test]
async fn no_minute_ever_holds_more_than_the_limit() -> Test {
    const LIMIT: usize = 7;
    let mut harness = Harness::start(limited("7")).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.advance(MINUTE);
    let juergen = harness.employee(JUERGEN).await?;
    // Bursts and pauses that are the same in every run.
    let mut state = 12_345_u64;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    let mut sent = 0;
    for round in 0..600 {
        // How much time passes while somebody waits depends on the machine.
        if round >= 60 && sent >= 40 {
            break;
        }
        if round % 7 == 3 {
            let cut = FaultKind::CutAfterCommit;
            harness
                .sandbox
                .fault(Fault::once(Route::CreateMeeting, cut));
            let (key, asked) = (fresh_key(), form());
            let creating = elodie.create(&key, &asked);
            as_time_passes(&harness, SECOND / 10, creating).await?;
        }
        if round % 20 == 19 {
            harness.stop_proxy().await?;
            harness.start_proxy().await?;
        }
        let burst = 1 + next(4);
        let asking = (0..burst).map(|n| ask(if n % 2 == 0 { &elodie } else { &juergen }));
        let replies = as_time_passes(&harness, SECOND / 10, join_all(asking)).await;
        for reply in replies {
            sent += usize::from(is_sent(&reply?)?);
        }
        harness.advance(Duration::from_millis(next(20_000)));
    }
    let most = most_in(&harness, MINUTE);
    assert!(most <= LIMIT, "{most}");
    assert!(
        most >= LIMIT - 1 && sent >= 40,
        "it was in use: {most}, {sent}"
    );
    Ok(())
}

#[tokio::test]
async fn goto_s_own_limit_per_second_is_never_reached() -> Test {
    // In real time, against the sandbox's own meter.
    let mut options = Options {
        start: None,
        ..quiet().set("goto.requests_per_second", "5")
    };
    options.sandbox.requests_per_second = 5;
    let harness = Harness::start(options).await?;
    let mut visitors = Vec::new();
    for email in [ELODIE, JUERGEN, ZOE] {
        visitors.push(harness.employee(email).await?);
    }
    let asking = visitors
        .iter()
        .flat_map(|visitor| (0..4).map(move |_| ask(visitor)));
    // On a slow machine one of the twelve may be told to come back.
    let mut sent = 0;
    for reply in join_all(asking).await {
        sent += usize::from(is_sent(&reply?)?);
    }
    assert!(sent >= 6, "{sent}");
    assert!(harness.sandbox.max_in_window(SECOND) <= 5);
    let log = harness.sandbox.log_of(Route::Any);
    assert!(log.iter().all(|received| received.status() != Some(429)));
    Ok(())
}
