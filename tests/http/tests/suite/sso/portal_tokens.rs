//! What a portal's token says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use goto_microapps_api::{Carrier, Code, Session};
use goto_microapps_harness::portal::{Issuer, Key};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::Route;
use reqwest::Method;
use serde_json::{Value, json};

use super::{claims, of, who, with_token};
use crate::steps::{ELODIE, Test, VERIFIER, ZOE, count, form, fresh_key, noon};

#[tokio::test]
async fn a_portal_s_token_names_the_employee_in_every_browser() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    let token = key.sign(&claims(&issuer, ZOE))?;
    let visitor = harness.visitor();
    assert_eq!(who(&visitor, with_token(&visitor, &token)).await?, None);
    harness.employee(ZOE).await?;
    let found = who(&visitor, with_token(&visitor, &token)).await?;
    assert_eq!(found.as_deref(), Some(ZOE));
    let reply = visitor
        .send(
            visitor
                .call(Method::POST, "app/api/meetings")
                .header("idempotency-key", fresh_key())
                .bearer_auth(&token)
                .json(&form()),
        )
        .await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(issuer.asked(), 1, "the keys are remembered");
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_not_quite_right_names_nobody() -> Test {
    let key = Key::new("first")?;
    let stranger = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    let zoe = harness.employee(ZOE).await?;
    let now = noon().timestamp();
    let good = claims(&issuer, ZOE);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        if let Some(claims) = claims.as_object_mut() {
            claims.remove(name);
        }
        claims
    };
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = key.sign(&good)?;
    let mut parts = signed.split('.');
    let (head, body, signature) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let none = format!(
        "{}.{body}.",
        encode(&json!({ "alg": "none", "kid": "first" }))
    );
    let public_as_secret = {
        use aws_lc_rs::hmac;
        let text = format!(
            "{}.{body}",
            encode(&json!({ "alg": "HS256", "kid": "first" }))
        );
        let secret = hmac::Key::new(hmac::HMAC_SHA256, key.jwk().to_string().as_bytes());
        let tag = hmac::sign(&secret, text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let forged = format!("{head}.{}.{signature}", encode(&claims(&issuer, ELODIE)));
    let cases = [
        (
            "another audience",
            key.sign(&with("aud", json!("somebody-else")))?,
        ),
        ("no audience", key.sign(&without("aud"))?),
        (
            "another issuer",
            key.sign(&with("iss", json!("https://evil.example")))?,
        ),
        ("expired", key.sign(&with("exp", json!(now - 61)))?),
        ("without an end", key.sign(&without("exp"))?),
        ("not yet", key.sign(&with("nbf", json!(now + 61)))?),
        ("not a time", key.sign(&with("nbf", json!("yesterday")))?),
        ("made tomorrow", key.sign(&with("iat", json!(now + 86400)))?),
        ("no e-mail", key.sign(&without("email"))?),
        (
            "an unverified e-mail",
            key.sign(&with("email_verified", json!(false)))?,
        ),
        ("a list of e-mails", key.sign(&with("email", json!([ZOE])))?),
        ("a stranger's key", stranger.sign(&good)?),
        ("no signature", none),
        ("a public key as secret", public_as_secret),
        ("changed", forged),
        ("cut short", signed[..signed.len() - 4].to_owned()),
        ("dots", "a.b.c".to_owned()),
        ("very long", format!("{}.a.b", "a".repeat(20_000))),
    ];
    for (what, token) in cases {
        let reply = zoe.send(with_token(&zoe, &token)).await;
        // Headers that are too large never arrive.
        let Ok(reply) = reply else { continue };
        if reply.status == 431 {
            continue;
        }
        assert_eq!(reply.status, 200, "{what}");
        let user = reply.json::<Session>()?.user;
        assert_eq!(user, None, "{what}: not even with a cookie");
    }
    for claims in [
        with("aud", json!(["other", "the-proxy"])),
        with("exp", json!(now - 30)),
        with("nbf", json!(now + 30)),
    ] {
        let found = who(&zoe, with_token(&zoe, &key.sign(&claims)?)).await?;
        assert_eq!(found.as_deref(), Some(ZOE), "{claims}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_s_employee_cannot_take_somebody_else_s_sign_in() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    let visitor = harness.visitor();
    let away = visitor.depart(VERIFIER).await?;
    let back = harness.sandbox.consent(&away, ELODIE).await?;
    let page = visitor.open(&back).await?;
    let (message, _) = Visitor::posted(&page)?;
    let body = goto_microapps_api::HandoffRequest {
        code: message.code.unwrap_or_default(),
        verifier: VERIFIER.to_owned(),
        carrier: Carrier::Cookie,
    };
    let request = visitor
        .call(Method::POST, "app/api/session")
        .bearer_auth(key.sign(&claims(&issuer, ZOE))?)
        .json(&body);
    let reply: Reply = visitor.send(request).await?;
    assert_eq!(reply.status, 403);
    assert_eq!(reply.problem()?.code, Code::SomebodyElse);
    assert_eq!(visitor.cookie("goto_session"), None);
    let token = key.sign(&claims(&issuer, ELODIE))?;
    assert_eq!(who(&visitor, with_token(&visitor, &token)).await?, None);
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}
