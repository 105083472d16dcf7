//! Reading a meeting back.

use std::time::Duration;

use goto_microapps_api::{Code, Meeting, NewMeeting, Person};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Answer, Fault, FaultKind, RetryAfter, Route};

use crate::steps::{
    ELODIE, JUERGEN, Test, ZOE, as_time_passes, code, connected, count, form, fresh_key, quiet,
};

async fn made(visitor: &Visitor, form: &NewMeeting) -> anyhow::Result<Meeting> {
    let reply = visitor.create(&fresh_key(), form).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    reply.json()
}

async fn read(visitor: &Visitor, id: &str) -> anyhow::Result<Reply> {
    visitor.get(&format!("app/api/meetings/{id}")).await
}

#[tokio::test]
async fn the_details_are_what_was_created() -> Test {
    let mut options = connected();
    // A link GoTo says once, and which cannot be guessed from the id.
    options.sandbox.join_host = "global.gotomeeting.com/join".to_owned();
    let harness = Harness::start(options).await?;
    let elodie = harness.employee(ELODIE).await?;
    let co_organizers = [JUERGEN, ZOE].map(|email| {
        let person = harness.sandbox.employee(email).expect("an employee");
        person.key
    });
    let asked = NewMeeting {
        subject: "Budget <2027> & more".to_owned(),
        password_required: true,
        co_organizers: co_organizers.to_vec(),
        ..form()
    };
    let created = made(&elodie, &asked).await?;
    assert!(
        created
            .join_url
            .starts_with("https://global.gotomeeting.com/join/")
    );
    let details: Meeting = read(&elodie, &created.id).await?.json()?;
    assert_eq!(details, created);
    let mut names: Vec<&str> = details
        .co_organizers
        .iter()
        .map(|person| person.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["Jürgen Groß", "Zoë O’Neill"]);
    assert!(details.password_required);
    assert!(
        details
            .phone
            .is_some_and(|phone| phone.contains("Access Code: "))
    );
    Ok(())
}

#[tokio::test]
async fn the_details_say_what_goto_says_now() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let created = made(&elodie, &form()).await?;
    let changed = Answer {
        body: format!(
            r#"[{{"meetingId":{},"subject":"Moved","startTime":"2026-03-04T09:00:00.+0000",
                "endTime":"2026-03-04T09:30:00.+0000","passwordRequired":"true"}}]"#,
            created.id
        ),
        ..Answer::status(200)
    };
    let kind = FaultKind::Instead(changed);
    harness.sandbox.fault(Fault::once(Route::GetMeeting, kind));
    let details: Meeting = read(&elodie, &created.id).await?.json()?;
    assert_eq!(details.subject, "Moved");
    assert_eq!(details.start.as_deref(), Some("2026-03-04T09:00:00Z"));
    assert_eq!(
        details.join_url, created.join_url,
        "GoTo never says it again"
    );
    assert!(details.password_required);
    Ok(())
}

#[tokio::test]
async fn an_answer_of_any_shape_is_read_and_what_is_missing_is_what_was_created() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = harness.sandbox.employee(JUERGEN).expect("Jürgen").key;
    let asked = NewMeeting {
        co_organizers: vec![key],
        ..form()
    };
    let created = made(&elodie, &asked).await?;
    let kind = FaultKind::WrongTypes;
    harness.sandbox.fault(Fault::once(Route::GetMeeting, kind));
    let details: Meeting = read(&elodie, &created.id).await?.json()?;
    assert_eq!(details, created);

    let kind = FaultKind::MissingFields(Vec::new());
    harness.sandbox.fault(Fault::once(Route::GetMeeting, kind));
    let details: Meeting = read(&elodie, &created.id).await?.json()?;
    assert_eq!(details, created, "kept from the create");
    Ok(())
}

