use proptest::prelude::*;

use super::*;

fn draft(start: &str, minutes: i64) -> Draft {
    let start = wall::to_wall(start.parse().unwrap());
    let mut draft = Draft::new("Europe/Paris".into(), start, minutes);
    draft.subject = "Point d’équipe".into();
    draft
}

#[test]
fn an_end_before_the_start_is_on_the_next_day() {
    let draft = draft("2026-12-31T23:30", 60);
    assert_eq!(
        (draft.start.as_str(), draft.end.as_str()),
        ("23:30", "00:30")
    );
    assert!(draft.ends_next_day());
    let body = draft.meeting();
    assert_eq!(
        (body.start.as_str(), body.end.as_str()),
        ("2026-12-31T23:30", "2027-01-01T00:30")
    );
}

#[test]
fn the_end_follows_the_start() {
    let mut draft = draft("2026-12-01T14:00", 45);
    draft.type_start("15:30".into());
    assert_eq!(draft.end, "16:15");
    draft.type_start(String::new());
    draft.type_start("09:00:00".into());
    // The length is kept although there was none to be read for a while.
    assert_eq!((draft.end.as_str(), draft.mistakes()), ("09:45", vec![]));
}

#[test]
fn a_meeting_longer_than_two_times_mean_is_asked_about() {
    let mut draft = draft("2026-12-01T13:00", 30);
    draft.type_end("12:30".into());
    let wrong = draft.mistakes();
    assert_eq!(wrong.len(), 1);
    assert_eq!(
        (wrong[0].field, wrong[0].code),
        (Field::End, FieldCode::MustBeChosen)
    );
    assert_eq!(wrong[0].values, ["2026-12-01T13:30", "2026-12-02T12:30"]);
    // Chosen, it is a meeting like any other.
    let long = wall::to_wall("2026-12-02T12:30".parse().unwrap());
    draft.choose_end(long);
    assert_eq!((draft.mistakes(), draft.minutes()), (vec![], Some(1410)));
    // And another one is asked about again.
    draft.type_end("12:00".into());
    assert_eq!(draft.mistakes().len(), 1);
    draft.type_end("01:30".into());
    assert_eq!(draft.mistakes()[0].values[0], "2026-12-01T13:30");
    // The next day is meant up to four hours.
    draft.type_start("22:30".into());
    draft.type_end("02:30".into());
    assert_eq!(draft.mistakes(), []);
    assert!(draft.ends_next_day());
}

#[test]
fn an_untouched_start_follows_clock_and_zone() {
    let mut draft = draft("2026-12-01T14:00", 45);
    draft.fresh = true;
    draft.set_duration(60);
    draft.move_on(wall::to_wall("2026-12-02T00:00".parse().unwrap()));
    assert_eq!(
        (&*draft.date, &*draft.start, &*draft.end),
        ("2026-12-02", "00:00", "01:00")
    );
    let now = wall::to_wall("2026-12-01T09:10".parse().unwrap());
    draft.guessed = true;
    draft.take_zone("America/New_York".into(), Some(now));
    assert_eq!(
        (&*draft.date, &*draft.start, &*draft.end),
        ("2026-12-01", "09:30", "10:30")
    );
    assert!(!draft.guessed);
    draft.take_zone("Atlantis".into(), None);
    assert_eq!(draft.start, "09:30", "a zone without clocks");
    draft.type_end("11:00".into());
    draft.take_zone("Europe/Paris".into(), Some(now + 300));
    assert_eq!(draft.start, "09:30", "touched");
}

#[test]
fn now_is_the_next_minute_until_somebody_says_otherwise() {
    let at = |text: &str| wall::to_wall(text.parse().unwrap());
    let mut draft = draft("2026-12-01T14:00", 45);
    draft.meet_now(at("2026-11-30T23:59"));
    assert_eq!(
        (&*draft.date, &*draft.start, &*draft.end),
        ("2026-12-01", "00:00", "00:45")
    );
    assert!(!draft.is_due(at("2026-11-30T23:59")));
    let later = at("2026-12-01T00:03");
    assert!(draft.is_due(later));
    draft.move_on(draft.next_start(later));
    assert_eq!((&*draft.start, &*draft.end), ("00:04", "00:49"));
    draft.take_zone("Asia/Tokyo".into(), Some(later + 480));
    assert_eq!(draft.start, "08:04", "now is now everywhere");
    draft.type_end("09:00".into());
    assert!(!draft.is_due(later + 600), "touched");
}

#[test]
fn a_chosen_reading_is_forgotten_with_the_times_it_was_chosen_for() {
    let chosen = || Draft {
        reading: Some(Reading::Server),
        counted: Some((0, -420)),
        ..draft("2026-12-01T14:00", 45)
    };
    let changes: [fn(&mut Draft); 4] = [
        |draft| draft.type_start("15:00".into()),
        |draft| draft.type_end("16:00".into()),
        |draft| draft.set_duration(15),
        |draft| draft.take_zone("UTC".into(), None),
    ];
    for change in changes {
        let mut draft = chosen();
        change(&mut draft);
        assert_eq!((draft.reading, draft.counted), (None, None));
    }
    let mut draft = chosen();
    draft.subject = "x".into();
    assert_eq!(draft.meeting().reading, Some(Reading::Server));
}

