//! What the form says while a meeting is being created, and that there is never a second one.

use std::time::Duration;

use goto_microapps_api::NewMeeting;
use goto_microapps_browser_tests::{CreateMeeting, Setting, Stage, becomes, play, setting, until};
use goto_sandbox::{Answer, Fault, FaultKind, RetryAfter, Route};

use crate::page;

/// Signs in and fills in; only the button is left to press.
async fn ready(stage: &Stage) -> anyhow::Result<CreateMeeting<'_>> {
    let form = stage.signed_in(page::plain()).await?;
    fill_in(stage, &form).await?;
    Ok(form)
}

async fn fill_in(stage: &Stage, form: &CreateMeeting<'_>) -> anyhow::Result<()> {
    let day = stage.calendar().summer();
    form.fill_in("Only once", day, "14:00", "14:30").await
}

/// Moves the clocks until the proxy has looked for the lost meeting as often as it does.
async fn until_nobody_knows(stage: &Stage, form: &CreateMeeting<'_>) -> anyhow::Result<()> {
    let looks = || {
        let looks = stage.sandbox().log_of(Route::Upcoming);
        looks.iter().filter(|look| look.status().is_some()).count()
    };
    let before = looks();
    until("the proxy to look four times", async || {
        stage.harness.advance(Duration::from_secs(100));
        Ok((looks() >= before + 4).then_some(()))
    })
    .await?;
    form.widget.reaches("unconfirmed").await
}

