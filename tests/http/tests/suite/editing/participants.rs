//! Whoever else is invited: kept, handed on, told to nobody.

use goto_microapps_api::{FieldCode, InvitationExtra, NewMeeting};
use goto_microapps_harness::Harness;
use goto_sandbox::Route;

use super::invitation;
use crate::steps::{ELODIE, Test, form, fresh_key, quiet};

#[tokio::test]
async fn participants_are_handed_on_and_goto_is_not_told() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let asked = NewMeeting {
        invitation: InvitationExtra::to(vec![
            "ana@guest.example".to_owned(),
            "o'neill@b\u{fc}cher.example".to_owned(),
            "ana@guest.example".to_owned(),
        ]),
        ..form()
    };
    let reply = elodie.create(&fresh_key(), &asked).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let meeting: goto_microapps_api::Meeting = reply.json()?;
    let all = ["ana@guest.example", "o'neill@b\u{fc}cher.example"];
    assert_eq!(meeting.invitation.participants, all);
    let [post] = &harness.sandbox.log_of(Route::CreateMeeting)[..] else {
        panic!("exactly one POST");
    };
    assert!(!post.body.contains("guest.example"));
    let handed = invitation(&elodie, &meeting.id).await?;
    let line = format!("Participants: {}", all.join(", "));
    assert!(handed.text.contains(&line), "{}", handed.text);
    let to = "mailto:ana@guest.example,o%27neill@b%C3%BCcher.example?";
    assert!(handed.mailto.starts_with(to), "{}", handed.mailto);
    let read = elodie
        .get(&format!("app/api/meetings/{}", meeting.id))
        .await?;
    let read: goto_microapps_api::Meeting = read.json()?;
    assert_eq!(read.invitation.participants, all);
    Ok(())
}

#[tokio::test]
async fn who_has_no_address_and_who_are_too_many_are_told() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let many: Vec<String> = (0..251).map(|at| format!("p{at}@guest.example")).collect();
    let hostile = "a@guest.example\r\nBcc: eve@evil.example";
    for (participants, expected) in [
        (vec![hostile.to_owned()], FieldCode::NotAnAddress),
        (vec!["nobody".to_owned()], FieldCode::NotAnAddress),
        (many.clone(), FieldCode::TooMany),
    ] {
        let asked = NewMeeting {
            invitation: InvitationExtra::to(participants),
            ..form()
        };
        let reply = elodie.create(&fresh_key(), &asked).await?;
        assert_eq!(reply.status, 422, "{}", reply.text);
        let errors = reply.problem()?.errors;
        assert_eq!(errors[0].code, expected);
    }
    let asked = NewMeeting {
        invitation: InvitationExtra::to(many[..250].to_vec()),
        ..form()
    };
    let reply = elodie.create(&fresh_key(), &asked).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    Ok(())
}
