//! Signing in and out from the foreign page, and everything that can come in between.

use anyhow::Context;
use goto_microapps_browser_tests::{CreateMeeting, SignInWindow, Stage, becomes, play, setting};
use goto_microapps_harness::{PageOptions, challenge};
use goto_sandbox::{Fault, FaultKind, Route};
use serde_json::{Value, json};

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

#[test]
fn after_the_sign_in_the_focus_goes_on_to_the_create_button() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.sign_in_as(ZOE).await?;
        form.widget.focuses("data-action=create").await?;
        let user = form.widget.text(".user").await?;
        assert!(user.contains("Zoë O’Neill"), "{user}");
        Ok(())
    });
}

#[test]
fn a_denied_consent_is_told_and_can_be_given_after_all() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.type_subject("Kept").await?;
        let window = form.sign_in().await?;
        window.choose(ZOE).await?;
        assert!(window.is_asked().await?);
        window.deny().await?;
        window.closes().await?;
        form.says("GoTo access was refused. Try again and choose Allow.")
            .await?;
        form.widget.reaches("signed-out").await?;
        form.sign_in_as(ZOE).await?;
        form.widget.hides(".alert").await?;
        assert_eq!(form.typed().await?.subject, "Kept");
        Ok(())
    });
}

#[test]
fn a_closed_window_is_told_with_a_place_for_its_code() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        let window = form.sign_in().await?;
        window.heading().await?;
        window.close().await?;
        form.says("The sign-in window was closed before the end.")
            .await?;
        form.widget.find("[data-field=code]").await?;
        form.use_code("not-a-code").await?;
        form.says("The sign-in code is no longer valid. Sign in again.")
            .await?;
        form.sign_in_as(ZOE).await
    });
}

/// A page that cuts off the windows it opens, as Confluence does.
fn severing() -> PageOptions {
    PageOptions {
        opener: Some("same-origin".to_owned()),
        ..page::plain()
    }
}

#[test]
fn security_47_the_code_of_a_window_that_lost_its_page_can_be_typed_there() {
    play(setting(), async |stage| {
        let form = stage.visit(severing()).await?.create_meeting();
        let window = form.sign_in().await?;
        window.choose(ZOE).await?;
        assert!(window.is_asked().await?);
        window.is_cut_off().await?;
        window.allow().await?;
        let typed = stage.session.text("[data-code]").await?;
        assert_eq!(window.heading().await?, "One more step");
        let page = stage.harness.intranet.origin();
        assert_eq!(stage.session.text("[data-site]").await?, page);
        let said = stage.session.text("main").await?;
        for words in [
            page.trim_start_matches("http://"),
            "Nobody else may ask you",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        window.close().await?;
        form.widget.find("[data-field=code]").await?;
        // As people type: without the hyphen, in small letters.
        form.use_code(&typed.replace('-', " ").to_lowercase())
            .await?;
        form.is_signed_in().await
    });
}

#[test]
fn security_47_a_link_to_the_sign_in_gets_no_code() {
    play(setting(), async |stage| {
        let page = stage.harness.intranet.origin();
        let link = format!(
            "{}app/sign-in?origin={page}&challenge={}&lang=en",
            stage.harness.public_url(),
            challenge("known to whoever made the link")
        );
        stage.session.open(&link).await?;
        stage
            .session
            .press(&format!("button[name=email][value='{ZOE}']"))
            .await?;
        stage
            .session
            .press("button[name=decision][value=allow]")
            .await?;
        let session = &stage.session;
        let heading = async || session.text("h1").await;
        becomes("the heading", "Go back to your page", heading).await?;
        // It asks again by itself, and nothing comes of it.
        session.run("window.seen = true;", vec![]).await?;
        becomes("the page asked for again", Value::Null, async || {
            session.run("return window.seen;", vec![]).await
        })
        .await?;
        becomes("the heading", "Go back to your page", heading).await?;
        assert_eq!(
            session
                .run("return document.querySelector('[data-code]');", vec![])
                .await?,
            Value::Null
        );
        let home = "return document.querySelector('a[data-site]').getAttribute('href');";
        assert_eq!(session.run(home, vec![]).await?, page);
        Ok(())
    });
}

#[test]
fn a_window_that_lost_only_its_opener_shows_its_code_when_the_button_is_pressed_again() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        let window = form.sign_in().await?;
        window.choose(ZOE).await?;
        assert!(window.is_asked().await?);
        // What the page of a sign-in may do to itself. The widget sees its window all the while.
        stage.session.run("window.opener = null;", vec![]).await?;
        window.allow().await?;
        let heading = async || window.heading().await;
        becomes("the window’s heading", "Go back to your page", heading).await?;
        window.leave().await?;
        form.press_sign_in().await?;
        assert_eq!(stage.session.window_count().await?, 2);
        window.come_back().await?;
        let typed = stage.session.text("[data-code]").await?;
        window.close().await?;
        form.widget.find("[data-field=code]").await?;
        form.use_code(&typed).await?;
        form.is_signed_in().await
    });
}

