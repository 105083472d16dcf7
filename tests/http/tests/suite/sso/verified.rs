//! A token counts only as far as it says that its address was verified and that it is meant for
//! this proxy.

use goto_microapps_harness::portal::{Issuer, Key};
use goto_microapps_harness::{Harness, Visitor};
use serde_json::{Value, json};

use super::{claims, of, who, with_token};
use crate::steps::{Test, ZOE};

/// Whom a token names, and as what it was refused.
async fn outcome(visitor: &Visitor, token: &str) -> anyhow::Result<(Option<String>, Value)> {
    let reply = visitor.send(with_token(visitor, token)).await?;
    let told: Value = reply.json()?;
    let email = told["user"]["email"].as_str().map(str::to_owned);
    Ok((email, told["sign_on"].clone()))
}

#[tokio::test]
async fn security_54_an_address_that_is_not_verified_names_nobody_in_any_spelling() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    let no = [
        json!(false),
        json!(0),
        json!(0.0),
        json!("false"),
        json!("False"),
        json!("0"),
        json!("no"),
        json!(""),
        json!(null),
        json!([]),
        json!({}),
        json!(2),
    ];
    for claim in ["email_verified", "xms_edov"] {
        for value in &no {
            let mut claims = claims(&issuer, ZOE);
            claims[claim] = value.clone();
            let found = outcome(&visitor, &key.sign(&claims)?).await?;
            let wanted = (None, json!("sign_on_unverified"));
            assert_eq!(found, wanted, "{claim}: {value}");
        }
        for value in [
            json!(true),
            json!(1),
            json!("true"),
            json!("True"),
            json!("1"),
        ] {
            let mut claims = claims(&issuer, ZOE);
            claims[claim] = value.clone();
            let (found, told) = outcome(&visitor, &key.sign(&claims)?).await?;
            assert_eq!(found.as_deref(), Some(ZOE), "{claim}: {value}: {told}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn security_54_only_tokens_of_the_kind_count() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    let header = |name: &str, value: Value| {
        let mut header = key.header();
        header[name] = value;
        header
    };
    let mut without = key.header();
    if let Some(header) = without.as_object_mut() {
        header.remove("typ");
    }
    for header in [
        without,
        header("typ", json!("jwt")),
        header("typ", json!("at+jwt")),
        header("typ", json!("application/at+jwt")),
    ] {
        let token = key.sign_as(&header, &claims(&issuer, ZOE))?;
        let found = who(&visitor, with_token(&visitor, &token)).await?;
        assert_eq!(found.as_deref(), Some(ZOE), "{header}");
    }
    for header in [
        header("typ", json!("logout+jwt")),
        header("typ", json!("dpop+jwt")),
        header("typ", json!("secevent+jwt")),
        header("typ", json!("JWE")),
        header("typ", json!("")),
        header("typ", json!(null)),
        header("typ", json!(7)),
        // RFC 7515 section 4.1.11: what must be understood and is not.
        header("crit", json!(["exp"])),
        header("crit", json!([])),
    ] {
        let token = key.sign_as(&header, &claims(&issuer, ZOE))?;
        let found = outcome(&visitor, &token).await?;
        assert_eq!(found, (None, json!("sign_on_refused")), "{header}");
    }
    Ok(())
}

#[tokio::test]
async fn security_54_keys_that_are_for_something_else_verify_nothing() -> Test {
    let key = Key::new("first")?;
    let change = |name: &str, value: Value| {
        let mut jwk = key.jwk();
        jwk[name] = value;
        jwk
    };
    let plain = {
        let mut jwk = key.jwk();
        if let Some(jwk) = jwk.as_object_mut() {
            jwk.remove("use");
        }
        jwk
    };
    for (jwk, good) in [
        (key.jwk(), true),
        (plain, true),
        (change("key_ops", json!(["verify"])), true),
        (change("use", json!("enc")), false),
        (change("use", json!("else")), false),
        (change("key_ops", json!(["deriveKey"])), false),
        (change("key_ops", json!(["sign"])), false),
        (change("key_ops", json!([])), false),
    ] {
        let issuer = Issuer::start(&[]).await?;
        // The only other key must not hide that there is none for this.
        issuer.publish(vec![jwk.clone(), Key::new("other")?.jwk()]);
        let harness = Harness::start(of(&issuer)).await?;
        harness.employee(ZOE).await?;
        let visitor = harness.visitor();
        let token = key.sign(&claims(&issuer, ZOE))?;
        let found = who(&visitor, with_token(&visitor, &token)).await?;
        assert_eq!(found.is_some(), good, "{jwk}");
    }
    Ok(())
}

#[tokio::test]
async fn security_54_a_token_fetched_by_another_application_names_nobody() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let options = of(&issuer).set("sso.oidc.clients", "[\"the-portal\"]");
    let harness = Harness::start(options).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    for (claim, value, good) in [
        ("azp", json!("the-portal"), true),
        ("appid", json!("the-portal"), true),
        // The audience itself: an identity token.
        ("azp", json!("the-proxy"), true),
        ("azp", json!("another"), false),
        ("appid", json!("another"), false),
        ("azp", json!("The-Portal"), false),
        ("azp", json!(""), false),
        ("azp", json!(null), false),
        ("azp", json!(["the-portal"]), false),
    ] {
        let mut claims = claims(&issuer, ZOE);
        claims[claim] = value.clone();
        let (found, told) = outcome(&visitor, &key.sign(&claims)?).await?;
        assert_eq!(found.is_some(), good, "{claim}: {value}: {told}");
    }
    Ok(())
}

#[tokio::test]
async fn security_54_addresses_are_compared_after_nfkc_and_without_ascii_case() -> Test {
    let key = Key::new("first")?;
    let issuer = Issuer::start(&[&key]).await?;
    let harness = Harness::start(of(&issuer)).await?;
    harness
        .sandbox
        .add_person("strasse@corp.example", "Max", "Strasse")?;
    harness.employee("strasse@corp.example").await?;
    harness
        .sandbox
        .add_person("i\u{307}@corp.example", "Dotted", "I")?;
    harness.employee("i\u{307}@corp.example").await?;
    let visitor = harness.visitor();
    for (address, found) in [
        ("STRASSE@Corp.Example", Some("strasse@corp.example")),
        // Fullwidth letters are the same letters.
        ("\u{ff53}trasse@corp.example", Some("strasse@corp.example")),
        (" strasse@corp.example ", Some("strasse@corp.example")),
        // These only look alike, or become alike by rules of a language.
        ("straße@corp.example", None),
        ("ſtrasse@corp.example ", Some("strasse@corp.example")),
        ("\u{130}@corp.example", None),
        ("strasse@corp.example\u{200b}", None),
        ("strasse@corp.example,x@corp.example", None),
        ("x strasse@corp.example", None),
        ("strasse@corp.example\n", Some("strasse@corp.example")),
    ] {
        let mut claims = claims(&issuer, address);
        // However it is written, it is one person's.
        claims["sub"] = json!("one person");
        let token = key.sign(&claims)?;
        let known = who(&visitor, with_token(&visitor, &token)).await?;
        assert_eq!(known.as_deref(), found, "{address:?}");
    }
    Ok(())
}
