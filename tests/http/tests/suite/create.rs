//! Creating a meeting: what reaches GoTo, what is refused before, one POST per intent.

use std::time::Duration;

use futures::future::join_all;
use goto_microapps_api::{
    Code, Confirming, Field, FieldCode, FieldError, Fold, Meeting, NewMeeting, Person,
};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Answer, Fault, FaultKind, Outcome, RetryAfter, Route, Sandbox};
use serde_json::json;

use crate::steps::{
    ELODIE, JUERGEN, Test, ZOE, as_time_passes, code, connected, count, eventually, form,
    fresh_key, quiet, soon,
};

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
        co_organizers: chosen.map(|(email, name)| person(name, email)).to_vec(),
        join_url: stored.join_url.clone(),
        phone: Some(phone),
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
async fn local_times_become_the_right_instants() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (early, late) = (Some(Fold::Earlier), Some(Fold::Later));
    // Zone, start, which one, end, which one, start and end in UTC.
    let cases = [
        (
            "UTC",
            "2027-01-15T10:00",
            None,
            "2027-01-15T10:30",
            None,
            "2027-01-15T10:00:00Z",
            "2027-01-15T10:30:00Z",
        ),
        (
            "Europe/Paris",
            "2027-01-15T10:00",
            None,
            "2027-01-15T10:30",
            None,
            "2027-01-15T09:00:00Z",
            "2027-01-15T09:30:00Z",
        ),
        (
            "Europe/Paris",
            "2027-07-15T10:00",
            None,
            "2027-07-15T10:30",
            None,
            "2027-07-15T08:00:00Z",
            "2027-07-15T08:30:00Z",
        ),
        // Over the gap of 28 March: an hour and a half on the wall, half an hour long.
        (
            "Europe/Paris",
            "2027-03-28T01:45",
            None,
            "2027-03-28T03:15",
            None,
            "2027-03-28T00:45:00Z",
            "2027-03-28T01:15:00Z",
        ),
        // In the overlap of 31 October, first, second, and from the first into the second.
        (
            "Europe/Paris",
            "2027-10-31T02:30",
            early,
            "2027-10-31T02:45",
            early,
            "2027-10-31T00:30:00Z",
            "2027-10-31T00:45:00Z",
        ),
        (
            "Europe/Paris",
            "2027-10-31T02:30",
            late,
            "2027-10-31T02:45",
            late,
            "2027-10-31T01:30:00Z",
            "2027-10-31T01:45:00Z",
        ),
        (
            "Europe/Paris",
            "2027-10-31T02:30",
            early,
            "2027-10-31T02:30",
            late,
            "2027-10-31T00:30:00Z",
            "2027-10-31T01:30:00Z",
        ),
        // A fold where there is nothing to choose between is no mistake.
        (
            "Europe/Paris",
            "2027-07-15T10:00",
            late,
            "2027-07-15T10:30",
            early,
            "2027-07-15T08:00:00Z",
            "2027-07-15T08:30:00Z",
        ),
        (
            "America/New_York",
            "2027-03-14T01:30",
            None,
            "2027-03-14T03:30",
            None,
            "2027-03-14T06:30:00Z",
            "2027-03-14T07:30:00Z",
        ),
        (
            "America/New_York",
            "2027-11-07T01:30",
            early,
            "2027-11-07T01:30",
            late,
            "2027-11-07T05:30:00Z",
            "2027-11-07T06:30:00Z",
        ),
        // Lord Howe Island moves its clocks by half an hour.
        (
            "Australia/Lord_Howe",
            "2027-04-04T01:45",
            early,
            "2027-04-04T01:45",
            late,
            "2027-04-03T14:45:00Z",
            "2027-04-03T15:15:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2027-10-03T01:45",
            None,
            "2027-10-03T02:45",
            None,
            "2027-10-02T15:15:00Z",
            "2027-10-02T15:45:00Z",
        ),
        // Offsets of three quarters of an hour, and of more than half a day.
        (
            "Asia/Kathmandu",
            "2027-01-15T10:00",
            None,
            "2027-01-15T10:30",
            None,
            "2027-01-15T04:15:00Z",
            "2027-01-15T04:45:00Z",
        ),
        (
            "Pacific/Kiritimati",
            "2027-01-15T10:00",
            None,
            "2027-01-15T10:30",
            None,
            "2027-01-14T20:00:00Z",
            "2027-01-14T20:30:00Z",
        ),
        (
            "Europe/Paris",
            "2028-02-29T23:30",
            None,
            "2028-03-01T00:30",
            None,
            "2028-02-29T22:30:00Z",
            "2028-02-29T23:30:00Z",
        ),
    ];
    for (zone, start, start_fold, end, end_fold, from, to) in cases {
        let asked = NewMeeting {
            start: start.to_owned(),
            end: end.to_owned(),
            time_zone: zone.to_owned(),
            start_fold,
            end_fold,
            ..form()
        };
        let meeting = made(&elodie, &asked).await?;
        let posts = harness.sandbox.log_of(Route::CreateMeeting);
        let sent = posts.last().expect("a POST").json();
        assert_eq!(
            (&sent["starttime"], &sent["endtime"]),
            (&json!(from), &json!(to)),
            "{asked:?}"
        );
        assert_eq!(meeting.start.as_deref(), Some(from));
        assert_eq!(meeting.end.as_deref(), Some(to));
    }
    Ok(())
}

