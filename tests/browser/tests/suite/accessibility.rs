//! What everybody needs, on every page and in every state: names, contrast in both schemes, size,
//! room at 320 pixels and for text of twice the size.

use std::fmt::Write;

use goto_microapps_browser_tests::{CreateMeeting, Key, Stage, audit, play, setting};
use goto_sandbox::{Fault, FaultKind, Route};

use crate::page;

/// Turns the page into the direction of its first argument.
const TURN: &str = "document.documentElement.dir = arguments[0];";

/// Collects what is wrong over several states.
#[derive(Default)]
struct Findings(String);

impl Findings {
    /// Looks at the widget as it is: light, dark, in the system's few colours, as narrow as a phone,
    /// and from right to left.
    async fn look(
        &mut self,
        stage: &Stage,
        form: &CreateMeeting<'_>,
        state: &str,
    ) -> anyhow::Result<()> {
        let widget = &form.widget;
        let (ltr, rtl) = ("ltr", "rtl");
        let views = [
            ("light", false, ltr, 1100),
            ("dark", false, ltr, 1100),
            ("light", true, ltr, 1100),
            ("dark", true, rtl, 1100),
            ("light", false, ltr, 320),
            ("light", false, rtl, 320),
            ("dark", false, rtl, 320),
        ];
        for (scheme, forced, direction, width) in views {
            if !stage.session.prefers(scheme, forced).await? && forced {
                continue;
            }
            widget.set_attribute("theme", scheme).await?;
            stage.session.run(TURN, vec![direction.into()]).await?;
            stage.session.resize(width, 900).await?;
            let is_forced = "return matchMedia('(forced-colors: active)').matches;";
            assert_eq!(stage.session.run(is_forced, vec![]).await?, forced);
            for finding in audit(widget).await? {
                let _ = writeln!(
                    self.0,
                    "{state}, {scheme}, forced {forced}, {direction}, {width} pixels: {finding}"
                );
            }
        }
        stage.session.prefers("light", false).await?;
        stage.session.run(TURN, vec![ltr.into()]).await?;
        stage.session.resize(1100, 900).await?;
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
        form.press_key(Key::Escape).await?;
        form.look_up("elodie").await?;
        form.press_key(Key::Down).await?;
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
    // On a page that has sizes of its own.
    let odd = "document.documentElement.style.fontSize = '62.5%';";
    let height = "return root.querySelector('h2').getBoundingClientRect().height;";
    let mut heights = Vec::new();
    play(setting(), async |stage| {
        let form = stage.visit(page::with_script(odd)).await?.create_meeting();
        form.widget.reaches("signed-out").await?;
        heights.push(form.widget.run(height, vec![]).await?.as_f64());
        Ok(())
    });
    play(setting().text_size(32), async |stage| {
        let mut findings = Findings::default();
        let form = stage.visit(page::with_script(odd)).await?.create_meeting();
        form.widget.reaches("signed-out").await?;
        heights.push(form.widget.run(height, vec![]).await?.as_f64());
        findings.look(stage, &form, "signed out").await?;
        form.sign_in_as("zoe.oneill@corp.example").await?;
        let day = stage.calendar().summer();
        form.fill_in("Grand", day, "14:00", "15:00").await?;
        form.add_first("elodie.dupont").await?;
        findings.look(stage, &form, "form").await?;
        form.widget.press("[data-field=end]").await?;
        form.widget.find("[role=option]").await?;
        findings.look(stage, &form, "times").await?;
        form.press_key(Key::Escape).await?;
        let new_meeting = form.create().await?;
        findings.look(stage, &form, "new meeting").await?;
        new_meeting.view_details().await?.appears().await?;
        findings.look(stage, &form, "details").await?;
        findings.assert_none();
        // And the pages of the proxy's own.
        stage
            .session
            .open(&format!("{}form", stage.harness.public_url()))
            .await?;
        let size = "return getComputedStyle(document.querySelector('h1')).fontSize;";
        assert_eq!(stage.session.run(size, vec![]).await?, "40px");
        let sideways = "const page = document.documentElement;
            return page.scrollWidth > page.clientWidth;";
        assert_eq!(stage.session.run(sideways, vec![]).await?, false);
        Ok(())
    });
    if let [Some(usual), Some(large)] = heights[..] {
        assert!((large / usual - 2.0).abs() < 0.05, "{large} of {usual}");
    }
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
        let findings = audit(&form.widget).await?;
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
        findings.look(stage, &form, "after it").await?;
        findings.assert_none();
        Ok(())
    });
}

/// A language of 40 % more: what no program translates stays as it is.
const LENGTHEN: &str = "
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
        const around = text.parentElement;
        const is_ours = around && !around.closest('[translate=no], style, svg, .spoken, [data-clock]');
        // Dates and times are the browser's own.
        if (!is_ours || !/[a-z]{3}/i.test(text.data) || text.data.endsWith('~')) continue;
        const more = Math.ceil(text.data.trim().length * 0.4);
        text.data = `${text.data.trimEnd()} ${'ëxtrå wörds '.repeat(20).slice(0, more)}~`;
    }
";

#[test]
fn words_of_forty_per_cent_more_have_room() {
    play(setting().clocks_stopped(), async |stage| {
        let mut findings = Findings::default();
        let look = async |findings: &mut Findings, form: &CreateMeeting<'_>, state: &str| {
            form.widget.run(LENGTHEN, vec![]).await?;
            findings.look(stage, form, state).await
        };
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.widget.reaches("signed-out").await?;
        look(&mut findings, &form, "signed out").await?;
        stage.session.reload().await?;
        form.sign_in_as("zoe.oneill@corp.example").await?;
        form.press_create().await?;
        form.widget.find("[data-error-for=subject]").await?;
        look(&mut findings, &form, "mistakes").await?;
        stage.session.reload().await?;
        form.widget.reaches("ready").await?;
        let day = stage.calendar().winter();
        form.fill_in("Long words", day, "14:00", "15:00").await?;
        form.add_first("elodie.dupont").await?;
        look(&mut findings, &form, "filled in").await?;
        stage.session.reload().await?;
        form.has_chips(1).await?;
        form.widget.reaches("ready").await?;
        let made = form.create().await?;
        look(&mut findings, &form, "new meeting").await?;
        made.view_details().await?.appears().await?;
        look(&mut findings, &form, "details").await?;
        stage.session.reload().await?;
        form.widget.press("[data-action=my-meetings]").await?;
        form.widget.present("[data-action=cancel-meeting]").await?;
        look(&mut findings, &form, "my meetings").await?;
        findings.assert_none();
        Ok(())
    });
}
