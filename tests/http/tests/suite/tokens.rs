//! The keeper of tokens: renewals, what ends a consent and what does not.

use std::collections::HashSet;
use std::time::Duration;

use futures::future::join_all;
use goto_microapps_api::{Code, Meeting, Session};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Options, Reply, Visitor};
use goto_sandbox::{
    Answer, EMPLOYEE_CLIENT_ID, Fault, FaultKind, Received, RetryAfter, Rotation, Route,
    SERVICE_CLIENT_ID,
};

use crate::steps::{
    Disk, ELODIE, JUERGEN, Test, as_time_passes, code, connected, count, eventually, form,
    fresh_key, quiet, soon,
};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A session that outlives everything here.
fn patient() -> Options {
    quiet()
        .set("session.idle_hours", "720")
        .set("session.absolute_hours", "2160")
}

/// Renewals that reached GoTo, for this client.
fn renewals(harness: &Harness, client: &str) -> Vec<Received> {
    let mut tokens = harness.sandbox.log_of(Route::Token);
    tokens.retain(|token| {
        token.form("grant_type").as_deref() == Some("refresh_token")
            && token.authorization.client_id.as_deref() == Some(client)
    });
    tokens
}

async fn create(visitor: &Visitor) -> anyhow::Result<Reply> {
    let mut form = form();
    // Whatever the clock was moved to.
    form.start = "2026-08-03T14:00".to_owned();
    form.end = "2026-08-03T15:00".to_owned();
    visitor.create(&fresh_key(), &form).await
}

