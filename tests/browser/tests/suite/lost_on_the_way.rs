//! Somebody between browser and proxy answers for the proxy: a reverse proxy with error pages of
//! its own, a gateway whose sign-on has ended. Nothing typed is lost, nothing is made twice, and
//! what is not known is not told as if it were.

use goto_microapps_browser_tests::{CreateMeeting, Setting, Stage, play, setting, until};
use goto_microapps_harness::Interference;
use http::Method;

use crate::page;

const MEETINGS: &str = "/app/api/meetings";

fn behind_a_middlebox() -> Setting {
    let mut setting = setting();
    setting.options.middlebox = true;
    setting
}

async fn ready(stage: &Stage) -> anyhow::Result<CreateMeeting<'_>> {
    let form = stage.signed_in(page::plain()).await?;
    let day = stage.calendar().summer();
    form.fill_in("Only once", day, "14:00", "14:30").await?;
    Ok(form)
}

/// The form shows what was sent and cannot be changed.
async fn is_closed(form: &CreateMeeting<'_>) -> anyhow::Result<()> {
    form.widget.present("[data-field=subject]:disabled").await?;
    assert_eq!(form.typed().await?.subject, "Only once");
    Ok(())
}

fn said_by_a_box(status: u16) -> Interference {
    Interference::page(MEETINGS, status).of(Method::POST)
}

/// The answers of somebody who is asked to sign on: a refusal, the way to a log-in page on another
/// host, the page itself.
fn signed_off(stage: &Stage) -> Vec<Interference> {
    let elsewhere = stage
        .harness
        .intranet
        .origin()
        .replace("intranet.", "login.");
    vec![
        Interference::page("/app/", 401),
        Interference::page("/app/", 302).to(&elsewhere),
        Interference::page("/app/", 200),
    ]
}

/// The widget on a page of the proxy's own origin, signed in.
async fn at_home(stage: &Stage) -> anyhow::Result<CreateMeeting<'_>> {
    let page = format!("{}frame?lang=en", stage.harness.public_url());
    stage.session.open(&page).await?;
    let form = stage.form();
    form.appears().await?;
    form.sign_in_as("zoe.oneill@corp.example").await?;
    let day = stage.calendar().summer();
    form.fill_in("Only once", day, "14:00", "14:30").await?;
    Ok(form)
}

#[test]
fn a_page_of_a_reverse_proxy_in_the_place_of_the_answer_is_not_a_refusal() {
    play(behind_a_middlebox(), async |stage| {
        let form = ready(stage).await?;
        let lost = said_by_a_box(504).after_the_proxy().times(1);
        stage.harness.middlebox().answer(lost);
        form.press_create().await?;
        stage
            .sandbox()
            .finished(goto_sandbox::Route::CreateMeeting, 1)
            .await;
        let new_meeting = form.is_created().await?;
        let (_, meeting) = stage.the_one_meeting();
        assert_eq!(new_meeting.link().await?, meeting.join_url);
        Ok(())
    });
}

#[test]
fn an_answer_of_a_box_on_the_same_origin_closes_the_form_and_keeps_the_key() {
    for status in [200, 404, 502] {
        play(behind_a_middlebox(), async |stage| {
            let form = at_home(stage).await?;
            stage
                .harness
                .middlebox()
                .answer(said_by_a_box(status).after_the_proxy());
            form.press_create().await?;
            form.widget.reaches("waiting").await?;
            is_closed(&form).await?;
            form.says("not be created twice").await?;
            assert!(!form.message().await?.contains("was not created"));
            stage.harness.middlebox().pass();
            form.is_created().await?;
            stage.the_one_meeting();
            Ok(())
        });
    }
}

#[test]
fn the_proxy_s_own_failure_is_not_a_refusal_either() {
    for body in [
        r#"{"type":"about:blank","title":"Internal error","status":500,"code":"internal"}"#,
        r#"{"type":"about:blank","title":"GoTo slow","status":504,"code":"goto_slow"}"#,
        r#"{"message":"no route"}"#,
    ] {
        play(behind_a_middlebox(), async |stage| {
            let form = at_home(stage).await?;
            let mut failure = said_by_a_box(500).after_the_proxy();
            failure.content_type = "application/problem+json";
            failure.body = body;
            stage.harness.middlebox().answer(failure);
            form.press_create().await?;
            form.widget.reaches("waiting").await?;
            is_closed(&form).await?;
            stage.session.reload().await?;
            form.widget.reaches("waiting").await?;
            is_closed(&form).await?;
            stage.harness.middlebox().pass();
            form.is_created().await?;
            stage.the_one_meeting();
            Ok(())
        });
    }
}