#[tokio::test]
async fn a_time_that_the_clocks_skip_is_refused_with_its_neighbours() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let cases = [
        (
            "Europe/Paris",
            "2027-03-28T02:00",
            ["2027-03-28T01:59", "2027-03-28T03:00"],
        ),
        (
            "Europe/Paris",
            "2027-03-28T02:59",
            ["2027-03-28T01:59", "2027-03-28T03:00"],
        ),
        (
            "America/New_York",
            "2027-03-14T02:30",
            ["2027-03-14T01:59", "2027-03-14T03:00"],
        ),
        (
            "Australia/Lord_Howe",
            "2027-10-03T02:15",
            ["2027-10-03T01:59", "2027-10-03T02:30"],
        ),
    ];
    for (zone, start, near) in cases {
        let asked = NewMeeting {
            start: start.to_owned(),
            end: format!("{}T05:00", &start[..10]),
            time_zone: zone.to_owned(),
            start_fold: Some(Fold::Earlier),
            ..form()
        };
        let errors = wrong(&harness, &elodie, &asked).await?;
        assert_eq!(fields(&errors), [(Field::Start, FieldCode::TimeSkipped)]);
        assert_eq!(errors[0].values, near, "{zone} {start}");
    }
    Ok(())
}

#[tokio::test]
async fn a_time_that_occurs_twice_is_asked_about() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for (zone, twice) in [
        ("Europe/Paris", "2027-10-31T02:30"),
        ("America/New_York", "2027-11-07T01:30"),
        ("Australia/Lord_Howe", "2027-04-04T01:45"),
    ] {
        let asked = NewMeeting {
            start: twice.to_owned(),
            end: twice.to_owned(),
            time_zone: zone.to_owned(),
            ..form()
        };
        let errors = wrong(&harness, &elodie, &asked).await?;
        let expected = [Field::Start, Field::End].map(|field| (field, FieldCode::TimeAmbiguous));
        assert_eq!(fields(&errors), expected, "{zone}");
    }
    Ok(())
}

