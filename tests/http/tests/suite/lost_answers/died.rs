//! A proxy that dies with a create on the wire, and a clock that is set back.

use chrono::TimeDelta;
use goto_microapps::clock::Clock;
use goto_microapps_api::Code;
use goto_microapps_harness::{Harness, Visitor};
use goto_sandbox::{Fault, FaultKind, Route};

use super::{STEP, assert_found, lose, settled};
use crate::steps::{
    ELODIE, Test, as_time_passes, code, connected, count, eventually, form, fresh_key, noon, quiet,
    soon,
};

/// Kills the proxy while its POST is at GoTo; the hold is let go afterwards.
async fn killed_on_the_wire(
    harness: &mut Harness,
    visitor: &Visitor,
    key: &str,
) -> anyhow::Result<()> {
    let hold = harness.sandbox.hold(Route::CreateMeeting);
    let asked = form();
    let killing = async {
        soon(harness.sandbox.received(Route::CreateMeeting, 1)).await;
        harness.kill_proxy().await
    };
    let (reply, killed) = tokio::join!(visitor.create(key, &asked), killing);
    killed?;
    assert!(reply.is_err(), "nobody was left to answer: {reply:?}");
    hold.release();
    soon(harness.sandbox.finished(Route::CreateMeeting, 1)).await;
    harness.start_proxy().await
}

#[tokio::test]
async fn a_proxy_that_died_with_a_create_on_the_wire_finds_the_meeting() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = fresh_key();
    killed_on_the_wire(&mut harness, &elodie, &key).await?;
    let told = elodie.create(&key, &form()).await?;
    assert_eq!(told.status, 202, "{}", told.text);
    let found = settled(&harness, &elodie, &key).await?;
    assert_found(&harness, &found)
}

#[tokio::test]
async fn a_proxy_that_died_before_goto_made_the_meeting_never_sends_it_again() -> Test {
    let mut harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let kind = FaultKind::CutBefore;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let key = fresh_key();
    killed_on_the_wire(&mut harness, &elodie, &key).await?;
    let unknown = settled(&harness, &elodie, &key).await?;
    assert_eq!(code(&unknown)?, (409, Code::MeetingUnconfirmed));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    assert!(harness.sandbox.meetings().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_after_a_restart_too() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    let found = settled(&harness, &elodie, &key).await?;
    assert_found(&harness, &found)
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_although_the_clock_was_set_back() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    harness.stop_proxy().await?;
    let set_back = noon() - TimeDelta::hours(1);
    harness.clock = Clock::manual(set_back);
    harness.start_proxy().await?;
    let found = settled(&harness, &elodie, &key).await?;
    assert_found(&harness, &found)?;
    assert!(harness.clock.now() < set_back + TimeDelta::minutes(1));
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_found_although_nobody_asks_again() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    let looked = harness.sandbox.finished(Route::Upcoming, 1);
    as_time_passes(&harness, STEP, looked).await;
    let reply = eventually(async || {
        let reply = elodie.create(&key, &form()).await?;
        Ok((reply.status != 202).then_some(reply))
    })
    .await?;
    assert_found(&harness, &reply)
}

#[tokio::test]
async fn a_proxy_that_died_while_it_renewed_a_token_creates_the_meeting_afterwards() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.expire_access_tokens();
    let renewals = count(&harness, Route::Token);
    let hold = harness.sandbox.hold(Route::Token);
    let key = fresh_key();
    let asked = form();
    let killing = async {
        soon(harness.sandbox.received(Route::Token, renewals + 1)).await;
        harness.kill_proxy().await
    };
    let (lost, killed) = tokio::join!(elodie.create(&key, &asked), killing);
    killed?;
    assert!(lost.is_err());
    hold.release();
    harness.start_proxy().await?;
    // Nothing was on the wire, so there is nothing to look for: only the renewal is waited for.
    let creating = eventually(async || {
        let reply = elodie.create(&key, &asked).await?;
        assert_ne!(reply.status, 202, "{}", reply.text);
        Ok((reply.status == 201).then_some(reply))
    });
    let created = as_time_passes(&harness, STEP, creating).await?;
    assert_eq!(created.header("idempotent-replayed"), "");
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}
