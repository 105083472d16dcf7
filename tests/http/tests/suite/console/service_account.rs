//! The consent of the service account: who may give it, once, and how it ends.

use goto_microapps_harness::{Harness, Visitor};
use goto_sandbox::{ACCOUNT_KEY, Answer, Fault, FaultKind, Route};

use super::{SECOND, signed_in};
use crate::steps::{
    Disk, ELODIE, JUERGEN, Test, connected, count, eventually, form, fresh_key, quiet, way_back,
};

#[tokio::test]
async fn security_13_the_service_account_is_connected_by_an_administrator() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let email = harness.sandbox.admin().email;
    let page = admin.authorise(&email).await?;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Connected to GoTo"), "{}", page.text);
    let page = eventually(async || {
        let page = admin.get("/admin").await?.text;
        Ok(page.contains("42 people").then_some(page))
    })
    .await?;
    assert!(
        page.contains("after Authorise"),
        "it was read at once: {page}"
    );
    assert!(
        page.contains(&format!("GoTo Administrator ({email})")),
        "{page}"
    );
    Ok(())
}

#[tokio::test]
async fn security_13_a_ticket_is_good_once_and_for_a_minute() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let ticket = admin.post("/admin/authorise", &[]).await?;
    let start = ticket.header("location").to_owned();
    assert!(start.starts_with(harness.public_url()), "{start}");
    assert_eq!(admin.open(&start).await?.status, 303);
    assert_eq!(admin.open(&start).await?.status, 403, "used");

    let ticket = admin.post("/admin/authorise", &[]).await?;
    harness.advance(60 * SECOND);
    let late = admin.open(ticket.header("location")).await?;
    assert_eq!(late.status, 403);
    let (base, _) = start.split_once('?').expect("a query");
    for query in ["", "?ticket=", "?ticket=x", "?ticket=x&ticket=y"] {
        let page = admin.open(&format!("{base}{query}")).await?;
        assert_eq!(page.status, 403, "{query}");
        assert_eq!(page.header("location"), "");
    }
    Ok(())
}

#[tokio::test]
async fn security_13_an_employee_s_code_is_no_ticket_and_a_ticket_no_code() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let (message, _) = Visitor::posted(&visitor.open(&back).await?)?;
    let code = message.code.expect("a code");
    let admin = signed_in(&harness).await?;
    let start = format!(
        "{}admin/api/gwsc/auth/start?ticket={code}",
        harness.public_url()
    );
    assert_eq!(admin.open(&start).await?.status, 403);

    let ticket = admin.post("/admin/authorise", &[]).await?;
    let (_, ticket) = ticket
        .header("location")
        .split_once("ticket=")
        .expect("a ticket");
    let carrier = goto_microapps_api::Carrier::Bearer;
    let reply = visitor
        .take(ticket, crate::steps::VERIFIER, carrier)
        .await?;
    assert_eq!(reply.status, 403);
    Ok(())
}

#[tokio::test]
async fn security_13_a_consent_without_an_open_console_session_is_refused() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let departure = admin.depart().await?;
    let email = harness.sandbox.admin().email;
    let back = harness.sandbox.consent(&departure, &email).await?;
    admin.post("/admin/sign-out", &[]).await?;
    let page = admin.open(&back).await?;
    assert_eq!(page.status, 403);
    assert!(
        page.text.contains("The console session ended"),
        "{}",
        page.text
    );

    let admin = signed_in(&harness).await?;
    let departure = admin.depart().await?;
    let back = harness.sandbox.consent(&departure, &email).await?;
    let stranger = harness.admin();
    assert_eq!(stranger.open(&back).await?.status, 400, "another browser");
    assert_eq!(count(&harness, Route::Token), 0);
    assert!(
        admin
            .get("/admin")
            .await?
            .text
            .contains("Not connected yet.")
    );
    Ok(())
}

#[tokio::test]
async fn security_13_a_consent_of_the_wrong_person_changes_nothing() -> Test {
    let harness = Harness::start(connected()).await?;
    let admin = signed_in(&harness).await?;
    let admin_email = harness.sandbox.admin().email;
    let still_connected = async || {
        let page = admin.get("/admin").await?.text;
        anyhow::ensure!(page.contains(&format!("({admin_email})")), "{page}");
        harness.proxy().sync().await?;
        anyhow::Ok(())
    };
    // Somebody of another company.
    let other = Answer {
        body:
            r#"{"key":"1","accountKey":"999","accounts":[{"key":998}],"email":"x@other.example"}"#
                .to_owned(),
        ..Answer::status(200)
    };
    let kind = FaultKind::Instead(other);
    harness.sandbox.fault(Fault::once(Route::AdminMe, kind));
    let page = admin.authorise(&admin_email).await?;
    assert_eq!(page.status, 403);
    assert!(
        page.text.contains("999, 998") && page.text.contains(ACCOUNT_KEY),
        "{}",
        page.text
    );
    still_connected().await?;

    // Somebody without the right.
    let kind = FaultKind::InvalidToken;
    harness.sandbox.fault(Fault::once(Route::AdminMe, kind));
    let page = admin.authorise(ELODIE).await?;
    assert_eq!(page.status, 403);
    assert!(
        page.text.contains("tick the scope identity:"),
        "{}",
        page.text
    );
    still_connected().await?;

    // Somebody who thought better of it.
    let departure = admin.depart().await?;
    let back = harness.sandbox.deny(&departure).await?;
    let page = admin.open(&back).await?;
    assert!(page.text.contains("Access was not given"), "{}", page.text);
    still_connected().await?;

    // GoTo in trouble, at each of its three answers.
    for (route, kind) in [
        (Route::Token, FaultKind::status(500)),
        (
            Route::Token,
            FaultKind::MissingFields(vec!["refresh_token".to_owned()]),
        ),
        (Route::Me, FaultKind::status(500)),
        (Route::AdminMe, FaultKind::Html),
    ] {
        harness.sandbox.fault(Fault::once(route, kind.clone()));
        let page = admin.authorise(&admin_email).await?;
        assert!(page.status >= 400, "{kind:?}");
        assert!(page.text.contains("Nothing was changed"), "{}", page.text);
        still_connected().await?;
    }
    Ok(())
}

#[tokio::test]
async fn security_13_an_employee_who_is_no_administrator_cannot_be_the_service_account() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let page = admin.authorise(JUERGEN).await?;
    // GoTo's answer to `me` names the account without asking for a role; its list of users asks.
    assert_eq!(page.status, 403, "{}", page.text);
    assert!(
        page.text.contains("sign in with an administrator"),
        "{}",
        page.text
    );
    let page = admin.get("/admin").await?.text;
    assert!(page.contains("Not connected yet."), "{page}");
    Ok(())
}

#[tokio::test]
async fn disconnecting_forgets_the_consent_and_keeps_the_directory() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(connected())).await?;
    let admin = signed_in(&harness).await?;
    let elodie = harness.employee(ELODIE).await?;
    admin.post("/admin/disconnect", &[]).await?;
    let page = admin.get("/admin").await?.text;
    assert!(
        page.contains("Not connected yet.") && page.contains("42 people"),
        "{page}"
    );
    assert!(!page.contains("Read now"), "{page}");
    let rows = "SELECT COUNT(*) FROM oauth_grant WHERE owner = 'service_account'";
    assert_eq!(disk.number(rows).await?, 0);
    let reply = elodie.get("app/api/organizers?q=suharto").await?;
    assert!(reply.text.contains("Suharto"), "{}", reply.text);
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    Ok(())
}
