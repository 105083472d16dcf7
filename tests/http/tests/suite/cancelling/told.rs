//! What participants are told, and the plain page that asks before.

use std::time::Duration;

use goto_microapps_api::{Code, Invitation};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, Route};
use reqwest::Method;

use super::{at, deletions, is_deleted, later, made, order, settled};
use crate::plain_pages::Form;
use crate::steps::{ELODIE, Test, as_time_passes, code, count, eventually, quiet};

async fn notice(visitor: &Visitor, id: &str, reader: &str) -> anyhow::Result<Invitation> {
    let path = format!("app/api/meetings/{id}/cancellation?{reader}");
    visitor.get(&path).await?.json()
}

fn lines(file: &str) -> Vec<String> {
    let whole = file.replace("\r\n ", "");
    whole.split("\r\n").map(str::to_owned).collect()
}

fn sequence(file: &str) -> u32 {
    let lines = lines(file);
    let found = lines.iter().find_map(|line| line.strip_prefix("SEQUENCE:"));
    found.expect("a revision").parse().expect("a number")
}

#[tokio::test]
async fn participants_are_told_by_text_and_by_a_file_that_takes_the_entry_out() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Off").await?;
    let path = format!("app/api/meetings/{}/invitation", meeting.id);
    let invited: Invitation = elodie.get(&path).await?.json()?;
    let file = invited.calendar_file.expect("a file");
    assert_eq!(sequence(&file), 0);
    let uid = lines(&file)
        .into_iter()
        .find(|line| line.starts_with("UID:"));
    let early = format!("app/api/meetings/{}/cancellation", meeting.id);
    assert_eq!(elodie.get(&early).await?.status, 404, "not cancelled yet");
    order(&elodie, &meeting).await?;
    assert_eq!(elodie.get(&early).await?.status, 404, "only ordered");
    settled(&harness, &elodie, &meeting.id).await?;
    let asked = count(&harness, Route::Any);
    let told = notice(&elodie, &meeting.id, "lang=en&time_zone=Europe/Paris").await?;
    assert_eq!(told.subject, "Cancelled: Off");
    assert_eq!(
        told.text,
        format!(
            "Off\nTuesday 3 March 2026, 14:00\u{2013}15:00\nParis (UTC+1)\n\n\
             Élodie Martin has cancelled this meeting.\n\nMeeting ID: {}-{}-{}",
            &meeting.id[..3],
            &meeting.id[3..6],
            &meeting.id[6..]
        )
    );
    assert!(!told.html.contains("meet.goto.com"), "{}", told.html);
    assert!(
        told.mailto
            .starts_with("mailto:?subject=Cancelled%3A%20Off&body=")
    );
    assert_eq!((told.outlook, told.google), (None, None));
    let file = told.calendar_file.expect("a file");
    assert_eq!(sequence(&file), 1);
    let lines = lines(&file);
    for line in [
        "METHOD:CANCEL",
        "STATUS:CANCELLED",
        "DTSTART:20260303T130000Z",
    ] {
        assert!(lines.iter().any(|other| other == line), "{line}: {file}");
    }
    assert!(lines.contains(&uid.expect("a UID")), "{file}");
    assert!(
        !file.contains("\nURL") && !file.contains("\nATTENDEE"),
        "{file}"
    );
    let french = notice(&elodie, &meeting.id, "lang=fr&time_zone=America/New_York").await?;
    assert!(french.text.contains("08:00"), "{}", french.text);
    assert!(french.text.contains("a annulé cette réunion"));
    assert_eq!(count(&harness, Route::Any), asked, "GoTo is not asked");
    // Nobody is invited to it any more.
    let late = elodie.get(&path).await?;
    assert_eq!(code(&late)?, (404, Code::MeetingNotFound));
    Ok(())
}

#[tokio::test]
async fn what_was_changed_at_goto_is_another_revision_in_calendars() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Moves").await?;
    let path = format!("app/api/meetings/{}", meeting.id);
    let invitation = format!("{path}/invitation");
    let revision = async || -> anyhow::Result<u32> {
        elodie.get(&path).await?;
        let invited: Invitation = elodie.get(&invitation).await?.json()?;
        Ok(sequence(&invited.calendar_file.expect("a file")))
    };
    assert_eq!(revision().await?, 0);
    let id = meeting.id.parse()?;
    harness
        .sandbox
        .change_elsewhere(id, |meeting| meeting.end = at(27))?;
    assert_eq!(revision().await?, 1);
    assert_eq!(revision().await?, 1, "once");
    // What no calendar shows is none.
    harness
        .sandbox
        .change_elsewhere(id, |meeting| meeting.password_required = true)?;
    assert_eq!(revision().await?, 1);
    Ok(())
}

/// Presses a button of a plain page.
async fn press(visitor: &Visitor, id: &str, page: &Reply, action: &str) -> anyhow::Result<Reply> {
    let path = format!("form/meetings/{id}/cancel?lang=en&tz=Europe/Paris");
    let press = visitor.plain(Method::POST, &path);
    let press = press.header("sec-fetch-site", "same-origin");
    let fields = Form::of(page).set("action", action);
    visitor.send(press.form(&fields.0)).await
}

