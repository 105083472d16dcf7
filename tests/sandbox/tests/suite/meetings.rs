//! One meeting: create, read, change, start, delete.

use goto_sandbox::{Options, Route, Times};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{ELODIE, Goto, JUERGEN, body, body_with, noon, parameter, quiet, string};

const MEETINGS: &str = "G2M/rest/meetings";

fn one(id: u64) -> String {
    format!("{MEETINGS}/{id}")
}

#[tokio::test]
async fn create_answers_an_array_of_one() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let reply = goto.post(MEETINGS, &token, &body()).await;
    assert_eq!(reply.status, 201);
    let answer = reply.json();
    assert_eq!(answer.as_array().map(Vec::len), Some(1));
    let meeting = &answer[0];
    let id = meeting["meetingid"]
        .as_u64()
        .expect("lower-case i, a number");
    assert_eq!(id.to_string().len(), 9);
    assert_eq!(meeting["joinURL"], format!("https://meet.goto.com/{id}"));
    assert_eq!(meeting["maxParticipants"], 26);
    assert!(meeting["uniqueMeetingId"].as_u64().expect("a number") > 1 << 53);
    let phone = string(&meeting["conferenceCallInfo"]);
    assert!(phone.lines().count() > 3 && phone.contains("Access Code: "));
    assert_eq!(meeting.as_object().map(serde_json::Map::len), Some(5));
}

#[tokio::test]
async fn the_truth_about_a_meeting() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let juergen = goto.sandbox.employee(JUERGEN).expect("a person").key;
    let changes = json!({ "coorganizerKeys": [juergen], "passwordrequired": true });
    let id = goto.meeting(&token, &body_with(&changes)).await;
    let meetings = goto.sandbox.meetings();
    let [meeting] = meetings.as_slice() else {
        panic!("{meetings:?}");
    };
    assert_eq!(meeting.id, id);
    assert_eq!(meeting.subject, "Planning");
    assert_eq!(meeting.start.to_rfc3339(), "2026-03-02T13:00:00+00:00");
    assert_eq!(meeting.end.to_rfc3339(), "2026-03-02T13:45:00+00:00");
    assert_eq!(
        meeting.organizer,
        goto.sandbox.employee(ELODIE).expect("a person").key
    );
    assert_eq!(meeting.coorganizers, [juergen]);
    assert!(meeting.password_required && !meeting.deleted);
    assert_eq!(meeting.created_at, noon());
    let log = goto.sandbox.log_of(Route::CreateMeeting);
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].meeting, Some(id));
    assert_eq!(log[0].status(), Some(201));
    assert_eq!(log[0].authorization.person.as_deref(), Some(ELODIE));
    assert_eq!(log[0].json()["subject"], "Planning");
}

#[tokio::test]
async fn get_differs_from_create_in_names_and_types() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let juergen = goto.sandbox.employee(JUERGEN).expect("a person").key;
    let changes = json!({ "coorganizerKeys": [juergen] });
    let id = goto.meeting(&token, &body_with(&changes)).await;
    let answer = goto.get(&one(id), &token).await.json();
    let meeting = &answer[0];
    assert_eq!(meeting["meetingId"], id);
    assert_eq!(meeting["subject"], "Planning");
    assert_eq!(meeting["startTime"], "2026-03-02T13:00:00.+0000");
    assert_eq!(meeting["endTime"], "2026-03-02T13:45:00.+0000");
    assert_eq!(meeting["createTime"], "");
    assert_eq!(meeting["duration"], 45);
    assert_eq!(meeting["status"], "INACTIVE");
    assert_eq!(meeting["passwordRequired"], false);
    assert_eq!(meeting["coorganizerKeys"], json!([juergen]));
    assert!(meeting.get("joinURL").is_none());
}

#[tokio::test]
async fn the_same_body_twice_is_two_meetings() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let first = goto.meeting(&token, &body()).await;
    let second = goto.meeting(&token, &body()).await;
    assert_ne!(first, second);
    assert_eq!(goto.sandbox.meetings().len(), 2);
}

#[tokio::test]
async fn an_update_replaces_everything() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let juergen = goto.sandbox.employee(JUERGEN).expect("a person").key;
    let changes = json!({ "coorganizerKeys": [juergen] });
    let id = goto.meeting(&token, &body_with(&changes)).await;
    let put = |body: Value| {
        let request = goto.request(Method::PUT, &one(id)).bearer_auth(&token);
        goto.send(request.json(&body))
    };
    let reply = put(body_with(
        &json!({ "subject": "Moved", "passwordrequired": "true" }),
    ))
    .await;
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let meeting = &goto.sandbox.meetings()[0];
    assert_eq!(meeting.subject, "Moved");
    assert!(meeting.password_required && meeting.coorganizers.is_empty());
    assert_eq!(put(json!({ "subject": "Only this" })).await.status, 400);
    assert_eq!(goto.sandbox.meetings()[0].subject, "Moved");
}

#[tokio::test]
async fn a_deleted_meeting_is_gone_but_remembered() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let id = goto.meeting(&token, &body()).await;
    let delete = || goto.send(goto.request(Method::DELETE, &one(id)).bearer_auth(&token));
    let first = delete().await;
    assert_eq!((first.status, first.text.as_str()), (204, ""));
    assert_eq!(delete().await.status, 404);
    assert_eq!(goto.get(&one(id), &token).await.status, 404);
    assert!(goto.sandbox.meetings()[0].deleted);
    assert_eq!(
        goto.get("G2M/rest/upcomingMeetings", &token).await.json(),
        json!([])
    );
}

