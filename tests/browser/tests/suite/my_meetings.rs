//! *My meetings*: listed when somebody opens them, started, cancelled and left alone after all.

use std::time::Duration;

use goto_microapps_browser_tests::{CreateMeeting, Key, Stage, becomes, play, setting, until};
use goto_microapps_harness::{Interference, PageOptions};
use goto_sandbox::Route;
use http::Method;

use crate::page;

const ROW: &str = ".rows > li";
const NOTE: &str = "[data-part-text=order]";

/// Somebody who has made a meeting of this subject, on *My meetings*.
async fn listed<'s>(stage: &'s Stage, subject: &str) -> anyhow::Result<CreateMeeting<'s>> {
    listed_on(stage, page::with_element(""), subject).await
}

async fn listed_on<'s>(
    stage: &'s Stage,
    page: PageOptions,
    subject: &str,
) -> anyhow::Result<CreateMeeting<'s>> {
    let form = stage.signed_in(page).await?;
    let day = stage.calendar().winter();
    form.fill_in(subject, day, "14:00", "15:00").await?;
    form.create().await?;
    form.widget.press("[data-action=my-meetings]").await?;
    form.widget.reads(".rows .subject", subject).await?;
    Ok(form)
}

fn deletes(stage: &Stage) -> usize {
    stage.sandbox().log_of(Route::DeleteMeeting).len()
}

#[test]
fn meetings_are_asked_for_when_somebody_opens_them() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_element("")).await?;
        let asked = || stage.sandbox().log_of(Route::Upcoming).len();
        form.fill_in("Weekly <b>", stage.calendar().winter(), "14:00", "15:00")
            .await?;
        form.create().await?;
        assert_eq!(asked(), 0, "a page view costs GoTo nothing");
        form.widget.press("[data-action=my-meetings]").await?;
        form.widget.reads(".rows .subject", "Weekly <b>").await?;
        form.widget.focuses(".heading").await?;
        assert_eq!(asked(), 1);
        form.widget.reads(".rows .range", "14:00–15:00").await?;
        // Back and again within the minute: GoTo is not asked twice.
        form.widget
            .press(".rows [data-action=view-details]")
            .await?;
        form.widget.reads("h3", "Weekly <b>").await?;
        form.widget.press("[data-action=my-meetings]").await?;
        form.widget.reads(".rows .subject", "Weekly <b>").await?;
        assert_eq!(asked(), 1);
        form.widget.press("[data-action=refresh]").await?;
        becomes("questions", 2_usize, async || Ok(asked())).await?;
        form.widget.present(ROW).await?;
        Ok(())
    });
}

#[test]
fn nobody_is_told_to_sign_in_and_an_empty_list_says_so() {
    play(setting(), async |stage| {
        let intranet = stage.visit(page::with_element("page=my_meetings")).await?;
        intranet.widget().present("[data-action=sign-in]").await?;
        let form = stage.form();
        form.sign_in_as("zoe.oneill@corp.example").await?;
        let none = "GoTo lists no upcoming meetings of yours.";
        form.widget.reads(".page p", none).await?;
        Ok(())
    });
}

#[test]
fn a_page_that_manages_nothing_leads_nowhere() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_element("manage=off")).await?;
        let day = stage.calendar().winter();
        form.fill_in("Unmanaged", day, "14:00", "15:00").await?;
        form.create().await?.view_details().await?.appears().await?;
        for action in ["my-meetings", "edit-meeting"] {
            let action = format!("[data-action={action}]");
            assert!(!form.widget.shows(&action).await?, "{action}");
        }
        Ok(())
    });
}

#[test]
fn a_cancellation_can_be_taken_back() {
    play(setting().clocks_stopped(), async |stage| {
        let form = listed(stage, "To be kept").await?;
        form.widget.press("[data-action=cancel-meeting]").await?;
        form.widget.focuses("data-action=undo").await?;
        let text = form.widget.text(NOTE).await?;
        assert!(text.contains("Nobody is told yet"), "{text}");
        // With the keyboard: the focus is where the next step is.
        form.widget
            .keys(&char::from(Key::Enter).to_string())
            .await?;
        form.widget.reads(NOTE, "The meeting stays").await?;
        form.widget.present("[data-action=cancel-meeting]").await?;
        stage.harness.advance(Duration::from_secs(60));
        assert_eq!(deletes(stage), 0);
        assert!(!stage.sandbox().meetings()[0].deleted);
        Ok(())
    });
}

