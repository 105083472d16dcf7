//! Authorization code: from the authorization request to the token answer.

use std::time::Duration;

use goto_sandbox::{
    EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, Options, Pkce, Route, SERVICE_CLIENT_ID,
    SERVICE_CLIENT_SECRET,
};
use reqwest::Method;

use crate::client::{CALLBACK, ELODIE, Goto, SERVICE_CALLBACK, parameter, quiet, string};

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: [(&str, &str); 2] = [
    (
        "code_challenge",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    ),
    ("code_challenge_method", "S256"),
];

#[tokio::test]
async fn a_code_brings_tokens_and_no_keys() {
    let goto = Goto::start(quiet()).await;
    let answer = goto.sign_in(ELODIE).await;
    let mut fields: Vec<&str> = answer
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    let expected = [
        "access_token",
        "expires_in",
        "principal",
        "refresh_token",
        "scope",
        "token_type",
    ];
    assert_eq!(fields, expected);
    assert_eq!(answer["expires_in"], 3600);
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["principal"], ELODIE);
    assert_eq!(answer["scope"], "collab: identity:scim.me");
    let access = string(&answer["access_token"]);
    assert!(access.len() > 1500, "{}", access.len());
    assert_eq!(access.split('.').count(), 3);
    assert!(access.starts_with("eyJ") && access.contains("canary-access-"));
    assert!(string(&answer["refresh_token"]).starts_with("canary-refresh-"));
}

#[tokio::test]
async fn a_code_works_once() {
    let goto = Goto::start(quiet()).await;
    let code = goto.code(ELODIE, &[]).await;
    assert_eq!(goto.exchange(&code).await.status, 200);
    let second = goto.exchange(&code).await;
    assert_eq!(second.status, 400);
    assert_eq!(second.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_lives_ten_minutes() {
    let goto = Goto::start(quiet()).await;
    let (early, late) = (goto.code(ELODIE, &[]).await, goto.code(ELODIE, &[]).await);
    goto.sandbox.advance(Duration::from_secs(599));
    assert_eq!(goto.exchange(&early).await.status, 200);
    goto.sandbox.advance(Duration::from_secs(1));
    assert_eq!(goto.exchange(&late).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn the_redirect_url_has_to_be_the_same() {
    let goto = Goto::start(quiet()).await;
    for other in [
        Some("http://APP.example:8080/app/api/auth/serviceAction/callback"),
        None,
    ] {
        let code = goto.code(ELODIE, &[]).await;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
        ];
        form.extend(other.map(|url| ("redirect_uri", url)));
        let reply = goto.token(&form).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json()["error"], "invalid_grant");
        assert_eq!(
            goto.exchange(&code).await.status,
            400,
            "the code is used up"
        );
    }
}

#[tokio::test]
async fn a_code_is_for_the_client_that_asked() {
    let goto = Goto::start(quiet()).await;
    let code = goto.code(ELODIE, &[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
    ];
    let client = (SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET);
    assert_eq!(
        goto.token_as(client, &form).await.json()["error"],
        "invalid_grant"
    );
    assert_eq!(
        goto.exchange(&code).await.status,
        200,
        "nobody else can use it up"
    );
}

#[tokio::test]
async fn only_basic_authenticates_a_client() {
    let goto = Goto::start(quiet()).await;
    let wrong = goto.token_as((EMPLOYEE_CLIENT_ID, "wrong"), &[]).await;
    let unknown = goto.token_as(("nobody", EMPLOYEE_CLIENT_SECRET), &[]).await;
    let in_body = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
        ("client_id", EMPLOYEE_CLIENT_ID),
        ("client_secret", EMPLOYEE_CLIENT_SECRET),
    ];
    let body = goto.request(Method::POST, "oauth/token").form(&in_body);
    for reply in [wrong, unknown, goto.send(body).await] {
        assert_eq!(reply.status, 401);
        assert_eq!(reply.header("www-authenticate"), Some("Basic"));
        let expected = r#"{"error":"invalid_client","error_description":"client not found"}"#;
        assert_eq!(reply.text, expected);
    }
}

#[tokio::test]
async fn an_empty_client_id_beside_basic_does_no_harm() {
    let goto = Goto::start(quiet()).await;
    let code = goto.code(ELODIE, &[]).await;
    let reply = goto
        .token(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("client_id", ""),
        ])
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn other_grants_are_not_offered() {
    let goto = Goto::start(quiet()).await;
    for grant in ["password", "client_credentials"] {
        let reply = goto
            .token(&[("grant_type", grant), ("username", ELODIE)])
            .await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json()["error"], "unsupported_grant_type");
    }
    assert_eq!(goto.token(&[]).await.json()["error"], "invalid_request");
}

async fn exchange_with(goto: &Goto, code: &str, verifier: Option<&str>) -> u16 {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
    ];
    form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    goto.token(&form).await.status
}

