//! Each family's way of refusing.

use goto_sandbox::{ACCOUNT_KEY, Options};
use reqwest::Method;
use serde_json::json;

use crate::client::{ELODIE, Goto, Reply, body, quiet, string};

const UPCOMING: &str = "G2M/rest/upcomingMeetings";

fn assert_not_authenticated(reply: &Reply) {
    assert_eq!(reply.status, 401, "{}", reply.text);
    let answer = reply.json();
    assert_eq!(answer["errors"][0]["code"], "not.authenticated");
    assert!(answer["incidentId"].is_string());
}

fn assert_invalid_token(reply: &Reply) {
    assert_eq!(reply.status, 403);
    let expected = json!({ "int_err_code": "InvalidToken", "msg": "Invalid token passed" });
    assert_eq!(reply.json(), expected);
}

#[tokio::test]
async fn meetings_answer_403_to_any_bad_token() {
    let goto = Goto::start(quiet()).await;
    let missing = goto.send(goto.request(Method::GET, UPCOMING)).await;
    assert_invalid_token(&missing);
    assert_eq!(
        missing.header("x-amzn-errortype"),
        Some("UnauthorizedException")
    );
    let wrong = goto.get(UPCOMING, "wrong").await;
    assert_invalid_token(&wrong);
    assert_eq!(wrong.header("x-amzn-errortype"), None);
    let access = goto.access(ELODIE).await;
    goto.sandbox.expire_access_tokens();
    assert_invalid_token(&goto.get(UPCOMING, &access).await);
    assert_invalid_token(&goto.post("G2M/rest/meetings", &access, &body()).await);
    assert!(goto.sandbox.meetings().is_empty());
}

#[tokio::test]
async fn identity_answers_401_without_a_body() {
    let goto = Goto::start(quiet()).await;
    let path = "identity/v1/Users/me";
    let missing = goto.send(goto.request(Method::GET, path)).await;
    for reply in [missing, goto.get(path, "wrong").await] {
        assert_eq!(reply.status, 401);
        assert_eq!(reply.text, "");
        let header = reply.header("www-authenticate").expect("a challenge");
        assert!(header.contains("error=\"invalid_token\""), "{header}");
        assert!(header.contains("error_description="), "{header}");
    }
}

#[tokio::test]
async fn admin_answers_401_to_tokens_scopes_and_roles_alike() {
    let goto = Goto::start(quiet()).await;
    let admin = goto.sandbox.admin().email;
    let users = format!("admin/rest/v1/accounts/{ACCOUNT_KEY}/users");
    let narrow = goto.service_access(&admin, Some("collab:")).await;
    let employee = goto.service_access(ELODIE, None).await;
    let whole = goto.service_access(&admin, None).await;
    assert_not_authenticated(&goto.send(goto.request(Method::GET, &users)).await);
    assert_not_authenticated(&goto.get(&users, "wrong").await);
    assert_not_authenticated(&goto.get(&users, &narrow).await);
    assert_not_authenticated(&goto.get("admin/rest/v1/me", &narrow).await);
    assert_not_authenticated(&goto.get(&users, &employee).await);
    assert_not_authenticated(&goto.get("admin/rest/v1/accounts/123/users", &whole).await);
    assert_eq!(goto.get("admin/rest/v1/me", &employee).await.status, 200);
    assert_eq!(goto.get(&users, &whole).await.status, 200);
}

#[tokio::test]
async fn meetings_need_their_scope() {
    let goto = Goto::start(quiet()).await;
    let admin = goto.sandbox.admin().email;
    let token = goto.service_access(&admin, Some("identity:")).await;
    let reply = goto.get(UPCOMING, &token).await;
    assert_eq!(reply.status, 403);
    let answer = reply.json();
    assert_ne!(
        answer["int_err_code"], "InvalidToken",
        "a new token would not help"
    );
    assert!(answer["msg"].is_string());
}

#[tokio::test]
async fn older_forms_of_the_header_are_taken_unless_strict() {
    for strict_bearer in [false, true] {
        let goto = Goto::start(Options {
            strict_bearer,
            ..quiet()
        })
        .await;
        let token = goto.access(ELODIE).await;
        for (value, always) in [
            (format!("Bearer {token}"), true),
            (format!("bearer {token}"), true),
            (token.clone(), false),
            (format!("OAuth oauth_token={token}"), false),
        ] {
            let request = goto.request(Method::GET, UPCOMING);
            let reply = goto.send(request.header("authorization", value)).await;
            assert_eq!(reply.status == 200, always || !strict_bearer);
        }
    }
}

#[tokio::test]
async fn paths_that_do_not_exist_look_like_a_token_problem() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    for path in [
        "G2M/rest/nothing",
        "admin/rest/v1/nothing",
        "identity/v1/nothing",
    ] {
        let reply = goto.get(path, &token).await;
        assert_eq!(reply.status, 403);
        assert_eq!(
            reply.json(),
            json!({ "message": "Missing Authentication Token" })
        );
    }
    let reply = goto.get("nothing", &token).await;
    assert_eq!(reply.status, 404);
    assert!(string(&reply.json()["message"]).contains("Not Found"));
}
