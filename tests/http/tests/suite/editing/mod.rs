//! Making a meeting another one: only what was made here and is as it was seen, sent once, and the truth is
//! told.

mod lost_changes;
mod participants;

use goto_microapps_api::{
    Ability, Code, Edit, EditMeeting, EditState, EditableMeeting, Field, FieldCode,
    IDEMPOTENCY_KEY, Invitation, InvitationExtra, Meeting, MyMeetings, NewMeeting, StopReason,
};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::Route;
use reqwest::Method;

use crate::cancelling::{at, made, order, seen};
use crate::steps::{ELODIE, JUERGEN, Test, code, connected, count, form, fresh_key, quiet};

/// What somebody does with a meeting at GoTo.
type Change = fn(&mut goto_sandbox::Meeting);

/// Another hour, another subject.
fn later() -> NewMeeting {
    NewMeeting {
        subject: "Later & <longer>".to_owned(),
        start: "2026-03-04T09:00".to_owned(),
        end: "2026-03-04T10:30".to_owned(),
        password_required: true,
        invitation: InvitationExtra::to(vec!["ana@guest.example".to_owned()]),
        ..form()
    }
}

/// What somebody sends who saw `meeting`.
fn of(meeting: &Meeting, form: NewMeeting) -> EditMeeting {
    EditMeeting {
        seen: seen(meeting),
        meeting: form,
    }
}

async fn save(
    visitor: &Visitor,
    id: &str,
    key: &str,
    change: &EditMeeting,
) -> anyhow::Result<Reply> {
    let path = format!("app/api/meetings/{id}/edit");
    let request = visitor.call(Method::POST, &path);
    let request = request.header(IDEMPOTENCY_KEY, key).json(change);
    visitor.send(request).await
}

/// What became of a change, once it is known.
async fn saved(visitor: &Visitor, meeting: &Meeting, form: NewMeeting) -> anyhow::Result<Edit> {
    let reply = save(visitor, &meeting.id, &fresh_key(), &of(meeting, form)).await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    reply.json()
}

async fn editable(visitor: &Visitor, id: &str) -> anyhow::Result<Reply> {
    visitor.get(&format!("app/api/meetings/{id}/edit")).await
}

async fn invitation(visitor: &Visitor, id: &str) -> anyhow::Result<Invitation> {
    let path = format!("app/api/meetings/{id}/invitation?lang=en&time_zone=Europe/Paris");
    visitor.get(&path).await?.json()
}

/// How many changes GoTo was sent.
fn changes(harness: &Harness) -> usize {
    count(harness, Route::UpdateMeeting)
}

#[tokio::test]
async fn a_meeting_becomes_what_its_form_says() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.sandbox.employee(JUERGEN).expect("an employee");
    let first = made(&elodie, "Before").await?;
    let before = invitation(&elodie, &first.id).await?;
    let shown: EditableMeeting = editable(&elodie, &first.id).await?.json()?;
    assert_eq!(shown.meeting.subject, "Before");
    assert_eq!(shown.co_organizers, []);

    let form = NewMeeting {
        co_organizers: vec![juergen.key.clone()],
        ..later()
    };
    let edit = saved(&elodie, &first, form).await?;
    assert_eq!(edit.state, EditState::Saved);
    let meeting = edit.meeting.expect("the meeting");
    assert_eq!(meeting.subject, "Later & <longer>");
    assert_eq!(meeting.start.as_deref(), Some("2026-03-04T08:00:00Z"));
    assert_eq!(meeting.join_url, first.join_url);
    assert_eq!(meeting.invitation.participants, ["ana@guest.example"]);

    let [put] = &harness.sandbox.log_of(Route::UpdateMeeting)[..] else {
        panic!("exactly one PUT");
    };
    let sent = put.json();
    assert_eq!(sent["subject"], "Later & &lt;longer&gt;");
    assert_eq!(sent["starttime"], "2026-03-04T08:00:00Z");
    assert_eq!(sent["endtime"], "2026-03-04T09:30:00Z");
    assert_eq!(sent["passwordrequired"], true);
    assert_eq!(sent["meetingtype"], "scheduled");
    assert_eq!(sent["coorganizerKeys"], serde_json::json!([juergen.key]));
    assert!(!put.body.contains("guest.example"), "GoTo is not told");

    // Whoever has the entry of before gets another revision of the same.
    let after = invitation(&elodie, &first.id).await?;
    let line = |file: &Invitation, name: &str| {
        let file = file.calendar_file.clone().unwrap_or_default();
        let line = file.lines().find(|line| line.starts_with(name));
        line.unwrap_or_default().trim().to_owned()
    };
    assert_eq!(line(&before, "UID"), line(&after, "UID"));
    assert_eq!(line(&before, "SEQUENCE"), "SEQUENCE:0");
    assert_eq!(line(&after, "SEQUENCE"), "SEQUENCE:1");
    let listed: MyMeetings = elodie.get("app/api/meetings").await?.json()?;
    assert_eq!(listed.meetings[0].subject, "Later & <longer>");
    assert!(listed.meetings[0].can.contains(&Ability::Edit));
    let shown: EditableMeeting = editable(&elodie, &first.id).await?.json()?;
    assert_eq!(shown.co_organizers[0].key, juergen.key);
    assert_eq!(shown.co_organizers[0].name, "J\u{fc}rgen Gro\u{df}");
    Ok(())
}