#[test]
fn says_what_is_wrong_in_the_order_of_the_fields() {
    let told = |draft: &Draft| -> Vec<(Field, FieldCode)> {
        let mistakes = draft.mistakes().into_iter();
        mistakes.map(|wrong| (wrong.field, wrong.code)).collect()
    };
    let required = [Field::Subject, Field::Date, Field::Start, Field::End];
    assert_eq!(
        told(&Draft::default()),
        required.map(|field| (field, FieldCode::Required))
    );
    let mut draft = draft("2026-12-01T14:00", 30);
    assert_eq!(told(&draft), []);
    draft.end = draft.start.clone();
    assert_eq!(told(&draft), [(Field::End, FieldCode::NotAfterStart)]);
    draft.date = "1999-99-99".into();
    draft.start = "25:00".into();
    assert_eq!(
        told(&draft),
        [Field::Date, Field::Start].map(|field| (field, FieldCode::NotATime))
    );
}

#[test]
fn what_is_asked_for_is_as_typed_where_it_is_no_time() {
    let mut draft = draft("2026-12-31T23:30", 60);
    draft.start = "soon".into();
    let meeting = draft.meeting();
    assert_eq!(
        (&*meeting.start, &*meeting.end),
        ("2026-12-31Tsoon", "2026-12-31T00:30")
    );
}

#[test]
fn a_form_without_script_catches_up_on_its_start() {
    let shown = wall::to_wall("2026-12-01T14:00".parse().unwrap());
    for (date, start, end, moved) in [
        ("2026-12-01", "15:30", "14:45", Some("16:15")),
        ("2026-12-01", "23:30", "14:45", Some("00:15")),
        ("2026-12-02", "15:30", "14:45", Some("16:15")),
        // The end was changed as well, or is as far from the start as it was.
        ("2026-12-01", "15:30", "17:00", None),
        ("2026-12-02", "14:00", "14:45", None),
        ("2026-12-01", "14:00", "14:45", None),
        ("2026-12-01", "", "14:45", None),
    ] {
        let mut draft = Draft {
            date: date.into(),
            start: start.into(),
            end: end.into(),
            start_fold: Some(Fold::Later),
            ..draft("2026-12-01T14:00", 45)
        };
        assert_eq!(draft.catch_up(shown, 45), moved.is_some(), "{date} {start}");
        assert_eq!(draft.end, moved.unwrap_or(end));
        let same = draft.start_wall().is_none_or(|start| start == shown);
        assert_eq!(draft.start_fold.is_some(), same, "asked again");
    }
}

proptest! {
    #[test]
    fn comes_back_from_storage(
        texts in prop::array::uniform5(".*"),
        password: bool,
        fold in prop::option::of(prop_oneof![Just(Fold::Earlier), Just(Fold::Later)]),
        people in prop::collection::vec(("[0-9]{1,19}", ".*", ".*", any::<bool>()), 0..4),
    ) {
        let [subject, date, start, end, zone] = texts;
        let people = people
            .into_iter()
            .map(|(key, name, email, namesake)| {
                let group = email.clone();
                Organizer { key, name, email, group, namesake }
            })
            .collect();
        let draft = Draft {
            subject, date, start, end, zone, password, people,
            typed: String::new(),
            typed_participants: String::new(),
            start_fold: fold,
            end_fold: None,
            guessed: password,
            fresh: !password,
            soon: password,
            kept: None,
            long: Some(1110).filter(|_| password),
            reading: Some(Reading::Server).filter(|_| password),
            counted: Some((1_781_000_000_000, -420)).filter(|_| password),
            ..Draft::default()
        };
        let back: Draft = serde_json::from_value(serde_json::to_value(&draft).unwrap()).unwrap();
        prop_assert_eq!(&back, &draft);
        // Whatever was typed, nothing here panics.
        let _ = (draft.mistakes(), draft.meeting(), draft.ends_next_day());
    }
}

#[test]
fn a_stored_field_that_does_not_fit_costs_that_field_only() {
    let whole = serde_json::to_value(Draft {
        password: true,
        start_fold: Some(Fold::Later),
        people: vec![Organizer {
            key: "1".into(),
            name: "Zoë".into(),
            email: "z@b".into(),
            group: "Legal".into(),
            namesake: false,
        }],
        ..draft("2026-12-01T14:00", 45)
    })
    .unwrap();
    let odd = [
        serde_json::json!(null),
        serde_json::json!({"a": [1]}),
        serde_json::json!([7]),
        serde_json::json!("\u{0}<script>"),
        serde_json::json!(-1),
    ];
    for key in whole.as_object().unwrap().keys() {
        for odd in &odd {
            let mut stored = whole.clone();
            stored[key] = odd.clone();
            let read: Draft = serde_json::from_value(stored.clone()).unwrap();
            let mut back = serde_json::to_value(&read).unwrap();
            back[key] = odd.clone();
            assert_eq!(back, stored, "{key} spoilt by {odd}");
            let _ = (read.mistakes(), read.meeting(), read.ends_next_day());
        }
    }
    for nothing in [
        serde_json::json!({}),
        serde_json::json!({"from": "the future"}),
    ] {
        assert_eq!(
            serde_json::from_value::<Draft>(nothing).unwrap(),
            Draft::default()
        );
    }
}
