//! Creates whose answer was lost: looked for, never repeated, and the truth is told.

use std::time::Duration;

use chrono::TimeDelta;
use goto_microapps::clock::Clock;
use goto_microapps_api::{Code, Confirming, ConfirmingCause, Meeting, NewMeeting};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Answer, Fault, FaultKind, RetryAfter, Route};
use reqwest::Method;

use crate::steps::{
    ELODIE, Test, as_time_passes, code, connected, count, eventually, form, fresh_key, noon, quiet,
    soon,
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

#[tokio::test]
async fn a_meeting_of_an_earlier_create_is_not_taken_for_the_lost_one() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let earlier: Meeting = elodie.create(&fresh_key(), &form()).await?.json()?;
    let key = lose(&harness, &elodie, FaultKind::CutBefore).await?;
    let unknown = settled(&harness, &elodie, &key).await?;
    assert_eq!(code(&unknown)?, (409, Code::MeetingUnconfirmed));

    // And with its twin really made, the twin is found.
    let key = lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    let found = settled(&harness, &elodie, &key).await?;
    let twin: Meeting = found.json()?;
    assert_ne!(twin.id, earlier.id);
    Ok(())
}

#[tokio::test]
async fn a_meeting_that_differs_in_one_thing_is_not_taken_for_the_lost_one() -> Test {
    let differing: [fn(&mut NewMeeting); 3] = [
        |other| other.subject.push('!'),
        |other| "2026-03-03T13:45".clone_into(&mut other.start),
        |other| "2026-03-03T15:15".clone_into(&mut other.end),
    ];
    for differ in differing {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        // GoTo has a meeting of hers that the proxy does not know; the lost one was not made.
        let mut other = form();
        differ(&mut other);
        let kind = FaultKind::CutAfterCommit;
        harness
            .sandbox
            .fault(Fault::once(Route::CreateMeeting, kind));
        assert_eq!(elodie.create(&fresh_key(), &other).await?.status, 202);
        let key = lose(&harness, &elodie, FaultKind::CutBefore).await?;
        assert_eq!(harness.sandbox.meetings().len(), 1);
        let checked = check(&elodie, &key).await?;
        assert_eq!(checked.status, 202, "{other:?}: {}", checked.text);
    }
    Ok(())
}

#[tokio::test]
async fn a_meeting_that_was_made_long_before_is_not_taken_for_the_lost_one() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    // GoTo has a meeting of hers that is the same but older; the lost one was not made.
    lose(&harness, &elodie, FaultKind::CutAfterCommit).await?;
    let key = lose(&harness, &elodie, FaultKind::CutBefore).await?;
    let id = harness.sandbox.meetings()[0].id;
    let made_at = |time: &str| {
        let answer = Answer {
            body: format!(r#"[{{"meetingId":{id},"createTime":"{time}"}}]"#),
            ..Answer::status(200)
        };
        let kind = FaultKind::Instead(answer);
        harness.sandbox.fault(Fault::once(Route::GetMeeting, kind));
    };
    // Two minutes that clocks may differ, and a second.
    made_at("2026-03-02T11:57:59.+0000");
    assert_eq!(check(&elodie, &key).await?.status, 202);
    made_at("2026-03-02T11:58:00.+0000");
    assert_eq!(check(&elodie, &key).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn of_two_that_look_alike_only_a_person_can_say_which() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let kind = FaultKind::CutAfterCommit;
    harness
        .sandbox
        .fault(Fault::new(Route::CreateMeeting, kind));
    let keys = [fresh_key(), fresh_key()];
    for key in &keys {
        assert_eq!(elodie.create(key, &form()).await?.status, 202);
    }
    for key in &keys {
        let unknown = settled(&harness, &elodie, key).await?;
        assert_eq!(code(&unknown)?, (409, Code::MeetingUnconfirmed));
    }
    Ok(())
}

#[tokio::test]
async fn a_subject_with_angle_brackets_is_recognised() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let kind = FaultKind::CutAfterCommit;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let asked = NewMeeting {
        subject: " a <b> &lt; & c".to_owned(),
        ..form()
    };
    let key = fresh_key();
    assert_eq!(elodie.create(&key, &asked).await?.status, 202);
    let checked = check(&elodie, &key).await?;
    assert_eq!(checked.status, 201, "{}", checked.text);
    assert_eq!(checked.json::<Meeting>()?.subject, "a <b> &lt; & c");
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