#[tokio::test]
async fn security_62_a_press_is_sent_once_however_often_it_is_told() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Once").await?;
    let (key, change) = (fresh_key(), of(&meeting, later()));
    let presses = (0..5).map(|_| save(&elodie, &meeting.id, &key, &change));
    for reply in futures::future::join_all(presses).await {
        let status = reply?.status;
        assert!(matches!(status, 200 | 202), "{status}");
    }
    let again: Edit = save(&elodie, &meeting.id, &key, &change).await?.json()?;
    assert_eq!(again.state, EditState::Saved);
    assert_eq!(changes(&harness), 1);

    // The same key with another form is a mistake, and sends nothing.
    let other = of(&meeting, form());
    let reply = save(&elodie, &meeting.id, &key, &other).await?;
    assert_eq!(code(&reply)?, (422, Code::IdempotencyMismatch));
    assert_eq!(changes(&harness), 1);
    Ok(())
}

#[tokio::test]
async fn security_62_what_was_changed_elsewhere_is_left_alone() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let cases: [(&str, Change, StopReason); 6] = [
        (
            "subject",
            |m| m.subject = "Another".into(),
            StopReason::Changed,
        ),
        (
            "time",
            |m| m.start += chrono::TimeDelta::minutes(5),
            StopReason::Changed,
        ),
        (
            "password",
            |m| m.password_required = true,
            StopReason::Changed,
        ),
        (
            "running",
            |m| m.started_at = Some(m.created_at),
            StopReason::Running,
        ),
        ("series", |m| m.kind = "recurring", StopReason::Recurring),
        ("gone", |m| m.deleted = true, StopReason::Gone),
    ];
    for (name, change, reason) in cases {
        let meeting = made(&elodie, name).await?;
        let id: u64 = meeting.id.parse()?;
        harness.sandbox.change_elsewhere(id, change)?;
        let edit = saved(&elodie, &meeting, later()).await?;
        assert_eq!(edit.state, EditState::Stopped, "{name}");
        assert_eq!(edit.reason, Some(reason), "{name}");
        assert_eq!(
            edit.found.is_some(),
            reason == StopReason::Changed,
            "{name}"
        );
    }
    assert_eq!(changes(&harness), 0);
    Ok(())
}

#[tokio::test]
async fn security_62_only_meetings_of_ones_own_that_were_made_here_can_be_changed() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    let meeting = made(&elodie, "Mine").await?;
    let foreign = harness
        .sandbox
        .make_elsewhere(ELODIE, "At GoTo", at(2), at(3))?
        .to_string();
    for (visitor, id) in [(&juergen, &meeting.id), (&elodie, &foreign)] {
        let reply = save(visitor, id, &fresh_key(), &of(&meeting, later())).await?;
        assert_eq!(code(&reply)?, (404, Code::MeetingNotFound), "{id}");
        let reply = editable(visitor, id).await?;
        assert_eq!(code(&reply)?, (404, Code::MeetingNotFound), "{id}");
    }
    let listed: MyMeetings = elodie.get("app/api/meetings").await?.json()?;
    for row in &listed.meetings {
        let can = row.can.contains(&Ability::Edit);
        assert_eq!(can, row.id == meeting.id, "{row:?}");
    }
    assert_eq!(changes(&harness), 0);
    Ok(())
}

#[tokio::test]
async fn mistakes_in_the_form_are_told_and_nothing_is_sent() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Mistaken").await?;
    let mistaken = NewMeeting {
        subject: " ".to_owned(),
        start: "2020-01-01T10:00".to_owned(),
        end: "2020-01-01T09:00".to_owned(),
        invitation: InvitationExtra::to(vec!["nobody".to_owned(), "a@b.example".to_owned()]),
        ..form()
    };
    let reply = save(&elodie, &meeting.id, &fresh_key(), &of(&meeting, mistaken)).await?;
    assert_eq!(code(&reply)?, (422, Code::InvalidMeeting));
    let errors = reply.problem()?.errors;
    let fields: Vec<_> = errors
        .iter()
        .map(|wrong| (wrong.field, wrong.code))
        .collect();
    assert_eq!(
        fields,
        [
            (Field::Subject, FieldCode::Required),
            (Field::Start, FieldCode::InThePast),
            (Field::End, FieldCode::NotAfterStart),
            (Field::Participants, FieldCode::NotAnAddress),
        ]
    );
    assert_eq!(errors[3].values, ["nobody"]);
    // What is about to be cancelled is not changed.
    order(&elodie, &meeting).await?;
    let reply = save(&elodie, &meeting.id, &fresh_key(), &of(&meeting, later())).await?;
    assert_eq!(code(&reply)?, (409, Code::CancelWaiting));
    assert_eq!(changes(&harness), 0);
    Ok(())
}
