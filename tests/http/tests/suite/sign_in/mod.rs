//! From the widget's click to the session: state, PKCE, callback, hand-off.

mod authorization;
mod callback;
mod handoff;
mod typed_codes;

use goto_microapps_api::{Carrier, HandoffOutcome, HandoffResponse, Session};
use goto_microapps_harness::{Harness, Reply, Visitor, challenge};
use goto_sandbox::{Answer, Fault, FaultKind, RetryAfter, Route};
use url::Url;

use crate::steps::{ELODIE, Test, VERIFIER, connected, count, quiet, way_back};

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
