//! Answers of GoTo that are odd in one place: the rest of them is read all the same.

use goto_microapps_api::{Code, Meeting, NewMeeting, Organizers};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Answer, Fault, FaultKind, Meeting as Stored, Route};
use reqwest::Method;
use serde_json::{Value, json};

use crate::steps::{
    ELODIE, JUERGEN, Test, code, connected, count, eventually, form, fresh_key, quiet,
};

/// The next answer of `route` is this JSON.
fn say(harness: &Harness, route: Route, status: u16, body: &Value) {
    let answer = Answer {
        body: body.to_string(),
        ..Answer::status(status)
    };
    harness
        .sandbox
        .fault(Fault::once(route, FaultKind::Instead(answer)));
}

/// Every answer of `route` is this JSON from now on.
fn say_always(harness: &Harness, route: Route, body: &Value) {
    let answer = Answer {
        body: body.to_string(),
        ..Answer::status(200)
    };
    let kind = FaultKind::Instead(answer);
    harness.sandbox.fault(Fault::new(route, kind));
}

/// A create whose answer is lost after GoTo made the meeting; its key and the meeting.
async fn lose(harness: &Harness, visitor: &Visitor) -> anyhow::Result<(String, Stored)> {
    lose_form(harness, visitor, &form()).await
}

async fn lose_form(
    harness: &Harness,
    visitor: &Visitor,
    form: &NewMeeting,
) -> anyhow::Result<(String, Stored)> {
    let kind = FaultKind::CutAfterCommit;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let key = fresh_key();
    let reply = visitor.create(&key, form).await?;
    anyhow::ensure!(reply.status == 202, "{}: {}", reply.status, reply.text);
    let made = harness.sandbox.meetings().pop();
    Ok((key, made.expect("a meeting")))
}

async fn check(visitor: &Visitor, key: &str) -> anyhow::Result<Reply> {
    let request = visitor.call(Method::POST, "app/api/meetings/check");
    visitor.send(request.header("idempotency-key", key)).await
}

async fn read(visitor: &Visitor, id: &str) -> anyhow::Result<Reply> {
    visitor.get(&format!("app/api/meetings/{id}")).await
}

async fn made(visitor: &Visitor, form: &NewMeeting) -> anyhow::Result<Meeting> {
    let reply = visitor.create(&fresh_key(), form).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    reply.json()
}

/// A row of the upcoming meetings, as GoTo writes it.
fn row(stored: &Stored) -> Value {
    json!({
        "meetingId": stored.id.to_string(),
        "subject": stored.subject,
        "startTime": "2026-03-03T13:00:00.+0000",
        "endTime": "2026-03-03T14:00:00.+0000",
        "conferenceCallInfo": "France: +33 1\nAccess Code: 123",
    })
}

#[tokio::test]
async fn one_odd_row_of_the_upcoming_meetings_hides_itself_only() -> Test {
    let odd = [
        json!({"subject": "no id"}),
        json!({"meetingId": null, "subject": "x"}),
        json!({"meetingId": {"id": 1}}),
        json!({"meetingId": "ABC"}),
        json!({"meetingId": "100000001", "subject": null}),
        json!({"meetingId": "100000002", "subject": ["x"], "startTime": {}}),
        json!({"meetingId": "100000003", "conferenceCallInfo": {"US": "+1"}}),
        json!(null),
        json!(7),
        json!("x"),
        json!([]),
    ];
    for odd in odd {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let (key, stored) = lose(&harness, &elodie).await?;
        say(&harness, Route::Upcoming, 200, &json!([odd, row(&stored)]));
        let found = check(&elodie, &key).await?;
        assert_eq!(found.status, 201, "{odd}: {}", found.text);
        assert_eq!(found.json::<Meeting>()?.id, stored.id.to_string());
    }
    Ok(())
}

#[tokio::test]
async fn the_lost_meeting_is_found_though_its_own_row_is_odd() -> Test {
    let spoilt: [fn(&mut Value); 5] = [
        |row| row["conferenceCallInfo"] = json!({"US": "+1"}),
        |row| row["conferenceCallInfo"] = Value::Null,
        |row| row["passwordRequired"] = json!([]),
        |row| row["meetingid"] = row["meetingId"].clone(),
        |row| row["starttime"] = json!(""),
    ];
    for spoil in spoilt {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let (key, stored) = lose(&harness, &elodie).await?;
        let mut row = row(&stored);
        spoil(&mut row);
        say(&harness, Route::Upcoming, 200, &json!([row]));
        let found = check(&elodie, &key).await?;
        assert_eq!(found.status, 201, "{row}: {}", found.text);
    }
    Ok(())
}

