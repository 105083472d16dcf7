//! The body of a create: what GoTo reads, and what it refuses.

use reqwest::Method;
use serde_json::json;

use crate::client::{ELODIE, Goto, Reply, body, body_with, quiet, string};

const MEETINGS: &str = "G2M/rest/meetings";

fn assert_refused(reply: &Reply, field: &str) {
    assert_eq!(reply.status, 400, "{field}: {}", reply.text);
    let answer = reply.json();
    assert_eq!(answer["int_err_code"], "InvalidRequest");
    assert!(
        string(&answer["msg"]).starts_with(field),
        "{field}: {answer}"
    );
}

#[tokio::test]
async fn times_are_read_as_clients_send_them() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    for (sent, meant) in [
        ("2026-03-02T13:05:00Z", "2026-03-02T13:05:00+00:00"),
        ("2026-03-02T13:05:00.250Z", "2026-03-02T13:05:00.250+00:00"),
        ("2026-03-02T13:05:00", "2026-03-02T13:05:00+00:00"),
        ("2026-3-2T13:5:0Z", "2026-03-02T13:05:00+00:00"),
        ("2026-03-02T13:05:00+00:00", "2026-03-02T13:05:00+00:00"),
    ] {
        let body = body_with(&json!({ "starttime": sent }));
        let id = goto.meeting(&token, &body).await;
        let meetings = goto.sandbox.meetings();
        let meeting = meetings.iter().find(|meeting| meeting.id == id);
        assert_eq!(meeting.expect("a meeting").start.to_rfc3339(), meant);
    }
    for sent in [
        "2026-03-02T13:05:00+01:00",
        "2026-03-02 13:05:00",
        "2026-02-30T13:05:00Z",
        "2026-03-02T13:05:00.Z",
        "2026-03-02T13:05Z",
        "",
        "soon",
    ] {
        let body = body_with(&json!({ "starttime": sent }));
        assert_refused(&goto.post(MEETINGS, &token, &body).await, "starttime");
    }
}

#[tokio::test]
async fn what_goto_tolerates() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    for changes in [
        json!({ "passwordrequired": "true" }),
        json!({ "passwordrequired": "False" }),
        json!({ "timezonekey": null }),
        json!({ "timezonekey": "Europe/Paris" }),
        json!({ "meetingtype": "Scheduled" }),
        json!({ "meetingtype": "immediate" }),
        json!({ "conferencecallinfo": "Call the front desk" }),
        json!({ "coorganizerKeys": [] }),
        json!({ "subject": "a &lt;b&gt; c" }),
        json!({ "unknown": 1 }),
    ] {
        goto.meeting(&token, &body_with(&changes)).await;
    }
    let request = goto.request(Method::POST, MEETINGS).bearer_auth(&token);
    let form = "application/x-www-form-urlencoded";
    let request = request
        .header("content-type", form)
        .body(body().to_string());
    assert_eq!(goto.send(request).await.status, 201, "any content type");
}

#[tokio::test]
async fn what_it_does_not() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    for field in [
        "subject",
        "starttime",
        "endtime",
        "passwordrequired",
        "conferencecallinfo",
        "meetingtype",
    ] {
        let mut body = body();
        body.as_object_mut().expect("an object").remove(field);
        assert_refused(&goto.post(MEETINGS, &token, &body).await, field);
    }
    for (field, value) in [
        ("subject", json!("x".repeat(101))),
        ("subject", json!("a <b> c")),
        ("subject", json!(" ")),
        ("subject", json!(7)),
        ("starttime", json!("2026-03-02T11:59:59Z")),
        ("endtime", json!("2026-03-02T13:00:00Z")),
        ("endtime", json!("2026-03-02T12:30:00Z")),
        ("passwordrequired", json!("yes")),
        ("conferencecallinfo", json!("x".repeat(256))),
        ("meetingtype", json!("weekly")),
        ("coorganizerKeys", json!(["123"])),
        ("coorganizerKeys", json!([123])),
        ("coorganizerKeys", json!("123")),
    ] {
        let body = body_with(&json!({ field: value }));
        assert_refused(&goto.post(MEETINGS, &token, &body).await, field);
    }
    for text in ["", "[]", "{", "subject=x"] {
        let request = goto.request(Method::POST, MEETINGS).bearer_auth(&token);
        assert_refused(&goto.send(request.body(text)).await, "The body");
    }
    assert!(goto.sandbox.meetings().is_empty());
    let camel = body_with(&json!({ "starttime": null, "startTime": "2026-03-02T13:00:00Z" }));
    assert_refused(&goto.post(MEETINGS, &token, &camel).await, "starttime");
}

#[tokio::test]
async fn a_hundred_characters_are_counted_as_such() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let subject = "é".repeat(100);
    goto.meeting(&token, &body_with(&json!({ "subject": subject })))
        .await;
    assert_eq!(goto.sandbox.meetings()[0].subject, subject);
}

#[tokio::test]
async fn phone_text_depends_on_the_audio() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    for (audio, expected) in [("VoIP", ""), ("Ask the front desk", "Ask the front desk")] {
        let body = body_with(&json!({ "conferencecallinfo": audio }));
        let answer = goto.post(MEETINGS, &token, &body).await.json();
        assert_eq!(answer[0]["conferenceCallInfo"], expected);
    }
    for audio in ["PSTN", "Free", "hybrid"] {
        let body = body_with(&json!({ "conferencecallinfo": audio }));
        let answer = goto.post(MEETINGS, &token, &body).await.json();
        assert!(string(&answer[0]["conferenceCallInfo"]).contains('\n'));
    }
}
