//! What a 429 of GoTo's holds up, for how long, and what people are told meanwhile.

use std::time::Duration;

use chrono::TimeDelta;
use goto_microapps_api::{Code, Session};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, RetryAfter, Route};

use crate::steps::{
    ELODIE, JUERGEN, Test, as_time_passes, code, connected, count, form, fresh_key, quiet, way_back,
};

const STEP: Duration = Duration::from_millis(100);

fn puts_off(harness: &Harness, route: Route, retry_after: RetryAfter) {
    let kind = FaultKind::TooManyRequests(retry_after);
    harness.sandbox.fault(Fault::once(route, kind));
}

async fn read(visitor: &Visitor) -> anyhow::Result<Reply> {
    visitor.get("app/api/meetings/123456789").await
}

#[tokio::test]
async fn a_429_that_names_no_time_is_waited_out_for_one_to_two_seconds() -> Test {
    for is_over in [false, true, false, true] {
        let harness = Harness::start(quiet()).await?;
        let elodie = harness.employee(ELODIE).await?;
        puts_off(&harness, Route::GetMeeting, RetryAfter::Absent);
        let refused = read(&elodie).await?;
        assert_eq!(code(&refused)?, (503, Code::Busy));
        let told: u64 = refused.header("retry-after").parse()?;
        assert!((1..=2).contains(&told), "{told}");
        let refused_at = harness.sandbox.now();
        // Nobody is sent away for so short a time.
        let (key, form) = (fresh_key(), form());
        let again = elodie.create(&key, &form);
        let reply = if is_over {
            // On a clock that stands from here on.
            harness.advance(Duration::from_millis(2_300));
            again.await?
        } else {
            as_time_passes(&harness, STEP, again).await?
        };
        assert_eq!(reply.status, 201, "{}", reply.text);
        let sent = harness.sandbox.log_of(Route::CreateMeeting)[0].at;
        assert!(sent - refused_at >= TimeDelta::seconds(1), "{sent}");
    }
    Ok(())
}

#[tokio::test]
async fn a_429_of_one_api_holds_up_that_api_only() -> Test {
    for route in [Route::Token, Route::Me, Route::Users, Route::GetMeeting] {
        let harness = Harness::start(connected()).await?;
        let elodie = harness.employee(ELODIE).await?;
        puts_off(&harness, route, RetryAfter::Seconds(300));
        let visitor = harness.visitor();
        let back = way_back(&harness, &visitor, JUERGEN).await?;
        match route {
            Route::Users => assert!(harness.proxy().sync().await.is_err()),
            Route::GetMeeting => assert_eq!(read(&elodie).await?.status, 503),
            _ => assert_eq!(visitor.open(&back).await?.status, 503, "{route:?}"),
        }
        let asked = count(&harness, route);
        // On a clock that stands nobody waits and succeeds.
        let created = elodie.create(&fresh_key(), &form()).await?;
        let signed_in = harness.visitor();
        let back = way_back(&harness, &signed_in, ELODIE).await?;
        let page = signed_in.open(&back).await?;
        let synced = harness.proxy().sync().await;
        let [meetings, sign_ins, people] = match route {
            Route::GetMeeting => [503, 200, 200],
            Route::Users => [201, 200, 503],
            _ => [201, 503, 200],
        };
        assert_eq!(created.status, meetings, "{route:?}: {}", created.text);
        assert_eq!(page.status, sign_ins, "{route:?}: {}", page.text);
        assert_eq!(synced.is_ok(), people == 200, "{route:?}");
        assert_eq!(
            count(&harness, route),
            asked,
            "{route:?}: nothing more is asked"
        );
    }
    Ok(())
}

/// Whether a page goes on by itself, and after how many seconds.
fn refresh(page: &Reply) -> Option<u64> {
    let (_, rest) = page.text.split_once("http-equiv=\"refresh\" content=\"")?;
    let (seconds, _) = rest.split_once('"')?;
    seconds.parse().ok()
}

