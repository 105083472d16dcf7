//! Each kind of fault, and that it happens where, when and as often as it was set.

use goto_sandbox::{ACCOUNT_KEY, Answer, Fault, FaultKind, Outcome, RetryAfter, Route};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{ELODIE, Goto, Reply, body, quiet};

const MEETINGS: &str = "G2M/rest/meetings";

struct Faulty {
    goto: Goto,
    token: String,
}

impl Faulty {
    /// A sandbox where this happens once to the creation of a meeting.
    async fn start(kind: FaultKind) -> Self {
        let goto = Goto::start(quiet()).await;
        let token = goto.access(ELODIE).await;
        goto.sandbox.fault(Fault::once(Route::CreateMeeting, kind));
        Self { goto, token }
    }

    async fn create(&self) -> Reply {
        self.goto.post(MEETINGS, &self.token, &body()).await
    }

    /// All bytes that come back.
    async fn create_raw(&self) -> String {
        let url = url::Url::parse(&self.goto.sandbox.base_url()).expect("a URL");
        let port = url.port().expect("a port");
        let mut stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("a stream");
        let body = body().to_string();
        let request = format!(
            "POST /{MEETINGS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("the end");
        String::from_utf8(answer).expect("text")
    }

    fn meetings(&self) -> usize {
        self.goto.sandbox.meetings().len()
    }

    fn outcome(&self) -> Outcome {
        self.goto.sandbox.log_of(Route::CreateMeeting)[0].outcome
    }
}

#[tokio::test]
async fn a_status_instead_of_handling() {
    let faulty = Faulty::start(FaultKind::Instead(Answer {
        status: 503,
        headers: vec![("x-cause".to_owned(), "test".to_owned())],
        body: "out".to_owned(),
    }))
    .await;
    let reply = faulty.create().await;
    assert_eq!((reply.status, reply.text.as_str()), (503, "out"));
    assert_eq!(reply.header("x-cause"), Some("test"));
    assert_eq!(faulty.meetings(), 0);
    assert_eq!(faulty.outcome(), Outcome::Answered(503));
    assert_eq!(faulty.create().await.status, 201, "once is once");
}

#[tokio::test]
async fn a_status_after_commit() {
    let faulty = Faulty::start(FaultKind::status_after_commit(502)).await;
    let reply = faulty.create().await;
    assert_eq!((reply.status, reply.text.as_str()), (502, ""));
    assert_eq!(faulty.meetings(), 1);
    let log = faulty.goto.sandbox.log_of(Route::CreateMeeting);
    assert_eq!(log[0].meeting, Some(faulty.goto.sandbox.meetings()[0].id));
}

#[tokio::test]
async fn html_before_and_after() {
    for (kind, meetings) in [(FaultKind::Html, 0), (FaultKind::HtmlAfterCommit, 1)] {
        let faulty = Faulty::start(kind).await;
        let reply = faulty.create().await;
        assert_eq!(reply.status, 200);
        assert!(reply.text.starts_with("<!DOCTYPE html>"));
        assert_eq!(
            reply.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(faulty.meetings(), meetings);
    }
}

#[tokio::test]
async fn cut_connections() {
    for (kind, meetings) in [(FaultKind::CutBefore, 0), (FaultKind::CutAfterCommit, 1)] {
        let faulty = Faulty::start(kind).await;
        assert_eq!(faulty.create_raw().await, "");
        assert_eq!(faulty.meetings(), meetings);
        assert_eq!(faulty.outcome(), Outcome::Cut);
        let log = faulty.goto.sandbox.log_of(Route::CreateMeeting);
        assert_eq!(log[0].handled, meetings == 1);
    }
}

#[tokio::test]
async fn a_client_sees_a_cut_as_an_error() {
    let faulty = Faulty::start(FaultKind::CutAfterCommit).await;
    let request = faulty.goto.request(Method::POST, MEETINGS);
    let request = request.bearer_auth(&faulty.token).json(&body());
    assert!(request.send().await.is_err());
    assert_eq!(faulty.goto.sandbox.log_of(Route::CreateMeeting).len(), 1);
    assert_eq!(faulty.create().await.status, 201, "only that connection");
}

#[tokio::test]
async fn half_an_answer() {
    let faulty = Faulty::start(FaultKind::Truncated).await;
    let answer = faulty.create_raw().await;
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    let (head, half) = answer.split_once("\r\n\r\n").expect("a head");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse::<usize>().ok())
        .expect("a length");
    assert_eq!(half.len(), length / 2);
    assert!(half.starts_with('['));
    assert_eq!(faulty.meetings(), 1);
    assert_eq!(faulty.outcome(), Outcome::Truncated(201));
}

#[tokio::test]
async fn an_empty_body() {
    let faulty = Faulty::start(FaultKind::EmptyBody).await;
    let reply = faulty.create().await;
    assert_eq!((reply.status, reply.text.as_str()), (201, ""));
    assert_eq!(faulty.meetings(), 1);
}

#[tokio::test]
async fn wrong_types() {
    let faulty = Faulty::start(FaultKind::WrongTypes).await;
    let answer = faulty.create().await.json();
    assert!(answer[0]["meetingid"].is_string());
    assert_eq!(answer[0]["maxParticipants"], "26");
    let goto = &faulty.goto;
    goto.sandbox
        .fault(Fault::new(Route::Any, FaultKind::WrongTypes));
    let me = goto.get("identity/v1/Users/me", &faulty.token).await.json();
    assert!(me["id"].is_number(), "{me}");
    assert_eq!(me["active"], "true");
    let list = goto
        .get("G2M/rest/upcomingMeetings", &faulty.token)
        .await
        .json();
    assert!(list[0]["meetingId"].is_number());
    assert_eq!(list[0]["passwordRequired"], "false");
}

#[tokio::test]
async fn long_keys_keep_their_digits_as_numbers() {
    let goto = Goto::start(quiet()).await;
    let people = goto.sandbox.employees();
    let person = people.iter().find(|person| person.key.len() == 26);
    let person = person.expect("a long key");
    let token = goto.access(&person.email).await;
    goto.sandbox
        .fault(Fault::new(Route::Me, FaultKind::WrongTypes));
    let me = goto.get("identity/v1/Users/me", &token).await;
    assert!(
        me.text.contains(&format!("\"id\":{}", person.key)),
        "{}",
        me.text
    );
}

#[tokio::test]
async fn missing_fields() {
    let named = FaultKind::MissingFields(vec!["joinURL".to_owned()]);
    let answer = Faulty::start(named).await.create().await.json();
    assert!(answer[0].get("joinURL").is_none());
    assert!(answer[0]["conferenceCallInfo"].is_string());
    let all = FaultKind::MissingFields(Vec::new());
    let faulty = Faulty::start(all.clone()).await;
    let answer = faulty.create().await.json();
    assert_eq!(answer[0].as_object().map(serde_json::Map::len), Some(1));
    assert!(answer[0]["meetingid"].is_number());

    let goto = &faulty.goto;
    goto.sandbox.fault(Fault::new(Route::Any, all));
    let admin = goto.sandbox.admin().email;
    let token = goto.service_access(&admin, None).await;
    let path = format!("admin/rest/v1/accounts/{ACCOUNT_KEY}/users?pageSize=2");
    let users = goto.get(&path, &token).await.json();
    let elodie = &users["results"][0];
    assert_eq!(users.as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(
        elodie.as_object().map(serde_json::Map::len),
        Some(2),
        "{elodie}"
    );
    let me = goto.get("admin/rest/v1/me", &token).await.json();
    assert!(me.get("accountKey").is_none() && me["key"].is_string());
}

#[tokio::test]
async fn a_bad_token_as_each_family_says_it() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    goto.sandbox
        .fault(Fault::new(Route::Any, FaultKind::InvalidToken));
    let meetings = goto.get("G2M/rest/upcomingMeetings", &token).await;
    assert_eq!(meetings.status, 403);
    assert_eq!(meetings.json()["int_err_code"], "InvalidToken");
    assert_eq!(goto.get("admin/rest/v1/me", &token).await.status, 401);
    assert_eq!(goto.get("identity/v1/Users/me", &token).await.status, 401);
}

#[tokio::test]
async fn too_many_requests_with_each_form_of_the_header() {
    for (retry_after, expected) in [
        (RetryAfter::Absent, None),
        (RetryAfter::Seconds(7), Some("7")),
        (RetryAfter::Date(30), Some("Mon, 02 Mar 2026 12:00:30 GMT")),
    ] {
        let faulty = Faulty::start(FaultKind::TooManyRequests(retry_after)).await;
        let reply = faulty.create().await;
        assert_eq!(reply.status, 429);
        assert_eq!(reply.header("retry-after"), expected);
        assert_eq!(faulty.meetings(), 0);
    }
}
