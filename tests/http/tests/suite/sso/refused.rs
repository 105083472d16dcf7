//! A token that is not believed: what the employee, the administrator and the log are told, and
//! that the other ways in stay open.

use goto_microapps_api::Code;
use goto_microapps_harness::portal::{Issuer, Key};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness};
use reqwest::Method;
use serde_json::{Value, json};

use super::{claims, of, session, who, with_token};
use crate::steps::{ELODIE, Test, ZOE, code, form, fresh_key, noon};

#[tokio::test]
async fn security_56_a_refused_token_is_told_and_shuts_no_other_way_in() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    let zoe = harness.employee(ZOE).await?;
    let now = noon().timestamp();
    for (name, value, told) in [
        ("exp", json!(now - 61), Code::SignOnExpired),
        ("email_verified", json!(false), Code::SignOnUnverified),
        (
            "iss",
            json!("https://sts.windows.net/t/"),
            Code::SignOnRefused,
        ),
        ("nbf", json!(now + 61), Code::SignOnRefused),
    ] {
        let mut claims = claims(&issuer, ZOE);
        claims[name] = value;
        let token = key.sign(&claims)?;
        let answer: Value = zoe.send(with_token(&zoe, &token)).await?.json()?;
        assert_eq!(answer["sign_on"], json!(told), "{name}");
        let create = zoe.call(Method::POST, "app/api/meetings");
        let create = create.header("idempotency-key", fresh_key()).json(&form());
        let reply = zoe.send(create.bearer_auth(&token)).await?;
        assert_eq!(code(&reply)?, (401, told), "{name}");
        // The session of the window is still there for whoever leaves the token away.
        assert_eq!(who(&zoe, session(&zoe)).await?.as_deref(), Some(ZOE));
        let reply = zoe.create(&fresh_key(), &form()).await?;
        assert_eq!(reply.status, 201, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn security_56_the_console_names_what_came_what_was_wanted_and_the_cure() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    let visitor = harness.visitor();
    let mut old = claims(&issuer, ELODIE);
    old["iss"] = json!("https://sts.windows.net/0f1e2d3c/");
    old["aud"] = json!("api://goto-microapps");
    old["ver"] = json!("1.0");
    old["upn"] = json!(ELODIE);
    let token = key.sign(&old)?;
    assert_eq!(who(&visitor, with_token(&visitor, &token)).await?, None);
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let page = admin.get("/admin").await?.text;
    for wanted in [
        "https://sts.windows.net/0f1e2d3c/",
        "api://goto-microapps",
        issuer.url(),
        "the-proxy",
        "requestedAccessTokenVersion to 2",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(!page.contains(&token), "never the token");
    // What somebody writes into a token is text, cut short.
    old["iss"] = json!(format!("<script>alert(1)</script>{}", "x".repeat(5_000)));
    harness.advance(std::time::Duration::from_secs(61));
    let token = key.sign(&old)?;
    assert_eq!(who(&visitor, with_token(&visitor, &token)).await?, None);
    let page = admin.get("/admin").await?.text;
    assert!(!page.contains("<script>alert") && !page.contains(&"x".repeat(500)));
    Ok(())
}

#[tokio::test]
async fn an_error_of_the_authorization_page_goes_to_whoever_can_cure_it() -> Test {
    let harness = Harness::start(crate::steps::quiet()).await?;
    for (error, status, title) in [
        ("invalid_scope", 503, "Not connected to GoTo yet"),
        ("unauthorized_client", 503, "Not connected to GoTo yet"),
        ("invalid_client", 503, "Not connected to GoTo yet"),
        ("invalid_request", 503, "Not connected to GoTo yet"),
        (
            "unsupported_response_type",
            503,
            "Not connected to GoTo yet",
        ),
        ("server_error", 502, "GoTo does not answer"),
        ("temporarily_unavailable", 502, "GoTo does not answer"),
        ("login_required", 502, "GoTo did not accept the sign-in"),
    ] {
        let visitor = harness.visitor();
        let departure = visitor.depart(crate::steps::VERIFIER).await?;
        let url = url::Url::parse(&departure)?;
        let value = |name: &str| {
            let mut pairs = url.query_pairs();
            let found = pairs.find(|(key, _)| key == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let mut back = url::Url::parse(&value("redirect_uri"))?;
        back.query_pairs_mut()
            .append_pair("state", &value("state"))
            .append_pair("error", error);
        let page = visitor.open(back.as_str()).await?;
        assert_eq!(page.status, status, "{error}: {}", page.text);
        assert!(page.text.contains(title), "{error}: {}", page.text);
        let setup = status == 503;
        assert_eq!(
            page.text.contains("ell your administrator"),
            setup,
            "{error}"
        );
    }
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let page = admin.get("/admin").await?.text;
    assert!(
        page.contains("invalid_scope") && page.contains("tick the scopes"),
        "{page}"
    );
    Ok(())
}