#[tokio::test]
async fn every_mistake_of_a_form_is_told_at_its_field() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let own = key_of(&harness.sandbox, ELODIE);
    let with = |change: fn(&mut NewMeeting)| {
        let mut form = form();
        change(&mut form);
        form
    };
    let cases = [
        (
            with(|form| form.subject = String::new()),
            Field::Subject,
            FieldCode::Required,
        ),
        (
            with(|form| form.subject = " \t\n\u{a0}".into()),
            Field::Subject,
            FieldCode::Required,
        ),
        (
            with(|form| form.subject = "é".repeat(101)),
            Field::Subject,
            FieldCode::TooLong,
        ),
        (
            with(|form| form.subject = "🎉".repeat(51)),
            Field::Subject,
            FieldCode::TooLong,
        ),
        (
            with(|form| form.subject = "<".repeat(26)),
            Field::Subject,
            FieldCode::TooLong,
        ),
        (
            with(|form| form.start = "2026-03-02T12:59".into()),
            Field::Start,
            FieldCode::InThePast,
        ),
        (
            with(|form| form.start = "2026-03-02T13:00".into()),
            Field::Start,
            FieldCode::InThePast,
        ),
        (
            with(|form| form.start = "tomorrow".into()),
            Field::Start,
            FieldCode::NotATime,
        ),
        (
            with(|form| form.start = "2026-02-30T10:00".into()),
            Field::Start,
            FieldCode::NotATime,
        ),
        (
            with(|form| form.start = "2026-03-03T14:00:00Z".into()),
            Field::Start,
            FieldCode::NotATime,
        ),
        (
            with(|form| form.end = String::new()),
            Field::End,
            FieldCode::NotATime,
        ),
        (
            with(|form| form.end = "2026-03-03T13:59".into()),
            Field::End,
            FieldCode::NotAfterStart,
        ),
        (
            with(|form| form.end = "2026-03-03T14:00".into()),
            Field::End,
            FieldCode::NotAfterStart,
        ),
        (
            with(|form| form.end = "2026-03-04T14:01".into()),
            Field::End,
            FieldCode::TooFarFromStart,
        ),
        (
            with(|form| form.time_zone = "Paris".into()),
            Field::TimeZone,
            FieldCode::UnknownTimeZone,
        ),
        (
            with(|form| form.time_zone = String::new()),
            Field::TimeZone,
            FieldCode::UnknownTimeZone,
        ),
        (
            with(|form| form.time_zone = "../etc/passwd".into()),
            Field::TimeZone,
            FieldCode::UnknownTimeZone,
        ),
    ];
    for (mut asked, field, expected) in cases {
        // The past start would otherwise be a meeting of more than a day.
        if expected == FieldCode::InThePast {
            asked.end = "2026-03-02T14:00".to_owned();
        }
        let errors = wrong(&harness, &elodie, &asked).await?;
        assert_eq!(fields(&errors), [(field, expected)], "{asked:?}");
        assert!(!errors[0].detail.is_empty());
    }

    for keys in [
        vec!["1234567890123456789".to_owned()],
        vec![own.clone()],
        vec![JUERGEN.to_owned()],
        vec![String::new()],
        vec![key_of(&harness.sandbox, ZOE), own, "7".to_owned()],
    ] {
        let asked = NewMeeting {
            co_organizers: keys.clone(),
            ..form()
        };
        let errors = wrong(&harness, &elodie, &asked).await?;
        let expected = (Field::CoOrganizers, FieldCode::UnknownCoOrganizer);
        assert_eq!(fields(&errors), [expected]);
        let known = key_of(&harness.sandbox, ZOE);
        let unknown: Vec<String> = keys.into_iter().filter(|key| *key != known).collect();
        assert_eq!(errors[0].values, unknown);
    }

    let others = harness.sandbox.employees();
    let keys = others.iter().map(|person| person.key.clone());
    let asked = NewMeeting {
        // More than the sandbox has people, so the keys repeat.
        co_organizers: keys
            .filter(|key| *key != key_of(&harness.sandbox, ELODIE))
            .cycle()
            .take(51)
            .collect(),
        ..form()
    };
    let errors = wrong(&harness, &elodie, &asked).await?;
    assert_eq!(fields(&errors), [(Field::CoOrganizers, FieldCode::TooMany)]);
    Ok(())
}

#[tokio::test]
async fn all_mistakes_are_told_at_once_in_the_order_of_the_form() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let asked = NewMeeting {
        subject: String::new(),
        start: "2026-03-01T10:00".to_owned(),
        end: "2026-03-01T09:00".to_owned(),
        co_organizers: vec!["7".to_owned()],
        ..form()
    };
    let errors = wrong(&harness, &elodie, &asked).await?;
    assert_eq!(
        fields(&errors),
        [
            (Field::Subject, FieldCode::Required),
            (Field::Start, FieldCode::InThePast),
            (Field::End, FieldCode::NotAfterStart),
            (Field::CoOrganizers, FieldCode::UnknownCoOrganizer),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_subject_of_a_hundred_characters_as_goto_counts_is_taken() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for subject in ["é".repeat(100), "<".repeat(25), "🎉".repeat(50)] {
        let asked = NewMeeting {
            subject: subject.clone(),
            ..form()
        };
        assert_eq!(made(&elodie, &asked).await?.subject, subject);
    }
    Ok(())
}

#[tokio::test]
async fn a_form_that_was_corrected_may_come_with_the_same_key() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = fresh_key();
    let mistaken = NewMeeting {
        subject: String::new(),
        ..form()
    };
    let reply = elodie.create(&key, &mistaken).await?;
    assert_eq!(code(&reply)?, (422, Code::InvalidMeeting));
    assert_eq!(elodie.create(&key, &form()).await?.status, 201);
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
async fn the_same_key_again_gives_the_same_meeting() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = fresh_key();
    let first = elodie.create(&key, &form()).await?;
    assert_eq!(first.status, 201);
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = elodie.create(&key, &form()).await?;
    assert_eq!(again.status, 201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.json::<Meeting>()?, first.json::<Meeting>()?);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn the_same_key_with_another_form_is_refused() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = fresh_key();
    elodie.create(&key, &form()).await?;
    let other = NewMeeting {
        password_required: true,
        ..form()
    };
    let reply = elodie.create(&key, &other).await?;
    assert_eq!(code(&reply)?, (422, Code::IdempotencyMismatch));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn a_key_belongs_to_the_employee_who_used_it() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    let key = fresh_key();
    let of_elodie: Meeting = elodie.create(&key, &form()).await?.json()?;
    let of_juergen: Meeting = juergen.create(&key, &form()).await?.json()?;
    assert_ne!(of_elodie.id, of_juergen.id);
    assert_eq!(of_juergen.organizer.email.as_deref(), Some(JUERGEN));
    Ok(())
}

