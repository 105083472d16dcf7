//! From the widget's click to the session: state, PKCE, callback, hand-off.

use std::collections::HashSet;

use chrono::TimeDelta;
use goto_microapps_api::{Carrier, Code, HandoffOutcome, HandoffResponse, Session};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Reply, Visitor, challenge};
use goto_sandbox::{
    Answer, EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, Fault, FaultKind, Pkce, RetryAfter, Route,
    SERVICE_CLIENT_SECRET,
};
use reqwest::Method;
use url::Url;

use crate::steps::{
    ELODIE, JUERGEN, Test, VERIFIER, code, connected, count, form, fresh_key, posted_code, quiet,
    soon, way_back,
};

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Who the proxy says the visitor is.
async fn user(visitor: &Visitor) -> anyhow::Result<Option<String>> {
    let session: Session = visitor.get("app/api/session").await?.json()?;
    Ok(session.user.map(|user| user.email))
}

/// What the window tells the page after this callback.
async fn outcome(visitor: &Visitor, back: &str) -> anyhow::Result<(u16, HandoffOutcome, Reply)> {
    let page = visitor.open(back).await?;
    let (message, _) = Visitor::posted(&page)?;
    assert_eq!(
        message.code.is_some(),
        message.outcome == HandoffOutcome::SignedIn
    );
    Ok((page.status, message.outcome, page))
}

#[tokio::test]
async fn an_employee_signs_in_and_is_named() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    assert_eq!(user(&visitor).await?, None);

    let back = way_back(&harness, &visitor, ELODIE).await?;
    let page = visitor.open(&back).await?;
    let (message, origin) = Visitor::posted(&page)?;
    assert_eq!(page.status, 200);
    assert_eq!(message.outcome, HandoffOutcome::SignedIn);
    assert_eq!(origin, harness.intranet.origin());

    let code = message.code.expect("a code");
    let reply = visitor.take(&code, VERIFIER, Carrier::Cookie).await?;
    let taken: HandoffResponse = reply.json()?;
    let me = taken.session.user.expect("a user");
    let elodie = harness.sandbox.employee(ELODIE).expect("Élodie");
    assert_eq!(
        (me.key, me.name, me.email),
        (elodie.key, "Élodie Martin".to_owned(), ELODIE.to_owned())
    );
    assert_eq!(taken.bearer, None);
    assert_eq!(user(&visitor).await?.as_deref(), Some(ELODIE));
    assert_eq!(count(&harness, Route::Token), 1);
    assert_eq!(count(&harness, Route::Me), 1);
    Ok(())
}

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
async fn security_04_a_callback_works_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    assert_eq!(visitor.open(&back).await?.status, 200);
    let again = visitor.open(&back).await?;
    assert_eq!(again.status, 400);
    assert!(Visitor::posted(&again).is_err(), "{}", again.text);
    assert_eq!(count(&harness, Route::Token), 1);
    Ok(())
}

#[tokio::test]
async fn security_04_a_sign_in_may_take_ten_minutes_and_no_longer() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let in_time = way_back(&harness, &visitor, ELODIE).await?;
    harness.advance(TimeDelta::milliseconds(599_999).to_std()?);
    assert_eq!(visitor.open(&in_time).await?.status, 200);

    let too_late = way_back(&harness, &visitor, ELODIE).await?;
    harness.advance(TimeDelta::seconds(600).to_std()?);
    let page = visitor.open(&too_late).await?;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("That took too long"), "{}", page.text);
    assert_eq!(count(&harness, Route::Token), 1);
    Ok(())
}

#[tokio::test]
async fn security_04_every_character_of_a_state_is_random() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let mut states = Vec::new();
    for _ in 0..24 {
        let departure = visitor.depart(VERIFIER).await?;
        let state = parameter(&departure, "state").expect("a state");
        assert_eq!(state.len(), 43, "256 bits");
        states.push(state.into_bytes());
    }
    for place in 0..43 {
        // Chance alone makes them all alike in one place less than once in 10^25 runs.
        let seen: HashSet<u8> = states.iter().map(|state| state[place]).collect();
        assert!(seen.len() > 1, "character {place} is always the same");
    }
    Ok(())
}

