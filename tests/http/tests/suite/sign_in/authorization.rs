//! What is asked of GoTo's authorization server: client, PKCE, redirect URL.

use std::collections::HashSet;

use chrono::TimeDelta;
use goto_microapps_api::HandoffOutcome;
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, challenge};
use goto_sandbox::{
    EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, Pkce, Route, SERVICE_CLIENT_SECRET,
};
use reqwest::Method;

use super::{outcome, parameter};
use crate::steps::{
    ELODIE, JUERGEN, Test, VERIFIER, connected, count, form, fresh_key, quiet, soon, way_back,
};

#[tokio::test]
async fn security_01_the_client_authenticates_by_header_only() -> Test {
    let harness = Harness::start(quiet()).await?;
    harness.employee(ELODIE).await?;
    let [token] = &harness.sandbox.log_of(Route::Token)[..] else {
        panic!("one token request");
    };
    assert_eq!(token.authorization.scheme.as_deref(), Some("Basic"));
    assert_eq!(
        token.authorization.client_id.as_deref(),
        Some(EMPLOYEE_CLIENT_ID)
    );
    assert!(token.authorization.usable);
    assert_eq!(
        token.form("grant_type").as_deref(),
        Some("authorization_code")
    );
    assert_eq!(token.form("client_secret"), None);
    assert_eq!(token.query, None);
    assert!(!token.body.contains(EMPLOYEE_CLIENT_SECRET));
    Ok(())
}

#[tokio::test]
async fn security_01_a_secret_travels_in_no_body_of_either_client() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.advance(TimeDelta::hours(2).to_std()?);
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    harness.proxy().sync().await.ok();
    elodie
        .send(elodie.call(Method::DELETE, "app/api/session"))
        .await?;
    soon(harness.sandbox.finished(Route::Revoke, 1)).await;

    let mut asked = harness.sandbox.log_of(Route::Token);
    let grants: HashSet<_> = asked
        .iter()
        .map(|call| {
            (
                call.authorization.client_id.clone(),
                call.form("grant_type"),
            )
        })
        .collect();
    assert_eq!(grants.len(), 4, "both clients, both grants: {grants:?}");
    asked.extend(harness.sandbox.log_of(Route::Revoke));
    for call in asked {
        assert_eq!(call.authorization.scheme.as_deref(), Some("Basic"));
        assert!(call.authorization.usable, "{}", call.path);
        for secret in [EMPLOYEE_CLIENT_SECRET, SERVICE_CLIENT_SECRET] {
            assert!(!call.body.contains(secret), "{}: {}", call.path, call.body);
        }
        assert_eq!(call.query, None, "{}", call.path);
    }
    Ok(())
}

#[tokio::test]
async fn security_02_every_sign_in_sends_its_own_s256_challenge() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let mut challenges = Vec::new();
    for email in [ELODIE, JUERGEN] {
        let departure = visitor.depart(VERIFIER).await?;
        let method = parameter(&departure, "code_challenge_method");
        assert_eq!(method.as_deref(), Some("S256"));
        let back = harness.sandbox.consent(&departure, email).await?;
        outcome(&visitor, &back).await?;
        challenges.push(parameter(&departure, "code_challenge").expect("a challenge"));
    }
    assert_ne!(challenges[0], challenges[1]);
    let tokens = harness.sandbox.log_of(Route::Token);
    let verifiers = tokens
        .iter()
        .map(|token| token.form("code_verifier").expect("a verifier"));
    for (verifier, sent) in verifiers.zip(challenges) {
        assert!(verifier.len() >= 43, "{verifier}");
        assert_eq!(challenge(&verifier), sent);
    }
    Ok(())
}

#[tokio::test]
async fn security_02_every_consent_of_the_service_account_sends_its_own_s256_challenge() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let mut challenges = HashSet::new();
    for _ in 0..2 {
        let departure = admin.depart().await?;
        let method = parameter(&departure, "code_challenge_method");
        assert_eq!(method.as_deref(), Some("S256"));
        challenges.insert(parameter(&departure, "code_challenge").expect("a challenge"));
    }
    assert_eq!(challenges.len(), 2);
    Ok(())
}

#[tokio::test]
async fn security_02_a_code_for_another_challenge_signs_nobody_in() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let departure = visitor.depart(VERIFIER).await?;
    let sent = parameter(&departure, "code_challenge").expect("a challenge");
    let swapped = departure.replace(&sent, &challenge("somebody else's verifier"));
    let back = harness.sandbox.consent(&swapped, ELODIE).await?;
    let (status, told, _) = outcome(&visitor, &back).await?;
    assert_eq!((status, told), (502, HandoffOutcome::Failed));
    Ok(())
}

#[tokio::test]
async fn without_pkce_a_server_that_refuses_it_lets_employees_in() -> Test {
    let mut options = quiet().set("goto.pkce", "false");
    options.sandbox.pkce = Pkce::Refused;
    let harness = Harness::start(options).await?;
    let visitor = harness.visitor();
    let departure = visitor.depart(VERIFIER).await?;
    assert_eq!(parameter(&departure, "code_challenge"), None);
    let back = harness.sandbox.consent(&departure, ELODIE).await?;
    let (_, told, _) = outcome(&visitor, &back).await?;
    assert_eq!(told, HandoffOutcome::SignedIn);
    let [token] = &harness.sandbox.log_of(Route::Token)[..] else {
        panic!("one token request");
    };
    assert_eq!(token.form("code_verifier"), None);
    Ok(())
}