#[tokio::test]
async fn somebody_who_left_the_directory_is_shown_by_key() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let created = made(&elodie, &form()).await?;
    let gone = Answer {
        body: format!(
            r#"[{{"meetingId":{},"coorganizerKeys":["4711"]}}]"#,
            created.id
        ),
        ..Answer::status(200)
    };
    let kind = FaultKind::Instead(gone);
    harness.sandbox.fault(Fault::once(Route::GetMeeting, kind));
    let details: Meeting = read(&elodie, &created.id).await?.json()?;
    let person = Person {
        name: "4711".to_owned(),
        email: None,
    };
    assert_eq!(details.co_organizers, [person]);
    Ok(())
}

#[tokio::test]
async fn a_foreign_meeting_and_one_that_does_not_exist_look_the_same() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    let meeting = made(&juergen, &form()).await?;
    let foreign = read(&elodie, &meeting.id).await?;
    let unknown = read(&elodie, "100000001").await?;
    for reply in [&foreign, &unknown] {
        assert_eq!(code(reply)?, (404, Code::MeetingNotFound));
    }
    assert_eq!(foreign.problem()?.detail, unknown.problem()?.detail);
    assert!(!foreign.text.contains(JUERGEN));
    Ok(())
}

#[tokio::test]
async fn a_co_organizer_is_not_shown_as_the_organizer() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    let key = harness.sandbox.employee(JUERGEN).expect("Jürgen").key;
    let asked = NewMeeting {
        co_organizers: vec![key],
        ..form()
    };
    let meeting = made(&elodie, &asked).await?;
    // GoTo lets a co-organizer read it but does not say whose it is.
    let reply = read(&juergen, &meeting.id).await?;
    assert_eq!(code(&reply)?, (404, Code::MeetingNotFound));
    // Nor where it leaves out who the co-organizers are.
    let kind = FaultKind::MissingFields(vec!["coorganizerKeys".to_owned()]);
    harness.sandbox.fault(Fault::once(Route::GetMeeting, kind));
    let reply = read(&juergen, &meeting.id).await?;
    assert_eq!(code(&reply)?, (404, Code::MeetingNotFound));
    harness.sandbox.clear_faults();
    // The same with a meeting that was not made here.
    let key = harness.sandbox.employee(JUERGEN).expect("Jürgen").key;
    let elsewhere = Answer {
        body: format!(r#"[{{"meetingId":100000001,"coorganizerKeys":["{key}"]}}]"#),
        ..Answer::status(200)
    };
    let kind = FaultKind::Instead(elsewhere);
    harness.sandbox.fault(Fault::once(Route::GetMeeting, kind));
    let reply = read(&juergen, "100000001").await?;
    assert_eq!(code(&reply)?, (404, Code::MeetingNotFound));
    Ok(())
}

