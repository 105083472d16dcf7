//! Who am I: the SCIM flavour and the admin flavour.

use goto_sandbox::ACCOUNT_KEY;

use crate::client::{ELODIE, Goto, quiet};

#[tokio::test]
async fn the_account_is_inside_the_extension() {
    let goto = Goto::start(quiet()).await;
    let person = goto.sandbox.employee(ELODIE).expect("a person");
    let token = goto.access(ELODIE).await;
    let me = goto.get("identity/v1/Users/me", &token).await.json();
    assert_eq!(me["id"], person.key.as_str());
    assert_eq!(me["userName"], ELODIE);
    assert_eq!(me["displayName"], "Élodie Martin");
    assert_eq!(me["name"]["givenName"], "Élodie");
    assert_eq!(me["name"]["familyName"], "Martin");
    assert!(me["timezone"].is_string() && me["meta"]["created"].is_string());
    assert!(me.get("accounts").is_none());
    let account = &me["urn:scim:schemas:extension:getgo:1.0"]["accounts"][0];
    assert_eq!(account["value"], ACCOUNT_KEY);
    assert_eq!(account["entitlements"][0], "g2m");
}

#[tokio::test]
async fn any_scope_reads_its_own_identity() {
    let goto = Goto::start(quiet()).await;
    let unlicensed = goto.sandbox.unlicensed();
    for scope in ["collab:", "identity:", "identity:scim.me"] {
        let token = goto.service_access(&unlicensed.email, Some(scope)).await;
        let me = goto.get("identity/v1/Users/me", &token).await;
        assert_eq!(me.status, 200);
        assert_eq!(me.json()["id"], unlicensed.key.as_str());
    }
}

#[tokio::test]
async fn the_admin_flavour_names_both_keys() {
    let goto = Goto::start(quiet()).await;
    let admin = goto.sandbox.admin();
    let token = goto.service_access(&admin.email, None).await;
    let path = "admin/rest/v1/me?includeAdmins=false&includeInvitation=false";
    let me = goto.get(path, &token).await.json();
    assert_eq!(me["key"], admin.key.as_str());
    assert_eq!(me["accountKey"], ACCOUNT_KEY);
    assert_eq!(me["accounts"][0]["key"], ACCOUNT_KEY);
    assert_eq!(me["email"], admin.email.as_str());
}

#[tokio::test]
async fn keys_beyond_any_integer_stay_text() {
    let goto = Goto::start(quiet()).await;
    for person in goto.sandbox.employees() {
        if person.key.len() > 19 || person.key.parse::<i64>().is_err() {
            let token = goto.access(&person.email).await;
            let me = goto.get("identity/v1/Users/me", &token).await.json();
            assert_eq!(me["id"], person.key.as_str());
        }
    }
}