#[tokio::test]
async fn a_token_is_renewed_shortly_before_its_end_and_not_sooner() -> Test {
    let harness = Harness::start(patient()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.advance(Duration::from_secs(57 * 60));
    assert_eq!(create(&elodie).await?.status, 201);
    assert_eq!(renewals(&harness, EMPLOYEE_CLIENT_ID).len(), 0);
    harness.advance(Duration::from_secs(60));
    assert_eq!(create(&elodie).await?.status, 201);
    assert_eq!(renewals(&harness, EMPLOYEE_CLIENT_ID).len(), 1);
    let refused = harness.sandbox.log_of(Route::CreateMeeting);
    assert!(refused.iter().all(|post| post.authorization.usable));
    Ok(())
}

#[tokio::test]
async fn security_16_a_renewal_without_a_new_refresh_token_keeps_the_old_one() -> Test {
    let mut options = patient();
    options.sandbox.rotate_refresh = Rotation::Never;
    let harness = Harness::start(options).await?;
    let elodie = harness.employee(ELODIE).await?;
    for _ in 0..3 {
        harness.advance(HOUR);
        assert_eq!(create(&elodie).await?.status, 201);
    }
    let sent: HashSet<Option<String>> = renewals(&harness, EMPLOYEE_CLIENT_ID)
        .iter()
        .map(|renewal| renewal.form("refresh_token"))
        .collect();
    assert_eq!(sent.len(), 1, "three times the same");
    Ok(())
}

#[tokio::test]
async fn security_16_a_new_refresh_token_is_kept_even_if_the_proxy_dies() -> Test {
    let mut options = patient();
    options.sandbox.rotate_refresh = Rotation::Always;
    let mut harness = Harness::start(options).await?;
    let elodie = harness.employee(ELODIE).await?;
    for _ in 0..3 {
        harness.advance(HOUR);
        assert_eq!(create(&elodie).await?.status, 201);
        harness.kill_proxy().await?;
        harness.start_proxy().await?;
    }
    let sent: HashSet<Option<String>> = renewals(&harness, EMPLOYEE_CLIENT_ID)
        .iter()
        .map(|renewal| renewal.form("refresh_token"))
        .collect();
    assert_eq!(sent.len(), 3, "each time the newest");
    Ok(())
}

#[tokio::test]
async fn a_consent_in_use_outlives_the_30_days_of_a_refresh_token() -> Test {
    let harness = Harness::start(patient()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for _ in 0..10 {
        harness.advance(4 * DAY);
        assert_eq!(create(&elodie).await?.status, 201);
    }
    let sent: HashSet<Option<String>> = renewals(&harness, EMPLOYEE_CLIENT_ID)
        .iter()
        .map(|renewal| renewal.form("refresh_token"))
        .collect();
    assert!(sent.len() >= 2, "GoTo changed it after 18 days");
    Ok(())
}

#[tokio::test]
async fn a_consent_nobody_uses_is_kept_up_while_there_is_a_session() -> Test {
    let disk = Disk::new()?;
    let harness =
        Harness::start(disk.under(patient().set("organizers.sync", "\"manual\""))).await?;
    harness.connect().await?;
    let elodie = harness.employee(ELODIE).await?;
    let oldest = "SELECT MIN(refreshed_at) FROM oauth_grant";
    for _ in 0..3 {
        harness.advance(13 * DAY);
        let now = harness.clock.millis();
        // A session is in use, GoTo is not.
        elodie.get("app/api/session").await?;
        eventually(async || {
            harness.advance(HOUR / 6);
            Ok((disk.number(oldest).await? >= now).then_some(()))
        })
        .await?;
    }
    assert_eq!(create(&elodie).await?.status, 201);
    assert_eq!(renewals(&harness, EMPLOYEE_CLIENT_ID).len(), 3);
    assert_eq!(renewals(&harness, SERVICE_CLIENT_ID).len(), 3);
    harness.proxy().sync().await?;
    Ok(())
}

#[tokio::test]
async fn a_consent_without_a_session_is_forgotten() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    harness.employee(ELODIE).await?;
    let grants = "SELECT COUNT(*) FROM oauth_grant";
    assert_eq!(disk.number(grants).await?, 1);
    // The session goes first: a consent that still has one is kept up instead.
    for (days, rows) in [(1, "SELECT COUNT(*) FROM session"), (12, grants)] {
        harness.advance(days * DAY);
        let gone = eventually(async || Ok((disk.number(rows).await? == 0).then_some(())));
        as_time_passes(&harness, Duration::from_secs(60), gone).await?;
    }
    Ok(())
}

#[tokio::test]
async fn security_15_fifty_requests_with_an_ended_token_renew_it_once() -> Test {
    let harness = Harness::start(patient()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.advance(2 * HOUR);
    let hold = harness.sandbox.hold(Route::Token);
    let requests = join_all((0..50).map(|_| elodie.get("app/api/meetings/123456789")));
    let released = async {
        soon(harness.sandbox.received(Route::Token, 2)).await;
        hold.release();
    };
    let both = async { tokio::join!(requests, released) };
    let (replies, ()) = as_time_passes(&harness, Duration::from_millis(20), both).await;
    assert_eq!(renewals(&harness, EMPLOYEE_CLIENT_ID).len(), 1);
    let mut answered = 0;
    for reply in replies {
        let reply = reply?;
        // One person's requests wait in a short line; the rest may come again.
        match code(&reply)? {
            (404, Code::MeetingNotFound) => answered += 1,
            other => assert_eq!(other, (503, Code::Busy)),
        }
    }
    assert!(answered >= 5, "{answered}");
    Ok(())
}

#[tokio::test]
async fn security_15_refused_tokens_are_renewed_once_however_many_were_refused() -> Test {
    let harness = Harness::start(patient()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.expire_access_tokens();
    let requests = join_all((0..5).map(|_| elodie.get("app/api/meetings/123456789")));
    let replies = as_time_passes(&harness, Duration::from_millis(20), requests).await;
    for reply in replies {
        assert_eq!(code(&reply?)?, (404, Code::MeetingNotFound));
    }
    assert_eq!(renewals(&harness, EMPLOYEE_CLIENT_ID).len(), 1);
    Ok(())
}

#[tokio::test]
async fn security_17_a_lost_consent_asks_the_employee_to_sign_in_again() -> Test {
    let harness = Harness::start(patient()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let bystander = harness.employee(JUERGEN).await?;
    harness.sandbox.revoke_grants_of(ELODIE)?;
    harness.advance(HOUR);
    let reply = create(&elodie).await?;
    assert_eq!(code(&reply)?, (401, Code::ReconnectRequired));
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    let asked = count(&harness, Route::Token);
    for path in ["app/api/meetings/123456789", "app/api/organizers?q=a"] {
        let reply = elodie.get(path).await?;
        assert_eq!(code(&reply)?, (401, Code::ReconnectRequired), "{path}");
    }
    let session: Session = elodie.get("app/api/session").await?.json()?;
    assert_eq!(session.user, None);
    assert_eq!(
        count(&harness, Route::Token),
        asked,
        "GoTo is not asked again"
    );
    assert_eq!(create(&bystander).await?.status, 201);

    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    assert_eq!(create(&elodie).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn security_17_what_is_wrong_with_a_renewal_is_told_apart_and_keeps_the_consent() -> Test {
    let harness = Harness::start(patient()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let json = |status: u16, body: &str| {
        FaultKind::Instead(Answer {
            body: body.to_owned(),
            ..Answer::status(status)
        })
    };
    let cases = [
        (
            json(401, r#"{"error":"invalid_client"}"#),
            503,
            Code::NotReady,
        ),
        (
            json(400, r#"{"error":"unauthorized_client"}"#),
            503,
            Code::NotReady,
        ),
        (
            json(400, r#"{"error":"invalid_request"}"#),
            503,
            Code::NotReady,
        ),
        (FaultKind::status(401), 503, Code::NotReady),
        (json(410, r#"{"message":"gone"}"#), 503, Code::NotReady),
        (FaultKind::Html, 503, Code::NotReady),
        (FaultKind::status(500), 502, Code::GotoFailed),
        (FaultKind::status(503), 502, Code::GotoFailed),
        (FaultKind::CutBefore, 504, Code::GotoSlow),
        (FaultKind::Truncated, 504, Code::GotoSlow),
    ];
    for (kind, status, expected) in cases {
        harness.advance(HOUR);
        harness
            .sandbox
            .fault(Fault::once(Route::Token, kind.clone()));
        let reply = create(&elodie).await?;
        assert_eq!(code(&reply)?, (status, expected), "{kind:?}");
        assert!(!reply.text.contains("invalid_"), "{}", reply.text);
        let reply = create(&elodie).await?;
        assert_eq!(reply.status, 201, "after {kind:?}: {}", reply.text);
    }
    harness.advance(HOUR);
    let busy = FaultKind::TooManyRequests(RetryAfter::Seconds(8));
    harness.sandbox.fault(Fault::once(Route::Token, busy));
    assert_eq!(code(&create(&elodie).await?)?, (503, Code::Busy));
    harness.advance(Duration::from_secs(8));
    assert_eq!(create(&elodie).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn a_lost_consent_of_the_service_account_is_shown_and_not_asked_for_again() -> Test {
    let harness = Harness::start(connected()).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let email = harness.sandbox.admin().email;
    harness.sandbox.revoke_grants_of(&email)?;
    harness.advance(HOUR);
    let shown = eventually(async || {
        let page = admin.get("/admin").await?.text;
        Ok(page
            .contains("GoTo no longer accepts the consent")
            .then_some(page))
    });
    let page = as_time_passes(&harness, Duration::from_secs(1), shown).await?;
    assert!(page.contains(&email), "{page}");
    assert!(page.contains("action=\"/admin/authorise\""), "{page}");
    let ready = admin.get("/health/ready").await?;
    assert!(
        ready.text.contains("\"service_account\":false"),
        "{}",
        ready.text
    );
    assert_eq!(ready.status, 200, "employees can still be served");

    let asked = count(&harness, Route::Token);
    for _ in 0..3 {
        harness.advance(HOUR);
        // Whoever presses the button hears why nothing happens.
        let refused = harness.proxy().sync().await;
        assert!(refused.is_err_and(|error| error.to_string().contains("Authorise")));
    }
    assert_eq!(count(&harness, Route::Token), asked);
    let elodie = harness.employee(ELODIE).await?;
    let reply = elodie.get("app/api/organizers?q=suharto").await?;
    assert!(
        reply.text.contains("Suharto"),
        "the directory stays: {}",
        reply.text
    );

    let page = admin.authorise(&email).await?;
    assert_eq!(page.status, 200, "{}", page.text);
    let ready = admin.get("/health/ready").await?;
    assert!(
        ready.text.contains("\"service_account\":true"),
        "{}",
        ready.text
    );
    Ok(())
}

#[tokio::test]
async fn security_38_everybody_s_requests_carry_their_own_token() -> Test {
    let harness = Harness::start(patient()).await?;
    let people = [ELODIE, JUERGEN];
    let visitors = [
        harness.employee(ELODIE).await?,
        harness.employee(JUERGEN).await?,
    ];
    for _ in 0..10 {
        harness.advance(HOUR / 2);
        let asking = join_all(visitors.iter().map(create));
        let replies = as_time_passes(&harness, Duration::from_millis(20), asking).await;
        for (reply, email) in replies.into_iter().zip(people) {
            let meeting: Meeting = reply?.json()?;
            let stored = harness.sandbox.meetings();
            let stored = stored
                .iter()
                .find(|stored| stored.id.to_string() == meeting.id);
            let owner = harness.sandbox.employee(email).expect("an employee").key;
            assert_eq!(stored.map(|stored| &stored.organizer), Some(&owner));
        }
    }
    assert!(renewals(&harness, EMPLOYEE_CLIENT_ID).len() >= 8);
    Ok(())
}

#[tokio::test]
async fn a_refusal_that_was_cut_short_is_asked_again_with_another_token() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.expire_access_tokens();
    // The word that says that it is the token is in the half that is lost.
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, FaultKind::Truncated));
    let reply = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(renewals(&harness, EMPLOYEE_CLIENT_ID).len(), 1);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}
