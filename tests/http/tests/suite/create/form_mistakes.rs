//! What is wrong with a form is told at its fields, before anything is asked of GoTo.

use goto_microapps_api::{Code, Field, FieldCode, NewMeeting};
use goto_microapps_harness::Harness;

use super::{fields, key_of, made, wrong};
use crate::steps::{ELODIE, JUERGEN, Test, ZOE, code, connected, form, fresh_key, quiet};

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
