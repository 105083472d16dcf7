//! Who gets how much of the limit, and who is told to come back.

use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use goto_microapps_api::Code;
use goto_microapps_harness::{ADMIN_PASSWORD, Harness};
use goto_sandbox::{Fault, FaultKind, RetryAfter, Route};
use reqwest::Method;

use super::{MINUTE, SECOND, ask, is_sent, limited, most_in, wait_of};
use crate::steps::{
    ELODIE, JUERGEN, Test, as_time_passes, code, count, form, fresh_key, quiet, soon,
};

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
