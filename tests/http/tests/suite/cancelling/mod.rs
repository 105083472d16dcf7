//! Cancelling a meeting: ordered, taken back, sent once, and the truth is told.

mod leaving;
mod lost_deletions;
mod races;
mod told;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use goto_microapps_api::{
    CancelState, Cancellation, Code, ListedMeeting, Meeting, MyMeetings, NewMeeting, SeenMeeting,
    StopReason,
};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, Route};
use reqwest::Method;

use crate::steps::{
    ELODIE, JUERGEN, Test, as_time_passes, code, count, eventually, form, fresh_key, noon, quiet,
};

/// What somebody does with a meeting at GoTo.
type Change = Box<dyn FnOnce(&mut goto_sandbox::Meeting)>;

/// A step of the clocks: shorter than anything that is waited for.
pub(crate) const STEP: Duration = Duration::from_millis(500);

pub(crate) fn at(hour: i64) -> DateTime<Utc> {
    noon() + TimeDelta::hours(hour)
}

pub(crate) async fn made(visitor: &Visitor, subject: &str) -> anyhow::Result<Meeting> {
    let form = NewMeeting {
        subject: subject.to_owned(),
        ..form()
    };
    let reply = visitor.create(&fresh_key(), &form).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    reply.json()
}

/// As the page that shows it sends it back.
pub(crate) fn seen(meeting: &Meeting) -> SeenMeeting {
    SeenMeeting {
        subject: meeting.subject.clone(),
        start: meeting.start.clone(),
        end: meeting.end.clone(),
    }
}

fn seen_in(listed: &ListedMeeting) -> SeenMeeting {
    SeenMeeting {
        subject: listed.subject.clone(),
        start: listed.start.clone(),
        end: listed.end.clone(),
    }
}

pub(crate) async fn press(
    visitor: &Visitor,
    id: &str,
    seen: &SeenMeeting,
) -> anyhow::Result<Reply> {
    let path = format!("app/api/meetings/{id}/cancel");
    let press = visitor.call(Method::POST, &path).json(seen);
    visitor.send(press).await
}

/// The press of *Cancel*, which is taken.
pub(crate) async fn order(visitor: &Visitor, meeting: &Meeting) -> anyhow::Result<Cancellation> {
    let reply = press(visitor, &meeting.id, &seen(meeting)).await?;
    anyhow::ensure!(reply.status == 202, "{}: {}", reply.status, reply.text);
    reply.json()
}

pub(crate) async fn undo(visitor: &Visitor, id: &str) -> anyhow::Result<Cancellation> {
    let path = format!("app/api/meetings/{id}/cancel/undo");
    let reply = visitor.send(visitor.call(Method::POST, &path)).await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    reply.json()
}

pub(crate) async fn standing(visitor: &Visitor, id: &str) -> anyhow::Result<Cancellation> {
    let reply = visitor
        .get(&format!("app/api/meetings/{id}/cancel"))
        .await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    reply.json()
}

/// Where an order ends while time passes.
pub(crate) async fn settled(
    harness: &Harness,
    visitor: &Visitor,
    id: &str,
) -> anyhow::Result<Cancellation> {
    let asking = eventually(async || {
        let standing = standing(visitor, id).await?;
        let is_open = matches!(
            standing.state,
            CancelState::Waiting | CancelState::Sending | CancelState::Confirming
        );
        Ok((!is_open).then_some(standing))
    });
    as_time_passes(harness, 4 * STEP, asking).await
}

/// Lets so much time pass that everything due is done: an order given now is carried out.
pub(crate) async fn later(harness: &Harness, visitor: &Visitor) -> Test {
    let marker = made(visitor, "Marker").await?;
    order(visitor, &marker).await?;
    let end = settled(harness, visitor, &marker.id).await?;
    anyhow::ensure!(end.state == CancelState::Cancelled, "{end:?}");
    Ok(())
}

/// How many DELETEs of a meeting GoTo got.
pub(crate) fn deletions(harness: &Harness, id: &str) -> usize {
    let log = harness.sandbox.log_of(Route::DeleteMeeting);
    let path = format!("/G2M/rest/meetings/{id}");
    log.iter().filter(|received| received.path == path).count()
}

pub(crate) fn is_deleted(harness: &Harness, id: &str) -> bool {
    let meetings = harness.sandbox.meetings();
    let found = meetings.iter().find(|meeting| meeting.id.to_string() == id);
    found.is_some_and(|meeting| meeting.deleted)
}

