//! The way back from GoTo: whose it is, once, in time, from the right server, refused.

use std::collections::HashSet;

use chrono::TimeDelta;
use goto_microapps_api::HandoffOutcome;
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Visitor};
use goto_sandbox::Route;
use url::Url;

use super::{outcome, parameter, user};
use crate::steps::{ELODIE, JUERGEN, Test, VERIFIER, count, quiet, soon, way_back};

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
