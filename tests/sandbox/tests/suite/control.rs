//! The control API: the same over HTTP, for other processes.

use goto_sandbox::{EMPLOYEE_CLIENT_ID, FOREIGN_ACCOUNT_KEY, Route};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{ELODIE, Goto, Reply, body, quiet, string};

async fn ask(goto: &Goto, method: Method, path: &str, body: Option<Value>) -> Reply {
    let mut request = goto.request(method, &format!("sandbox/{path}"));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let reply = goto.send(request).await;
    assert!(
        reply.status < 300,
        "{path}: {} {}",
        reply.status,
        reply.text
    );
    reply
}

async fn read(goto: &Goto, path: &str) -> Value {
    ask(goto, Method::GET, path, None).await.json()
}

#[tokio::test]
async fn the_truth_is_readable() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let id = goto.meeting(&token, &body()).await;
    let log = read(&goto, "log").await;
    let made = read(&goto, "log?route=create_meeting").await;
    assert!(log.as_array().is_some_and(|log| log.len() > 2));
    assert_eq!(made[0]["meeting"], id);
    assert_eq!(made[0]["outcome"], json!({ "answered": 201 }));
    assert_eq!(made[0]["authorization"]["person"], ELODIE);
    assert!(made[0]["arrived_micros"].is_u64());
    let meetings = read(&goto, "meetings").await;
    assert_eq!(meetings[0]["subject"], "Planning");
    assert_eq!(read(&goto, "windows?ms=3600000").await, json!({ "max": 2 }));
    ask(&goto, Method::DELETE, "log", None).await;
    assert_eq!(read(&goto, "log").await, json!([]));
}

#[tokio::test]
async fn faults_can_be_set_and_cleared() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let fault = json!({ "route": "any", "kind": { "instead": { "status": 503 } } });
    ask(&goto, Method::POST, "faults", Some(fault)).await;
    assert_eq!(read(&goto, "faults").await[0]["route"], "any");
    assert_eq!(goto.get("identity/v1/Users/me", &token).await.status, 503);
    ask(&goto, Method::DELETE, "faults", None).await;
    assert_eq!(goto.get("identity/v1/Users/me", &token).await.status, 200);
}

#[tokio::test]
async fn holds_can_be_set_and_released() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let new = json!({ "route": "me", "moment": "before" });
    let id = ask(&goto, Method::POST, "holds", Some(new)).await.json()["id"].clone();
    let request = goto.request(Method::GET, "identity/v1/Users/me");
    let sent = tokio::spawn(request.bearer_auth(token).send());
    goto.sandbox.received(Route::Me, 1).await;
    ask(&goto, Method::DELETE, &format!("holds/{id}"), None).await;
    assert_eq!(
        sent.await.expect("no panic").expect("an answer").status(),
        200
    );
    ask(&goto, Method::DELETE, "holds", None).await;
}

#[tokio::test]
async fn the_clock_can_be_moved() {
    let goto = Goto::start(quiet()).await;
    assert_eq!(
        read(&goto, "clock").await,
        json!({ "now": "2026-03-02T12:00:00Z" })
    );
    let moved = json!({ "advance_ms": 90_000 });
    let now = ask(&goto, Method::POST, "clock", Some(moved)).await.json();
    assert_eq!(now, json!({ "now": "2026-03-02T12:01:30Z" }));
}

#[tokio::test]
async fn people_can_be_read_and_changed() {
    let goto = Goto::start(quiet()).await;
    let people = read(&goto, "people").await;
    assert_eq!(people["organizers"].as_array().map(Vec::len), Some(60));
    assert_eq!(people["admin"]["admin"], true);
    assert_eq!(people["unlicensed"]["licensed"], false);
    let new = json!({ "email": "new@corp.example", "first_name": "N", "last_name": "W" });
    ask(&goto, Method::POST, "people", Some(new.clone())).await;
    let twice = goto.request(Method::POST, "sandbox/people").json(&new);
    assert_eq!(goto.send(twice).await.status, 400);
    let name = json!({ "first_name": "Nova", "last_name": "W" });
    ask(&goto, Method::PUT, "people/new@corp.example", Some(name)).await;
    let renamed = goto.sandbox.employee("new@corp.example").expect("a person");
    assert_eq!(renamed.name, "Nova W");
    ask(&goto, Method::DELETE, "people/new@corp.example", None).await;
    ask(
        &goto,
        Method::PUT,
        "people/count",
        Some(json!({ "organizers": 5 })),
    )
    .await;
    assert_eq!(goto.sandbox.employees().len(), 5);
}

#[tokio::test]
async fn grants_can_be_ended() {
    let goto = Goto::start(quiet()).await;
    let tokens = goto.sign_in(ELODIE).await;
    let access = string(&tokens["access_token"]);
    ask(&goto, Method::DELETE, "access_tokens", None).await;
    assert_eq!(goto.get("identity/v1/Users/me", &access).await.status, 401);
    ask(&goto, Method::DELETE, &format!("grants/{ELODIE}"), None).await;
    let refresh = string(&tokens["refresh_token"]);
    assert_eq!(goto.refresh(&refresh).await.status, 400);
}

#[tokio::test]
async fn it_is_neither_logged_nor_disturbed() {
    let goto = Goto::start(quiet()).await;
    let fault = json!({ "route": "any", "kind": "cut_before" });
    ask(&goto, Method::POST, "faults", Some(fault)).await;
    let _hold = goto.sandbox.hold(Route::Any);
    assert_eq!(read(&goto, "log").await, json!([]));
}

#[tokio::test]
async fn rights_and_redirects_can_be_changed() {
    let goto = Goto::start(quiet()).await;
    let rights = |email: &str| format!("people/{email}/rights");
    let elodie = rights(ELODIE);
    let put = |path: String, body: Value| {
        let goto = &goto;
        async move { ask(goto, Method::PUT, &path, Some(body)).await.json() }
    };
    let changed = put(elodie.clone(), json!({ "status": "SUSPENDED" })).await;
    assert_eq!(
        (&changed["status"], &changed["products"]),
        (&json!("SUSPENDED"), &json!(["G2M"]))
    );
    let changed = put(elodie.clone(), json!({ "status": null, "products": [] })).await;
    assert_eq!(changed["status"], Value::Null);
    assert_eq!(changed["licensed"], false);
    assert_eq!(put(elodie, json!({ "admin": true })).await["admin"], true);

    let ada = json!({ "email": "ada@elsewhere.example", "first_name": "A", "last_name": "E" });
    let ada = ask(&goto, Method::POST, "people/foreign", Some(ada)).await;
    assert_eq!(ada.json()["account"], FOREIGN_ACCOUNT_KEY);

    let path = format!("redirects/{EMPLOYEE_CLIENT_ID}");
    let urls = json!(["https://app.example/back"]);
    ask(&goto, Method::PUT, &path, Some(urls)).await;
    let page = goto.send(goto.http.get(goto.departure(&[]))).await;
    assert_eq!(page.status, 400, "it has another now");
}
