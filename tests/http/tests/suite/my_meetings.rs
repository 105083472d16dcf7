//! *My meetings*: what GoTo lists of an employee's next ones, asked for only when somebody looks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use goto_microapps_api::{Code, ListedMeeting, Meeting, MyMeetings, NewMeeting};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, RetryAfter, Route, Spelling};
use reqwest::Method;

use crate::steps::{
    Disk, ELODIE, JUERGEN, Test, ZOE, as_time_passes, code, count, form, fresh_key, noon, quiet,
    soon,
};

const PATH: &str = "app/api/meetings";

/// A whole hour of noon's day or those after it.
fn at(hour: i64) -> DateTime<Utc> {
    noon() + TimeDelta::hours(hour)
}

async fn made(visitor: &Visitor, subject: &str) -> anyhow::Result<Meeting> {
    let form = NewMeeting {
        subject: subject.to_owned(),
        ..form()
    };
    let reply = visitor.create(&fresh_key(), &form).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    reply.json()
}

async fn mine(visitor: &Visitor) -> anyhow::Result<Vec<ListedMeeting>> {
    let reply = visitor.get(PATH).await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    Ok(reply.json::<MyMeetings>()?.meetings)
}

fn subjects(meetings: &[ListedMeeting]) -> Vec<&str> {
    let subjects = meetings.iter().map(|meeting| meeting.subject.as_str());
    subjects.collect()
}

async fn sign_out(visitor: &Visitor) -> anyhow::Result<Reply> {
    let out = visitor.call(Method::DELETE, "app/api/session");
    visitor.send(out).await
}

#[tokio::test]
async fn the_next_meetings_are_listed_as_goto_says_and_by_their_start() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let here = made(&elodie, "Made <here>").await?;
    let sandbox = &harness.sandbox;
    let there = sandbox.make_elsewhere(ELODIE, "Made there &lt;b&gt;", at(2), at(3))?;
    let series = sandbox.make_elsewhere(ELODIE, "A series", at(50), at(51))?;
    sandbox.change_elsewhere(series, |meeting| meeting.kind = "recurring")?;
    let running = sandbox.make_elsewhere(ELODIE, "Running", at(-1), at(1))?;
    sandbox.start_elsewhere(running)?;
    sandbox.make_elsewhere(ELODIE, "Over", at(-3), at(-2))?;
    sandbox.make_elsewhere(JUERGEN, "Somebody else's", at(2), at(3))?;

    let reply = elodie.get(PATH).await?;
    assert_eq!(reply.header("cache-control"), "no-store");
    let listed: MyMeetings = reply.json()?;
    assert_eq!(listed.read_at, "2026-03-02T12:00:00Z");
    let listed = listed.meetings;
    let wanted = ["Running", "Made there <b>", "Made <here>", "A series"];
    assert_eq!(subjects(&listed), wanted);
    let ids: Vec<&str> = listed.iter().map(|meeting| meeting.id.as_str()).collect();
    let id = |id: u64| id.to_string();
    assert_eq!(ids, [&id(running), &id(there), &here.id, &id(series)]);
    let here = &listed[2];
    assert_eq!(here.start.as_deref(), Some("2026-03-03T13:00:00Z"));
    assert_eq!(here.end.as_deref(), Some("2026-03-03T14:00:00Z"));
    assert_eq!(here.minutes, Some(60));
    let made_here: Vec<bool> = listed.iter().map(|meeting| meeting.made_here).collect();
    assert_eq!(made_here, [false, false, true, false]);
    let is_running: Vec<bool> = listed.iter().map(|meeting| meeting.running).collect();
    assert_eq!(is_running, [true, false, false, false]);
    // By the employee's own list, with their own token.
    let looks = sandbox.log_of(Route::Upcoming);
    assert_eq!(looks[0].path, "/G2M/rest/upcomingMeetings");
    assert_eq!(looks[0].authorization.person.as_deref(), Some(ELODIE));
    Ok(())
}

#[tokio::test]
async fn security_67_goto_is_asked_only_by_who_opens_the_list_and_once_a_minute() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.clear_log();
    for page in ["form", "frame", "embed.js", "app/signed-on"] {
        elodie.open(page).await?;
    }
    for call in ["app/api/session", "app/api/organizers?q=e"] {
        elodie.get(call).await?;
    }
    assert_eq!(count(&harness, Route::Any), 0, "a visit costs nothing");

    mine(&elodie).await?;
    assert_eq!(count(&harness, Route::Any), 1, "one look, one request");
    for _ in 0..3 {
        mine(&elodie).await?;
        elodie.open("form/meetings").await?;
    }
    harness.advance(Duration::from_secs(59));
    mine(&elodie).await?;
    assert_eq!(count(&harness, Route::Any), 1, "kept for a minute");
    harness.advance(Duration::from_secs(1));
    elodie.open("form/meetings").await?;
    mine(&elodie).await?;
    assert_eq!(count(&harness, Route::Any), 2);

    elodie.get(&format!("{PATH}?fresh=true")).await?;
    elodie.open("form/meetings?fresh=true").await?;
    assert_eq!(count(&harness, Route::Any), 4, "unless it is wanted fresh");
    let odd = elodie.get(&format!("{PATH}?fresh=perhaps")).await?;
    assert_eq!(code(&odd)?, (400, Code::MalformedRequest));
    assert_eq!(count(&harness, Route::Any), 4);
    Ok(())
}