#[tokio::test]
async fn what_is_no_meeting_id_never_reaches_goto() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let ids = [
        "abc",
        "12345678x",
        "-123456789",
        "123456789.0",
        "1e9",
        "0x12345678",
        "%20123456789",
        "123456789%00",
        "..%2f..%2fadmin",
        "123456789%2fstart",
        "123456789%3Fx=1",
        "١٢٣٤٥٦٧٨٩",
        "123456789012345678901",
    ];
    for id in ids {
        let reply = read(&elodie, id).await?;
        assert_eq!(code(&reply)?, (404, Code::MeetingNotFound), "{id}");
    }
    assert_eq!(count(&harness, Route::GetMeeting), 0);
    assert_eq!(count(&harness, Route::StartMeeting), 0);
    assert_eq!(count(&harness, Route::Unknown), 0);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_at_goto_is_told_apart() -> Test {
    let cases = [
        (FaultKind::status(500), 502, Code::GotoFailed, 1),
        (FaultKind::status(503), 502, Code::GotoFailed, 3),
        (FaultKind::CutBefore, 504, Code::GotoSlow, 3),
        (FaultKind::Html, 502, Code::GotoUnreadable, 1),
        (FaultKind::EmptyBody, 502, Code::GotoUnreadable, 1),
        (FaultKind::status(302), 502, Code::GotoUnreadable, 1),
        (FaultKind::status(409), 422, Code::GotoRefused, 1),
        (FaultKind::status(403), 404, Code::MeetingNotFound, 1),
        (
            FaultKind::TooManyRequests(RetryAfter::Seconds(9)),
            503,
            Code::Busy,
            1,
        ),
    ];
    for (kind, status, expected, asked) in cases {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let created = made(&elodie, &form()).await?;
        harness
            .sandbox
            .fault(Fault::new(Route::GetMeeting, kind.clone()));
        let reading = read(&elodie, &created.id);
        let reply = as_time_passes(&harness, Duration::from_millis(100), reading).await?;
        assert_eq!(code(&reply)?, (status, expected), "{kind:?}");
        assert_eq!(count(&harness, Route::GetMeeting), asked, "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_goto_is_given_three_tries_and_called_slow() -> Test {
    let harness = Harness::start(quiet().set("goto.timeout_seconds", "1")).await?;
    let elodie = harness.employee(ELODIE).await?;
    let created = made(&elodie, &form()).await?;
    let hold = harness.sandbox.hold(Route::GetMeeting);
    let reading = read(&elodie, &created.id);
    let reply = as_time_passes(&harness, Duration::from_millis(20), reading).await?;
    assert_eq!(code(&reply)?, (504, Code::GotoSlow));
    assert_eq!(count(&harness, Route::GetMeeting), 3);
    hold.release();
    Ok(())
}

#[tokio::test]
async fn a_read_that_fails_for_a_moment_is_repeated_unseen() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let created = made(&elodie, &form()).await?;
    harness
        .sandbox
        .fault(Fault::once(Route::GetMeeting, FaultKind::status(502)));
    harness
        .sandbox
        .fault(Fault::once(Route::GetMeeting, FaultKind::Truncated));
    let reading = read(&elodie, &created.id);
    let reply = as_time_passes(&harness, Duration::from_millis(100), reading).await?;
    assert_eq!(reply.json::<Meeting>()?, created);
    assert_eq!(count(&harness, Route::GetMeeting), 3);
    Ok(())
}

#[tokio::test]
async fn security_37_a_redirect_is_not_followed_and_takes_no_token_along() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let elsewhere = Answer {
        headers: vec![(
            "location".to_owned(),
            format!("{}identity/v1/Users/me", harness.sandbox.base_url()),
        )],
        ..Answer::status(307)
    };
    let kind = FaultKind::Instead(elsewhere);
    harness.sandbox.fault(Fault::new(Route::GetMeeting, kind));
    harness.sandbox.clear_log();
    let reply = read(&elodie, "123456789").await?;
    assert_eq!(code(&reply)?, (502, Code::GotoUnreadable));
    assert_eq!(count(&harness, Route::Any), 1);
    Ok(())
}

/// The longest answer that is read, bytes; what is a little longer is not.
const ANSWER_MAX: usize = 4 << 20;

#[tokio::test]
async fn security_37_an_answer_without_end_is_not_read_to_the_end() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let huge = Answer {
        body: format!(
            "[{{\"meetingId\":1,\"subject\":\"{}\"}}]",
            "x".repeat(ANSWER_MAX)
        ),
        ..Answer::status(200)
    };
    harness
        .sandbox
        .fault(Fault::new(Route::GetMeeting, FaultKind::Instead(huge)));
    let reply = read(&elodie, "123456789").await?;
    assert_eq!(code(&reply)?, (502, Code::GotoUnreadable));
    Ok(())
}

#[tokio::test]
async fn security_37_a_join_link_that_is_no_web_page_is_not_offered() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for link in [
        "javascript:alert(1)",
        "http://meet.goto.com/1",
        "data:text/html,x",
    ] {
        let answer = Answer {
            body: format!(r#"[{{"joinURL":"{link}","meetingid":987654321}}]"#),
            ..Answer::status(201)
        };
        let kind = FaultKind::Instead(answer);
        harness
            .sandbox
            .fault(Fault::once(Route::CreateMeeting, kind));
        let reply = elodie.create(&fresh_key(), &form()).await?;
        assert!(!reply.text.contains(link), "{}", reply.text);
    }
    Ok(())
}