#[tokio::test]
async fn a_double_click_makes_one_meeting() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let (one, other) = tokio::join!(elodie.create(&key, &asked), elodie.create(&key, &asked));
    for reply in [one?, other?] {
        assert!(matches!(reply.status, 201 | 202), "{}", reply.text);
    }
    assert_eq!(elodie.create(&key, &asked).await?.status, 201);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn twenty_identical_requests_at_once_make_one_post() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let hold = harness.sandbox.hold(Route::CreateMeeting);
    let requests = join_all((0..20).map(|_| elodie.create(&key, &asked)));
    let others = async {
        soon(harness.sandbox.received(Route::CreateMeeting, 1)).await;
        // Whoever comes while it is on the wire is told so at once.
        let waiting = elodie.create(&key, &asked).await;
        hold.release();
        waiting
    };
    let (replies, waiting) = tokio::join!(requests, others);
    let waiting = waiting?;
    assert_eq!(waiting.status, 202);
    assert!(waiting.json::<Confirming>()?.retry_after > 0);
    let replies: Vec<Reply> = replies.into_iter().collect::<anyhow::Result<_>>()?;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    // Told to wait for the first, or, with enough of the same person's waiting, to come back.
    let told = replies
        .iter()
        .filter(|reply| {
            reply.status == 202 || code(reply).is_ok_and(|code| code == (503, Code::Busy))
        })
        .count();
    assert_eq!((made >= 1, made + told), (true, 20));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    let again = elodie.create(&key, &asked).await?;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (201, "true")
    );
    Ok(())
}