#[tokio::test]
async fn pkce_is_verified_if_a_challenge_was_sent() {
    let goto = Goto::start(quiet()).await;
    for (verifier, status) in [(Some(VERIFIER), 200), (Some("wrong"), 400), (None, 400)] {
        let code = goto.code(ELODIE, &CHALLENGE).await;
        assert_eq!(exchange_with(&goto, &code, verifier).await, status);
    }
    let code = goto.code(ELODIE, &[]).await;
    assert_eq!(exchange_with(&goto, &code, Some("unasked")).await, 200);
}

#[tokio::test]
async fn pkce_can_be_ignored_or_refused() {
    let ignoring = Options {
        pkce: Pkce::Ignored,
        ..quiet()
    };
    let goto = Goto::start(ignoring).await;
    let code = goto.code(ELODIE, &CHALLENGE).await;
    assert_eq!(exchange_with(&goto, &code, None).await, 200);

    let refusing = Options {
        pkce: Pkce::Refused,
        ..quiet()
    };
    let goto = Goto::start(refusing).await;
    let request = goto.http.get(goto.departure(&CHALLENGE));
    let reply = goto.send(request).await;
    let back = reply.header("location").expect("a redirect");
    assert_eq!(parameter(back, "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn state_comes_back_whatever_it_is() {
    let goto = Goto::start(quiet()).await;
    let state = "a b+c&d=é\"<>'%";
    let departure = goto.departure(&[("state", state)]);
    let allowed = goto
        .sandbox
        .consent(&departure, ELODIE)
        .await
        .expect("a redirect");
    assert!(allowed.starts_with(CALLBACK));
    assert_eq!(parameter(&allowed, "state").as_deref(), Some(state));
    let denied = goto.sandbox.deny(&departure).await.expect("a redirect");
    assert_eq!(parameter(&denied, "state").as_deref(), Some(state));
    assert_eq!(
        parameter(&denied, "error").as_deref(),
        Some("access_denied")
    );
    assert_eq!(parameter(&denied, "code"), None);
}

#[tokio::test]
async fn scopes_are_those_asked_for_and_never_more_than_given() {
    let goto = Goto::start(quiet()).await;
    let code = goto.code(ELODIE, &[("scope", "collab:")]).await;
    assert_eq!(goto.exchange(&code).await.json()["scope"], "collab:");
    let departure = goto.departure(&[("scope", "collab: identity:")]);
    let reply = goto.send(goto.http.get(departure)).await;
    let back = reply.header("location").expect("a redirect");
    assert_eq!(parameter(back, "error").as_deref(), Some("invalid_scope"));
}

#[tokio::test]
async fn the_endpoints_of_the_last_generation_are_gone() {
    let goto = Goto::start(quiet()).await;
    for (method, path) in [
        (Method::GET, "oauth/v2/authorize?client_id=x"),
        (Method::POST, "oauth/v2/token"),
    ] {
        let reply = goto.send(goto.request(method, path)).await;
        let words = "This endpoint is no longer valid, see https://developer.goto.com/guides/\
                     Authentication/New_Token_Retrieval_Migration_Guide/";
        assert_eq!(reply.text, format!("{{\"message\":\"{words}\"}}"));
    }
    assert_eq!(goto.sandbox.log_of(Route::Retired).len(), 2);
}

#[tokio::test]
async fn a_revoked_token_is_over() {
    let goto = Goto::start(quiet()).await;
    let tokens = goto.sign_in(ELODIE).await;
    let refresh = string(&tokens["refresh_token"]);
    let form = [
        ("token", refresh.as_str()),
        ("client_id", EMPLOYEE_CLIENT_ID),
        ("client_secret", EMPLOYEE_CLIENT_SECRET),
    ];
    let request = goto.request(Method::POST, "oauth/revoke");
    assert_eq!(goto.send(request.form(&form)).await.status, 200);
    assert_eq!(
        goto.refresh(&refresh).await.json()["error"],
        "invalid_grant"
    );
    let stranger = goto.request(Method::POST, "oauth/revoke");
    assert_eq!(goto.send(stranger.form(&form[..1])).await.status, 401);
}

#[tokio::test]
async fn registered_redirect_urls_are_whole_and_per_client() {
    let goto = Goto::start(quiet()).await;
    let register = |client: &str, urls: &[&str]| goto.sandbox.register_redirects(client, urls);
    register(EMPLOYEE_CLIENT_ID, &[CALLBACK]).expect("registered");
    let status = async |client: &str, callback: &str| {
        let departure = goto.departure_of(client, callback, &[]);
        goto.send(goto.http.get(departure)).await.status
    };
    assert_eq!(status(EMPLOYEE_CLIENT_ID, CALLBACK).await, 200);
    for near in [
        "http://other.example:8080/app/api/auth/serviceAction/callback",
        "http://app.example:8080/app/api/auth/serviceAction/callback?x=1",
        "http://app.example:8080/app/api/auth/serviceAction/callback/",
        "http://app.example:8080/x/app/api/auth/serviceAction/callback",
        "https://app.example:8080/app/api/auth/serviceAction/callback",
        "http://APP.example:8080/app/api/auth/serviceAction/callback",
    ] {
        assert_eq!(status(EMPLOYEE_CLIENT_ID, near).await, 400, "{near}");
    }
    assert_eq!(
        status(SERVICE_CLIENT_ID, SERVICE_CALLBACK).await,
        200,
        "the other client's are its own"
    );
    assert_eq!(status(SERVICE_CLIENT_ID, CALLBACK).await, 400);
    let elsewhere = "https://app.example/elsewhere";
    register(EMPLOYEE_CLIENT_ID, &[elsewhere]).expect("registered");
    assert_eq!(status(EMPLOYEE_CLIENT_ID, elsewhere).await, 200);
    assert_eq!(status(EMPLOYEE_CLIENT_ID, CALLBACK).await, 400);
    assert!(register("nobody", &[CALLBACK]).is_err());
    assert!(register(EMPLOYEE_CLIENT_ID, &["no url"]).is_err());
}

#[tokio::test]
async fn the_only_redirect_url_need_not_be_said() {
    let goto = Goto::start(quiet()).await;
    goto.sandbox
        .register_redirects(EMPLOYEE_CLIENT_ID, &[CALLBACK])
        .expect("registered");
    let code = async || {
        let departure = goto.departure(&[]).replace("&redirect_uri=", "&other=");
        let back = goto.sandbox.consent(&departure, ELODIE).await;
        let back = back.expect("consent");
        assert!(back.starts_with(CALLBACK), "{back}");
        parameter(&back, "code").expect("a code")
    };
    let first = code().await;
    assert_eq!(goto.exchange(&first).await.status, 400, "not said then");
    let second = code().await;
    let form = [("grant_type", "authorization_code"), ("code", &*second)];
    assert_eq!(goto.token(&form).await.status, 200);
}

#[tokio::test]
async fn who_is_not_active_cannot_sign_in() {
    let goto = Goto::start(quiet()).await;
    for (status, may) in [
        (Some("SUSPENDED"), false),
        (Some("INVITED"), false),
        (None, true),
        (Some("ACTIVE"), true),
    ] {
        goto.sandbox.set_status(ELODIE, status).expect("a person");
        let back = goto.sandbox.consent(&goto.departure(&[]), ELODIE).await;
        assert_eq!(back.is_ok(), may, "{status:?}");
    }
}
