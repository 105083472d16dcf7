//! What GoTo refuses: a token, a licence, the meeting itself, too many requests.

use std::time::Duration;

use goto_microapps_api::Code;
use goto_microapps_harness::Harness;
use goto_sandbox::{Answer, Fault, FaultKind, Outcome, RetryAfter, Route, Sandbox};

use super::made;
use crate::steps::{ELODIE, Test, code, count, eventually, form, fresh_key, quiet};

#[tokio::test]
async fn an_access_token_that_ended_early_is_renewed_once_and_the_create_repeated_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.clear_log();
    harness.sandbox.expire_access_tokens();
    made(&elodie, &form()).await?;
    let outcomes: Vec<(Route, Outcome)> = harness
        .sandbox
        .log()
        .iter()
        .map(|received| (received.route, received.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            (Route::CreateMeeting, Outcome::Answered(403)),
            (Route::Token, Outcome::Answered(200)),
            (Route::CreateMeeting, Outcome::Answered(201)),
        ]
    );
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_refused_although_it_is_new_asks_for_a_new_sign_in() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.clear_log();
    let fault = Fault::new(Route::CreateMeeting, FaultKind::InvalidToken);
    harness.sandbox.fault(fault);
    let key = fresh_key();
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(code(&reply)?, (401, Code::ReconnectRequired));
    assert_eq!(count(&harness, Route::CreateMeeting), 3);
    assert_eq!(count(&harness, Route::Token), 2);
    harness.sandbox.clear_faults();
    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(reply.status, 201, "nothing was created, so the key is good");
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_refused_once_more_costs_nobody_a_consent() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    // As when the first has ended and the second meets a momentary refusal.
    let fault = Fault::new(Route::CreateMeeting, FaultKind::InvalidToken).times(2);
    harness.sandbox.fault(fault);
    let reply = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_renewal_that_fails_before_the_repetition_is_a_definite_failure() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.expire_access_tokens();
    let down = FaultKind::status(503);
    harness.sandbox.fault(Fault::once(Route::Token, down));
    let key = fresh_key();
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(
        code(&reply)?,
        (502, Code::GotoFailed),
        "nothing was created"
    );
    assert_eq!(elodie.create(&key, &form()).await?.status, 201);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_missing_licence_is_no_reason_to_renew_the_token() -> Test {
    let harness = Harness::start(quiet()).await?;
    let email = harness.sandbox.unlicensed().email;
    let noor = harness.employee(&email).await?;
    harness.sandbox.clear_log();
    let key = fresh_key();
    let reply = noor.create(&key, &form()).await?;
    assert_eq!(code(&reply)?, (403, Code::GotoForbidden));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    assert_eq!(count(&harness, Route::Token), 0);
    // The licence is bought, the form still open.
    harness.sandbox.set_licensed(&email, true)?;
    assert_eq!(noor.create(&key, &form()).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn what_goto_refuses_is_told_and_not_asked_again() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let refusal = Answer {
        body: r#"{"int_err_code":"InvalidRequest","msg":"<b>canary</b>"}"#.to_owned(),
        ..Answer::status(400)
    };
    let fault = Fault::once(Route::CreateMeeting, FaultKind::Instead(refusal));
    harness.sandbox.fault(fault);
    let key = fresh_key();
    for _ in 0..2 {
        let reply = elodie.create(&key, &form()).await?;
        assert_eq!(code(&reply)?, (422, Code::GotoRefused));
        assert!(!reply.text.contains("canary"), "{}", reply.text);
        assert!(reply.text.contains("InvalidRequest"), "{}", reply.text);
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn goto_over_its_limit_creates_nothing_and_the_key_stays_good() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let busy = FaultKind::TooManyRequests(RetryAfter::Seconds(20));
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, busy));
    let key = fresh_key();
    let reply = elodie.create(&key, &form()).await?;
    assert_eq!(code(&reply)?, (503, Code::Busy));
    assert_eq!(reply.header("retry-after"), "20");
    assert!(harness.sandbox.meetings().is_empty());
    harness.advance(Duration::from_secs(20));
    assert_eq!(elodie.create(&key, &form()).await?.status, 201);
    assert_eq!(count(&harness, Route::CreateMeeting), 2);
    Ok(())
}

#[tokio::test]
async fn goto_out_of_reach_is_a_definite_failure() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    // A proxy without open connections: one that dies under a request is another story.
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    let gone = harness.sandbox.base_url();
    let elsewhere = Sandbox::start(goto_sandbox::Options::default()).await?;
    drop(std::mem::replace(&mut harness.sandbox, elsewhere));
    let port = url::Url::parse(&gone)?.port().expect("a port");
    eventually(async || {
        let refused = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
        Ok(refused.is_err().then_some(()))
    })
    .await?;
    let key = fresh_key();
    for _ in 0..2 {
        let reply = elodie.create(&key, &form()).await?;
        assert_eq!(code(&reply)?, (502, Code::GotoUnreachable));
    }
    Ok(())
}