#[tokio::test]
async fn half_a_letter_in_one_row_does_not_hide_the_list() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, stored) = lose(&harness, &elodie).await?;
    // Cut after 100 UTF-16 units, in the middle of a smiley.
    let cut = r#"{"meetingId":"100000001","subject":"hello \ud83d"}"#;
    let answer = Answer {
        body: format!("[{cut},{}]", row(&stored)),
        ..Answer::status(200)
    };
    let kind = FaultKind::Instead(answer);
    harness.sandbox.fault(Fault::once(Route::Upcoming, kind));
    assert_eq!(check(&elodie, &key).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn an_id_loses_its_dashes() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (key, stored) = lose(&harness, &elodie).await?;
    let id = stored.id.to_string();
    let grouped = format!("{}-{} {}", &id[..3], &id[3..6], &id[6..]);
    let mut listed = row(&stored);
    listed["meetingId"] = grouped.into();
    // The same meeting in both spellings is one meeting.
    let list = json!([listed, row(&stored)]);
    say(&harness, Route::Upcoming, 200, &list);
    let found = check(&elodie, &key).await?;
    assert_eq!(found.status, 201, "{}", found.text);
    assert_eq!(found.json::<Meeting>()?.id, id);
    let details = read(&elodie, &id).await?;
    assert_eq!(details.json::<Meeting>()?.id, id, "{}", details.text);
    // As it is printed everywhere, it is asked for.
    let printed = format!("{}-{}-{}", &id[..3], &id[3..6], &id[6..]);
    let details = read(&elodie, &printed).await?;
    assert_eq!(details.json::<Meeting>()?.id, id, "{}", details.text);
    Ok(())
}

#[tokio::test]
async fn a_created_meeting_is_read_in_both_spellings_at_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let answer = json!([{
        "meetingid": 331_536_871, "meetingId": "331-536-871", "MeetingID": null,
        "joinUrl": "", "joinURL": "https://global.gotomeeting.com/join/331536871",
        "conferencecallinfo": "France: +33 1", "conferenceCallInfo": "",
        "organizerkey": 1, "organizerKey": "1",
    }]);
    say(&harness, Route::CreateMeeting, 201, &answer);
    let created = made(&elodie, &form()).await?;
    assert_eq!(created.id, "331536871");
    assert_eq!(
        created.join_url,
        "https://global.gotomeeting.com/join/331536871"
    );
    assert_eq!(created.phone.as_deref(), Some("France: +33 1"));
    Ok(())
}

#[tokio::test]
async fn a_created_meeting_is_kept_though_all_but_its_id_is_odd() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let answer = json!({"meetingid": 331_536_872, "joinURL": {}, "conferenceCallInfo": [1]});
    say(&harness, Route::CreateMeeting, 201, &answer);
    let created = made(&elodie, &form()).await?;
    assert_eq!(created.join_url, "https://meet.goto.com/331536872");
    assert_eq!(created.phone, None);
    Ok(())
}

#[tokio::test]
async fn details_are_read_in_both_spellings_at_once() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let created = made(&elodie, &form()).await?;
    let key = harness.sandbox.employee(JUERGEN).expect("Jürgen").key;
    let answer = json!([{
        "meetingId": created.id, "meetingid": created.id.parse::<u64>()?,
        "subject": "Moved", "SUBJECT": "",
        "startTime": "2026-03-04T09:00:00.+0000", "starttime": "2026-03-04T09:00:00Z",
        "endTime": null, "endtime": "2026-03-04T09:30:00Z",
        "passwordRequired": "", "passwordrequired": "true",
        "conferencecallinfo": "France: +33 2", "conferenceCallInfo": null,
        "coorganizerKeys": [], "coorganizerkeys": [key],
        "organizerkey": 1, "organizerKey": "1",
    }]);
    say(&harness, Route::GetMeeting, 200, &answer);
    let details: Meeting = read(&elodie, &created.id).await?.json()?;
    assert_eq!(details.subject, "Moved");
    assert_eq!(details.start.as_deref(), Some("2026-03-04T09:00:00Z"));
    assert_eq!(details.end.as_deref(), Some("2026-03-04T09:30:00Z"));
    assert_eq!(details.phone.as_deref(), Some("France: +33 2"));
    assert!(details.password_required);
    assert_eq!(details.co_organizers[0].name, "Jürgen Groß");
    Ok(())
}

