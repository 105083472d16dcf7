//! Looks that cannot be made: said, put off, not used up.

use std::time::Duration;

use chrono::TimeDelta;
use goto_microapps_api::Code;
use goto_microapps_harness::Harness;
use goto_sandbox::{Answer, Fault, FaultKind, RetryAfter, Route};

use super::{STEP, assert_found, check, lose, settled};
use crate::steps::{
    ELODIE, Test, as_time_passes, code, count, eventually, form, fresh_key, noon, quiet,
};

#[tokio::test]
async fn checking_before_the_first_look_looks_at_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    assert_found(&harness, &check(&elodie, &key).await?)
}

#[tokio::test]
async fn a_check_that_cannot_look_says_so_instead_of_not_found() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let kind = FaultKind::CutBefore;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let key = fresh_key();
    elodie.create(&key, &form()).await?;
    let unknown = settled(&harness, &elodie, &key).await?;
    assert_eq!(code(&unknown)?, (409, Code::MeetingUnconfirmed));
    let down = FaultKind::status(500);
    harness.sandbox.fault(Fault::once(Route::Upcoming, down));
    let checked = check(&elodie, &key).await?;
    assert_eq!(code(&checked)?, (502, Code::GotoFailed));
    let checked = check(&elodie, &key).await?;
    assert_eq!(code(&checked)?, (409, Code::MeetingUnconfirmed));
    Ok(())
}

/// A look for which the limit has no room is no look: GoTo was not asked.
#[tokio::test]
async fn a_look_that_had_to_wait_for_the_limit_is_not_used_up() -> Test {
    // Code, identity and create: the minute is full.
    let harness = Harness::start(quiet().set("goto.requests", "3")).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    assert_eq!(count(&harness, Route::Any), 3);
    for _ in 0..4 {
        let told = check(&elodie, &key).await?;
        assert_eq!(told.status, 202, "{}", told.text);
    }
    assert_eq!(count(&harness, Route::Upcoming), 0);
    let found = settled(&harness, &elodie, &key).await?;
    assert_found(&harness, &found)
}

/// Nor one that GoTo puts off.
#[tokio::test]
async fn a_look_that_goto_puts_off_is_not_used_up() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    let kind = FaultKind::TooManyRequests(RetryAfter::Seconds(20));
    harness.sandbox.fault(Fault::once(Route::Upcoming, kind));
    for _ in 0..4 {
        let told = check(&elodie, &key).await?;
        assert_eq!(told.status, 202, "{}", told.text);
    }
    assert_eq!(count(&harness, Route::Upcoming), 1);
    let found = settled(&harness, &elodie, &key).await?;
    assert_found(&harness, &found)
}

/// But nobody waits for ever.
#[tokio::test]
async fn who_cannot_look_for_ten_minutes_leaves_it_to_a_person() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    let kind = FaultKind::TooManyRequests(RetryAfter::Seconds(1));
    harness.sandbox.fault(Fault::new(Route::Upcoming, kind));
    let asked = form();
    let asking = eventually(async || {
        let reply = elodie.create(&key, &asked).await?;
        // 503: whatever else needs GoTo waits as well while GoTo puts everybody off.
        Ok((![202, 503].contains(&reply.status)).then_some(reply))
    });
    let unknown = as_time_passes(&harness, 5 * STEP, asking).await?;
    assert_eq!(code(&unknown)?, (409, Code::MeetingUnconfirmed));
    assert!(harness.clock.now() >= noon() + TimeDelta::minutes(10));
    harness.sandbox.clear_faults();
    harness.advance(Duration::from_secs(2));
    // So many questions in so short a time are slowed down as well.
    let found = eventually(async || {
        let reply = check(&elodie, &key).await?;
        Ok((reply.status != 503).then_some(reply))
    });
    assert_found(&harness, &found.await?)
}

#[tokio::test]
async fn a_refused_look_is_never_told_as_a_refused_create() -> Test {
    for status in [400, 403, 404, 409] {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let forbidden = Answer {
            body: r#"{"int_err_code":"AccessDenied","msg":"no"}"#.to_owned(),
            ..Answer::status(status)
        };
        let kind = FaultKind::Instead(forbidden);
        harness.sandbox.fault(Fault::new(Route::Upcoming, kind));
        let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
        let unknown = settled(&harness, &elodie, &key).await?;
        assert_eq!(code(&unknown)?, (409, Code::MeetingUnconfirmed));
        let checked = check(&elodie, &key).await?;
        assert_eq!(code(&checked)?, (409, Code::MeetingUnconfirmed), "{status}");
        harness.sandbox.clear_faults();
        assert_found(&harness, &check(&elodie, &key).await?)?;
    }
    Ok(())
}

#[tokio::test]
async fn looking_survives_a_list_that_cannot_be_read() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let lost = FaultKind::CutAfterCommit;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, lost));
    harness
        .sandbox
        .fault(Fault::once(Route::Upcoming, FaultKind::Html));
    let key = fresh_key();
    assert_eq!(elodie.create(&key, &form()).await?.status, 202);
    let found = settled(&harness, &elodie, &key).await?;
    assert_found(&harness, &found)?;
    assert_eq!(count(&harness, Route::Upcoming), 2);
    Ok(())
}