#[tokio::test]
async fn a_plain_page_asks_before_and_sends_at_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Plain <words>").await?;
    let path = format!(
        "form/meetings/{}/cancel?lang=en&tz=Europe/Paris",
        meeting.id
    );
    for page in [
        "form/meetings?lang=en",
        &format!("form/meetings/{}?lang=en", meeting.id),
    ] {
        let page = elodie.open(page).await?;
        assert!(
            page.text.contains("data-action=\"cancel\""),
            "{}",
            page.text
        );
    }
    let page = elodie.open(&path).await?;
    for part in [
        "Cancel this meeting?",
        "Plain &#60;words&#62;</h2>",
        "Tuesday 3 March 2026, 14:00\u{2013}15:00",
        "data-action=\"keep\"",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(count(&harness, Route::DeleteMeeting), 0);
    let pressed = press(&elodie, &meeting.id, &page, "cancel").await?;
    assert_eq!(pressed.status, 303, "{}", pressed.text);
    assert!(is_deleted(&harness, &meeting.id), "at once");
    let told = elodie.open(pressed.header("location")).await?;
    for part in [
        "The meeting is cancelled",
        "has cancelled this meeting.",
        "data-action=\"calendar-file\"",
        "mailto:?subject=Cancelled",
    ] {
        assert!(told.text.contains(part), "{part}: {}", told.text);
    }
    let file = elodie
        .open(&format!("form/meetings/{}/cancellation", meeting.id))
        .await?;
    assert_eq!(
        file.header("content-type"),
        "text/calendar; charset=utf-8; method=CANCEL"
    );
    assert!(file.text.contains("METHOD:CANCEL"), "{}", file.text);
    // The question of an old page is answered by what became of it.
    let old = press(&elodie, &meeting.id, &page, "cancel").await?;
    let old = elodie.open(old.header("location")).await?;
    assert!(old.text.contains("The meeting is cancelled"));
    assert_eq!(deletions(&harness, &meeting.id), 1);
    let stranger = harness.visitor();
    for reply in [
        stranger.open(&path).await?,
        press(&stranger, &meeting.id, &page, "cancel").await?,
    ] {
        assert_eq!(reply.status, 401);
        assert!(reply.text.contains("data-action=\"sign-in\""));
    }
    Ok(())
}

#[tokio::test]
async fn a_plain_page_says_why_nothing_was_cancelled() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let id = async |subject: &str| -> anyhow::Result<(String, Reply)> {
        let meeting = made(&elodie, subject).await?;
        let path = format!(
            "form/meetings/{}/cancel?lang=en&tz=Europe/Paris",
            meeting.id
        );
        let page = elodie.open(&path).await?;
        Ok((meeting.id, page))
    };
    let (moved, page) = id("Moved").await?;
    harness
        .sandbox
        .change_elsewhere(moved.parse()?, |meeting| {
            meeting.subject = "Elsewhere".to_owned();
        })?;
    let pressed = press(&elodie, &moved, &page, "cancel").await?;
    let told = elodie.open(pressed.header("location")).await?;
    for part in [
        "was not cancelled",
        "It was changed since",
        "Elsewhere: Tuesday",
    ] {
        assert!(told.text.contains(part), "{part}: {}", told.text);
    }
    let (running, page) = id("Running").await?;
    harness.sandbox.start_elsewhere(running.parse()?)?;
    let pressed = press(&elodie, &running, &page, "cancel").await?;
    let told = elodie.open(pressed.header("location")).await?;
    assert!(told.text.contains("taking place now"), "{}", told.text);
    // A lost answer is looked for while the page loads.
    let (lost, page) = id("Lost").await?;
    let fault = Fault::once(Route::DeleteMeeting, FaultKind::CutAfterCommit);
    harness.sandbox.fault(fault);
    let pressing = press(&elodie, &lost, &page, "cancel");
    let pressed = as_time_passes(&harness, Duration::from_secs(1), pressing).await?;
    let path = pressed.header("location");
    eventually(|| async {
        let second = Duration::from_secs(1);
        let told = as_time_passes(&harness, second, elodie.open(path)).await?;
        let is_told = told.text.contains("The meeting is cancelled");
        Ok(is_told.then_some(()))
    })
    .await?;
    // Ordered in the widget, taken back here.
    let meeting = made(&elodie, "Waiting").await?;
    order(&elodie, &meeting).await?;
    let path = format!("form/meetings/{}/cancel?lang=en", meeting.id);
    let page = elodie.open(&path).await?;
    assert!(page.text.contains("data-action=\"undo\""), "{}", page.text);
    let pressed = press(&elodie, &meeting.id, &page, "undo").await?;
    let told = elodie.open(pressed.header("location")).await?;
    assert!(told.text.contains("The meeting stays"), "{}", told.text);
    later(&harness, &elodie).await?;
    assert_eq!(deletions(&harness, &meeting.id), 0);
    Ok(())
}