#[tokio::test]
async fn security_05_a_callback_in_another_browser_is_refused_and_spent() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (victim, attacker) = (harness.visitor(), harness.visitor());
    let back = way_back(&harness, &attacker, JUERGEN).await?;
    // Also with a sign-in of their own under way, and so with a cookie.
    victim.depart(VERIFIER).await?;
    let page = victim.open(&back).await?;
    assert_eq!(page.status, 400);
    assert!(
        page.text.contains("Started in another browser"),
        "{}",
        page.text
    );
    assert_eq!(user(&victim).await?, None);
    assert_eq!(attacker.open(&back).await?.status, 400);
    assert_eq!(count(&harness, Route::Token), 0);
    Ok(())
}

#[tokio::test]
async fn security_05_a_callback_in_a_browser_without_a_cookie_is_refused() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (victim, attacker) = (harness.visitor(), harness.visitor());
    let back = way_back(&harness, &attacker, JUERGEN).await?;
    let page = victim.open(&back).await?;
    assert_eq!(page.status, 400);
    assert!(Visitor::posted(&page).is_err(), "{}", page.text);
    assert_eq!(user(&victim).await?, None);
    assert_eq!(count(&harness, Route::Token), 0);
    Ok(())
}

#[tokio::test]
async fn security_06_parallel_sign_ins_finish_in_any_order() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let mut backs = Vec::new();
    for email in [ELODIE, JUERGEN, ELODIE] {
        backs.push(way_back(&harness, &visitor, email).await?);
    }
    for back in backs.iter().rev() {
        let (_, told, _) = outcome(&visitor, back).await?;
        assert_eq!(told, HandoffOutcome::SignedIn);
    }
    Ok(())
}

#[tokio::test]
async fn security_06_of_many_pending_sign_ins_the_oldest_goes_first() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let mut backs = Vec::new();
    for _ in 0..21 {
        backs.push(way_back(&harness, &visitor, ELODIE).await?);
        harness.advance(TimeDelta::seconds(1).to_std()?);
    }
    assert_eq!(visitor.open(&backs[0]).await?.status, 400);
    assert_eq!(visitor.open(&backs[1]).await?.status, 200);
    assert_eq!(visitor.open(&backs[20]).await?.status, 200);
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
async fn security_10_a_callback_of_the_other_client_is_refused() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (employees, service) = (
        "/app/api/auth/serviceAction/callback",
        "/admin/api/gwsc/auth/serverContext",
    );
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let page = visitor.open(&back.replace(employees, service)).await?;
    assert_eq!(page.status, 400);

    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let departure = admin.depart().await?;
    let email = harness.sandbox.admin().email;
    let back = harness.sandbox.consent(&departure, &email).await?;
    let page = admin.open(&back.replace(service, employees)).await?;
    assert_eq!(page.status, 400);
    assert_eq!(count(&harness, Route::Token), 0);
    Ok(())
}

#[tokio::test]
async fn security_10_a_callback_that_names_another_issuer_is_refused() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let own = harness.sandbox.base_url();
    let own = own.trim_end_matches('/');
    let others = [
        "https://evil.example".to_owned(),
        // Beginnings of the right one are not the right one.
        "http".to_owned(),
        String::new(),
        own[..own.len() - 1].to_owned(),
    ];
    for iss in others {
        let back = way_back(&harness, &visitor, ELODIE).await?;
        let mut url = Url::parse(&back)?;
        url.query_pairs_mut().append_pair("iss", &iss);
        let page = visitor.open(url.as_str()).await?;
        assert_eq!(page.status, 400, "{iss}");
    }
    assert_eq!(count(&harness, Route::Token), 0);

    let back = way_back(&harness, &visitor, ELODIE).await?;
    let mut url = Url::parse(&back)?;
    url.query_pairs_mut().append_pair("iss", own);
    assert_eq!(visitor.open(url.as_str()).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn security_11_a_denied_consent_is_told_and_spent() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let departure = visitor.depart(VERIFIER).await?;
    let back = harness.sandbox.deny(&departure).await?;
    let (status, told, page) = outcome(&visitor, &back).await?;
    assert_eq!((status, told), (200, HandoffOutcome::Denied));
    assert!(page.text.contains("Access was not given"), "{}", page.text);
    assert_eq!(visitor.open(&back).await?.status, 400);
    assert_eq!(count(&harness, Route::Token), 0);
    Ok(())
}

