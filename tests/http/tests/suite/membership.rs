//! Who may sign in at all: people of the configured account, for as long as they belong to it.

use goto_microapps_api::Session;
use goto_microapps_harness::{Harness, Options, Visitor};
use goto_sandbox::{Answer, Fault, FaultKind, Route};
use serde_json::{Value, json};

use crate::steps::{
    ELODIE, JUERGEN, Test, ZOE, code, connected, count, eventually, form, fresh_key, quiet, soon,
    way_back,
};

async fn is_signed_in(visitor: &Visitor) -> anyhow::Result<bool> {
    let session: Session = visitor.get("app/api/session").await?.json()?;
    Ok(session.user.is_some())
}

async fn search(visitor: &Visitor) -> anyhow::Result<u16> {
    Ok(visitor.get("app/api/organizers?q=a").await?.status)
}

/// GoTo's answer to who somebody is, changed.
fn says(harness: &Harness, identity: &Value) {
    let answer = Answer {
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: identity.to_string(),
        ..Answer::status(200)
    };
    let kind = FaultKind::Instead(answer);
    harness.sandbox.fault(Fault::once(Route::Me, kind));
}

const OURS: &str = goto_sandbox::ACCOUNT_KEY;

#[tokio::test]
async fn security_41_somebody_of_another_account_is_told_and_finds_nothing() -> Test {
    let harness = Harness::start(connected()).await?;
    let extension = "urn:scim:schemas:extension:getgo:1.0";
    let cases = [
        json!({ "accounts": [{ "value": "6127749013358820945" }] }),
        json!({ extension: { "accounts": [{ "value": "6127749013358820945" }] } }),
        json!({ extension: { "accounts": [] } }),
        json!({ extension: { "accounts": null } }),
        json!({ "accounts": null }),
        json!({}),
        // The number of the account elsewhere is no membership.
        json!({ "displayName": OURS, "emails": [{ "value": OURS }] }),
        json!({ "accounts": [{ "value": format!("{OURS}1") }, { "display": OURS }] }),
    ];
    for (number, mut identity) in cases.into_iter().enumerate() {
        identity["id"] = json!("4099871234509871234");
        identity["userName"] = json!("somebody@elsewhere.example");
        let visitor = harness.visitor();
        let back = way_back(&harness, &visitor, ELODIE).await?;
        says(&harness, &identity);
        let page = visitor.open(&back).await?;
        assert_eq!(page.status, 403, "{number}: {}", page.text);
        assert!(
            page.text.contains("somebody@elsewhere.example") && page.text.contains("company"),
            "{number}: {}",
            page.text
        );
        let (message, _) = Visitor::posted(&page)?;
        assert_eq!(message.code, None, "{number}");
        assert!(!is_signed_in(&visitor).await?, "{number}");
        assert_eq!(search(&visitor).await?, 401, "{number}");
        // What GoTo gave is given back.
        soon(harness.sandbox.finished(Route::Revoke, number + 1)).await;
    }
    Ok(())
}

#[tokio::test]
async fn security_41_either_the_account_or_the_directory_is_enough() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.sandbox.employee(ELODIE).expect("Élodie");
    let number: Value = serde_json::from_str(OURS)?;
    for accounts in [
        json!([{ "value": OURS }]),
        json!([{ "value": number }]),
        json!([{ "value": "1" }, { "value": OURS }]),
        json!([{ "key": OURS }]),
        json!([OURS]),
        json!({ "value": OURS }),
    ] {
        let visitor = harness.visitor();
        let back = way_back(&harness, &visitor, ELODIE).await?;
        let stranger = json!({
            "id": "4099871234509871234", "userName": "new@corp.example", "accounts": accounts,
        });
        says(&harness, &stranger);
        let page = visitor.open(&back).await?;
        assert_eq!(page.status, 200, "{accounts}: {}", page.text);
    }
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    says(&harness, &json!({ "id": elodie.key, "userName": ELODIE }));
    assert_eq!(visitor.open(&back).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn security_41_who_moved_to_another_account_loses_what_they_had() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let key = harness.sandbox.employee(ELODIE).expect("Élodie").key;
    let back = way_back(&harness, &elodie, ELODIE).await?;
    let moved = json!({ "id": key, "userName": ELODIE, "accounts": [{ "value": "1" }] });
    says(&harness, &moved);
    assert_eq!(elodie.open(&back).await?.status, 403);
    assert!(!is_signed_in(&elodie).await?);
    Ok(())
}

#[tokio::test]
async fn security_41_who_left_loses_the_session_at_the_next_complete_sync() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let zoe = harness.employee(ZOE).await?;
    harness.sandbox.remove_person(ELODIE)?;
    assert_eq!(search(&elodie).await?, 200, "nobody has said so yet");
    // A reading that does not come to its end says nothing.
    let failing = FaultKind::status(500);
    harness.sandbox.fault(Fault::once(Route::Users, failing));
    assert!(harness.proxy().sync().await.is_err());
    assert!(is_signed_in(&elodie).await?);
    harness.proxy().sync().await?;
    assert!(!is_signed_in(&elodie).await?);
    assert_eq!(search(&elodie).await?, 401);
    let reply = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(reply.status, 401);
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    assert!(is_signed_in(&zoe).await?);
    Ok(())
}

#[tokio::test]
async fn security_41_a_reading_that_was_refused_ends_nobody() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let gone = harness.sandbox.employees();
    for person in gone.iter().take(30) {
        harness.sandbox.remove_person(&person.email)?;
    }
    assert!(harness.sandbox.employee(ELODIE).is_none());
    assert!(harness.proxy().sync().await.is_err(), "shrinks too much");
    assert!(is_signed_in(&elodie).await?);
    let admin = harness.admin();
    admin
        .sign_in(goto_microapps_harness::ADMIN_PASSWORD)
        .await?;
    admin.post("/admin/sync", &[("force", "yes")]).await?;
    eventually(async || Ok((!is_signed_in(&elodie).await?).then_some(()))).await
}