#[tokio::test]
async fn own_details_fall_back_on_what_was_stored() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let asked = NewMeeting {
        subject: "Budget <2027> & more".to_owned(),
        password_required: true,
        co_organizers: vec![harness.sandbox.employee(JUERGEN).expect("Jürgen").key],
        ..form()
    };
    let created = made(&elodie, &asked).await?;
    let spoilt = [
        json!({}),
        json!({"meetingId": null}),
        json!({"startTime": null, "endTime": null}),
        json!({"startTime": "soon", "endTime": 7}),
        json!({"startTime": "2026-03-03T13:00:00.+0000"}),
        json!({"endTime": "2026-03-03T14:00:00.+0000"}),
        // An end before its start is no period.
        json!({"startTime": "2026-03-03T13:00:00Z", "endTime": "0001-01-01T00:00:00Z"}),
        json!({"subject": null}),
        json!({"subject": {"text": "x"}}),
        json!({"subject": " "}),
        json!({"subject": "Budget &lt;2027&gt; &amp; more"}),
        json!({"conferenceCallInfo": {"US": "+1"}}),
        json!({"conferenceCallInfo": ""}),
        json!({"passwordRequired": null}),
        json!({"passwordRequired": ""}),
        json!({"passwordRequired": {}}),
        json!({"coorganizerKeys": null}),
        json!({"coorganizerKeys": [null, {}]}),
    ];
    for mut answer in spoilt {
        if answer.get("meetingId").is_none() {
            answer["meetingId"] = created.id.clone().into();
        } else {
            answer["subject"] = "Budget <2027> & more".into();
        }
        say(&harness, Route::GetMeeting, 200, &json!([answer]));
        let reply = read(&elodie, &created.id).await?;
        assert_eq!(reply.status, 200, "{answer}: {}", reply.text);
        assert_eq!(reply.json::<Meeting>()?, created, "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn somebody_else_s_answer_is_not_shown_as_the_meeting() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let created = made(&elodie, &form()).await?;
    let foreign = [
        json!([{"meetingId": "100000009", "subject": "Somebody else's"}]),
        json!({"message": "Service unavailable"}),
        json!("down"),
    ];
    for answer in foreign {
        say(&harness, Route::GetMeeting, 200, &answer);
        let reply = read(&elodie, &created.id).await?;
        assert_eq!(code(&reply)?, (502, Code::GotoUnreadable), "{answer}");
    }
    // Without an id it may be any meeting, and this one is not known here.
    say(&harness, Route::GetMeeting, 200, &json!([{"subject": "x"}]));
    let reply = read(&elodie, "100000008").await?;
    assert_eq!(code(&reply)?, (502, Code::GotoUnreadable));
    Ok(())
}

#[tokio::test]
async fn a_meeting_that_is_gone_is_not_found_however_goto_says_so() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let created = made(&elodie, &form()).await?;
    for (status, body) in [
        (400, json!({"int_err_code": "InvalidMeeting"})),
        (404, json!({})),
        (410, json!({})),
        (200, json!([])),
    ] {
        say(&harness, Route::GetMeeting, status, &body);
        let reply = read(&elodie, &created.id).await?;
        assert_eq!(
            code(&reply)?,
            (404, Code::MeetingNotFound),
            "{status} {body}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_subject_is_shown_as_it_was_typed_whatever_a_cleaner_made_of_it() -> Test {
    let typed = "R&D <b> \"x\" & 'y' · 5 > 3";
    let cleaned = [
        "R&D &lt;b&gt; \"x\" & 'y' · 5 &gt; 3",
        "R&amp;D &lt;b&gt; &quot;x&quot; &amp; &#39;y&#39; &middot; 5 &gt; 3",
        "R&#38;D &#60;b&#62; &#34;x&#34; &#x26; &apos;y&apos; &#183; 5 &#x3E; 3",
        "R&amp;amp;D &amp;lt;b&amp;gt; &amp;quot;x&amp;quot; &amp;amp; &amp;#x27;y&amp;#039; &amp;#xB7; 5 &amp;gt; 3",
        "R&D&nbsp;&lt;b&gt;&nbsp;\"x\"  &\t'y' ·&#160;5 &gt; 3 ",
    ];
    for subject in cleaned {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        let asked = NewMeeting {
            subject: typed.to_owned(),
            ..form()
        };
        let (key, stored) = lose_form(&harness, &elodie, &asked).await?;
        let mut listed = row(&stored);
        listed["subject"] = subject.into();
        say(&harness, Route::Upcoming, 200, &json!([listed]));
        let found = check(&elodie, &key).await?;
        assert_eq!(found.status, 201, "{subject}: {}", found.text);
        assert_eq!(found.json::<Meeting>()?.subject, typed);

        let live = json!([{"meetingId": stored.id, "subject": subject}]);
        say(&harness, Route::GetMeeting, 200, &live);
        let details = read(&elodie, &stored.id.to_string()).await?;
        assert_eq!(details.json::<Meeting>()?.subject, typed, "{subject}");
    }
    Ok(())
}

#[tokio::test]
async fn a_subject_changed_at_goto_is_shown_as_text() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let created = made(&elodie, &form()).await?;
    let live =
        json!([{"meetingId": created.id, "subject": "Q&amp;A &lt;2&gt; d&#39;&eacute;t&#xE9;"}]);
    say(&harness, Route::GetMeeting, 200, &live);
    let details: Meeting = read(&elodie, &created.id).await?.json()?;
    assert_eq!(details.subject, "Q&A <2> d'été");
    Ok(())
}

#[tokio::test]
async fn a_user_list_is_read_row_by_row() -> Test {
    let harness = Harness::start(quiet()).await?;
    let page = json!({
        "results": [
            null, 7, "x", [], {},
            {"key": null, "email": "a@corp.example"},
            {"key": {"value": 1}},
            {"key": "8439885694023999001", "email": "ada@corp.example", "firstName": null,
             "lastName": ["x"], "FirstName": "Ada"},
            {"key": "8439-8856-9402-3999-002", "KEY": "", "email": "", "Email": "bob@corp.example",
             "firstName": "Bob"},
        ],
        "total": "9",
    });
    say_always(&harness, Route::Users, &page);
    harness.connect().await?;
    let elodie = harness.employee(ELODIE).await?;
    for (name, email, key) in [
        ("Ada", "ada@corp.example", "8439885694023999001"),
        ("Bob", "bob@corp.example", "8439885694023999002"),
    ] {
        let path = format!("app/api/organizers?q={name}");
        let found: Organizers = elodie.get(&path).await?.json()?;
        assert!(found.synced);
        let person = &found.organizers[0];
        assert_eq!((&*person.email, &*person.key), (email, key));
    }
    Ok(())
}

#[tokio::test]
async fn a_list_that_is_null_is_an_empty_list() -> Test {
    for page in [json!({"results": null, "total": 0}), json!({"total": 0})] {
        let harness = Harness::start(quiet()).await?;
        say_always(&harness, Route::Users, &page);
        harness.connect().await?;
        let elodie = harness.employee(ELODIE).await?;
        let found: Organizers = elodie.get("app/api/organizers?q=a").await?.json()?;
        assert!(found.synced && found.organizers.is_empty(), "{page}");
    }
    // Who the administrator is is read although one of two lists is none.
    let harness = Harness::start(quiet()).await?;
    let admin = json!({"key": "1", "accountKey": goto_sandbox::ACCOUNT_KEY, "accounts": null});
    say_always(&harness, Route::AdminMe, &admin);
    harness.connect().await?;
    Ok(())
}

#[tokio::test]
async fn a_token_answer_without_its_type_signs_in() -> Test {
    let harness = Harness::start(quiet()).await?;
    let kind = FaultKind::MissingFields(vec!["token_type".to_owned(), "expires_in".to_owned()]);
    harness.sandbox.fault(Fault::new(Route::Token, kind));
    let elodie = harness.employee(ELODIE).await?;
    made(&elodie, &form()).await?;
    Ok(())
}

#[tokio::test]
async fn a_list_in_a_shape_of_its_own_is_no_list() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for (body, expected) in [
        (json!(null), Code::MeetingUnconfirmed),
        (json!({"message": "moved"}), Code::GotoUnreadable),
        (json!("x"), Code::GotoUnreadable),
    ] {
        let (key, _) = lose(&harness, &elodie).await?;
        let looks = count(&harness, Route::Upcoming);
        // Four looks that see nothing, then a person is asked.
        say_always(&harness, Route::Upcoming, &body);
        let reply = eventually(async || {
            let reply = check(&elodie, &key).await?;
            Ok((reply.status != 202).then_some(reply))
        })
        .await?;
        assert!(count(&harness, Route::Upcoming) >= looks + 4);
        assert_eq!(reply.problem()?.code, expected, "{body}");
        harness.sandbox.clear_faults();
    }
    Ok(())
}