#[tokio::test]
async fn security_61_an_order_is_sent_once_and_not_before_ten_seconds_are_over() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Not <needed>").await?;
    let ordered = order(&elodie, &meeting).await?;
    assert_eq!(ordered.state, CancelState::Waiting);
    assert_eq!(ordered.seconds, Some(10));
    assert_eq!(ordered.meeting, seen(&meeting));
    assert_eq!(count(&harness, Route::GetMeeting), 0);
    harness.advance(Duration::from_secs(4));
    assert_eq!(standing(&elodie, &meeting.id).await?.seconds, Some(6));
    // The list says so as well.
    let listed: MyMeetings = elodie.get("app/api/meetings").await?.json()?;
    let order = listed.meetings[0].cancellation.clone().expect("the order");
    assert_eq!(
        (order.state, order.seconds),
        (CancelState::Waiting, Some(6))
    );

    let end = settled(&harness, &elodie, &meeting.id).await?;
    assert_eq!(end.state, CancelState::Cancelled);
    assert_eq!((end.seconds, end.reason), (None, None));
    assert!(is_deleted(&harness, &meeting.id));
    let sent = harness.sandbox.log_of(Route::DeleteMeeting);
    assert_eq!(sent.len(), 1);
    assert!(
        sent[0].at >= noon() + TimeDelta::seconds(10),
        "{}",
        sent[0].at
    );
    assert_eq!(sent[0].authorization.person.as_deref(), Some(ELODIE));
    // Read again before it was sent.
    let read = harness.sandbox.log_of(Route::GetMeeting);
    assert!(read[0].sequence < sent[0].sequence);
    assert!(read[0].at >= noon() + TimeDelta::seconds(10));
    // Gone from the list, however long GoTo's takes.
    let listed: MyMeetings = elodie.get("app/api/meetings").await?.json()?;
    assert_eq!(listed.meetings, []);
    // Once more is no second one.
    let again = press(&elodie, &meeting.id, &seen(&meeting)).await?;
    assert_eq!(again.json::<Cancellation>()?.state, CancelState::Cancelled);
    later(&harness, &elodie).await?;
    assert_eq!(deletions(&harness, &meeting.id), 1);
    Ok(())
}

#[tokio::test]
async fn security_61_a_meeting_that_is_not_what_the_person_saw_is_not_cancelled() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let later_start = at(30);
    let changes: [(&str, Change, StopReason); 5] = [
        (
            "subject",
            Box::new(|meeting| meeting.subject = "Another".to_owned()),
            StopReason::Changed,
        ),
        (
            "start",
            Box::new(move |meeting| (meeting.start, meeting.end) = (later_start, at(31))),
            StopReason::Changed,
        ),
        (
            "end",
            Box::new(|meeting| meeting.end += TimeDelta::minutes(15)),
            StopReason::Changed,
        ),
        (
            "series",
            Box::new(|meeting| meeting.kind = "recurring"),
            StopReason::Recurring,
        ),
        (
            "gone",
            Box::new(|meeting| meeting.deleted = true),
            StopReason::Gone,
        ),
    ];
    for (what, change, reason) in changes {
        let meeting = made(&elodie, "As it was").await?;
        order(&elodie, &meeting).await?;
        harness
            .sandbox
            .change_elsewhere(meeting.id.parse()?, change)?;
        let end = settled(&harness, &elodie, &meeting.id).await?;
        assert_eq!(end.state, CancelState::Stopped, "{what}");
        assert_eq!(end.reason, Some(reason), "{what}");
        let found = end.found.map(|found| found.subject);
        let wanted = match what {
            "subject" => Some("Another"),
            "start" | "end" => Some("As it was"),
            _ => None,
        };
        assert_eq!(found.as_deref(), wanted, "{what}");
        assert_eq!(deletions(&harness, &meeting.id), 0, "{what}");
    }
    let meeting = made(&elodie, "Running").await?;
    order(&elodie, &meeting).await?;
    harness.sandbox.start_elsewhere(meeting.id.parse()?)?;
    let end = settled(&harness, &elodie, &meeting.id).await?;
    assert_eq!(end.reason, Some(StopReason::Running));
    assert_eq!(count(&harness, Route::DeleteMeeting), 0);
    // Stopped is not the end of it: what the person sees now can be cancelled.
    let moved = made(&elodie, "Moved").await?;
    let old = SeenMeeting {
        subject: "Never so called".to_owned(),
        ..seen(&moved)
    };
    press(&elodie, &moved.id, &old).await?;
    let end = settled(&harness, &elodie, &moved.id).await?;
    assert_eq!(end.reason, Some(StopReason::Changed));
    order(&elodie, &moved).await?;
    let end = settled(&harness, &elodie, &moved.id).await?;
    assert_eq!(end.state, CancelState::Cancelled);
    Ok(())
}

