//! People of another account.

use goto_sandbox::{ACCOUNT_KEY, FOREIGN_ACCOUNT_KEY};

use crate::client::{ELODIE, Goto, body, quiet};

const ADA: &str = "ada@elsewhere.example";

fn users(account: &str) -> String {
    format!("admin/rest/v1/accounts/{account}/users?pageSize=100")
}

#[tokio::test]
async fn they_sign_in_and_work_but_belong_elsewhere() {
    let goto = Goto::start(quiet()).await;
    let ada = goto.sandbox.add_foreign_person(ADA, "Ada", "Else");
    let ada = ada.expect("added");
    assert!(goto.sandbox.add_foreign_person(ELODIE, "x", "y").is_err());
    let token = goto.access(ADA).await;
    let me = goto.get("identity/v1/Users/me", &token).await.json();
    let account = &me["urn:scim:schemas:extension:getgo:1.0"]["accounts"][0];
    assert_eq!(account["value"], FOREIGN_ACCOUNT_KEY);
    assert_eq!(me["id"], ada.key);
    goto.meeting(&token, &body()).await;
    let own = goto.get("G2M/rest/upcomingMeetings", &token).await.json();
    assert_eq!(own[0]["accountKey"], FOREIGN_ACCOUNT_KEY);

    let admin = goto.service_access(&goto.sandbox.admin().email, None).await;
    let list = goto.get(&users(ACCOUNT_KEY), &admin).await;
    assert!(!list.text.contains(ADA));
    assert_eq!(list.json()["total"], 62);
    let theirs = format!("G2M/rest/organizers/{}/upcomingMeetings", ada.key);
    assert_eq!(goto.get(&theirs, &admin).await.status, 404);
}

#[tokio::test]
async fn their_administrator_reads_their_account_only() {
    let goto = Goto::start(quiet()).await;
    let sandbox = &goto.sandbox;
    sandbox
        .add_foreign_person(ADA, "Ada", "Else")
        .expect("added");
    sandbox.set_admin(ADA, true).expect("a person");
    let token = goto.service_access(ADA, None).await;
    let me = goto.get("admin/rest/v1/me", &token).await.json();
    assert_eq!(me["accountKey"], FOREIGN_ACCOUNT_KEY);
    assert_eq!(goto.get(&users(ACCOUNT_KEY), &token).await.status, 401);
    let own = goto.get(&users(FOREIGN_ACCOUNT_KEY), &token).await.json();
    assert_eq!(own["total"], 1);
    assert_eq!(own["results"][0]["email"], ADA);
    let admin = goto.service_access(&sandbox.admin().email, None).await;
    let other = goto.get(&users(FOREIGN_ACCOUNT_KEY), &admin).await;
    assert_eq!(other.status, 401);
}