#[tokio::test]
async fn security_08_only_the_exact_callback_paths_take_a_code() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let exact = "/app/api/auth/serviceAction/callback";
    let variants = [
        "/app/api/auth/serviceAction/callback/",
        "/app/api/auth/serviceAction//callback",
        "//app/api/auth/serviceAction/callback",
        "/app/api/auth/serviceaction/callback",
        "/APP/api/auth/serviceAction/callback",
        "/app/api/auth/serviceAction%2Fcallback",
        "/app%2fapi/auth/serviceAction/callback",
        "/app/api/auth/serviceAction/callback;x",
        "/app/api/auth/serviceAction/callback%00",
        "/app/api/auth/serviceAction",
    ];
    for variant in variants {
        let page = visitor.open(&back.replace(exact, variant)).await?;
        assert!(
            matches!(page.status, 403 | 404),
            "{variant}: {}",
            page.status
        );
    }
    for method in [Method::POST, Method::HEAD, Method::PUT, Method::OPTIONS] {
        let reply = visitor.send(visitor.plain(method.clone(), &back)).await?;
        assert_eq!(reply.status, 405, "{method}");
    }
    assert_eq!(count(&harness, Route::Token), 0);
    assert_eq!(visitor.open(&back).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn security_08_only_the_exact_path_takes_the_consent_of_the_service_account() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let departure = admin.depart().await?;
    let email = harness.sandbox.admin().email;
    let back = harness.sandbox.consent(&departure, &email).await?;
    let exact = "/admin/api/gwsc/auth/serverContext";
    let variants = [
        "/admin/api/gwsc/auth/serverContext/",
        "/admin/api/gwsc/auth//serverContext",
        "//admin/api/gwsc/auth/serverContext",
        "/admin/api/gwsc/auth/servercontext",
        "/ADMIN/api/gwsc/auth/serverContext",
        "/admin/api/gwsc/auth%2FserverContext",
        "/admin%2fapi/gwsc/auth/serverContext",
        "/admin/api/gwsc/auth/serverContext;x",
        "/admin/api/gwsc/auth/serverContext%00",
        "/admin/api/gwsc/auth",
    ];
    for variant in variants {
        let page = admin.open(&back.replace(exact, variant)).await?;
        assert_eq!(page.status, 404, "{variant}");
    }
    let visitor = harness.visitor();
    for method in [Method::POST, Method::HEAD, Method::PUT, Method::OPTIONS] {
        let reply = visitor.send(visitor.plain(method.clone(), &back)).await?;
        assert_eq!(reply.status, 405, "{method}");
    }
    assert_eq!(count(&harness, Route::Token), 0);
    assert_eq!(admin.open(&back).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn security_09_the_redirect_url_is_the_configured_one_whatever_the_headers_say() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let forged = |request: reqwest::RequestBuilder| {
        [
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-port", "444"),
            ("x-forwarded-prefix", "/evil"),
            ("x_forwarded_host", "evil.example"),
            ("forwarded", "host=evil.example;proto=https"),
            ("x-original-url", "/evil"),
        ]
        .into_iter()
        .fold(request, |request, (name, value)| {
            request.header(name, value)
        })
    };
    let path = format!(
        "app/sign-in?origin={}&challenge={}",
        harness.intranet.origin(),
        challenge(VERIFIER)
    );
    let left = visitor
        .send(forged(visitor.plain(Method::GET, &path)))
        .await?;
    let departure = left.header("location");
    let expected = format!(
        "{}app/api/auth/serviceAction/callback",
        harness.public_url()
    );
    assert_eq!(
        parameter(departure, "redirect_uri").as_deref(),
        Some(expected.as_str())
    );

    let back = harness.sandbox.consent(departure, ELODIE).await?;
    let page = visitor
        .send(forged(visitor.plain(Method::GET, &back)))
        .await?;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("evil.example"), "{}", page.text);
    let [token] = &harness.sandbox.log_of(Route::Token)[..] else {
        panic!("one token request");
    };
    assert_eq!(
        token.form("redirect_uri").as_deref(),
        Some(expected.as_str())
    );
    Ok(())
}

#[tokio::test]
async fn an_employee_token_never_asks_for_the_rights_of_the_service_account() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    elodie.get("app/api/organizers?q=a").await?;
    let of_elodie = harness.sandbox.log_of(Route::Any).into_iter();
    let of_elodie =
        of_elodie.filter(|received| received.authorization.person.as_deref() == Some(ELODIE));
    for received in of_elodie {
        assert_eq!(
            received.authorization.client_id.as_deref(),
            Some(EMPLOYEE_CLIENT_ID)
        );
        assert!(!received.path.starts_with("/admin/"), "{}", received.path);
    }
    Ok(())
}
