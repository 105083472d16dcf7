//! Creates whose answer was lost: looked for, never repeated, and the truth is told.

mod died;
mod look_alikes;
mod looks_put_off;

use std::time::Duration;

use goto_microapps_api::{Code, Confirming, ConfirmingCause, Meeting};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, Route};
use reqwest::Method;

use crate::steps::{
    ELODIE, Test, as_time_passes, code, count, eventually, form, fresh_key, quiet, soon,
};

/// Shorter than any wait between two looks.
const STEP: Duration = Duration::from_secs(2);

/// Asks with the same key until the proxy knows, as the widget does.
async fn settled(harness: &Harness, visitor: &Visitor, key: &str) -> anyhow::Result<Reply> {
    let asked = form();
    let asking = eventually(async || {
        let reply = visitor.create(key, &asked).await?;
        Ok((reply.status != 202).then_some(reply))
    });
    as_time_passes(harness, STEP, asking).await
}

/// A create whose answer `kind` spoils; its key.
async fn lose(harness: &Harness, visitor: &Visitor, kind: FaultKind) -> anyhow::Result<String> {
    let fault = Fault::once(Route::CreateMeeting, kind);
    harness.sandbox.fault(fault);
    let key = fresh_key();
    let reply = visitor.create(&key, &form()).await?;
    anyhow::ensure!(reply.status == 202, "{}: {}", reply.status, reply.text);
    Ok(key)
}

async fn check(visitor: &Visitor, key: &str) -> anyhow::Result<Reply> {
    let request = visitor.call(Method::POST, "app/api/meetings/check");
    visitor.send(request.header("idempotency-key", key)).await
}

/// Expects the one meeting of the sandbox, made by one POST and found afterwards.
fn assert_found(harness: &Harness, reply: &Reply) -> anyhow::Result<()> {
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.header("idempotent-replayed"), "true");
    let meeting: Meeting = reply.json()?;
    let [stored] = &harness.sandbox.meetings()[..] else {
        panic!("exactly one meeting");
    };
    assert_eq!(meeting.id, stored.id.to_string());
    assert_eq!(
        meeting.join_url,
        format!("https://meet.goto.com/{}", stored.id)
    );
    assert!(
        meeting
            .phone
            .is_some_and(|phone| phone.contains("Access Code"))
    );
    assert_eq!(meeting.start.as_deref(), Some("2026-03-03T13:00:00Z"));
    assert_eq!(count(harness, Route::CreateMeeting), 1);
    Ok(())
}

/// A create whose answer was spoilt after the meeting was made.
async fn lost_after_commit(kind: FaultKind, cause: ConfirmingCause) -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let key = fresh_key();
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(reply.status, 202, "{}", reply.text);
    let confirming: Confirming = reply.json()?;
    assert_eq!(confirming.cause, cause);
    assert_eq!(
        reply.header("retry-after"),
        confirming.retry_after.to_string()
    );
    // Nobody asks GoTo again before it had time to finish.
    assert_eq!(count(&harness, Route::Upcoming), 0);

    let found = settled(&harness, &elodie, &key).await?;
    assert_found(&harness, &found)?;
    assert_eq!(count(&harness, Route::Upcoming), 1);
    Ok(())
}

#[tokio::test]
async fn an_answer_cut_after_the_meeting_was_made_is_found_again() -> Test {
    lost_after_commit(FaultKind::CutAfterCommit, ConfirmingCause::Slow).await
}

#[tokio::test]
async fn an_answer_cut_in_the_middle_is_found_again() -> Test {
    lost_after_commit(FaultKind::Truncated, ConfirmingCause::Slow).await
}

#[tokio::test]
async fn a_server_error_after_the_meeting_was_made_is_found_again() -> Test {
    for status in [500, 502, 504] {
        let kind = FaultKind::status_after_commit(status);
        lost_after_commit(kind, ConfirmingCause::Failed).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_unreadable_answer_after_the_meeting_was_made_is_found_again() -> Test {
    for kind in [FaultKind::HtmlAfterCommit, FaultKind::EmptyBody] {
        lost_after_commit(kind, ConfirmingCause::Unreadable).await?;
    }
    let redirected = FaultKind::status_after_commit(302);
    lost_after_commit(redirected, ConfirmingCause::Unreadable).await
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_found_again() -> Test {
    let harness = Harness::start(quiet().set("goto.timeout_seconds", "1")).await?;
    let elodie = harness.employee(ELODIE).await?;
    let hold = harness.sandbox.hold_answers(Route::CreateMeeting);
    let key = fresh_key();
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(reply.json::<Confirming>()?.cause, ConfirmingCause::Slow);
    hold.release();
    let found = settled(&harness, &elodie, &key).await?;
    assert_found(&harness, &found)
}

#[tokio::test]
async fn a_meeting_that_was_not_made_is_looked_for_and_then_left_to_a_person() -> Test {
    for kind in [
        FaultKind::CutBefore,
        FaultKind::status(500),
        FaultKind::Html,
    ] {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let key = lose(&harness, &elodie, kind).await?;
        let unknown = settled(&harness, &elodie, &key).await?;
        assert_eq!(code(&unknown)?, (409, Code::MeetingUnconfirmed));
        assert_eq!(count(&harness, Route::Upcoming), 4, "looked for four times");

        let checked = check(&elodie, &key).await?;
        assert_eq!(code(&checked)?, (409, Code::MeetingUnconfirmed));
        assert_eq!(count(&harness, Route::Upcoming), 5, "and when asked");
        assert_eq!(count(&harness, Route::CreateMeeting), 1);

        // Create anyway: a person's order, with a key of its own.
        let anyway = elodie.create(&fresh_key(), &form()).await?;
        assert_eq!(anyway.status, 201);
        assert_eq!(count(&harness, Route::CreateMeeting), 2);
        assert_eq!(harness.sandbox.meetings().len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn a_meeting_that_appears_late_is_found_when_the_person_checks_again() -> Test {
    let harness = Harness::start(quiet().set("goto.timeout_seconds", "1")).await?;
    let elodie = harness.employee(ELODIE).await?;
    let hold = harness.sandbox.hold(Route::CreateMeeting);
    let key = fresh_key();
    assert_eq!(elodie.create(&key, &form()).await?.status, 202);
    let unknown = settled(&harness, &elodie, &key).await?;
    assert_eq!(code(&unknown)?, (409, Code::MeetingUnconfirmed));
    hold.release();
    soon(harness.sandbox.finished(Route::CreateMeeting, 1)).await;
    assert_found(&harness, &check(&elodie, &key).await?)?;
    assert_found(&harness, &elodie.create(&key, &form()).await?)
}

#[tokio::test]
async fn the_organizer_s_own_list_is_asked_which_needs_no_administrator() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    assert_found(&harness, &check(&elodie, &key).await?)?;
    let looks = harness.sandbox.log_of(Route::Upcoming);
    assert_eq!(looks[0].path, "/G2M/rest/upcomingMeetings");
    assert_eq!(looks[0].authorization.person.as_deref(), Some(ELODIE));
    Ok(())
}

#[tokio::test]
async fn a_key_nobody_used_cannot_be_checked() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let reply = check(&elodie, &fresh_key()).await?;
    assert_eq!(code(&reply)?, (404, Code::MeetingNotFound));
    Ok(())
}