#[test]
fn a_blocked_window_is_told_and_can_be_allowed() {
    play(setting(), async |stage| {
        let script = "window.really = window.open; window.open = () => null;";
        let form = stage
            .visit(page::with_script(script))
            .await?
            .create_meeting();
        form.press_sign_in().await?;
        form.says(
            "Your browser blocked the sign-in window. Allow pop-ups for this site, then try again.",
        )
        .await?;
        assert_eq!(stage.session.window_count().await?, 1);
        stage
            .session
            .run("window.open = window.really;", vec![])
            .await?;
        form.sign_in_as(ZOE).await
    });
}

#[test]
fn two_clicks_open_one_window() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        let window = form.sign_in().await?;
        window.leave().await?;
        form.widget.find(".small.muted").await?;
        form.press_sign_in().await?;
        form.press_sign_in().await?;
        assert_eq!(stage.session.window_count().await?, 2);
        window.come_back().await?;
        window.choose(ZOE).await?;
        window.allow().await?;
        window.closes().await?;
        form.is_signed_in().await
    });
}

#[test]
fn a_failure_of_goto_stays_readable_in_the_window() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        let window = form.sign_in().await?;
        stage
            .sandbox()
            .fault(Fault::new(Route::Token, FaultKind::status(503)));
        window.choose(ZOE).await?;
        window.allow().await?;
        becomes(
            "the window’s heading",
            "GoTo does not answer",
            async || window.heading().await,
        )
        .await?;
        window.leave().await?;
        // As the window does.
        form.says("GoTo does not answer. You are not signed in. Try again in a few minutes.")
            .await?;
        window.come_back().await?;
        window.close().await?;
        stage.sandbox().clear_faults();
        form.sign_in_as(ZOE).await
    });
}

#[test]
fn signing_out_clears_the_form_and_the_browser() {
    play(setting(), async |stage| {
        let intranet = stage.visit(page::plain()).await?;
        let form = intranet.create_meeting();
        form.sign_in_as(ZOE).await?;
        form.type_subject("Nobody else’s business").await?;
        form.add_first("elodie").await?;
        form.switch_password().await?;
        form.sign_out().await?;
        form.widget.reaches("signed-out").await?;
        assert_eq!(intranet.hears("signed-out").await?, Value::Null);
        for _ in ["at once", "after a reload"] {
            let typed = form.typed().await?;
            assert_eq!(typed.subject, "");
            assert_eq!(typed.co_organizers, Vec::<String>::new());
            assert!(!typed.password);
            intranet.reload().await?;
            form.widget.reaches("signed-out").await?;
        }
        let left = stage
            .session
            .run(
                "return [Object.values(sessionStorage).join(), Object.values(localStorage).join()];",
                vec![],
            )
            .await?;
        assert!(!left.to_string().contains("business"), "{left}");
        assert_eq!(stage.harness.sandbox.meetings().len(), 0);
        Ok(())
    });
}

#[test]
fn the_browser_keeps_no_secret_of_the_session() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.type_subject("Anything").await?;
        let kept = stage
            .session
            .run(
                "return [{ ...sessionStorage }, { ...localStorage }, document.cookie];",
                vec![],
            )
            .await?;
        // The draft is kept, a session is not.
        assert_eq!(kept[1], json!({}));
        assert_eq!(kept[2], "");
        let kept = kept.to_string();
        for word in ["bearer", "session\\\"", "verifier", "canary", "token"] {
            assert!(!kept.contains(word), "{word} in {kept}");
        }
        Ok(())
    });
}