/// Only people whose addresses begin so are read.
fn filtered(options: Options, prefix: &str) -> Options {
    options.set("organizers.filter", &filter(prefix))
}

fn filter(prefix: &str) -> String {
    format!("'email sw \"{prefix}\"'")
}

#[tokio::test]
async fn security_41_absence_means_something_only_to_whoever_was_read_before() -> Test {
    let mut harness = Harness::start(filtered(connected(), "z")).await?;
    // Of the account, but never in a reading.
    let elodie = harness.employee(ELODIE).await?;
    let zoe = harness.employee(ZOE).await?;
    harness.proxy().sync().await?;
    assert!(is_signed_in(&elodie).await? && is_signed_in(&zoe).await?);
    // Another filter: whom it leaves out has not left.
    harness.stop_proxy().await?;
    harness.configure("organizers.filter", &filter("e"))?;
    harness.configure("organizers.max_shrink_percent", "100")?;
    harness.start_proxy().await?;
    harness.proxy().sync().await?;
    assert!(is_signed_in(&elodie).await? && is_signed_in(&zoe).await?);
    // Read under this one, then gone.
    harness.sandbox.remove_person(ELODIE)?;
    harness.proxy().sync().await?;
    assert!(!is_signed_in(&elodie).await?);
    assert!(is_signed_in(&zoe).await?);
    Ok(())
}

#[tokio::test]
async fn security_41_who_left_is_out_as_soon_as_goto_says_so() -> Test {
    let harness = Harness::start(connected()).await?;
    for refused_anew in [false, true] {
        let person = if refused_anew { JUERGEN } else { ELODIE };
        let visitor = harness.employee(person).await?;
        if refused_anew {
            // The consent is renewed, and what it gives is refused all the same.
            let kind = FaultKind::InvalidToken;
            harness
                .sandbox
                .fault(Fault::new(Route::CreateMeeting, kind));
        } else {
            harness.sandbox.remove_person(person)?;
        }
        let reply = visitor.create(&fresh_key(), &form()).await?;
        assert_eq!(reply.status, 401, "{}", reply.text);
        assert_eq!(search(&visitor).await?, 401, "{person}");
        assert!(!is_signed_in(&visitor).await?, "{person}");
        harness.sandbox.clear_faults();
    }
    Ok(())
}

#[tokio::test]
async fn an_identity_without_a_user_name_is_known_by_its_primary_address() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.sandbox.employee(ELODIE).expect("Élodie");
    let emails = json!([
        { "value": "old@corp.example", "type": "work" },
        { "value": ELODIE, "primary": true },
    ]);
    for (mut identity, email) in [
        (json!({ "emails": emails }), ELODIE),
        (json!({ "userName": null, "emails": emails }), ELODIE),
        (json!({ "userName": "", "emails": emails }), ELODIE),
        (json!({ "userName": 7, "emails": emails }), ELODIE),
        (json!({ "userName": "elodie", "emails": emails }), ELODIE),
        (
            json!({ "emails": [{ "value": ELODIE, "primary": "true" }, {}, null] }),
            ELODIE,
        ),
        // None is called primary: the first.
        (
            json!({ "emails": [{ "value": "" }, { "value": ELODIE }] }),
            ELODIE,
        ),
        (json!({ "emails": [ELODIE] }), ELODIE),
        (
            json!({ "userName": ELODIE, "emails": null, "name": null }),
            ELODIE,
        ),
        (
            json!({ "userName": ELODIE, "emails": [{ "value": "x@corp.example", "primary": true }] }),
            ELODIE,
        ),
    ] {
        identity["id"] = json!(elodie.key);
        let visitor = harness.visitor();
        let back = way_back(&harness, &visitor, ELODIE).await?;
        says(&harness, &identity);
        let page = visitor.open(&back).await?;
        assert_eq!(page.status, 200, "{identity}: {}", page.text);
        let (message, _) = Visitor::posted(&page)?;
        let code = message.code.expect("a code");
        let taken = visitor
            .take(
                &code,
                crate::steps::VERIFIER,
                goto_microapps_api::Carrier::Cookie,
            )
            .await?;
        assert_eq!(taken.status, 200);
        let session: Session = visitor.get("app/api/session").await?.json()?;
        let user = session.user.expect("signed in");
        assert_eq!(user.email, email, "{identity}");
    }
    Ok(())
}

#[tokio::test]
async fn an_identity_without_any_address_is_told_in_words() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.sandbox.employee(ELODIE).expect("Élodie");
    for mut identity in [
        json!({}),
        json!({ "userName": null, "emails": null }),
        json!({ "userName": "elodie", "emails": [] }),
        json!({ "emails": [{ "primary": true }, { "value": "none" }] }),
    ] {
        identity["id"] = json!(elodie.key);
        let visitor = harness.visitor();
        let back = way_back(&harness, &visitor, ELODIE).await?;
        says(&harness, &identity);
        let page = visitor.open(&back).await?;
        assert!(
            page.text.contains("no e-mail address"),
            "{identity}: {}",
            page.text
        );
        assert!(page.text.contains("administrator"), "{}", page.text);
        assert!(!is_signed_in(&visitor).await?);
        let reply = visitor.get("app/api/organizers?q=a").await?;
        assert_eq!(code(&reply)?.0, 401);
    }
    Ok(())
}
