//! The limit of requests to GoTo, measured by GoTo; the breaker; the proxy's own protection.

use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use goto_microapps_api::Code;
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Options, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, RetryAfter, Route, max_in_window};
use reqwest::Method;

use crate::steps::{
    Disk, ELODIE, JUERGEN, Test, ZOE, as_time_passes, code, count, form, fresh_key, noon, quiet,
    soon, way_back,
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
async fn a_sync_leaves_room_for_employees() -> Test {
    let mut options = limited("20");
    options.sandbox.organizers = 100;
    options.sandbox.max_page_size = 7;
    let harness = Harness::start(options).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    // Three requests; then fifteen pages, of which sixty percent of twenty may be read.
    let page = admin.authorise(&harness.sandbox.admin().email).await?;
    assert_eq!(page.status, 200, "{}", page.text);
    soon(harness.sandbox.finished(Route::Users, 12)).await;
    let elodie = harness.employee(ELODIE).await?;
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    assert_eq!(count(&harness, Route::Users), 12);

    let rest = harness.sandbox.finished(Route::Users, 15);
    as_time_passes(&harness, SECOND, rest).await;
    assert!(most_in(&harness, MINUTE) <= 20);
    Ok(())
}

#[tokio::test]
async fn a_creates_last_slot_is_not_taken_by_reads() -> Test {
    let harness = Harness::start(limited("10")).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.advance(MINUTE);
    let mut sent = 0;
    for _ in 0..10 {
        sent += usize::from(is_sent(&ask(&elodie).await?)?);
    }
    assert_eq!(sent, 9);
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn a_429_of_goto_silences_everybody_at_that_api_for_as_long_as_it_says() -> Test {
    let cases = [
        (RetryAfter::Seconds(30), 30),
        (RetryAfter::Date(45), 45),
        (RetryAfter::Seconds(100_000), 600),
    ];
    for (retry_after, seconds) in cases {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let juergen = harness.employee(JUERGEN).await?;
        let kind = FaultKind::TooManyRequests(retry_after);
        harness.sandbox.fault(Fault::once(Route::GetMeeting, kind));
        let refused = ask(&elodie).await?;
        assert!(!is_sent(&refused)?);
        assert_eq!(wait_of(&refused)?, seconds, "{retry_after:?}");
        let sent = count(&harness, Route::Any);
        for visitor in [&elodie, &juergen] {
            let refused = ask(visitor).await?;
            assert!(!is_sent(&refused)?);
            assert_eq!(wait_of(&refused)?, seconds);
        }
        assert_eq!(count(&harness, Route::Any), sent);
        harness.advance(Duration::from_secs(seconds));
        assert!(is_sent(&ask(&juergen).await?)?);
    }
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
    for round in 0..60 {
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

#[tokio::test]
async fn who_comes_while_all_slots_are_on_the_wire_waits_for_an_answer() -> Test {
    // Reads have one of the two.
    let harness = Harness::start(quiet().set("goto.requests_per_second", "2")).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.advance(2 * SECOND);
    let juergen = harness.employee(JUERGEN).await?;
    harness.advance(2 * SECOND);
    let hold = harness.sandbox.hold_answers(Route::GetMeeting);
    let second = async {
        soon(harness.sandbox.handled(Route::GetMeeting, 1)).await;
        let letting_go = async {
            harness.clock.sleep(SECOND).await;
            hold.release();
        };
        tokio::join!(ask(&juergen), letting_go).0
    };
    let both = async { tokio::join!(ask(&elodie), second) };
    let (first, second) = as_time_passes(&harness, SECOND / 20, both).await;
    assert!(is_sent(&first?)?);
    // At the worst that answer takes twenty seconds; as a rule it is there soon.
    assert!(is_sent(&second?)?);
    Ok(())
}

#[tokio::test]
async fn of_one_person_s_many_requests_some_are_told_to_come_back() -> Test {
    let harness = Harness::start(limited("10")).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    harness.advance(MINUTE);
    let greedy = join_all((0..30).map(|_| ask(&elodie)));
    let (greedy, modest) = tokio::join!(greedy, ask(&juergen));
    let mut refused = 0;
    for reply in greedy {
        let reply = reply?;
        refused += usize::from(!is_sent(&reply)?);
        assert_eq!(
            reply.status == 503,
            reply.headers.contains_key("retry-after")
        );
    }
    assert!(refused >= 20, "{refused}");
    // Round robin: the other's one request is not behind all of them.
    assert!(is_sent(&modest?)?);
    Ok(())
}

#[tokio::test]
async fn when_goto_is_down_nobody_waits_to_hear_it_again() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness
        .sandbox
        .fault(Fault::new(Route::GetMeeting, FaultKind::status(500)));
    for _ in 0..5 {
        assert_eq!(code(&ask(&elodie).await?)?, (502, Code::GotoFailed));
    }
    let sent = count(&harness, Route::Any);
    assert_eq!(code(&ask(&elodie).await?)?, (502, Code::GotoUnreachable));
    let key = fresh_key();
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(
        code(&reply)?,
        (502, Code::GotoUnreachable),
        "certainly nothing was made"
    );
    assert_eq!(count(&harness, Route::Any), sent);

    // After half a minute somebody tries, and never with a create.
    harness.advance(36 * SECOND);
    harness
        .sandbox
        .fault(Fault::new(Route::Me, FaultKind::status(500)));
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(code(&reply)?, (502, Code::GotoUnreachable));
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    assert_eq!(count(&harness, Route::Any), sent + 1);
    harness.advance(36 * SECOND);
    harness.sandbox.clear_faults();
    assert_eq!(elodie.create(&key, &form()).await?.status, 201);
    assert!(is_sent(&ask(&elodie).await?)?);
    Ok(())
}

#[tokio::test]
async fn a_runaway_script_is_slowed_down_in_words_its_page_can_read() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    // A hundred at once are taken, then twenty a second.
    let asking = (0..2_000).map(|_| elodie.get("app/api/session"));
    let mut replies = stream::iter(asking).buffer_unordered(50);
    let mut refused = None;
    while let (None, Some(reply)) = (&refused, replies.next().await) {
        refused = Some(reply?).filter(|reply| reply.status != 200);
    }
    let refused = refused.expect("2,000 requests without a pause are too many");
    assert_eq!(code(&refused)?, (503, Code::Busy));
    assert!(wait_of(&refused)? >= 1);
    assert_eq!(
        refused.header("access-control-allow-origin"),
        harness.intranet.origin()
    );
    assert_eq!(juergen.get("app/api/session").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn security_35_only_a_trusted_proxy_says_who_the_client_is() -> Test {
    // Each of a hundred requests has another number in the place of `{}`.
    let flood = async |harness: &Harness, name: &str, forwarded: &str| {
        let visitor = harness.visitor();
        let requests = (0..100).map(|n: usize| {
            let request = visitor.plain(Method::GET, "app/pages.css");
            let client = forwarded.replace("{}", &n.to_string());
            visitor.send(request.header(name, client))
        });
        let mut replies = stream::iter(requests).buffer_unordered(20);
        let mut refused = 0;
        while let Some(reply) = replies.next().await {
            refused += usize::from(reply?.status == 503);
        }
        anyhow::Ok(refused)
    };
    // Ten in a burst: far fewer than the flood, however slow the machine.
    let narrow = || quiet().set("inbound.requests_per_second", "1");
    let trusts = || narrow().set("server.trusted_proxies", "[\"127.0.0.1\"]");
    let trusting = Harness::start(trusts()).await?;
    // A client may write in front of what the trusted proxy adds, but not behind it.
    let one = "1.1.1.{}, 203.0.113.7";
    assert!(flood(&trusting, "x-forwarded-for", one).await? > 0);
    // Everybody has an account of their own.
    let many = "203.0.113.1{}";
    assert_eq!(flood(&trusting, "x-forwarded-for", many).await?, 0);
    // Between client and proxy are several of ours: the first one saw the client.
    let inner = "[\"127.0.0.1\", \"10.0.0.0/8\"]";
    let chained = Harness::start(narrow().set("server.trusted_proxies", inner)).await?;
    let chain = "203.0.113.7, 10.0.0.{}";
    assert!(flood(&chained, "x-forwarded-for", chain).await? > 0);
    let other = trusting.visitor();
    let request = other.plain(Method::GET, "app/pages.css");
    let request = request.header("x-forwarded-for", "203.0.113.8");
    assert_eq!(other.send(request).await?.status, 200);
    // Names that look like it say nothing: they count as the peer's own, whoever is named, and lock
    // nobody out in another's name.
    for name in ["x_forwarded_for", "x-real-ip", "forwarded-for", "forwarded"] {
        let trusting = Harness::start(trusts()).await?;
        assert!(flood(&trusting, name, many).await? > 0, "{name}");
        for client in ["203.0.113.10", "203.0.113.11"] {
            let other = trusting.visitor();
            let request = other.plain(Method::GET, "app/pages.css");
            let request = request.header("x-forwarded-for", client);
            assert_eq!(other.send(request).await?.status, 200, "{name}");
        }
    }

    // Nobody is trusted: the header is worth nothing.
    let wary = Harness::start(narrow()).await?;
    assert!(flood(&wary, "x-forwarded-for", many).await? > 0);
    Ok(())
}
