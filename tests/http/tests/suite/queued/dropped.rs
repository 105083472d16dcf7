//! Creates that waited and were never sent, and what is said of them.

use std::time::Duration;

use goto_microapps_api::{Code, FieldCode, Problem};
use goto_microapps_harness::Harness;
use goto_sandbox::{Fault, FaultKind, RetryAfter, Route};

use super::{SECOND, crowd, limited, queue, until_known, waits};
use crate::steps::{
    ELODIE, Test, as_time_passes, code, count, eventually, form, fresh_key, noon, quiet,
};

#[tokio::test]
async fn security_70_a_create_waits_for_five_minutes_at_most() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let busy = FaultKind::TooManyRequests(RetryAfter::Seconds(200));
    let fault = Fault::new(Route::CreateMeeting, busy).times(9);
    harness.sandbox.fault(fault);
    let key = fresh_key();
    assert_eq!(waits(&queue(&elodie, &key, &form()).await?)?, 200);
    let sent = async || Ok((count(&harness, Route::CreateMeeting) == 2).then_some(()));
    as_time_passes(&harness, SECOND, eventually(sent)).await?;
    // Until its answer is there the clock stands still.
    let waiting = async || Ok(waits(&queue(&elodie, &key, &form()).await?).ok());
    eventually(waiting).await?;
    let waited = (harness.sandbox.now() - noon()).to_std()?;
    harness.advance(Duration::from_secs(298).saturating_sub(waited));
    waits(&queue(&elodie, &key, &form()).await?)?;
    harness.advance(2 * SECOND);
    let known = until_known(&elodie, &key).await?;
    assert_eq!(code(&known)?, (409, Code::QueueExpired));
    assert_eq!(count(&harness, Route::CreateMeeting), 2);
    // It stays so, whatever GoTo would say now.
    harness.sandbox.clear_faults();
    harness.advance(Duration::from_secs(600));
    let known = queue(&elodie, &key, &form()).await?;
    assert_eq!(code(&known)?, (409, Code::QueueExpired));
    assert_eq!(queue(&elodie, &fresh_key(), &form()).await?.status, 201);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_wait_that_would_be_too_long_is_told_at_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let busy = FaultKind::TooManyRequests(RetryAfter::Seconds(301));
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, busy));
    let reply = queue(&elodie, &fresh_key(), &form()).await?;
    assert_eq!(code(&reply)?, (503, Code::Busy));
    assert_eq!(reply.header("retry-after"), "301");
    Ok(())
}

#[tokio::test]
async fn security_70_a_create_is_dropped_when_the_consent_is_lost() -> Test {
    let harness = Harness::start(limited()).await?;
    let elodie = harness.employee(ELODIE).await?;
    crowd(&elodie).await?;
    let key = fresh_key();
    waits(&queue(&elodie, &key, &form()).await?)?;
    harness.sandbox.revoke_grants_of(ELODIE)?;
    harness.sandbox.expire_access_tokens();
    let known = as_time_passes(&harness, SECOND, until_known(&elodie, &key)).await?;
    assert_eq!(code(&known)?, (401, Code::ReconnectRequired));
    // Who signs in again is told what became of it, and sends it anew.
    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    let known = queue(&elodie, &key, &form()).await?;
    assert_eq!(code(&known)?, (409, Code::QueueConsentLost));
    assert!(harness.sandbox.meetings().is_empty());
    Ok(())
}

#[tokio::test]
async fn security_70_a_create_is_dropped_when_its_start_has_passed() -> Test {
    let harness = Harness::start(limited()).await?;
    let elodie = harness.employee(ELODIE).await?;
    crowd(&elodie).await?;
    let mut soon = form();
    // A second before there is room again.
    soon.start = "2026-03-02T13:01".to_owned();
    soon.end = "2026-03-02T14:00".to_owned();
    let key = fresh_key();
    harness.advance(5 * SECOND);
    waits(&queue(&elodie, &key, &soon).await?)?;
    let known = eventually(async || {
        let reply = queue(&elodie, &key, &soon).await?;
        Ok((reply.status != 202).then_some(reply))
    });
    let known = as_time_passes(&harness, SECOND, known).await?;
    assert_eq!(code(&known)?, (422, Code::InvalidMeeting));
    let problem: Problem = known.json()?;
    assert_eq!(problem.errors[0].code, FieldCode::InThePast);
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}

#[tokio::test]
async fn security_70_a_create_that_goto_refuses_ends_there() -> Test {
    let harness = Harness::start(limited()).await?;
    let email = harness.sandbox.unlicensed().email;
    let noor = harness.employee(&email).await?;
    crowd(&noor).await?;
    let key = fresh_key();
    waits(&queue(&noor, &key, &form()).await?)?;
    let known = as_time_passes(&harness, SECOND, until_known(&noor, &key)).await?;
    assert_eq!(code(&known)?, (403, Code::GotoForbidden));
    harness.advance(Duration::from_secs(120));
    let known = until_known(&noor, &key).await?;
    assert_eq!(code(&known)?, (403, Code::GotoForbidden));
    assert_eq!(count(&harness, Route::CreateMeeting), 1, "asked once");
    Ok(())
}
