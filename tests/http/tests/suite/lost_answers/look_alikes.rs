//! Which of the organizer's meetings is the lost one, and which are others.

use goto_microapps_api::{Code, Meeting, NewMeeting};
use goto_microapps_harness::Harness;
use goto_sandbox::{Answer, Fault, FaultKind, Route};

use super::{check, lose, settled};
use crate::steps::{ELODIE, Test, code, form, fresh_key, quiet};

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