#[tokio::test]
async fn security_11_an_error_with_script_text_is_not_repeated_as_html() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let departure = visitor.depart(VERIFIER).await?;
    let script = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let mut back = Url::parse(&parameter(&departure, "redirect_uri").expect("a redirect URL"))?;
    back.query_pairs_mut()
        .append_pair("state", &parameter(&departure, "state").expect("a state"))
        .append_pair("error", script)
        .append_pair("error_description", script)
        .append_pair("error_uri", script);
    let (status, told, page) = outcome(&visitor, back.as_str()).await?;
    assert_eq!((status, told), (502, HandoffOutcome::Failed));
    assert!(!page.text.contains("alert"), "{}", page.text);
    assert_eq!(visitor.open(back.as_str()).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn security_11_an_error_with_script_text_is_not_repeated_to_the_administrator() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let departure = admin.depart().await?;
    let script = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let mut back = Url::parse(&parameter(&departure, "redirect_uri").expect("a redirect URL"))?;
    back.query_pairs_mut()
        .append_pair("state", &parameter(&departure, "state").expect("a state"))
        .append_pair("error", script)
        .append_pair("error_description", script)
        .append_pair("error_uri", script);
    let page = admin.open(back.as_str()).await?;
    assert_eq!(page.status, 400);
    assert!(
        page.text.contains("GoTo reported a problem"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("alert"), "{}", page.text);
    let again = admin.open(back.as_str()).await?;
    assert_eq!(again.status, 400);
    assert!(again.text.contains("is not open any more"), "spent");
    assert_eq!(count(&harness, Route::Token), 0);
    Ok(())
}

#[tokio::test]
async fn security_12_a_callback_delivered_twice_at_once_exchanges_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    // The second one comes while the first is at GoTo with the code.
    let hold = harness.sandbox.hold(Route::Token);
    let first = visitor.open(&back);
    let second = async {
        soon(harness.sandbox.received(Route::Token, 1)).await;
        // Let go whatever becomes of it: one that went to GoTo as well would wait for ever.
        let second = visitor.open(&back);
        let again = harness.sandbox.received(Route::Token, 2);
        let ended = async {
            tokio::pin!(second);
            tokio::select! {
                reply = &mut second => reply.map(Some),
                () = again => Ok(None),
            }
        };
        let ended = ended.await;
        hold.release();
        ended
    };
    let (first, second) = tokio::join!(first, second);
    let second = second?.expect("the second one never went to GoTo");
    assert_eq!([first?.status, second.status], [200, 400]);
    assert_eq!(count(&harness, Route::Token), 1);
    Ok(())
}

#[tokio::test]
async fn a_page_that_is_not_on_the_list_cannot_start_a_sign_in() -> Test {
    let harness = Harness::start(quiet()).await?;
    let own = harness.intranet.origin();
    let origins = [
        "https://evil.example",
        "null",
        "*",
        "",
        "javascript:alert(1)",
        &format!("{own}.evil.example"),
        &format!("{own}/"),
        &own.to_uppercase(),
    ];
    for origin in origins {
        let visitor = harness.visitor().on(origin);
        assert!(visitor.depart(VERIFIER).await.is_err(), "{origin}");
        assert_eq!(visitor.cookie("goto_sign_in"), None, "{origin}");
    }
    let short = format!("app/sign-in?origin={own}&challenge=short");
    assert_eq!(harness.visitor().open(&short).await?.status, 403);
    let plain = harness.visitor().open("app/sign-in").await?;
    assert_eq!(plain.status, 403);
    assert!(harness.sandbox.log().is_empty());
    Ok(())
}

