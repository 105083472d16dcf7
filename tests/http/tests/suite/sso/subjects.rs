//! A consent belongs to a person, not to an address: addresses are handed on.

use goto_microapps_api::{Carrier, HandoffRequest};
use goto_microapps_harness::portal::{Issuer, Key};
use goto_microapps_harness::{Harness, Visitor};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{behind_gateway, claims, named, of, session, who, with_token};
use crate::steps::{Test, VERIFIER, ZOE, posted_code};

/// Zoë's window sign-in on a page that carries `token`.
async fn signs_in_with(
    harness: &Harness,
    visitor: &Visitor,
    token: impl Fn(RequestBuilder) -> RequestBuilder,
) -> Test {
    let code = posted_code(harness, visitor, ZOE).await?;
    let body = HandoffRequest {
        code,
        verifier: VERIFIER.to_owned(),
        carrier: Carrier::Cookie,
    };
    let request = visitor.call(Method::POST, "app/api/session").json(&body);
    let reply = visitor.send(token(request)).await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    Ok(())
}

fn with(issuer: &Issuer, changes: &[(&str, Value)]) -> Value {
    let mut claims = claims(issuer, ZOE);
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    claims
}

#[tokio::test]
async fn security_55_an_address_with_another_subject_finds_no_consent() -> Test {
    for claim in ["sub", "oid"] {
        let key = Key::new("first")?;
        let issuer = Issuer::start(&[&key]).await?;
        let harness = Harness::start(of(&issuer)).await?;
        harness.employee(ZOE).await?;
        let first = key.sign(&with(&issuer, &[(claim, json!("who left"))]))?;
        let second = key.sign(&with(&issuer, &[(claim, json!("who came"))]))?;
        let visitor = harness.visitor();
        let ask = async |token: &str| who(&visitor, with_token(&visitor, token)).await;
        // The first use decides whose it is.
        assert_eq!(ask(&first).await?.as_deref(), Some(ZOE), "{claim}");
        assert_eq!(ask(&second).await?, None, "{claim}");
        assert_eq!(ask(&first).await?.as_deref(), Some(ZOE), "{claim}");
        // Whoever came signs in at GoTo as themselves; then it is theirs and nobody else's.
        let newcomer = harness.visitor();
        signs_in_with(&harness, &newcomer, |request| request.bearer_auth(&second)).await?;
        assert_eq!(ask(&second).await?.as_deref(), Some(ZOE), "{claim}");
        assert_eq!(ask(&first).await?, None, "{claim}");
    }
    Ok(())
}

#[tokio::test]
async fn security_55_a_directorys_own_number_counts_before_a_pairwise_one() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    // Entra's `sub` differs per application, its `oid` does not.
    for (sub, oid, found) in [
        ("of one application", "zoe", true),
        ("of another", "zoe", true),
        ("of one application", "somebody else", false),
    ] {
        let claims = with(&issuer, &[("sub", json!(sub)), ("oid", json!(oid))]);
        let token = key.sign(&claims)?;
        let known = who(&visitor, with_token(&visitor, &token)).await?;
        assert_eq!(known.is_some(), found, "{sub}, {oid}");
    }
    Ok(())
}

#[tokio::test]
async fn security_55_the_same_subject_of_another_issuer_finds_no_consent() -> Test {
    let key = Key::new("first")?;
    let (issuer, other) = (Issuer::start(&[&key]).await?, Issuer::start(&[&key]).await?);
    let mut harness = Harness::start(of(&issuer)).await?;
    harness.employee(ZOE).await?;
    let token = key.sign(&with(&issuer, &[("sub", json!("1"))]))?;
    let visitor = harness.visitor();
    let known = who(&visitor, with_token(&visitor, &token)).await?;
    assert_eq!(known.as_deref(), Some(ZOE));
    harness.stop_proxy().await?;
    harness.configure("sso.oidc.issuer", &format!("{:?}", other.url()))?;
    harness.start_proxy().await?;
    let token = key.sign(&with(&other, &[("sub", json!("1"))]))?;
    assert_eq!(who(&visitor, with_token(&visitor, &token)).await?, None);
    Ok(())
}

#[tokio::test]
async fn security_55_a_gateway_that_names_a_subject_is_held_to_it() -> Test {
    let options = behind_gateway("[\"127.0.0.1\"]").set("sso.gateway.subject_header", "\"x-user\"");
    let harness = Harness::start(options).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    let ask = async |subject: &str| {
        let request = named(session(&visitor), ZOE).header("x-user", subject);
        who(&visitor, request).await
    };
    assert_eq!(ask("who left").await?.as_deref(), Some(ZOE));
    assert_eq!(ask("who came").await?, None);
    // It is not there, or twice: the gateway does not say who it is.
    assert_eq!(who(&visitor, named(session(&visitor), ZOE)).await?, None);
    let twice = named(session(&visitor), ZOE)
        .header("x-user", "who left")
        .header("x-user", "who left");
    assert_eq!(who(&visitor, twice).await?, None);
    assert_eq!(ask("").await?, None);
    // By the window, whose way back the gateway sees as well.
    let newcomer = harness.visitor();
    signs_in_with(&harness, &newcomer, |request| {
        named(request, ZOE).header("x-user", "who came")
    })
    .await?;
    assert_eq!(ask("who came").await?.as_deref(), Some(ZOE));
    assert_eq!(ask("who left").await?, None);
    Ok(())
}

#[tokio::test]
async fn security_55_a_consent_given_without_sign_on_stays_whose_it_was() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    harness.employee(ZOE).await?;
    let zoe = key.sign(&with(&issuer, &[("sub", json!("zoe"))]))?;
    let other = key.sign(&with(&issuer, &[("sub", json!("other"))]))?;
    let visitor = harness.visitor();
    let known = who(&visitor, with_token(&visitor, &zoe)).await?;
    assert_eq!(known.as_deref(), Some(ZOE));
    // On a page without the portal's token, on a telephone for example.
    harness.employee(ZOE).await?;
    assert_eq!(who(&visitor, with_token(&visitor, &other)).await?, None);
    let known = who(&visitor, with_token(&visitor, &zoe)).await?;
    assert_eq!(known.as_deref(), Some(ZOE));
    Ok(())
}

#[tokio::test]
async fn security_55_two_who_come_first_at_once_do_not_both_have_it() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    let token = |sub: usize| key.sign(&with(&issuer, &[("sub", json!(format!("{sub}")))]));
    let mut asked = Vec::new();
    for sub in 0..8 {
        asked.push((token(sub)?, sub));
    }
    let answers = futures::future::try_join_all(
        asked
            .iter()
            .map(|(token, _)| who(&visitor, with_token(&visitor, token))),
    )
    .await?;
    assert_eq!(answers.iter().flatten().count(), 1, "{answers:?}");
    Ok(())
}
