//! Creates that wait at the proxy for their turn while the request limit is used up.

mod dropped;

use std::time::Duration;

use goto_microapps_api::{Code, Confirming, ConfirmingCause, Meeting, NewMeeting};
use goto_microapps_harness::{Harness, Options, Reply, Visitor};
use goto_sandbox::Route;
use reqwest::Method;

use crate::plain_pages::Form;
use crate::steps::{
    ELODIE, JUERGEN, Test, as_time_passes, code, connected, count, eventually, form, fresh_key,
    quiet,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A proxy whose limit is used up by a sign-in and three requests.
fn limited() -> Options {
    quiet().set("goto.requests", "5")
}

/// Uses up what is left of the limit.
async fn crowd(visitor: &Visitor) -> Test {
    for _ in 0..3 {
        let reply = visitor.get("app/api/meetings/123456789").await?;
        assert_eq!(code(&reply)?, (404, Code::MeetingNotFound));
    }
    Ok(())
}

/// Sends a form in that may wait.
async fn queue(visitor: &Visitor, key: &str, form: &NewMeeting) -> anyhow::Result<Reply> {
    let request = visitor
        .call(Method::POST, "app/api/meetings?queue=true")
        .header("idempotency-key", key)
        .json(form);
    visitor.send(request).await
}

async fn withdraw(visitor: &Visitor, key: &str) -> anyhow::Result<Reply> {
    let request = visitor.call(Method::POST, "app/api/meetings/withdraw");
    visitor.send(request.header("idempotency-key", key)).await
}

/// Seconds after which a create that waits is to be asked for again.
fn waits(reply: &Reply) -> anyhow::Result<u32> {
    anyhow::ensure!(reply.status == 202, "{}: {}", reply.status, reply.text);
    let confirming: Confirming = reply.json()?;
    anyhow::ensure!(
        confirming.cause == ConfirmingCause::Queued,
        "{}",
        reply.text
    );
    Ok(confirming.retry_after)
}

/// Asks as a widget does until the create does not wait any more.
async fn until_known(visitor: &Visitor, key: &str) -> anyhow::Result<Reply> {
    eventually(async || {
        let reply = queue(visitor, key, &form()).await?;
        Ok((reply.status != 202).then_some(reply))
    })
    .await
}

#[tokio::test]
async fn security_70_a_create_waits_for_its_turn_and_is_sent_once_with_nobody_there() -> Test {
    let harness = Harness::start(limited()).await?;
    let elodie = harness.employee(ELODIE).await?;
    crowd(&elodie).await?;
    let key = fresh_key();
    assert_eq!(waits(&queue(&elodie, &key, &form()).await?)?, 60);
    harness.advance(30 * SECOND);
    // Who asks again is told where it stands, and hastens nothing.
    assert_eq!(waits(&queue(&elodie, &key, &form()).await?)?, 30);
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    // Everybody has left.
    let made = eventually(async || Ok(harness.sandbox.meetings().pop()));
    let made = as_time_passes(&harness, SECOND, made).await?;
    let reply = until_known(&elodie, &key).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.header("idempotent-replayed"), "true");
    assert_eq!(reply.json::<Meeting>()?.id, made.id.to_string());
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn security_70_whoever_does_not_ask_to_wait_is_refused_as_ever() -> Test {
    let harness = Harness::start(limited()).await?;
    let elodie = harness.employee(ELODIE).await?;
    crowd(&elodie).await?;
    for path in ["app/api/meetings", "app/api/meetings?queue=false"] {
        let request = elodie.call(Method::POST, path).json(&form());
        let request = request.header("idempotency-key", fresh_key());
        assert_eq!(code(&elodie.send(request).await?)?, (503, Code::Busy));
    }
    let request = elodie.call(Method::POST, "app/api/meetings?queue=perhaps");
    let request = request.json(&form()).header("idempotency-key", fresh_key());
    let reply = elodie.send(request).await?;
    assert_eq!(code(&reply)?, (400, Code::MalformedRequest));
    harness.advance(10 * MINUTE);
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn security_70_what_was_taken_back_is_never_sent() -> Test {
    let harness = Harness::start(limited()).await?;
    let elodie = harness.employee(ELODIE).await?;
    crowd(&elodie).await?;
    let key = fresh_key();
    waits(&queue(&elodie, &key, &form()).await?)?;
    // Nobody else can.
    let other = harness.visitor();
    assert_eq!(withdraw(&other, &key).await?.status, 401);
    assert_eq!(withdraw(&elodie, &key).await?.status, 204);
    assert_eq!(withdraw(&elodie, &key).await?.status, 204, "twice is once");
    let reply = queue(&elodie, &key, &form()).await?;
    assert_eq!(code(&reply)?, (404, Code::MeetingNotFound));
    let reply = withdraw(&elodie, &fresh_key()).await?;
    assert_eq!(code(&reply)?, (404, Code::MeetingNotFound));
    // Another one goes; by then the first would have gone as well.
    harness.advance(MINUTE);
    let key = fresh_key();
    assert_eq!(queue(&elodie, &key, &form()).await?.status, 201);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    // Too late: what became of it.
    let reply = withdraw(&elodie, &key).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    Ok(())
}

#[tokio::test]
async fn security_70_a_restart_loses_no_create_that_waits() -> Test {
    let mut harness = Harness::start(limited()).await?;
    let elodie = harness.employee(ELODIE).await?;
    crowd(&elodie).await?;
    let key = fresh_key();
    waits(&queue(&elodie, &key, &form()).await?)?;
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    let made = eventually(async || Ok(harness.sandbox.meetings().pop()));
    as_time_passes(&harness, SECOND, made).await?;
    assert_eq!(until_known(&elodie, &key).await?.status, 201);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn security_70_one_person_cannot_fill_the_queue() -> Test {
    let harness = Harness::start(limited()).await?;
    let elodie = harness.employee(ELODIE).await?;
    crowd(&elodie).await?;
    for _ in 0..5 {
        waits(&queue(&elodie, &fresh_key(), &form()).await?)?;
    }
    let key = fresh_key();
    let reply = queue(&elodie, &key, &form()).await?;
    assert_eq!(code(&reply)?, (503, Code::Busy));
    Ok(())
}

#[tokio::test]
async fn security_70_the_plain_form_waits_as_well_and_takes_back() -> Test {
    let harness = Harness::start(connected().set("goto.requests", "9")).await?;
    let visitor = harness.employee(JUERGEN).await?;
    while code(&visitor.get("app/api/meetings/123456789").await?)?.0 == 404 {}
    let page = visitor.get("form?lang=en&tz=Europe/Paris").await?;
    let page = Form::of(&page)
        .set("subject", "Later")
        .press(&visitor, "create")
        .await?;
    let page = Form::of(&page).press(&visitor, "create").await?;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("You may leave this page"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("{seconds}"), "{}", page.text);
    let back = Form::of(&page).press(&visitor, "withdraw").await?;
    assert!(back.text.contains("Not sent"), "{}", back.text);
    assert!(back.text.contains("value=\"Later\""), "{}", back.text);
    // Sent again, it is another one.
    let page = Form::of(&back).press(&visitor, "create").await?;
    assert!(
        page.text.contains("You may leave this page"),
        "{}",
        page.text
    );
    let made = eventually(async || Ok(harness.sandbox.meetings().pop()));
    as_time_passes(&harness, SECOND, made).await?;
    let page = eventually(async || {
        let page = Form::of(&page).press(&visitor, "check").await?;
        Ok((page.status == 303).then_some(page))
    });
    let page = as_time_passes(&harness, SECOND, page).await?;
    assert!(page.header("location").contains("?new=1"), "{page:?}");
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}
