//! Signing out while a cancellation waits: it is sent or dropped by the person's answer, never by
//! silence.

use goto_microapps_api::{CancelState, Code, StopReason};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, RetryAfter, Route};
use reqwest::Method;

use super::{deletions, is_deleted, later, made, order, settled, standing};
use crate::steps::{ELODIE, Test, ZOE, code, count, quiet};

async fn sign_out(visitor: &Visitor, answer: &str) -> anyhow::Result<Reply> {
    let path = format!("app/api/session/end{answer}");
    visitor.send(visitor.call(Method::POST, &path)).await
}

#[tokio::test]
async fn security_61_a_sign_out_asks_what_becomes_of_a_waiting_cancellation() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Waits").await?;
    order(&elodie, &meeting).await?;
    let out = elodie.call(Method::DELETE, "app/api/session");
    for reply in [elodie.send(out).await?, sign_out(&elodie, "").await?] {
        assert_eq!(code(&reply)?, (409, Code::CancelWaiting));
    }
    let odd = sign_out(&elodie, "?cancel=perhaps").await?;
    assert_eq!(code(&odd)?, (400, Code::MalformedRequest));
    // Nobody was signed out, and nothing was sent or dropped.
    let waiting = standing(&elodie, &meeting.id).await?;
    assert_eq!(waiting.state, CancelState::Waiting);
    assert_eq!(count(&harness, Route::DeleteMeeting), 0);
    settled(&harness, &elodie, &meeting.id).await?;
    // What is over is not asked about.
    assert_eq!(sign_out(&elodie, "").await?.status, 204);
    Ok(())
}

#[tokio::test]
async fn security_61_who_leaves_sends_it_or_drops_it() -> Test {
    let harness = Harness::start(quiet()).await?;
    let zoe = harness.employee(ZOE).await?;
    let elodie = harness.employee(ELODIE).await?;
    let dropped = made(&elodie, "Dropped").await?;
    order(&elodie, &dropped).await?;
    assert_eq!(sign_out(&elodie, "?cancel=drop").await?.status, 204);
    let reply = elodie.get("app/api/meetings").await?;
    assert_eq!(code(&reply)?, (401, Code::SignInRequired));
    later(&harness, &zoe).await?;
    assert_eq!(deletions(&harness, &dropped.id), 0);

    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    let state = standing(&elodie, &dropped.id).await?.state;
    assert_eq!(state, CancelState::Withdrawn);
    let sent = made(&elodie, "Sent").await?;
    order(&elodie, &sent).await?;
    assert_eq!(sign_out(&elodie, "?cancel=send").await?.status, 204);
    // Before the answer, not after the ten seconds.
    assert!(is_deleted(&harness, &sent.id));
    assert_eq!(deletions(&harness, &sent.id), 1);
    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    let state = standing(&elodie, &sent.id).await?.state;
    assert_eq!(state, CancelState::Cancelled);
    Ok(())
}

#[tokio::test]
async fn security_61_what_cannot_be_sent_now_keeps_its_person_signed_in() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Busy").await?;
    order(&elodie, &meeting).await?;
    let kind = FaultKind::TooManyRequests(RetryAfter::Seconds(2));
    harness.sandbox.fault(Fault::once(Route::GetMeeting, kind));
    let reply = sign_out(&elodie, "?cancel=send").await?;
    assert_eq!(code(&reply)?, (503, Code::Busy));
    let waiting = standing(&elodie, &meeting.id).await?;
    assert_eq!(waiting.state, CancelState::Waiting);
    let end = settled(&harness, &elodie, &meeting.id).await?;
    assert_eq!(end.state, CancelState::Cancelled);
    Ok(())
}

#[tokio::test]
async fn a_consent_that_ends_otherwise_stops_it_with_words() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie, "Withdrawn consent").await?;
    order(&elodie, &meeting).await?;
    harness.sandbox.revoke_grants_of(ELODIE)?;
    harness.sandbox.expire_access_tokens();
    let ended = async || {
        let reply = elodie.get("app/api/meetings/1/cancel").await?;
        Ok((code(&reply)?.1 == Code::ReconnectRequired).then_some(()))
    };
    crate::steps::as_time_passes(&harness, super::STEP, crate::steps::eventually(ended)).await?;
    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    let end = settled(&harness, &elodie, &meeting.id).await?;
    assert_eq!(end.state, CancelState::Stopped);
    assert_eq!(end.reason, Some(StopReason::SignedOut));
    assert_eq!(deletions(&harness, &meeting.id), 0);
    Ok(())
}

#[tokio::test]
async fn the_plain_page_asks_the_same() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let press = |answer: &'static [(&str, &str)]| {
        let press = elodie.plain(Method::POST, "form/sign-out?lang=en");
        let press = press.header("sec-fetch-site", "same-origin");
        elodie.send(press.form(answer))
    };
    let meeting = made(&elodie, "Waits <here>").await?;
    order(&elodie, &meeting).await?;
    let page = press(&[]).await?;
    assert_eq!(page.status, 409);
    for part in ["Waits &#60;here&#62;", "value=\"send\"", "value=\"drop\""] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(elodie.get("app/api/meetings").await?.status, 200);
    let left = press(&[("cancel", "send")]).await?;
    assert_eq!(left.status, 303);
    assert!(is_deleted(&harness, &meeting.id));
    Ok(())
}