#[test]
fn a_box_that_never_lets_a_create_through_leaves_it_to_the_employee() {
    play(behind_a_middlebox(), async |stage| {
        let form = at_home(stage).await?;
        stage.harness.middlebox().answer(said_by_a_box(502));
        form.press_create().await?;
        form.widget.reaches("waiting").await?;
        form.says("The service does not answer").await?;
        until("the employee to be asked", async || {
            Ok((form.widget.state().await? == "unconfirmed").then_some(()))
        })
        .await?;
        form.says("Was the meeting created?").await?;
        is_closed(&form).await?;
        form.widget.press("[data-action=check-again]").await?;
        form.widget.reaches("unconfirmed").await?;
        stage.harness.middlebox().pass();
        // Nothing ever arrived: that is certain now, and the form opens.
        form.widget.press("[data-action=check-again]").await?;
        form.says("The meeting was not created").await?;
        form.create().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

/// Search, then create, with a sign-on that has ended; then it is renewed.
async fn goes_on_after_a_renewal(
    stage: &Stage,
    form: &CreateMeeting<'_>,
    gateway: Interference,
) -> anyhow::Result<()> {
    stage.harness.middlebox().answer(gateway);
    form.widget
        .type_over("[data-field=co-organizers]", "elodie")
        .await?;
    form.widget.find(".list [data-action=renew]").await?;
    assert!(form.options().await?.is_empty());
    let list = form.widget.text(".list").await?;
    assert!(list.contains("Your sign-on may have ended"), "{list}");
    assert!(!list.contains("still being loaded"), "{list}");

    form.press_create().await?;
    form.widget.reaches("waiting").await?;
    form.says("Your sign-on may have ended").await?;
    is_closed(form).await?;
    assert!(!form.message().await?.contains("was not created"));
    assert_eq!(stage.posts().len(), 0);
    let link = form
        .widget
        .attribute(".alert [data-action=renew]", "href")
        .await?;
    let link = link.unwrap_or_default();
    assert!(link.starts_with(stage.harness.public_url()), "{link}");

    stage.harness.middlebox().pass();
    form.is_created().await?;
    stage.the_one_meeting();
    Ok(())
}

#[test]
fn a_sign_on_that_ended_at_the_gateway_is_renewed_from_another_origin() {
    for which in 0..3 {
        play(behind_a_middlebox(), async |stage| {
            let form = ready(stage).await?;
            let gateway = signed_off(stage).swap_remove(which);
            goes_on_after_a_renewal(stage, &form, gateway).await
        });
    }
}

#[test]
fn a_sign_on_that_ended_at_the_gateway_is_renewed_from_the_same_origin() {
    for which in 0..3 {
        play(behind_a_middlebox(), async |stage| {
            let form = at_home(stage).await?;
            let gateway = signed_off(stage).swap_remove(which);
            goes_on_after_a_renewal(stage, &form, gateway).await
        });
    }
}

#[test]
fn a_renewed_sign_on_is_noticed_at_once() {
    play(behind_a_middlebox(), async |stage| {
        let form = ready(stage).await?;
        stage.session.reload().await?;
        form.widget.reaches("ready").await?;
        let gateway = signed_off(stage).swap_remove(1);
        stage.harness.middlebox().answer(gateway);
        stage.session.reload().await?;
        form.widget.reaches("error").await?;
        form.says("Your sign-on may have ended").await?;
        let windows = stage.session.window_count().await?;
        form.widget.press("[data-action=renew]").await?;
        until("the window", async || {
            Ok((stage.session.window_count().await? > windows).then_some(()))
        })
        .await?;
        stage.harness.middlebox().pass();
        form.widget.reaches("ready").await?;
        assert_eq!(form.typed().await?.subject, "Only once");
        form.create().await?;
        stage.the_one_meeting();
        Ok(())
    });
}