#[tokio::test]
async fn start_answers_an_object_with_a_secret() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let id = goto.meeting(&token, &body()).await;
    let start = format!("{}/start", one(id));
    let first = goto.get(&start, &token).await.json();
    let second = goto.get(&start, &token).await.json();
    let host_url = string(&first["hostURL"]);
    let token = parameter(&host_url, "authenticationToken").expect("a token");
    assert!(token.starts_with("eyJ") && token.contains("canary-host-"));
    assert_eq!(token.split('.').count(), 3, "like a JWT");
    assert_ne!(first, second);
    assert_eq!(goto.sandbox.meetings()[0].starts, 2);
}

#[tokio::test]
async fn somebody_elses_meeting_does_not_exist() {
    let goto = Goto::start(quiet()).await;
    let (elodie, juergen) = (goto.access(ELODIE).await, goto.access(JUERGEN).await);
    let id = goto.meeting(&elodie, &body()).await;
    for (method, path) in [
        (Method::GET, one(id)),
        (Method::GET, format!("{}/start", one(id))),
        (Method::PUT, one(id)),
        (Method::DELETE, one(id)),
        (Method::GET, one(1)),
        (Method::GET, format!("{MEETINGS}/x%2Fy")),
    ] {
        let request = goto.request(method, &path).bearer_auth(&juergen);
        let reply = goto.send(request.json(&body())).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.json()["int_err_code"].is_string());
    }
    assert!(!goto.sandbox.meetings()[0].deleted);
}

#[tokio::test]
async fn a_coorganizer_may_host_but_not_change() {
    let goto = Goto::start(quiet()).await;
    let (elodie, juergen) = (goto.access(ELODIE).await, goto.access(JUERGEN).await);
    let key = goto.sandbox.employee(JUERGEN).expect("a person").key;
    let id = goto
        .meeting(&elodie, &body_with(&json!({ "coorganizerKeys": [key] })))
        .await;
    assert_eq!(goto.get(&one(id), &juergen).await.status, 200);
    assert_eq!(
        goto.get(&format!("{}/start", one(id)), &juergen)
            .await
            .status,
        200
    );
    let delete = goto.request(Method::DELETE, &one(id)).bearer_auth(&juergen);
    assert_eq!(goto.send(delete).await.status, 404);
    assert_eq!(
        goto.get("G2M/rest/upcomingMeetings", &juergen).await.json(),
        json!([])
    );
}

#[tokio::test]
async fn without_a_licence_nobody_hosts() {
    let goto = Goto::start(quiet()).await;
    let unlicensed = goto.sandbox.unlicensed().email;
    let token = goto.access(&unlicensed).await;
    let reply = goto.post(MEETINGS, &token, &body()).await;
    assert_eq!(reply.status, 403);
    assert_ne!(reply.json()["int_err_code"], "InvalidToken");
    goto.sandbox
        .set_licensed(&unlicensed, true)
        .expect("a person");
    goto.meeting(&token, &body()).await;
}

#[tokio::test]
async fn join_urls_can_be_of_the_older_host() {
    let goto = Goto::start(Options {
        join_host: "global.gotomeeting.com/join".to_owned(),
        ..quiet()
    })
    .await;
    let token = goto.access(ELODIE).await;
    let answer = goto.post(MEETINGS, &token, &body()).await.json();
    let id = answer[0]["meetingid"].as_u64().expect("an id");
    assert_eq!(
        answer[0]["joinURL"],
        format!("https://global.gotomeeting.com/join/{id}")
    );
}

#[tokio::test]
async fn only_an_immediate_meeting_may_have_begun() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let begun = |kind: &str| {
        body_with(&json!({ "meetingtype": kind, "starttime": "2026-03-02T11:58:00Z" }))
    };
    for kind in ["scheduled", "recurring"] {
        assert_eq!(goto.post(MEETINGS, &token, &begun(kind)).await.status, 400);
    }
    goto.meeting(&token, &begun("immediate")).await;
}

#[tokio::test]
async fn coorganizers_are_active_people_of_the_account_with_a_licence() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let sandbox = &goto.sandbox;
    let people = sandbox.employees();
    let foreign = sandbox.add_foreign_person("ada@elsewhere.example", "Ada", "Else");
    sandbox
        .set_status(&people[4].email, Some("SUSPENDED"))
        .expect("a person");
    sandbox
        .set_status(&people[5].email, Some("INVITED"))
        .expect("a person");
    sandbox
        .set_products(&people[6].email, Some(&["G2W"]))
        .expect("a person");
    sandbox
        .set_status(&people[7].email, None)
        .expect("a person");
    for (key, status) in [
        (&sandbox.unlicensed().key, 400),
        (&foreign.expect("a person").key, 400),
        (&people[4].key, 400),
        (&people[5].key, 400),
        (&people[6].key, 400),
        (&people[7].key, 201),
        (&people[1].key, 201),
    ] {
        let with = body_with(&json!({ "coorganizerKeys": [key] }));
        assert_eq!(goto.post(MEETINGS, &token, &with).await.status, status);
    }
}

#[tokio::test]
async fn times_can_have_the_format_instead_of_the_samples_form() {
    let goto = Goto::start(Options {
        times: Times::AsFormatted,
        ..quiet()
    })
    .await;
    let token = goto.access(ELODIE).await;
    let id = goto.meeting(&token, &body()).await;
    let read = goto.get(&one(id), &token).await.json();
    assert_eq!(read[0]["startTime"], "2026-03-02T13:00:00Z");
    assert_eq!(read[0]["createTime"], "2026-03-02T12:00:00Z");
    let listed = goto.get("G2M/rest/upcomingMeetings", &token).await.json();
    assert_eq!(listed[0]["endTime"], "2026-03-02T13:45:00Z");
}