#[test]
fn on_a_page_that_is_not_listed_the_employee_is_told_to_tell_the_administrator() {
    let elsewhere = "[\"https://other.example\"]";
    play(
        setting().set("embedding.origins", elsewhere),
        async |stage| {
            let form = stage.visit(page::plain()).await?.create_meeting();
            form.says("Tell your administrator the address of this page.")
                .await
        },
    );
}

/// A form that can be sent, of somebody who has not signed in.
async fn whole(stage: &Stage, options: PageOptions) -> anyhow::Result<CreateMeeting<'_>> {
    let form = stage.visit(options).await?.create_meeting();
    let day = stage.calendar().winter();
    form.fill_in("At one go", day, "10:00", "11:00").await?;
    form.widget
        .reads("[data-action=create] .stack", "Sign in and create")
        .await?;
    Ok(form)
}

#[test]
fn security_69_what_was_seen_at_the_press_is_created_once_after_the_sign_in() {
    play(setting(), async |stage| {
        let form = whole(stage, page::plain()).await?;
        form.press_create().await?;
        let window = SignInWindow::opened(&stage.session).await?;
        window.choose(ZOE).await?;
        assert!(window.is_asked().await?);
        window.allow().await?;
        window.closes().await?;
        form.is_created().await?;
        let (sent, meeting) = stage.the_one_meeting();
        assert_eq!(sent["subject"], "At one go");
        assert_eq!(meeting.organizer, stage.person("zoe.oneill").key);
        Ok(())
    });
}

#[test]
fn security_69_a_form_that_was_changed_meanwhile_waits_for_its_own_press() {
    play(setting(), async |stage| {
        let form = whole(stage, page::plain()).await?;
        form.press_create().await?;
        let window = SignInWindow::opened(&stage.session).await?;
        let popup = stage.session.web().window().await?;
        let all = stage.session.web().windows().await?;
        let intranet = all
            .into_iter()
            .find(|other| *other != popup)
            .context("the page")?;
        stage.session.web().switch_to_window(intranet).await?;
        form.type_subject("Something else").await?;
        stage.session.web().switch_to_window(popup).await?;
        window.choose(ZOE).await?;
        assert!(window.is_asked().await?);
        window.allow().await?;
        window.closes().await?;
        form.is_signed_in().await?;
        form.widget.focuses("data-action=create").await?;
        assert_eq!(stage.posts().len(), 0);
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["subject"], "Something else");
        Ok(())
    });
}

#[test]
fn security_69_a_sign_in_that_nobody_ordered_a_meeting_with_creates_none() {
    play(setting().clocks_stopped(), async |stage| {
        // Half a form: the press says that it only signs in.
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.widget
            .reads("[data-action=sign-in] .stack", "Sign in with GoTo")
            .await?;
        form.sign_in_as(ZOE).await?;
        let day = stage.calendar().winter();
        form.fill_in("Not ordered", day, "10:00", "11:00").await?;
        // Neither does a sign-in elsewhere, nor a message that somebody forges.
        stage
            .harness
            .advance(std::time::Duration::from_secs(13 * 3600));
        let again = stage.visit(page::plain()).await?.create_meeting();
        again
            .widget
            .reads("[data-action=create] .stack", "Sign in and create")
            .await?;
        let forged = json!({ "type": "gotomeeting:signin", "outcome": "signed_in", "code": "x" });
        let script = "postMessage(arguments[0], '*');
            return new Promise((done) => { onmessage = () => done(true); postMessage('last', '*'); });";
        stage.session.run(script, vec![forged]).await?;
        again.widget.reaches("signed-out").await?;
        // Nor somebody who only signs in, to look for colleagues first.
        again.sign_in_as(ZOE).await?;
        again.widget.focuses("data-action=create").await?;
        assert_eq!(stage.posts().len(), 0);
        Ok(())
    });
}