#[tokio::test]
async fn security_61_a_meeting_made_elsewhere_is_held_against_the_own_list() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let sandbox = &harness.sandbox;
    let there = sandbox.make_elsewhere(ELODIE, "There &lt;b&gt;", at(2), at(3))?;
    let moved = sandbox.make_elsewhere(ELODIE, "Moved", at(2), at(3))?;
    let running = sandbox.make_elsewhere(ELODIE, "Running", at(-1), at(3))?;
    let series = sandbox.make_elsewhere(ELODIE, "Series", at(2), at(3))?;
    sandbox.change_elsewhere(series, |meeting| meeting.kind = "recurring")?;
    // GoTo shows it to its co-organizers as well, who may not delete it.
    let theirs = sandbox.make_elsewhere(JUERGEN, "Theirs", at(2), at(3))?;
    let key = sandbox.employee(ELODIE).expect("Élodie").key;
    sandbox.change_elsewhere(theirs, |meeting| meeting.coorganizers = vec![key])?;

    let listed: MyMeetings = elodie.get("app/api/meetings").await?.json()?;
    for meeting in &listed.meetings {
        press(&elodie, &meeting.id, &seen_in(meeting)).await?;
    }
    let theirs = theirs.to_string();
    let hidden = SeenMeeting {
        subject: "Theirs".to_owned(),
        ..seen_in(&listed.meetings[1])
    };
    press(&elodie, &theirs, &hidden).await?;
    sandbox.start_elsewhere(running)?;
    sandbox.change_elsewhere(moved, |meeting| meeting.subject = "Moved on".to_owned())?;
    for (id, state, reason) in [
        (there, CancelState::Cancelled, None),
        (moved, CancelState::Stopped, Some(StopReason::Changed)),
        (running, CancelState::Stopped, Some(StopReason::Running)),
        (series, CancelState::Stopped, Some(StopReason::Recurring)),
        (
            theirs.parse()?,
            CancelState::Stopped,
            Some(StopReason::Gone),
        ),
    ] {
        let id = id.to_string();
        let end = settled(&harness, &elodie, &id).await?;
        assert_eq!((end.state, end.reason), (state, reason), "{end:?}");
        let sent = usize::from(state == CancelState::Cancelled);
        assert_eq!(deletions(&harness, &id), sent, "{end:?}");
    }
    Ok(())
}

#[tokio::test]
async fn somebody_else_s_meeting_and_one_that_was_never_ordered_look_the_same() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    let meeting = made(&juergen, "Jürgen's").await?;
    order(&juergen, &meeting).await?;
    let id = meeting.id.as_str();
    let replies = [
        press(&elodie, id, &seen(&meeting)).await?,
        elodie.get(&format!("app/api/meetings/{id}/cancel")).await?,
        elodie
            .send(elodie.call(Method::POST, &format!("app/api/meetings/{id}/cancel/undo")))
            .await?,
        elodie
            .get(&format!("app/api/meetings/{id}/cancellation"))
            .await?,
        elodie.get("app/api/meetings/100000001/cancel").await?,
        press(&elodie, "abc", &seen(&meeting)).await?,
    ];
    for reply in replies {
        assert_eq!(code(&reply)?, (404, Code::MeetingNotFound));
    }
    assert_eq!(undo(&juergen, id).await?.state, CancelState::Withdrawn);
    Ok(())
}

#[tokio::test]
async fn what_goto_refuses_is_told_and_what_it_cannot_do_now_is_done_later() -> Test {
    for (kind, state, sent) in [
        (FaultKind::status(409), CancelState::Stopped, 1),
        (FaultKind::status(400), CancelState::Stopped, 1),
        (FaultKind::status(403), CancelState::Stopped, 1),
        // A token that ended has done nothing.
        (FaultKind::InvalidToken, CancelState::Cancelled, 2),
        (
            FaultKind::TooManyRequests(goto_sandbox::RetryAfter::Seconds(3)),
            CancelState::Cancelled,
            2,
        ),
    ] {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let meeting = made(&elodie, "Refused").await?;
        let fault = Fault::once(Route::DeleteMeeting, kind.clone());
        harness.sandbox.fault(fault);
        order(&elodie, &meeting).await?;
        let end = settled(&harness, &elodie, &meeting.id).await?;
        assert_eq!(end.state, state, "{kind:?}");
        let refused = state == CancelState::Stopped;
        assert_eq!(
            end.reason,
            refused.then_some(StopReason::Refused),
            "{kind:?}"
        );
        assert_eq!(deletions(&harness, &meeting.id), sent, "{kind:?}");
        assert_eq!(is_deleted(&harness, &meeting.id), !refused, "{kind:?}");
    }
    Ok(())
}