#[test]
fn a_cancellation_is_sent_once_and_handed_on() {
    play(setting().clocks_stopped(), async |stage| {
        let form = listed(stage, "To be cancelled").await?;
        form.widget.press("[data-action=cancel-meeting]").await?;
        form.widget.present("[data-action=undo]").await?;
        assert_eq!(deletes(stage), 0, "not before the time is over");
        stage.harness.advance(Duration::from_secs(11));
        until("the cancellation", async || {
            let text = form.widget.texts(NOTE).await?;
            Ok(text
                .iter()
                .any(|text| text.contains("is cancelled"))
                .then_some(()))
        })
        .await?;
        assert_eq!(deletes(stage), 1);
        assert!(stage.sandbox().meetings()[0].deleted);
        form.widget
            .present(".rows [data-action=copy-invitation]")
            .await?;
        let mail = form.widget.attribute(".rows [data-action=email]", "href");
        let mail = mail.await?.unwrap_or_default();
        assert!(mail.contains("Cancelled"), "{mail}");
        form.widget
            .present(".rows [data-action=calendar-file]")
            .await?;
        let calendars = form.widget.shows(".rows [data-action=outlook]");
        assert!(!calendars.await?, "nothing adds what is gone");
        Ok(())
    });
}

#[test]
fn who_signs_out_says_what_becomes_of_a_cancellation() {
    play(setting().clocks_stopped(), async |stage| {
        let form = listed(stage, "In between").await?;
        form.widget.press("[data-action=cancel-meeting]").await?;
        form.widget.present("[data-action=undo]").await?;
        form.widget.press("[data-action=sign-out]").await?;
        form.widget.press("[data-action=drop-cancel]").await?;
        form.widget.reaches("signed-out").await?;
        stage.harness.advance(Duration::from_secs(60));
        assert_eq!(deletes(stage), 0);
        assert!(!stage.sandbox().meetings()[0].deleted);
        Ok(())
    });
}

#[test]
fn a_meeting_is_started_in_a_window_of_its_own() {
    play(setting(), async |stage| {
        let form = listed(stage, "To be hosted").await?;
        let windows = stage.session.window_count().await?;
        form.widget.press(".rows [data-action=start]").await?;
        let started = || stage.sandbox().log_of(Route::StartMeeting).len();
        becomes("starts", 1_usize, async || Ok(started())).await?;
        assert_eq!(stage.session.window_count().await?, windows + 1);
        Ok(())
    });
}

#[test]
fn where_a_page_forbids_forms_the_plain_page_is_shown() {
    play(setting(), async |stage| {
        let page = PageOptions {
            policy: Some("form-action 'none'".to_owned()),
            ..page::with_element("")
        };
        let form = listed_on(stage, page, "Not to be posted").await?;
        form.widget.press(".rows [data-action=start]").await?;
        let web = stage.session.web();
        until("the plain page in a window of its own", async || {
            for window in web.windows().await? {
                web.switch_to_window(window).await?;
                if web.current_url().await?.path().contains("/form") {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await?;
        let started = stage.sandbox().log_of(Route::StartMeeting).len();
        assert_eq!(started, 0);
        // The browser says that it kept the form back.
        stage.session.script_errors().await?;
        Ok(())
    });
}

#[test]
fn an_order_whose_answer_is_lost_can_be_taken_back() {
    let mut setting = setting().clocks_stopped();
    setting.options.middlebox = true;
    play(setting, async |stage| {
        let form = listed(stage, "Lost on the way").await?;
        let lost = Interference::page("/app/api/meetings/", 502).of(Method::POST);
        stage.harness.middlebox().answer(lost.after_the_proxy());
        form.widget.press("[data-action=cancel-meeting]").await?;
        form.widget.present("[data-action=undo]").await?;
        stage.harness.middlebox().pass();
        form.widget.press("[data-action=undo]").await?;
        form.widget.reads(NOTE, "The meeting stays").await?;
        stage.harness.advance(Duration::from_secs(60));
        assert_eq!(deletes(stage), 0);
        Ok(())
    });
}

#[test]
fn an_order_that_never_came_says_so() {
    let mut setting = setting().clocks_stopped();
    setting.options.middlebox = true;
    play(setting, async |stage| {
        let form = listed(stage, "Never ordered").await?;
        let down = Interference::page("/app/api/meetings/", 502).of(Method::POST);
        stage.harness.middlebox().answer(down);
        form.widget.press("[data-action=cancel-meeting]").await?;
        let text = "The service cannot be reached.";
        until("the reason", async || {
            let told = form.widget.texts(NOTE).await?;
            Ok(told.iter().any(|told| told.starts_with(text)).then_some(()))
        })
        .await?;
        stage.harness.middlebox().pass();
        form.widget.press("[data-action=cancel-meeting]").await?;
        form.widget.present("[data-action=undo]").await?;
        Ok(())
    });
}

#[test]
fn whoever_signs_in_next_sees_their_own() {
    play(setting().clocks_stopped(), async |stage| {
        let form = listed(stage, "Of somebody else").await?;
        // A session ends twelve hours after its last request.
        stage.harness.advance(Duration::from_secs(13 * 3600));
        form.widget.press("[data-action=refresh]").await?;
        form.widget.present("[data-action=sign-in]").await?;
        form.sign_in_as("juergen.gross@corp.example").await?;
        let none = "GoTo lists no upcoming meetings of yours.";
        form.widget.reads(".page p", none).await?;
        assert!(!form.widget.shows(".rows").await?);
        Ok(())
    });
}