#[tokio::test]
async fn the_callback_speaks_the_language_of_the_widget() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let path = format!(
        "app/sign-in?origin={}&challenge={}&lang=fr-CA",
        harness.intranet.origin(),
        challenge(VERIFIER)
    );
    let departure = visitor.open(&path).await?;
    let back = harness
        .sandbox
        .consent(departure.header("location"), ELODIE)
        .await?;
    let page = visitor.open(&back).await?;
    assert!(
        page.text.contains("Vous êtes connecté") && page.text.contains("<html lang=\"fr\">"),
        "{}",
        page.text
    );
    Ok(())
}

#[tokio::test]
async fn what_goes_wrong_at_goto_during_a_sign_in_is_told_apart() -> Test {
    let harness = Harness::start(quiet()).await?;
    let html = FaultKind::Html;
    let no_refresh = FaultKind::MissingFields(vec!["refresh_token".to_owned()]);
    let wrong_client = FaultKind::Instead(Answer {
        body: r#"{"error":"invalid_client","error_description":"client not found"}"#.to_owned(),
        ..Answer::status(401)
    });
    let retired = FaultKind::Instead(Answer {
        body: r#"{"message":"This endpoint is no longer valid"}"#.to_owned(),
        ..Answer::status(410)
    });
    let cases = [
        (
            Route::Token,
            FaultKind::status(503),
            502,
            "GoTo does not answer",
        ),
        (
            Route::Token,
            FaultKind::CutBefore,
            502,
            "GoTo does not answer",
        ),
        (Route::Token, html, 503, "Not connected to GoTo yet"),
        (Route::Token, wrong_client, 503, "Not connected to GoTo yet"),
        (Route::Token, retired, 503, "Not connected to GoTo yet"),
        (
            Route::Token,
            no_refresh,
            502,
            "GoTo did not accept the sign-in",
        ),
        (
            Route::Me,
            FaultKind::status(500),
            502,
            "GoTo does not answer",
        ),
        (Route::Me, FaultKind::Html, 502, "GoTo does not answer"),
        (
            Route::Me,
            FaultKind::InvalidToken,
            502,
            "GoTo did not accept the sign-in",
        ),
    ];
    for (route, kind, status, title) in cases {
        let visitor = harness.visitor();
        let back = way_back(&harness, &visitor, ELODIE).await?;
        harness.sandbox.fault(Fault::once(route, kind.clone()));
        let (got, told, page) = outcome(&visitor, &back).await?;
        assert_eq!((got, told), (status, HandoffOutcome::Failed), "{kind:?}");
        assert!(page.text.contains(title), "{kind:?}: {}", page.text);
    }
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let busy = FaultKind::TooManyRequests(RetryAfter::Seconds(7));
    harness.sandbox.fault(Fault::once(Route::Token, busy));
    let (got, told, page) = outcome(&visitor, &back).await?;
    assert_eq!((got, told), (503, HandoffOutcome::Busy));
    assert!(page.text.contains("Many people"), "{}", page.text);
    Ok(())
}

#[tokio::test]
async fn an_identity_with_nothing_but_key_and_address_is_enough() -> Test {
    // Without its accounts, the directory says that it is one of ours.
    let harness = Harness::start(connected()).await?;
    let essentials = FaultKind::MissingFields(Vec::new());
    harness.sandbox.fault(Fault::once(Route::Me, essentials));
    let wrong_types = FaultKind::WrongTypes;
    harness.sandbox.fault(Fault::new(Route::Any, wrong_types));
    let visitor = harness.employee(ELODIE).await?;
    let session: Session = visitor.get("app/api/session").await?.json()?;
    let me = session.user.expect("a user");
    let elodie = harness.sandbox.employee(ELODIE).expect("Élodie");
    assert_eq!((me.key, me.name), (elodie.key, ELODIE.to_owned()));
    Ok(())
}