#[test]
fn a_busy_form_takes_no_second_click() {
    play(setting(), async |stage| {
        let form = ready(stage).await?;
        let hold = stage.sandbox().hold(Route::CreateMeeting);
        let create = form.widget.find("[data-action=create]").await?;
        let chain = stage.session.web().action_chain_with_delay(None, None);
        chain.double_click_element(&create).perform().await?;
        stage.sandbox().received(Route::CreateMeeting, 1).await;
        form.widget.reaches("busy").await?;

        let button = form
            .widget
            .attribute("[data-action=create]", "aria-disabled");
        assert_eq!(button.await?.as_deref(), Some("true"));
        form.widget
            .reads("[data-action=create]", "Creating…")
            .await?;
        form.widget.announces("Creating…").await?;
        for field in [
            "subject",
            "date",
            "start",
            "end",
            "co-organizers",
            "password",
        ] {
            let disabled = format!("[data-field={field}]:disabled");
            form.widget.present(&disabled).await?;
        }
        form.press_create().await?;
        form.press_create().await?;
        assert_eq!(stage.posts().len(), 1);

        hold.release();
        form.is_created().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

#[test]
fn a_reload_in_the_middle_takes_the_same_meeting_up_again() {
    play(setting(), async |stage| {
        let form = ready(stage).await?;
        let hold = stage.sandbox().hold(Route::CreateMeeting);
        form.press_create().await?;
        stage.sandbox().received(Route::CreateMeeting, 1).await;
        stage.session.reload().await?;
        form.widget.reaches("confirming").await?;
        form.says("it will not be created twice").await?;
        hold.release();
        form.is_created().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

#[test]
fn a_meeting_whose_answer_is_lost_is_found() {
    play(setting(), async |stage| {
        let form = ready(stage).await?;
        let fault = Fault::once(Route::CreateMeeting, FaultKind::CutAfterCommit);
        stage.sandbox().fault(fault);
        form.press_create().await?;
        form.widget.reaches("confirming").await?;
        form.says("Checking with GoTo…").await?;
        form.says("We are looking for your meeting; it will not be created twice.")
            .await?;
        let new_meeting = form.is_created().await?;
        let (_, meeting) = stage.the_one_meeting();
        assert_eq!(new_meeting.link().await?, meeting.join_url);
        Ok(())
    });
}

#[test]
fn a_meeting_nobody_finds_is_a_person_s_decision() {
    play(setting().clocks_stopped(), async |stage| {
        let form = ready(stage).await?;
        let fault = Fault::once(Route::CreateMeeting, FaultKind::CutBefore);
        stage.sandbox().fault(fault);
        form.press_create().await?;
        form.widget.reaches("confirming").await?;
        until_nobody_knows(stage, &form).await?;
        form.says("Was the meeting created?").await?;
        form.widget.focuses("data-action=check-again").await?;

        let looks = stage.sandbox().log_of(Route::Upcoming).len();
        form.widget.press("[data-action=check-again]").await?;
        stage.sandbox().finished(Route::Upcoming, looks + 1).await;
        form.widget.reaches("unconfirmed").await?;
        stage.session.reload().await?;
        form.widget.reaches("unconfirmed").await?;
        assert_eq!(form.typed().await?.subject, "Only once");
        assert_eq!(stage.posts().len(), 1, "looking does not create");

        form.widget.press("[data-action=create-anyway]").await?;
        form.is_created().await?;
        assert_eq!(stage.posts().len(), 2, "the lost one and the ordered one");
        assert_eq!(stage.sandbox().meetings().len(), 1);
        Ok(())
    });
}

#[test]
fn a_meeting_found_by_checking_again_is_shown() {
    play(setting().clocks_stopped(), async |stage| {
        let form = ready(stage).await?;
        let lost = Fault::once(Route::CreateMeeting, FaultKind::CutAfterCommit);
        stage.sandbox().fault(lost);
        // Created, but GoTo’s list does not show it yet.
        let empty = Answer {
            body: "[]".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            ..Answer::status(200)
        };
        let behind = Fault::new(Route::Upcoming, FaultKind::Instead(empty));
        stage.sandbox().fault(behind);
        form.press_create().await?;
        until_nobody_knows(stage, &form).await?;
        stage.sandbox().clear_faults();
        form.widget.press("[data-action=check-again]").await?;
        form.is_created().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

/// Where only our own limit counts.
fn limited() -> Setting {
    let mut setting = setting().clocks_stopped().set("goto.requests", "30");
    setting.options.sandbox.requests_per_second = 0;
    setting
}

/// A colleague uses this minute up, with so many creates; six seconds are left of it, which is longer
/// than the proxy lets a browser wait.
async fn crowd(stage: &Stage) -> anyhow::Result<usize> {
    let colleague = stage.harness.employee("elodie.dupont@corp.example").await?;
    let day = stage.calendar().winter();
    let mut taken = 0;
    loop {
        let meeting = NewMeeting {
            subject: "One of many".to_owned(),
            start: format!("{day}T10:00"),
            end: format!("{day}T11:00"),
            time_zone: "Europe/Paris".to_owned(),
            ..NewMeeting::default()
        };
        let key = format!("key-of-the-colleague-{taken}");
        let reply = colleague.create(&key, &meeting).await?;
        if reply.status == 503 {
            break;
        }
        assert_eq!(reply.status, 201, "{}", reply.text);
        taken += 1;
    }
    stage.harness.advance(Duration::from_secs(54));
    Ok(taken)
}

#[test]
fn security_70_a_crowd_before_us_is_a_countdown_and_may_be_left() {
    play(limited(), async |stage| {
        let form = ready(stage).await?;
        let taken = crowd(stage).await?;
        form.press_create().await?;
        form.widget.reaches("waiting").await?;
        form.says("Many meetings are being created").await?;
        form.says("Yours is sent in about 6 s. You may leave this page")
            .await?;
        form.says("Yours is sent in about 5 s.").await?;
        assert_eq!(stage.posts().len(), taken);

        // One may take it back, change something and get in line again.
        form.widget.press("[data-action=withdraw]").await?;
        form.widget.reaches("ready").await?;
        form.type_subject("Only once, after all").await?;
        form.press_create().await?;
        form.widget.reaches("waiting").await?;
        stage.harness.advance(Duration::from_secs(10));
        form.is_created().await?;
        let posts = stage.posts();
        assert_eq!(posts.len(), taken + 1);
        assert_eq!(posts[taken].json()["subject"], "Only once, after all");
        Ok(())
    });
}

#[test]
fn security_70_whoever_leaves_sees_the_result_on_return() {
    play(limited(), async |stage| {
        let form = ready(stage).await?;
        let taken = crowd(stage).await?;
        form.press_create().await?;
        form.widget.reaches("waiting").await?;
        stage.session.open("about:blank").await?;
        until("the proxy to send it", async || {
            stage.harness.advance(Duration::from_secs(1));
            Ok((stage.posts().len() > taken).then_some(()))
        })
        .await?;
        let intranet = stage.visit(page::plain()).await?;
        intranet.create_meeting().is_created().await?;
        let posts = stage.posts();
        assert_eq!(posts.len(), taken + 1);
        assert_eq!(posts[taken].json()["subject"], "Only once");
        Ok(())
    });
}

#[test]
fn goto_s_own_limit_is_a_countdown_too() {
    play(setting(), async |stage| {
        let form = ready(stage).await?;
        let limited = FaultKind::TooManyRequests(RetryAfter::Seconds(2));
        let fault = Fault::once(Route::CreateMeeting, limited);
        stage.sandbox().fault(fault);
        form.press_create().await?;
        form.says("Many meetings are being created").await?;
        form.is_created().await?;
        assert_eq!(stage.sandbox().meetings().len(), 1);
        Ok(())
    });
}

#[test]
fn a_lost_connection_is_told_and_made_good() {
    play(setting(), async |stage| {
        ready(stage).await?;
        stage.harness.stop_proxy().await?;
        let form = stage.form();
        form.press_create().await?;
        form.widget.reaches("waiting").await?;
        form.says("No connection").await?;
        form.says("your meeting will not be created twice").await?;
        form.widget.present("[data-field=subject]:disabled").await?;
        assert_eq!(form.typed().await?.subject, "Only once");
        assert_eq!(stage.posts().len(), 0);

        stage.harness.start_proxy().await?;
        stage.form().is_created().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

#[test]
fn a_slow_goto_is_told_from_a_broken_one() {
    play(setting().set("goto.timeout_seconds", "1"), async |stage| {
        let form = ready(stage).await?;
        let hold = stage.sandbox().hold_answers(Route::CreateMeeting);
        form.press_create().await?;
        form.says("GoTo is slow to answer. We are looking for your meeting; it will not be created twice.")
            .await?;
        drop(hold);
        form.is_created().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

#[test]
fn a_broken_goto_is_told_from_a_slow_one() {
    play(setting(), async |stage| {
        let form = ready(stage).await?;
        let broken = FaultKind::status_after_commit(500);
        stage
            .sandbox()
            .fault(Fault::once(Route::CreateMeeting, broken));
        form.press_create().await?;
        form.says("GoTo had a problem while creating. We are looking for your meeting; it will not be created twice.")
            .await?;
        form.is_created().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

#[test]
fn a_page_instead_of_an_answer_is_told_as_such() {
    play(setting(), async |stage| {
        let form = ready(stage).await?;
        let fault = Fault::once(Route::CreateMeeting, FaultKind::HtmlAfterCommit);
        stage.sandbox().fault(fault);
        form.press_create().await?;
        form.says("GoTo’s answer could not be read. We are looking for your meeting; it will not be created twice.")
            .await?;
        form.is_created().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

#[test]
fn a_broken_goto_that_created_nothing_leaves_the_choice() {
    play(setting().clocks_stopped(), async |stage| {
        let form = ready(stage).await?;
        let fault = Fault::once(Route::CreateMeeting, FaultKind::status(502));
        stage.sandbox().fault(fault);
        form.press_create().await?;
        form.says("GoTo had a problem while creating.").await?;
        until_nobody_knows(stage, &form).await?;
        form.widget.press("[data-action=create-anyway]").await?;
        form.is_created().await?;
        assert_eq!(stage.sandbox().meetings().len(), 1);
        Ok(())
    });
}

#[test]
fn an_unreachable_goto_is_told_with_nothing_created() {
    play(setting(), async |stage| {
        {
            let form = ready(stage).await?;
            form.widget.reaches("ready").await?;
        }
        stage.goto_goes_away().await?;
        let form = stage.form();
        form.press_create().await?;
        form.says("GoTo cannot be reached. Nothing was created; try again in a moment.")
            .await?;
        form.widget.focuses("data-action=retry").await?;
        assert_eq!(form.typed().await?.subject, "Only once");
        Ok(())
    });
}

#[test]
fn a_meeting_goto_does_not_accept_can_be_changed() {
    play(setting(), async |stage| {
        let form = ready(stage).await?;
        let fault = Fault::once(Route::CreateMeeting, FaultKind::status(400));
        stage.sandbox().fault(fault);
        form.press_create().await?;
        form.says(
            "GoTo did not accept this meeting. Check the date, the subject and the co-organizers.",
        )
        .await?;
        form.type_subject("Another subject").await?;
        form.create().await?;
        assert_eq!(stage.sandbox().meetings().len(), 1);
        Ok(())
    });
}

#[test]
fn somebody_without_a_licence_learns_whom_to_ask() {
    play(setting(), async |stage| {
        let unlicensed = stage.sandbox().unlicensed();
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.sign_in_as(&unlicensed.email).await?;
        fill_in(stage, &form).await?;
        form.press_create().await?;
        form.says("Your GoTo account may not create meetings. Ask your administrator for an organizer licence.")
            .await?;
        assert_eq!(stage.sandbox().meetings().len(), 0);
        becomes("what is typed", "Only once", async || {
            Ok(form.typed().await?.subject)
        })
        .await
    });
}
