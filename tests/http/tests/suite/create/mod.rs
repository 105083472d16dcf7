//! Creating a meeting: what reaches GoTo, what is refused before, one POST per intent.

mod form_mistakes;
mod form_times;
mod idempotency;
mod refused_by_goto;

use goto_microapps_api::{
    Code, Field, FieldCode, FieldError, InvitationExtra, Meeting, NewMeeting, Person,
};
use goto_microapps_harness::{Harness, Visitor};
use goto_sandbox::{Fault, FaultKind, Route, Sandbox};
use serde_json::json;

use crate::steps::{ELODIE, JUERGEN, Test, ZOE, code, connected, count, form, fresh_key, quiet};

/// Creates a meeting and expects it to exist.
async fn made(visitor: &Visitor, form: &NewMeeting) -> anyhow::Result<Meeting> {
    let reply = visitor.create(&fresh_key(), form).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    reply.json()
}

/// What is wrong with the form, after a refusal that GoTo never heard of.
async fn wrong(
    harness: &Harness,
    visitor: &Visitor,
    form: &NewMeeting,
) -> anyhow::Result<Vec<FieldError>> {
    let reply = visitor.create(&fresh_key(), form).await?;
    assert_eq!(code(&reply)?, (422, Code::InvalidMeeting), "{form:?}");
    assert_eq!(count(harness, Route::CreateMeeting), 0);
    Ok(reply.problem()?.errors)
}

fn fields(errors: &[FieldError]) -> Vec<(Field, FieldCode)> {
    errors
        .iter()
        .map(|error| (error.field, error.code))
        .collect()
}

fn key_of(sandbox: &Sandbox, email: &str) -> String {
    sandbox.employee(email).expect("an employee").key
}

#[tokio::test]
async fn a_meeting_reaches_goto_as_it_was_typed_and_comes_back_whole() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let mut chosen = [(JUERGEN, "Jürgen Groß"), (ZOE, "Zoë O’Neill")];
    // Not the order of their keys, so that it is seen that the order is kept.
    chosen.sort_by_key(|(email, _)| std::cmp::Reverse(key_of(&harness.sandbox, email)));
    let keys = chosen.map(|(email, _)| key_of(&harness.sandbox, email));
    let asked = NewMeeting {
        subject: "  Revue <b> & \"Q1\" ’25 🎉 ".to_owned(),
        password_required: true,
        co_organizers: keys.to_vec(),
        ..form()
    };
    let meeting = made(&elodie, &asked).await?;

    let [post] = &harness.sandbox.log_of(Route::CreateMeeting)[..] else {
        panic!("exactly one POST");
    };
    let expected = format!(
        concat!(
            "{{\"subject\":\"Revue &lt;b&gt; & \\\"Q1\\\" ’25 🎉\",",
            "\"starttime\":\"2026-03-03T13:00:00Z\",\"endtime\":\"2026-03-03T14:00:00Z\",",
            "\"passwordrequired\":true,\"conferencecallinfo\":\"Hybrid\",\"timezonekey\":\"\",",
            "\"meetingtype\":\"scheduled\",\"coorganizerKeys\":[\"{}\",\"{}\"]}}"
        ),
        keys[0], keys[1]
    );
    assert_eq!(post.body, expected);
    assert_eq!(post.content_type.as_deref(), Some("application/json"));
    assert_eq!(post.authorization.scheme.as_deref(), Some("Bearer"));
    assert_eq!(post.authorization.person.as_deref(), Some(ELODIE));

    let [stored] = &harness.sandbox.meetings()[..] else {
        panic!("exactly one meeting");
    };
    let person = |name: &str, email: &str| Person {
        name: name.to_owned(),
        email: Some(email.to_owned()),
    };
    let phone = meeting.phone.clone().expect("phone numbers");
    assert!(phone.contains("Access Code: ") && phone.lines().count() > 3);
    let expected = Meeting {
        id: stored.id.to_string(),
        subject: "Revue <b> & \"Q1\" ’25 🎉".to_owned(),
        start: Some("2026-03-03T13:00:00Z".to_owned()),
        end: Some("2026-03-03T14:00:00Z".to_owned()),
        organizer: person("Élodie Martin", ELODIE),
        invitation: InvitationExtra::default(),
        co_organizers: chosen.map(|(email, name)| person(name, email)).to_vec(),
        join_url: stored.join_url.clone(),
        phone: Some(phone),
        phone_lines: meeting.phone_lines.clone(),
        password_required: true,
    };
    assert_eq!(meeting, expected);
    Ok(())
}

#[tokio::test]
async fn without_password_and_co_organizers_neither_is_asked_for() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    made(&elodie, &form()).await?;
    let [post] = &harness.sandbox.log_of(Route::CreateMeeting)[..] else {
        panic!("exactly one POST");
    };
    let expected = json!({
        "subject": "Point d’équipe",
        "starttime": "2026-03-03T13:00:00Z",
        "endtime": "2026-03-03T14:00:00Z",
        "passwordrequired": false,
        "conferencecallinfo": "Hybrid",
        "timezonekey": "",
        "meetingtype": "scheduled",
    });
    assert_eq!(post.json(), expected);
    Ok(())
}

#[tokio::test]
async fn a_co_organizer_named_twice_is_sent_once() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = key_of(&harness.sandbox, JUERGEN);
    let asked = NewMeeting {
        co_organizers: vec![key.clone(), key.clone()],
        ..form()
    };
    made(&elodie, &asked).await?;
    assert_eq!(harness.sandbox.meetings()[0].coorganizers, [key]);
    Ok(())
}

#[tokio::test]
async fn keys_beyond_any_number_type_arrive_digit_by_digit() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let keys: Vec<String> = harness
        .sandbox
        .employees()
        .into_iter()
        .map(|person| person.key)
        .filter(|key| key.parse::<i64>().is_err())
        .collect();
    assert!(keys.len() >= 2, "{keys:?}");
    let asked = NewMeeting {
        co_organizers: keys.clone(),
        ..form()
    };
    made(&elodie, &asked).await?;
    assert_eq!(harness.sandbox.meetings()[0].coorganizers, keys);
    Ok(())
}

#[tokio::test]
async fn an_answer_with_all_types_swapped_is_understood() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let fault = Fault::new(Route::CreateMeeting, FaultKind::WrongTypes);
    harness.sandbox.fault(fault);
    let meeting = made(&elodie, &form()).await?;
    let stored = &harness.sandbox.meetings()[0];
    assert_eq!(meeting.id, stored.id.to_string());
    assert_eq!(meeting.join_url, stored.join_url);
    Ok(())
}

#[tokio::test]
async fn an_answer_with_nothing_but_the_id_is_enough() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let essentials = FaultKind::MissingFields(Vec::new());
    harness
        .sandbox
        .fault(Fault::new(Route::CreateMeeting, essentials));
    let meeting = made(&elodie, &form()).await?;
    assert_eq!(
        meeting.join_url,
        format!("https://meet.goto.com/{}", meeting.id)
    );
    assert_eq!(meeting.phone, None);
    Ok(())
}