#[tokio::test]
async fn security_67_a_list_ends_with_the_consent_it_was_read_with() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let kept = "SELECT COUNT(*) FROM my_meetings WHERE listed IS NOT NULL";
    let elodie = harness.employee(ELODIE).await?;
    harness
        .sandbox
        .make_elsewhere(ELODIE, "Élodie's", at(2), at(3))?;
    harness.sandbox.make_elsewhere(ZOE, "Zoë's", at(2), at(3))?;
    assert_eq!(subjects(&mine(&elodie).await?), ["Élodie's"]);
    assert_eq!(disk.number(kept).await?, 1);
    let texts = disk.texts("SELECT listed FROM my_meetings").await?;
    assert!(!texts[0].contains("lodie"), "sealed: {}", texts[0]);

    assert_eq!(sign_out(&elodie).await?.status, 204);
    assert_eq!(disk.number(kept).await?, 0, "gone with the sign-out");
    let reply = elodie.get(PATH).await?;
    assert_eq!(code(&reply)?, (401, Code::SignInRequired));
    // Somebody else in the same browser, within the minute.
    elodie.sign_in(&harness.sandbox, ZOE).await?;
    assert_eq!(subjects(&mine(&elodie).await?), ["Zoë's"]);
    // And the first again: with a new consent GoTo is asked anew.
    sign_out(&elodie).await?;
    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    let asked = count(&harness, Route::Upcoming);
    assert_eq!(subjects(&mine(&elodie).await?), ["Élodie's"]);
    assert_eq!(count(&harness, Route::Upcoming), asked + 1);
    Ok(())
}

#[tokio::test]
async fn security_67_a_look_that_ends_after_the_sign_out_leaves_nothing() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let elodie = harness.employee(ELODIE).await?;
    let hold = harness.sandbox.hold(Route::Upcoming);
    let leaving = async {
        soon(harness.sandbox.received(Route::Upcoming, 1)).await;
        let left = sign_out(&elodie).await;
        hold.release();
        left
    };
    let (_, left) = tokio::join!(elodie.get(PATH), leaving);
    assert_eq!(left?.status, 204);
    let kept = "SELECT COUNT(*) FROM my_meetings WHERE listed IS NOT NULL";
    assert_eq!(disk.number(kept).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_meeting_made_since_is_in_the_list_at_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    assert!(mine(&elodie).await?.is_empty());
    made(&elodie, "New").await?;
    assert_eq!(subjects(&mine(&elodie).await?), ["New"]);
    Ok(())
}

#[tokio::test]
async fn an_odd_list_is_shown_for_what_can_be_read_of_it() -> Test {
    for kind in [
        FaultKind::OddRows,
        FaultKind::WrongTypes,
        FaultKind::DashedIds,
        FaultKind::LikeIn2012,
        FaultKind::Spellings(Spelling::Both),
    ] {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let made = made(&elodie, "Good").await?;
        harness
            .sandbox
            .fault(Fault::once(Route::Upcoming, kind.clone()));
        let listed = mine(&elodie).await?;
        let good = listed.iter().find(|meeting| meeting.id == made.id);
        let good = good.unwrap_or_else(|| panic!("{kind:?}: {listed:?}"));
        assert_eq!(good.subject, "Good", "{kind:?}");
        assert_eq!(good.start, made.start, "{kind:?}");
        assert!(good.made_here, "{kind:?}");
        let unread = listed.iter().position(|meeting| meeting.start.is_none());
        let known = listed.iter().rposition(|meeting| meeting.start.is_some());
        assert!(unread.is_none() || known < unread, "{kind:?}: {listed:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_at_goto_is_told_and_nothing_is_kept() -> Test {
    for (kind, status, expected) in [
        (FaultKind::status(500), 502, Code::GotoFailed),
        (FaultKind::status(403), 502, Code::GotoForbidden),
        (FaultKind::Html, 502, Code::GotoUnreadable),
        (FaultKind::CutBefore, 504, Code::GotoSlow),
        (
            FaultKind::TooManyRequests(RetryAfter::Seconds(9)),
            503,
            Code::Busy,
        ),
    ] {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        harness
            .sandbox
            .fault(Fault::new(Route::Upcoming, kind.clone()));
        let reading = elodie.get(PATH);
        let reply = as_time_passes(&harness, Duration::from_millis(100), reading).await?;
        let (answered, said) = code(&reply)?;
        assert_eq!(said, expected, "{kind:?}");
        assert!(
            answered == status || answered == 403,
            "{kind:?}: {answered}"
        );
        harness.sandbox.clear_faults();
        harness.advance(Duration::from_secs(30));
        assert!(mine(&elodie).await?.is_empty(), "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_plain_page_lists_the_same() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let page = elodie.open("form/meetings?lang=en&tz=Europe/Paris").await?;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("no upcoming meetings"), "{}", page.text);
    let made = made(&elodie, "Plain <words>").await?;
    let page = elodie.open("form/meetings?lang=en&tz=Europe/Paris").await?;
    assert_eq!(page.header("cache-control"), "no-store");
    for part in [
        "data-page=\"my_meetings\"",
        "Plain &#60;words&#62;</a>",
        &format!("form/meetings/{}?lang=en", made.id),
        "Tuesday 3 March 2026, 14:00\u{2013}15:00",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let form = elodie.open("form?lang=en").await?;
    assert!(form.text.contains("data-action=\"my-meetings\""));

    let stranger = harness.visitor();
    let page = stranger.open("form/meetings?lang=en").await?;
    assert_eq!(page.status, 401);
    assert!(page.text.contains("data-action=\"sign-in\""));
    harness
        .sandbox
        .fault(Fault::once(Route::Upcoming, FaultKind::status(500)));
    let page = elodie.open("form/meetings?lang=en&fresh=true").await?;
    assert_eq!(page.status, 502);
    assert!(page.text.contains("GoTo has a problem"), "{}", page.text);
    Ok(())
}
