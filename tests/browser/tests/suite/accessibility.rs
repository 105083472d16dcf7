//! What everybody needs, on every page and in every state: names, contrast in both schemes, size,
//! room at 320 pixels and for text of twice the size.

use std::fmt::Write;

use goto_microapps_browser_tests::{CreateMeeting, Stage, TextSize, audit, play, setting};
use goto_sandbox::{Fault, FaultKind, Route};

use crate::page;

/// Collects what is wrong over several states.
#[derive(Default)]
struct Findings(String);

impl Findings {
    /// Looks at the widget as it is: light, dark, and as narrow as a phone.
    async fn look(
        &mut self,
        stage: &Stage,
        form: &CreateMeeting<'_>,
        state: &str,
    ) -> anyhow::Result<()> {
        let widget = &form.widget;
        for (scheme, width) in [("light", 1100), ("dark", 1100), ("light", 320)] {
            widget.set_attribute("theme", scheme).await?;
            stage.session.resize(width, 900).await?;
            for finding in audit(widget, TextSize::Usual).await? {
                let _ = writeln!(self.0, "{state}, {scheme}, {width} pixels: {finding}");
            }
        }
        stage.session.resize(1100, 900).await?;
        Ok(())
    }

    /// Looks once more with large text, then loads the page again to be rid of it.
    async fn look_with_large_text(
        &mut self,
        stage: &Stage,
        form: &CreateMeeting<'_>,
        state: &str,
    ) -> anyhow::Result<()> {
        for finding in audit(&form.widget, TextSize::Double).await? {
            let _ = writeln!(self.0, "{state}, text of twice the size: {finding}");
        }
        stage.session.reload().await?;
        form.widget.find("[data-state] h2").await?;
        Ok(())
    }

    fn assert_none(&self) {
        assert!(self.0.is_empty(), "\n{}", self.0);
    }
}

#[test]
fn the_form_is_for_everybody() {
    play(setting(), async |stage| {
        let mut findings = Findings::default();
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.widget.reaches("signed-out").await?;
        findings.look(stage, &form, "signed out").await?;
        form.sign_in_as("zoe.oneill@corp.example").await?;
        findings.look(stage, &form, "empty").await?;

        form.fill_in(
            "With a subject",
            stage.calendar().summer(),
            "14:00",
            "15:00",
        )
        .await?;
        form.switch_password().await?;
        form.add_first("wolfeschlegel").await?;
        form.add_first("elodie.dupont").await?;
        findings.look(stage, &form, "filled in").await?;
        form.widget.press("[data-field=time-zone]").await?;
        form.widget.find(".zone [role=option]").await?;
        findings.look(stage, &form, "zones open").await?;
        form.press_key(goto_microapps_browser_tests::Key::Escape)
            .await?;
        form.look_up("elodie").await?;
        form.press_key(goto_microapps_browser_tests::Key::Down)
            .await?;
        findings.look(stage, &form, "list open").await?;
        findings.assert_none();
        Ok(())
    });
}

#[test]
fn mistakes_and_messages_are_for_everybody() {
    play(setting(), async |stage| {
        let mut findings = Findings::default();
        let form = stage.signed_in(page::plain()).await?;
        for field in ["date", "start", "end"] {
            let field = format!("[data-field={field}]");
            form.widget.pick(&field, "").await?;
        }
        form.type_subject(&"long ".repeat(21)).await?;
        form.press_create().await?;
        form.widget.find("[data-error-for=end]").await?;
        findings.look(stage, &form, "mistakes").await?;

        let day = stage.calendar().summer();
        form.fill_in("Refused", day, "14:00", "15:00").await?;
        stage
            .sandbox()
            .fault(Fault::once(Route::CreateMeeting, FaultKind::status(400)));
        form.press_create().await?;
        form.widget.reaches("error").await?;
        findings.look(stage, &form, "refused").await?;

        let hold = stage.sandbox().hold(Route::CreateMeeting);
        form.type_subject("Busy").await?;
        form.press_create().await?;
        form.widget.reaches("busy").await?;
        findings.look(stage, &form, "busy").await?;
        hold.release();
        form.is_created().await?;
        findings.assert_none();
        Ok(())
    });
}