#[tokio::test]
async fn security_33_a_hand_off_code_works_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let posted = posted_code(&harness, &visitor, ELODIE).await?;
    let first = visitor.take(&posted, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(first.status, 200);
    for carrier in [Carrier::Bearer, Carrier::Cookie] {
        let again = harness.visitor().take(&posted, VERIFIER, carrier).await?;
        assert_eq!(code(&again)?, (403, Code::HandoffRefused));
    }
    Ok(())
}

#[tokio::test]
async fn security_33_a_hand_off_code_is_for_the_page_that_opened_the_window() -> Test {
    let options = quiet().set(
        "embedding.origins",
        r#"["http://one.example:1", "https://other.example"]"#,
    );
    // Plain http pages may embed it; only the proxy itself insists on https.
    let harness = Harness::start(options).await?;
    let one = harness.visitor().on("http://one.example:1");
    let posted = posted_code(&harness, &one, ELODIE).await?;
    let other = harness.visitor().on("https://other.example");
    let reply = other.take(&posted, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));
    Ok(())
}

#[tokio::test]
async fn security_33_a_hand_off_code_is_for_the_widget_that_knows_the_verifier() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    for verifier in ["", "another verifier", &challenge(VERIFIER)] {
        let posted = posted_code(&harness, &visitor, ELODIE).await?;
        let reply = visitor.take(&posted, verifier, Carrier::Bearer).await?;
        assert_eq!(code(&reply)?, (403, Code::HandoffRefused), "{verifier}");
    }
    for unknown in ["", "x", &challenge("nobody's code")] {
        let reply = visitor.take(unknown, VERIFIER, Carrier::Bearer).await?;
        assert_eq!(code(&reply)?, (403, Code::HandoffRefused), "{unknown}");
    }
    Ok(())
}

#[tokio::test]
async fn security_33_a_hand_off_code_is_good_for_a_minute() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let in_time = posted_code(&harness, &visitor, ELODIE).await?;
    harness.advance(TimeDelta::milliseconds(59_999).to_std()?);
    let reply = visitor.take(&in_time, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(reply.status, 200);

    let too_late = posted_code(&harness, &visitor, ELODIE).await?;
    harness.advance(TimeDelta::seconds(60).to_std()?);
    let reply = visitor.take(&too_late, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));
    Ok(())
}

#[tokio::test]
async fn security_33_of_two_who_take_a_code_at_once_one_gets_it() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (one, other) = (harness.visitor(), harness.visitor());
    let posted = posted_code(&harness, &one, ELODIE).await?;
    let (first, second) = tokio::join!(
        one.take(&posted, VERIFIER, Carrier::Bearer),
        other.take(&posted, VERIFIER, Carrier::Bearer)
    );
    let mut statuses = [first?.status, second?.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    Ok(())
}

/// The code a window shows when it lost its page.
fn typed_code(page: &Reply) -> String {
    let (_, rest) = page.text.split_once("data-code>").expect("a code to type");
    let (typed, _) = rest.split_once('<').expect("its end");
    typed.to_owned()
}

#[tokio::test]
async fn security_33_a_typed_code_is_for_the_widget_that_knows_the_verifier() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let typed = typed_code(&visitor.open(&back).await?);
    for verifier in ["", "another verifier", &challenge(VERIFIER)] {
        let reply = visitor.take(&typed, verifier, Carrier::Bearer).await?;
        assert_eq!(code(&reply)?, (403, Code::HandoffRefused), "{verifier}");
    }
    // Who guesses does not spend it.
    let reply = visitor.take(&typed, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(reply.status, 200);
    let again = visitor.take(&typed, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&again)?, (403, Code::HandoffRefused), "used");
    Ok(())
}