#[tokio::test]
async fn a_browser_that_goes_away_does_not_cut_the_create() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let hold = harness.sandbox.hold(Route::CreateMeeting);
    tokio::select! {
        reply = elodie.create(&key, &asked) => panic!("{reply:?}"),
        () = soon(harness.sandbox.received(Route::CreateMeeting, 1)) => {}
    }
    hold.release();
    let reply = eventually(async || {
        let reply = elodie.create(&key, &asked).await?;
        Ok((reply.status != 202).then_some(reply))
    })
    .await?;
    assert_eq!(
        (reply.status, reply.header("idempotent-replayed")),
        (201, "true")
    );
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn a_stopping_proxy_finishes_the_create_it_is_at() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let hold = harness.sandbox.hold(Route::CreateMeeting);
    let stopping = async {
        soon(harness.sandbox.received(Route::CreateMeeting, 1)).await;
        let public = harness.proxy().public();
        let stop = harness.stop_proxy();
        let released = async {
            // Refuses new visitors first, then waits for the one it has.
            eventually(async || {
                let refused = tokio::net::TcpStream::connect(public).await.is_err();
                Ok(refused.then_some(()))
            })
            .await?;
            hold.release();
            anyhow::Ok(())
        };
        let (stopped, released) = tokio::join!(stop, released);
        stopped.and(released)
    };
    let (reply, stopped) = tokio::join!(elodie.create(&key, &asked), stopping);
    stopped?;
    assert_eq!(reply?.status, 201);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn an_access_token_that_ended_early_is_renewed_once_and_the_create_repeated_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.clear_log();
    harness.sandbox.expire_access_tokens();
    made(&elodie, &form()).await?;
    let outcomes: Vec<(Route, Outcome)> = harness
        .sandbox
        .log()
        .iter()
        .map(|received| (received.route, received.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            (Route::CreateMeeting, Outcome::Answered(403)),
            (Route::Token, Outcome::Answered(200)),
            (Route::CreateMeeting, Outcome::Answered(201)),
        ]
    );
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_refused_although_it_is_new_asks_for_a_new_sign_in() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.clear_log();
    let fault = Fault::new(Route::CreateMeeting, FaultKind::InvalidToken);
    harness.sandbox.fault(fault);
    let key = fresh_key();
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(code(&reply)?, (401, Code::ReconnectRequired));
    assert_eq!(count(&harness, Route::CreateMeeting), 3);
    assert_eq!(count(&harness, Route::Token), 2);
    harness.sandbox.clear_faults();
    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(reply.status, 201, "nothing was created, so the key is good");
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_refused_once_more_costs_nobody_a_consent() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    // As when the first has ended and the second meets a momentary refusal.
    let fault = Fault::new(Route::CreateMeeting, FaultKind::InvalidToken).times(2);
    harness.sandbox.fault(fault);
    let reply = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_renewal_that_fails_before_the_repetition_is_a_definite_failure() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.expire_access_tokens();
    let down = FaultKind::status(503);
    harness.sandbox.fault(Fault::once(Route::Token, down));
    let key = fresh_key();
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(
        code(&reply)?,
        (502, Code::GotoFailed),
        "nothing was created"
    );
    assert_eq!(elodie.create(&key, &form()).await?.status, 201);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_missing_licence_is_no_reason_to_renew_the_token() -> Test {
    let harness = Harness::start(quiet()).await?;
    let email = harness.sandbox.unlicensed().email;
    let noor = harness.employee(&email).await?;
    harness.sandbox.clear_log();
    let key = fresh_key();
    let reply = noor.create(&key, &form()).await?;
    assert_eq!(code(&reply)?, (403, Code::GotoForbidden));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    assert_eq!(count(&harness, Route::Token), 0);
    // The licence is bought, the form still open.
    harness.sandbox.set_licensed(&email, true)?;
    assert_eq!(noor.create(&key, &form()).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn what_goto_refuses_is_told_and_not_asked_again() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let refusal = Answer {
        body: r#"{"int_err_code":"InvalidRequest","msg":"<b>canary</b>"}"#.to_owned(),
        ..Answer::status(400)
    };
    let fault = Fault::once(Route::CreateMeeting, FaultKind::Instead(refusal));
    harness.sandbox.fault(fault);
    let key = fresh_key();
    for _ in 0..2 {
        let reply = elodie.create(&key, &form()).await?;
        assert_eq!(code(&reply)?, (422, Code::GotoRefused));
        assert!(!reply.text.contains("canary"), "{}", reply.text);
        assert!(reply.text.contains("InvalidRequest"), "{}", reply.text);
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn goto_over_its_limit_creates_nothing_and_the_key_stays_good() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let busy = FaultKind::TooManyRequests(RetryAfter::Seconds(20));
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, busy));
    let key = fresh_key();
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(code(&reply)?, (503, Code::Busy));
    assert_eq!(reply.header("retry-after"), "20");
    assert!(harness.sandbox.meetings().is_empty());
    harness.advance(Duration::from_secs(20));
    assert_eq!(elodie.create(&key, &form()).await?.status, 201);
    assert_eq!(count(&harness, Route::CreateMeeting), 2);
    Ok(())
}

#[tokio::test]
async fn goto_out_of_reach_is_a_definite_failure() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    // A proxy without open connections: one that dies under a request is another story.
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    let gone = harness.sandbox.base_url();
    let elsewhere = Sandbox::start(goto_sandbox::Options::default()).await?;
    drop(std::mem::replace(&mut harness.sandbox, elsewhere));
    let port = url::Url::parse(&gone)?.port().expect("a port");
    eventually(async || {
        let refused = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
        Ok(refused.is_err().then_some(()))
    })
    .await?;
    let key = fresh_key();
    for _ in 0..2 {
        let reply = elodie.create(&key, &form()).await?;
        assert_eq!(code(&reply)?, (502, Code::GotoUnreachable));
    }
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

#[tokio::test]
async fn a_waiting_create_is_told_when_the_first_is_through() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, asked) = (fresh_key(), form());
    let hold = harness.sandbox.hold_answers(Route::CreateMeeting);
    let first = elodie.create(&key, &asked);
    let second = async {
        soon(harness.sandbox.received(Route::CreateMeeting, 1)).await;
        let told = elodie.create(&key, &asked).await?;
        let confirming: Confirming = told.json()?;
        assert_eq!(
            told.header("retry-after"),
            confirming.retry_after.to_string()
        );
        hold.release();
        as_time_passes(
            &harness,
            Duration::from_millis(100),
            eventually(async || {
                let reply = elodie.create(&key, &asked).await?;
                Ok((reply.status == 201).then_some(reply))
            }),
        )
        .await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first?.json::<Meeting>()?, second?.json::<Meeting>()?);
    Ok(())
}