#[test]
fn a_closed_sign_in_window_is_for_everybody() {
    play(setting(), async |stage| {
        let mut findings = Findings::default();
        let form = stage.visit(page::plain()).await?.create_meeting();
        let window = form.sign_in().await?;
        window.heading().await?;
        window.close().await?;
        form.widget.find("[data-field=code]").await?;
        findings.look(stage, &form, "closed window").await?;
        findings.assert_none();
        Ok(())
    });
}

#[test]
fn the_other_pages_are_for_everybody() {
    play(setting(), async |stage| {
        let mut findings = Findings::default();
        let form = stage.signed_in(page::plain()).await?;
        let day = stage.calendar().summer();
        form.fill_in(
            "A subject long enough to be broken into lines on a telephone, which it is",
            day,
            "14:00",
            "15:00",
        )
        .await?;
        form.add_first("wolfeschlegel").await?;
        form.switch_password().await?;
        let new_meeting = form.create().await?;
        findings.look(stage, &form, "new meeting").await?;
        let details = new_meeting.view_details().await?;
        findings.look(stage, &form, "details").await?;
        drop(details);
        findings.assert_none();
        Ok(())
    });
}

#[test]
fn text_of_twice_the_size_has_room() {
    play(setting(), async |stage| {
        let mut findings = Findings::default();
        let form = stage.visit(page::in_language("fr")).await?.create_meeting();
        form.widget.reaches("signed-out").await?;
        findings
            .look_with_large_text(stage, &form, "signed out")
            .await?;
        form.sign_in_as("zoe.oneill@corp.example").await?;
        let day = stage.calendar().summer();
        form.fill_in("Grand", day, "14:00", "15:00").await?;
        form.add_first("elodie.dupont").await?;
        findings.look_with_large_text(stage, &form, "form").await?;
        form.widget.reaches("ready").await?;
        let new_meeting = form.create().await?;
        findings
            .look_with_large_text(stage, &form, "new meeting")
            .await?;
        let details = new_meeting.view_details().await?;
        findings
            .look_with_large_text(stage, &form, "details")
            .await?;
        details.appears().await?;
        findings.assert_none();
        Ok(())
    });
}

#[test]
fn a_visitor_who_prefers_dark_gets_dark() {
    play(setting().dark(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let script = "return [getComputedStyle(root.querySelector('.widget')).backgroundColor,
            matchMedia('(prefers-color-scheme: dark)').matches];";
        let seen = form.widget.run(script, vec![]).await?;
        assert_eq!(seen[1], true, "the browser is dark");
        assert_eq!(seen[0], "rgb(20, 23, 28)", "the widget follows");
        let findings = audit(&form.widget, TextSize::Usual).await?;
        assert_eq!(findings, Vec::<String>::new());
        Ok(())
    });
}

#[test]
fn my_meetings_are_for_everybody() {
    play(setting().clocks_stopped(), async |stage| {
        let mut findings = Findings::default();
        let form = stage.signed_in(page::plain()).await?;
        let day = stage.calendar().winter();
        let longest = "Donaudampfschifffahrtsgesellschaft".repeat(3);
        form.fill_in(&longest[..100], day, "14:00", "15:00").await?;
        form.create().await?;
        form.widget.press("[data-action=my-meetings]").await?;
        form.widget.present("[data-action=cancel-meeting]").await?;
        findings.look(stage, &form, "listed").await?;
        form.widget.press("[data-action=cancel-meeting]").await?;
        form.widget.present("[data-action=undo]").await?;
        findings.look(stage, &form, "to be cancelled").await?;
        stage.harness.advance(std::time::Duration::from_secs(11));
        form.widget.present(".rows [data-action=email]").await?;
        findings.look(stage, &form, "cancelled").await?;
        findings
            .look_with_large_text(stage, &form, "after it")
            .await?;
        findings.assert_none();
        Ok(())
    });
}
