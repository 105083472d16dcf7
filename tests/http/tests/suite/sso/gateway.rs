//! What a gateway in front says.

use std::time::Duration;

use goto_microapps_harness::Harness;
use goto_sandbox::Route;
use reqwest::Method;

use super::{SECRET, behind_gateway, named, session, who};
use crate::steps::{ELODIE, JUERGEN, Test, VERIFIER, ZOE, form, fresh_key};

#[tokio::test]
async fn who_consented_once_is_known_in_every_browser_behind_the_gateway() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    let stranger = harness.visitor();
    assert_eq!(who(&stranger, named(session(&stranger), ZOE)).await?, None);
    harness.employee(ZOE).await?;
    for email in [ZOE, "ZOE.ONEILL@corp.example", "z.oneill@corp.example"] {
        let found = who(&stranger, named(session(&stranger), email)).await?;
        assert_eq!(found.as_deref(), Some(ZOE), "{email}");
    }
    let create = stranger
        .call(Method::POST, "app/api/meetings")
        .header("idempotency-key", fresh_key())
        .json(&form());
    let reply = stranger.send(named(create, ZOE)).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    // The plain pages know them as well.
    let page = stranger
        .send(named(stranger.plain(Method::GET, "form"), ZOE))
        .await?;
    assert!(page.text.contains("Zoë O’Neill"), "{}", page.text);
    Ok(())
}

#[tokio::test]
async fn security_35_a_sign_on_header_counts_from_the_gateway_only() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    harness.employee(ZOE).await?;
    let visitor = harness.visitor();
    let ask = || session(&visitor);
    let spoofs = [
        ask().header("x-forwarded-email", ZOE),
        ask()
            .header("x-forwarded-email", ZOE)
            .header("x-gateway-secret", "another"),
        ask()
            .header("x-forwarded-email", ZOE)
            .header("x-gateway-secret", ""),
        // Twice: somebody added one.
        named(ask(), ZOE).header("x-forwarded-email", ELODIE),
        named(ask(), ZOE).header("x-gateway-secret", SECRET),
        // Some gateways fold underscores into hyphens.
        ask()
            .header("x_forwarded_email", ZOE)
            .header("x-gateway-secret", SECRET),
        ask()
            .header("forwarded", format!("for=127.0.0.1;email={ZOE}"))
            .header("x-gateway-secret", SECRET),
        named(ask(), "not an address"),
        named(ask(), ""),
    ];
    for (number, spoof) in spoofs.into_iter().enumerate() {
        assert_eq!(who(&visitor, spoof).await?, None, "spoof {number}");
    }
    let elsewhere = Harness::start(behind_gateway("[\"10.0.0.0/8\"]")).await?;
    elsewhere.employee(ZOE).await?;
    let visitor = elsewhere.visitor();
    let request = named(session(&visitor), ZOE).header("x-forwarded-for", "10.0.0.7");
    assert_eq!(who(&visitor, request).await?, None, "from outside");
    Ok(())
}

#[tokio::test]
async fn the_gateway_s_word_comes_before_a_cookie() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    harness.employee(ZOE).await?;
    let elodie = harness.employee(ELODIE).await?;
    let found = who(&elodie, named(session(&elodie), ZOE)).await?;
    assert_eq!(found.as_deref(), Some(ZOE));
    // Not even where the one it names has not consented.
    assert_eq!(who(&elodie, named(session(&elodie), JUERGEN)).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_sign_in_as_somebody_else_than_the_gateway_says_is_refused() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    let visitor = harness.visitor();
    let url = {
        let mut url = url::Url::parse(&format!("{}app/sign-in", harness.public_url()))?;
        url.query_pairs_mut()
            .append_pair("origin", harness.intranet.origin())
            .append_pair("challenge", &goto_microapps_harness::challenge(VERIFIER))
            .append_pair("lang", "en");
        url
    };
    let away = visitor
        .send(named(visitor.plain(Method::GET, url.as_str()), ZOE))
        .await?;
    let back = harness
        .sandbox
        .consent(away.header("location"), ELODIE)
        .await?;
    let page = visitor.open(&back).await?;
    assert_eq!(page.status, 403);
    assert!(
        page.text.contains("That is another account"),
        "{}",
        page.text
    );
    for email in [ZOE, ELODIE] {
        assert_eq!(who(&visitor, named(session(&visitor), email)).await?, None);
    }
    Ok(())
}

#[tokio::test]
async fn with_single_sign_on_a_consent_outlives_its_sessions_until_somebody_signs_out() -> Test {
    let harness = Harness::start(behind_gateway("[\"127.0.0.1\"]")).await?;
    harness.employee(ZOE).await?;
    harness.advance(Duration::from_secs(20 * 24 * 3600));
    let visitor = harness.visitor();
    let found = who(&visitor, named(session(&visitor), ZOE)).await?;
    assert_eq!(found.as_deref(), Some(ZOE));
    let out = visitor.call(Method::DELETE, "app/api/session");
    assert_eq!(visitor.send(named(out, ZOE)).await?.status, 204);
    assert_eq!(who(&visitor, named(session(&visitor), ZOE)).await?, None);
    let revoked = harness.sandbox.finished(Route::Revoke, 1);
    crate::steps::soon(revoked).await;
    Ok(())
}