#[tokio::test]
async fn security_33_a_typed_code_is_good_for_five_minutes_and_ends_with_the_posted_one() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let shown = async || {
        let back = way_back(&harness, &visitor, ELODIE).await?;
        let page = visitor.open(&back).await?;
        let (message, _) = Visitor::posted(&page)?;
        anyhow::Ok((message.code.expect("a code"), typed_code(&page)))
    };
    let (_, in_time) = shown().await?;
    harness.advance(TimeDelta::milliseconds(299_999).to_std()?);
    let reply = visitor.take(&in_time, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(reply.status, 200);

    let (_, too_late) = shown().await?;
    harness.advance(TimeDelta::seconds(300).to_std()?);
    let reply = visitor.take(&too_late, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));

    for posted_first in [true, false] {
        let (posted, typed) = shown().await?;
        let (first, second) = if posted_first {
            (posted, typed)
        } else {
            (typed, posted)
        };
        let reply = visitor.take(&first, VERIFIER, Carrier::Bearer).await?;
        assert_eq!(reply.status, 200);
        let reply = visitor.take(&second, VERIFIER, Carrier::Bearer).await?;
        assert_eq!(code(&reply)?, (403, Code::HandoffRefused), "{posted_first}");
    }
    Ok(())
}

#[tokio::test]
async fn security_33_the_window_tells_the_page_that_opened_it_and_no_other() -> Test {
    let options = quiet().set(
        "embedding.origins",
        r#"["http://one.example:1", "https://other.example"]"#,
    );
    let harness = Harness::start(options).await?;
    for origin in ["http://one.example:1", "https://other.example"] {
        let visitor = harness.visitor().on(origin);
        let back = way_back(&harness, &visitor, ELODIE).await?;
        let page = visitor.open(&back).await?;
        let (_, told) = Visitor::posted(&page)?;
        assert_eq!(told, origin);
        // The browser compares that origin with the opener's, as long as the script hands it over.
        assert_eq!(page.text.matches("postMessage(").count(), 1);
        assert!(
            page.text
                .contains("window.opener.postMessage(JSON.parse(message), origin);"),
            "{}",
            page.text
        );
    }
    let stranger = harness.visitor().on("https://evil.example");
    assert!(stranger.depart(VERIFIER).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_browser_that_drops_the_cookie_gets_a_bearer_for_the_same_code() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let posted = posted_code(&harness, &visitor, ELODIE).await?;
    visitor.take(&posted, VERIFIER, Carrier::Cookie).await?;
    let dropped = visitor.cookie("goto_session").expect("a cookie");
    visitor.forget();
    assert_eq!(user(&visitor).await?, None);

    let reply = visitor.take(&posted, VERIFIER, Carrier::Bearer).await?;
    let taken: HandoffResponse = reply.json()?;
    assert!(taken.bearer.is_some_and(|bearer| bearer != dropped));
    assert_eq!(reply.header("set-cookie"), "");
    assert_eq!(user(&visitor).await?.as_deref(), Some(ELODIE));

    let late = harness.visitor();
    late.set_cookie("goto_session", &dropped);
    assert_eq!(user(&late).await?, None, "the unseen session is gone");
    Ok(())
}

#[tokio::test]
async fn once_the_cookie_came_back_its_code_gives_no_bearer() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let posted = posted_code(&harness, &visitor, ELODIE).await?;
    visitor.take(&posted, VERIFIER, Carrier::Cookie).await?;
    assert_eq!(user(&visitor).await?.as_deref(), Some(ELODIE));
    let thief = harness.visitor();
    let reply = thief.take(&posted, VERIFIER, Carrier::Bearer).await?;
    assert_eq!(code(&reply)?, (403, Code::HandoffRefused));
    assert_eq!(user(&visitor).await?.as_deref(), Some(ELODIE));
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
