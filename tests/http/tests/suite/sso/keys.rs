//! The keys a portal publishes.

use std::time::Duration;

use axum::response::Redirect;
use axum::routing::get;
use axum::{Json, Router};
use goto_microapps_harness::Harness;
use goto_microapps_harness::portal::{Issuer, Key};
use serde_json::json;
use tokio::net::TcpListener;

use super::{claims, of, session, who, with_token};
use crate::steps::{Test, ZOE, noon, quiet};

#[tokio::test]
async fn keys_change_and_go_away_in_mid_flight() -> Test {
    let (first, second, third) = (Key::new("first")?, Key::new("second")?, Key::new("third")?);
    let issuer = Issuer::start(&[&first]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    let ask = async |key: &Key| {
        let token = key.sign(&claims(&issuer, ZOE))?;
        who(&visitor, with_token(&visitor, &token)).await
    };
    assert!(ask(&first).await?.is_some());
    issuer.publish(vec![first.jwk(), second.jwk()]);
    assert!(ask(&second).await?.is_none(), "not asked for again at once");
    harness.advance(Duration::from_secs(31));
    assert!(ask(&second).await?.is_some());
    assert!(ask(&first).await?.is_some());
    // Unknown keys do not make a storm of questions.
    let before = issuer.asked();
    for _ in 0..20 {
        assert!(ask(&third).await?.is_none());
    }
    assert!(issuer.asked() <= before + 1);
    // A withdrawn key is forgotten within the hour the tokens last.
    issuer.publish(vec![second.jwk()]);
    harness.advance(Duration::from_secs(3540));
    assert!(ask(&second).await?.is_some());
    harness.advance(Duration::from_secs(60));
    assert!(ask(&first).await?.is_none(), "withdrawn");
    issuer.goes_away();
    assert!(ask(&second).await?.is_some(), "known keys last");
    Ok(())
}

#[tokio::test]
async fn security_37_a_portal_s_keys_come_from_its_own_address_and_are_bounded() -> Test {
    let key = Key::new("first")?;
    for wrong in ["", "issuer", "redirect", "length"] {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let named = if wrong == "issuer" {
            "https://somebody-else.example"
        } else {
            url.as_str()
        };
        let document = json!({ "issuer": named, "jwks_uri": format!("{url}/keys") });
        let mut keys = json!({ "keys": [key.jwk()] });
        if wrong == "length" {
            keys["padding"] = "x".repeat(600 * 1024).into();
        }
        let discovery = "/.well-known/openid-configuration";
        let mut router = Router::new().route(discovery, get(async move || Json(document)));
        router = if wrong == "redirect" {
            let moved = get(async || Redirect::temporary("/moved"));
            router
                .route("/keys", moved)
                .route("/moved", get(async move || Json(keys)))
        } else {
            router.route("/keys", get(async move || Json(keys)))
        };
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let options = quiet()
            .set("sso.oidc.issuer", &format!("\"{url}\""))
            .set("sso.oidc.audience", "\"the-proxy\"");
        let harness = Harness::start(options).await?;
        harness.employee(ZOE).await?;
        let now = noon().timestamp();
        let token = key.sign(&json!({
            "iss": url, "aud": "the-proxy", "email": ZOE, "iat": now, "exp": now + 3600,
        }))?;
        let visitor = harness.visitor();
        let found = who(&visitor, with_token(&visitor, &token)).await?;
        assert_eq!(found.is_some(), wrong.is_empty(), "{wrong}");
        server.abort();
    }
    Ok(())
}

#[tokio::test]
async fn keys_that_were_never_there_keep_nobody_from_signing_in_by_hand() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    issuer.goes_away();
    let harness = Harness::start(of(&issuer)).await?;
    let zoe = harness.employee(ZOE).await?;
    let token = key.sign(&claims(&issuer, ZOE))?;
    assert_eq!(who(&zoe, with_token(&zoe, &token)).await?, None);
    assert_eq!(who(&zoe, session(&zoe)).await?.as_deref(), Some(ZOE));
    Ok(())
}