#[tokio::test]
async fn a_sign_in_that_goto_puts_off_goes_on_by_itself() -> Test {
    for (route, retry_after, tokens) in [
        (Route::Token, RetryAfter::Seconds(7), 2),
        (Route::Token, RetryAfter::Absent, 2),
        // The code is spent by now: what it gave must not be lost.
        (Route::Me, RetryAfter::Seconds(7), 1),
        (Route::Me, RetryAfter::Absent, 1),
    ] {
        let harness = Harness::start(quiet()).await?;
        let visitor = harness.visitor();
        let back = way_back(&harness, &visitor, ELODIE).await?;
        puts_off(&harness, route, retry_after);
        let page = visitor.open(&back).await?;
        assert_eq!(page.status, 503, "{}", page.text);
        let seconds = refresh(&page).expect("a page that goes on");
        let said: u64 = page.header("retry-after").parse()?;
        assert_eq!(seconds, said);
        let wanted = match retry_after {
            RetryAfter::Seconds(7) => 7..=7,
            _ => 1..=2,
        };
        assert!(wanted.contains(&seconds), "{seconds}");
        assert!(page.text.contains("goes on by itself"), "{}", page.text);
        assert!(!page.text.contains("administrator"), "{}", page.text);
        // The page that opened the window counts down with it.
        let (message, _) = Visitor::posted(&page)?;
        let message = serde_json::to_value(&message)?;
        assert_eq!(message["outcome"], "busy");
        assert_eq!(message["retry_after"], seconds);
        assert_eq!(message["code"], serde_json::Value::Null);
        harness.advance(Duration::from_secs(seconds));
        let again = visitor.open(&back).await?;
        assert_eq!(again.status, 200, "{route:?}: {}", again.text);
        let (message, _) = Visitor::posted(&again)?;
        assert!(message.code.is_some());
        assert_eq!(count(&harness, Route::Token), tokens, "{route:?}");
        assert_eq!(visitor.open(&back).await?.status, 400, "once");
    }
    Ok(())
}

#[tokio::test]
async fn a_sign_in_that_is_put_off_again_and_again_ends_after_its_ten_minutes() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let kind = FaultKind::TooManyRequests(RetryAfter::Seconds(200));
    harness.sandbox.fault(Fault::new(Route::Token, kind));
    for _ in 0..3 {
        let page = visitor.open(&back).await?;
        assert_eq!(
            (page.status, refresh(&page)),
            (503, Some(200)),
            "{}",
            page.text
        );
        harness.advance(Duration::from_secs(200));
    }
    let page = visitor.open(&back).await?;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("That took too long"), "{}", page.text);
    Ok(())
}

#[tokio::test]
async fn a_sign_in_on_a_page_of_the_proxys_own_goes_on_by_itself() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let away = visitor
        .open("app/sign-in?return_to=form%3Flang%3Dfr&lang=fr")
        .await?;
    let back = harness
        .sandbox
        .consent(away.header("location"), ELODIE)
        .await?;
    puts_off(&harness, Route::Me, RetryAfter::Seconds(3));
    let page = visitor.open(&back).await?;
    assert_eq!(
        (page.status, refresh(&page)),
        (503, Some(3)),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("<span data-left>3</span>"),
        "{}",
        page.text
    );
    harness.advance(Duration::from_secs(3));
    assert_eq!(visitor.open(&back).await?.status, 200);
    let session: Session = visitor.get("app/api/session").await?.json()?;
    assert_eq!(session.user.map(|user| user.email).as_deref(), Some(ELODIE));
    Ok(())
}

#[tokio::test]
async fn a_consent_of_the_service_account_that_goto_puts_off_goes_on_by_itself() -> Test {
    for (route, tokens) in [
        (Route::Token, 2),
        (Route::Me, 1),
        (Route::AdminMe, 1),
        (Route::Users, 1),
    ] {
        let harness = Harness::start(quiet()).await?;
        let admin = harness.admin();
        admin.sign_in(ADMIN_PASSWORD).await?;
        let departure = admin.depart().await?;
        let email = harness.sandbox.admin().email;
        let back = harness.sandbox.consent(&departure, &email).await?;
        puts_off(&harness, route, RetryAfter::Seconds(4));
        let page = admin.open(&back).await?;
        assert_eq!(
            (page.status, refresh(&page)),
            (503, Some(4)),
            "{route:?}: {}",
            page.text
        );
        harness.advance(Duration::from_secs(4));
        let page = admin.open(&back).await?;
        assert_eq!(page.status, 200, "{route:?}: {}", page.text);
        assert_eq!(count(&harness, Route::Token), tokens, "{route:?}");
    }
    Ok(())
}
