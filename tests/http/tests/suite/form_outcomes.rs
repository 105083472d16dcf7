//! What became of a plain form when the page that says so is lost: one form is one meeting.

use std::time::Duration;

use goto_microapps_harness::{Harness, Interference, Options, Reply, Visitor};
use goto_sandbox::{Answer, Fault, FaultKind, Route};
use reqwest::Method;

use crate::plain_pages::{Form, signed_in};
use crate::steps::{Test, as_time_passes, connected, count, quiet};

const STEP: Duration = Duration::from_secs(2);

fn behind_a_middlebox() -> Options {
    Options {
        middlebox: true,
        ..quiet()
    }
}

fn is_held(page: &Reply) -> bool {
    page.text.contains("data-held")
}

/// Presses until the page no longer waits by itself, as time passes.
async fn press(
    harness: &Harness,
    form: &Form,
    visitor: &Visitor,
    button: &str,
) -> anyhow::Result<Reply> {
    as_time_passes(harness, STEP, form.press(visitor, button)).await
}

/// The only meeting there is, which the page leads to.
async fn leads_to_the_one_meeting(
    harness: &Harness,
    visitor: &Visitor,
    reply: &Reply,
    subject: &str,
) -> anyhow::Result<()> {
    assert_eq!(reply.status, 303, "{}", reply.text);
    let [meeting] = &harness.sandbox.meetings()[..] else {
        panic!("{:?}", harness.sandbox.meetings());
    };
    let page = visitor.open(reply.header("location")).await?;
    assert!(page.text.contains(&meeting.join_url), "{}", page.text);
    assert!(page.text.contains(subject), "{}", page.text);
    assert_eq!(count(harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn a_form_whose_page_a_gateway_replaced_is_one_meeting_also_with_other_letters() -> Test {
    for status in [200, 500, 502, 503, 504] {
        let harness = Harness::start(behind_a_middlebox()).await?;
        let (visitor, form) = signed_in(&harness).await?;
        let lost = Interference::page("/form", status);
        let lost = lost.of(Method::POST).after_the_proxy().times(1);
        harness.middlebox().answer(lost);
        let page = form.press(&visitor, "create").await?;
        assert_eq!(page.status, status);
        assert!(page.text.contains("<h1>Sign in</h1>"));

        // Back, as browsers go back, and once more: as it was, or with another subject.
        let again = if status == 502 {
            form.press(&visitor, "create").await?
        } else {
            let changed = form.clone().set("subject", "Other words");
            changed.press(&visitor, "create").await?
        };
        leads_to_the_one_meeting(&harness, &visitor, &again, "Plain &#60;words&#62;").await?;
        // Whoever was told of it and then changes it wants another one.
        let changed = form.set("subject", "Different words");
        let other = changed.press(&visitor, "create").await?;
        assert_eq!(other.status, 303, "{}", other.text);
        assert_eq!(harness.sandbox.meetings().len(), 2);
    }
    Ok(())
}

#[tokio::test]
async fn a_form_that_never_arrived_is_created_as_it_is_now() -> Test {
    let harness = Harness::start(behind_a_middlebox()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let lost = Interference::page("/form", 502).of(Method::POST).times(1);
    harness.middlebox().answer(lost);
    assert_eq!(form.press(&visitor, "create").await?.status, 502);
    let changed = form.set("subject", "Other words");
    let reply = changed.press(&visitor, "create").await?;
    leads_to_the_one_meeting(&harness, &visitor, &reply, "Other words").await
}

#[tokio::test]
async fn other_letters_after_an_unknown_outcome_are_not_a_second_meeting() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let kind = FaultKind::CutBefore;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let page = press(&harness, &form, &visitor, "create").await?;
    assert!(is_held(&page), "{}", page.text);

    // From the page before, which is still open.
    let changed = form.set("subject", "Other words");
    let mut page = press(&harness, &changed, &visitor, "create").await?;
    while !page.text.contains("value=\"anyway\"") {
        assert!(is_held(&page), "{}", page.text);
        page = press(&harness, &changed, &visitor, "check").await?;
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    let page = press(&harness, &changed, &visitor, "create").await?;
    assert!(page.text.contains("Was the meeting created?"));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);

    // Only a person orders another one.
    let reply = press(&harness, &changed, &visitor, "anyway").await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    assert_eq!(harness.sandbox.meetings()[0].subject, "Other words");
    assert_eq!(count(&harness, Route::CreateMeeting), 2);
    Ok(())
}

#[tokio::test]
async fn a_lost_meeting_is_found_from_a_form_with_other_letters() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let kind = FaultKind::CutAfterCommit;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let posted = form.press(&visitor, "create");
    as_time_passes(&harness, Duration::from_millis(1), async {
        tokio::select! {
            // The window is closed while the page loads.
            _ = posted => {}
            () = harness.sandbox.finished(Route::CreateMeeting, 1) => {}
        }
    })
    .await;
    let changed = form.set("subject", "Other words");
    let mut reply = press(&harness, &changed, &visitor, "create").await?;
    while is_held(&reply) {
        reply = press(&harness, &changed, &visitor, "check").await?;
    }
    leads_to_the_one_meeting(&harness, &visitor, &reply, "Plain &#60;words&#62;").await
}

#[tokio::test]
async fn a_form_that_made_nothing_for_certain_may_be_corrected() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let refused = Answer {
        body: r#"{"int_err_code":"InvalidRequest"}"#.to_owned(),
        ..Answer::status(400)
    };
    harness.sandbox.fault(Fault::once(
        Route::CreateMeeting,
        FaultKind::Instead(refused),
    ));
    let page = form.press(&visitor, "create").await?;
    assert!(!is_held(&page), "{}", page.text);
    assert!(page.text.contains("The meeting was not created"));
    // From that page, and from the one before it.
    let reply = Form::of(&page)
        .set("subject", "Corrected")
        .press(&visitor, "create")
        .await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let kind = FaultKind::status(403);
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let (_, form) = signed_in(&harness).await?;
    let page = form.press(&visitor, "create").await?;
    let reply = Form::of(&page).press(&visitor, "create").await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    assert_eq!(harness.sandbox.meetings().len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_look_that_fails_keeps_the_form_closed() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let kind = FaultKind::CutBefore;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, kind));
    let mut page = press(&harness, &form, &visitor, "create").await?;
    while !page.text.contains("value=\"anyway\"") {
        page = press(&harness, &form, &visitor, "check").await?;
    }
    for status in [400, 403, 404, 500] {
        let kind = FaultKind::status(status);
        harness.sandbox.fault(Fault::once(Route::Upcoming, kind));
        let page = press(&harness, &form, &visitor, "check").await?;
        assert!(is_held(&page), "{status}: {}", page.text);
        for lie in ["The meeting was not created", "may not create meetings"] {
            assert!(!page.text.contains(lie), "{status}: {}", page.text);
        }
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}
