//! Refresh tokens over time.

use std::time::Duration;

use goto_sandbox::{Options, Rotation, SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET};

use crate::client::{ELODIE, Goto, JUERGEN, Reply, quiet, string};

const DAY: Duration = Duration::from_secs(86_400);
const ALMOST_A_DAY: Duration = Duration::from_secs(86_399);

async fn signed_in(rotate_refresh: Rotation) -> (Goto, String) {
    let goto = Goto::start(Options {
        rotate_refresh,
        ..quiet()
    })
    .await;
    let token = string(&goto.sign_in(ELODIE).await["refresh_token"]);
    (goto, token)
}

fn assert_over(reply: &Reply) {
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert_eq!(reply.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_young_refresh_token_stays() {
    let (goto, token) = signed_in(Rotation::Aged).await;
    goto.sandbox.advance(DAY * 17 + ALMOST_A_DAY);
    for _ in 0..2 {
        let reply = goto.refresh(&token).await;
        assert_eq!(reply.status, 200);
        let answer = reply.json();
        assert!(answer.get("refresh_token").is_none(), "absent, not null");
        assert_eq!(answer["principal"], ELODIE);
        let access = string(&answer["access_token"]);
        assert_eq!(goto.get("identity/v1/Users/me", &access).await.status, 200);
    }
}

#[tokio::test]
async fn an_aged_one_is_replaced() {
    let (goto, token) = signed_in(Rotation::Aged).await;
    goto.sandbox.advance(DAY * 18);
    let new = string(&goto.refresh(&token).await.json()["refresh_token"]);
    assert_ne!(new, token);
    assert_over(&goto.refresh(&token).await);
    goto.sandbox.advance(DAY * 17);
    assert!(
        goto.refresh(&new)
            .await
            .json()
            .get("refresh_token")
            .is_none()
    );
}

#[tokio::test]
async fn without_rotation_it_ends_thirty_days_after_its_issue() {
    let (goto, token) = signed_in(Rotation::Never).await;
    goto.sandbox.advance(DAY * 29 + ALMOST_A_DAY);
    let reply = goto.refresh(&token).await;
    assert_eq!(reply.status, 200);
    assert!(reply.json().get("refresh_token").is_none());
    goto.sandbox.advance(Duration::from_secs(1));
    assert_over(&goto.refresh(&token).await);
}

#[tokio::test]
async fn with_rotation_each_works_once() {
    let (goto, token) = signed_in(Rotation::Always).await;
    let second = string(&goto.refresh(&token).await.json()["refresh_token"]);
    assert_over(&goto.refresh(&token).await);
    assert_eq!(goto.refresh(&second).await.status, 200);
}

#[tokio::test]
async fn it_is_for_the_client_it_was_issued_to() {
    let (goto, token) = signed_in(Rotation::Aged).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    let other = (SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET);
    assert_over(&goto.token_as(other, &form).await);
    assert_over(&goto.refresh("canary-refresh-never-issued").await);
}

#[tokio::test]
async fn a_withdrawn_consent_ends_only_that_persons_grants() {
    let (goto, token) = signed_in(Rotation::Aged).await;
    let other = string(&goto.sign_in(JUERGEN).await["refresh_token"]);
    goto.sandbox.revoke_grants_of(ELODIE).expect("a person");
    assert_over(&goto.refresh(&token).await);
    assert_eq!(goto.refresh(&other).await.status, 200);
}

#[tokio::test]
async fn who_left_the_account_has_no_grant() {
    let (goto, token) = signed_in(Rotation::Aged).await;
    goto.sandbox.remove_person(ELODIE).expect("a person");
    assert_over(&goto.refresh(&token).await);
}

#[tokio::test]
async fn access_tokens_live_an_hour() {
    let goto = Goto::start(quiet()).await;
    let access = goto.access(ELODIE).await;
    goto.sandbox.advance(Duration::from_secs(3599));
    assert_eq!(
        goto.get("G2M/rest/upcomingMeetings", &access).await.status,
        200
    );
    goto.sandbox.advance(Duration::from_secs(1));
    assert_eq!(
        goto.get("G2M/rest/upcomingMeetings", &access).await.status,
        403
    );
}

#[tokio::test]
async fn access_tokens_can_be_ended_at_once() {
    let goto = Goto::start(quiet()).await;
    let tokens = goto.sign_in(ELODIE).await;
    goto.sandbox.expire_access_tokens();
    let access = string(&tokens["access_token"]);
    assert_eq!(
        goto.get("G2M/rest/upcomingMeetings", &access).await.status,
        403
    );
    let refreshed = goto.refresh(&string(&tokens["refresh_token"])).await.json();
    let access = string(&refreshed["access_token"]);
    assert_eq!(
        goto.get("G2M/rest/upcomingMeetings", &access).await.status,
        200
    );
}
