//! Pages that forbid things, and the way down: element, frame, plain pages.

use goto_microapps_browser_tests::{Intranet, Stage, becomes, play, setting};
use goto_microapps_harness::{NONCE, PageOptions};
use serde_json::json;

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";

/// A page with a strict policy and, of the widget's needs, exactly these directives.
fn strict(directives: &str, attributes: &str) -> PageOptions {
    let directives = directives.replace("script-src ", &format!("script-src 'nonce-{NONCE}' "));
    PageOptions {
        policy: Some(format!(
            "default-src 'none'; style-src 'nonce-{NONCE}'; base-uri 'none'; {directives}"
        )),
        ..page::with_element(attributes)
    }
}

/// What the README tells page authors to add, by mode.
const ELEMENT: &str = "script-src PROXY 'wasm-unsafe-eval'; connect-src PROXY; img-src PROXY";
const FRAME: &str = "script-src PROXY; frame-src PROXY";
const FORM: &str = "script-src PROXY";

/// The whole sign-in from inside the frame, which the driver leaves for the window.
async fn sign_in(intranet: &Intranet<'_>) -> anyhow::Result<()> {
    let form = intranet.enter_frame().await?;
    let window = form.sign_in().await?;
    window.choose(ZOE).await?;
    if window.is_asked().await? {
        window.allow().await?;
    }
    window.closes().await?;
    intranet.leave_frame().await?;
    let form = intranet.enter_frame().await?;
    form.is_signed_in().await?;
    intranet.leave_frame().await
}

async fn schedule_in_frame(stage: &Stage, intranet: &Intranet<'_>) -> anyhow::Result<()> {
    sign_in(intranet).await?;
    let day = stage.calendar().winter();
    let form = intranet.enter_frame().await?;
    form.fill_in("From the frame", day, "10:00", "11:00")
        .await?;
    form.add_first("elodie.dupont").await?;
    let new_meeting = form.create().await?;
    new_meeting.widget.focuses(".heading").await?;
    intranet.leave_frame().await?;
    let (sent, meeting) = stage.the_one_meeting();
    assert_eq!(sent["subject"], "From the frame");
    let detail = intranet.hears("created").await?;
    assert_eq!(detail, json!({ "id": meeting.id.to_string() }));
    let heard = intranet.heard().await?;
    assert!(heard.iter().all(|event| event.target == "goto-meeting"));
    Ok(())
}

#[test]
fn the_element_needs_what_the_readme_says_and_nothing_more() {
    play(setting().third_party_cookies(), async |stage| {
        let intranet = stage.visit(strict(ELEMENT, "")).await?;
        let form = intranet.create_meeting();
        form.sign_in_as(ZOE).await?;
        let day = stage.calendar().winter();
        form.fill_in("Strict", day, "10:00", "11:00").await?;
        form.create().await?.view_details().await?;
        assert_eq!(intranet.violations().await?, [""; 0]);
        Ok(())
    });
}

#[test]
fn the_element_runs_where_trusted_types_are_required() {
    play(setting(), async |stage| {
        let policy =
            format!("{ELEMENT}; require-trusted-types-for 'script'; trusted-types goto-microapps");
        let intranet = stage.visit(strict(&policy, "")).await?;
        let form = intranet.create_meeting();
        form.sign_in_as(ZOE).await?;
        form.add_first("elodie.dupont").await?;
        form.fill_in("Trusted", stage.calendar().winter(), "10:00", "11:00")
            .await?;
        form.create().await?;
        assert_eq!(intranet.violations().await?, [""; 0]);
        Ok(())
    });
}

#[test]
fn a_frame_that_was_asked_for_needs_what_the_readme_says_and_nothing_more() {
    play(setting().third_party_cookies(), async |stage| {
        let intranet = stage.visit(strict(FRAME, "mode=frame")).await?;
        schedule_in_frame(stage, &intranet).await?;
        assert_eq!(intranet.violations().await?, [""; 0]);
        Ok(())
    });
}

#[test]
fn a_page_without_wasm_gets_the_frame_by_itself() {
    play(setting(), async |stage| {
        let directives = "script-src PROXY; connect-src PROXY; img-src PROXY; frame-src PROXY";
        let page = strict(directives, "subject=\"Given by the page\" duration=60");
        let intranet = stage.visit(page).await?;
        let form = intranet.enter_frame().await?;
        form.appears().await?;
        assert_eq!(form.typed().await?.subject, "Given by the page");
        intranet.leave_frame().await?;
        schedule_in_frame(stage, &intranet).await
    });
}

#[test]
fn the_frame_is_as_high_as_what_it_shows() {
    play(setting(), async |stage| {
        let intranet = stage.visit(page::with_element("mode=frame")).await?;
        sign_in(&intranet).await?;
        for width in [1100, 400] {
            stage.session.resize(width, 900).await?;
            let script =
                "return Math.round(root.querySelector('iframe').getBoundingClientRect().height);";
            // Both are asked each time: what the frame shows may still change.
            becomes(
                "what the frame shows beyond its height",
                json!(0),
                async || {
                    let frame = intranet.enter_frame().await?;
                    let inner = "return document.body.scrollHeight;";
                    let inner = frame.widget.run(inner, vec![]).await?;
                    intranet.leave_frame().await?;
                    let outer = intranet.widget().run(script, vec![]).await?;
                    let [inner, outer] = [inner, outer].map(|height| height.as_i64());
                    Ok(json!(inner.zip(outer).map(|(inner, outer)| inner - outer)))
                },
            )
            .await?;
        }
        Ok(())
    });
}

#[test]
fn a_page_that_forbids_both_gets_a_link_to_the_plain_pages() {
    play(setting(), async |stage| {
        let intranet = stage.visit(strict(FORM, "mode=form")).await?;
        let widget = intranet.widget();
        let link = widget.find("a").await?;
        let address = link.attr("href").await?.unwrap_or_default();
        assert!(address.ends_with("/form?lang=en"), "{address}");
        widget
            .reads(
                "[role=alert]",
                "The form cannot be shown on this page. Open it in a new tab",
            )
            .await?;
        assert_eq!(intranet.violations().await?, [""; 0]);
        let detail = intranet.hears("error").await?;
        assert_eq!(detail, json!({ "code": "load_failed" }));
        Ok(())
    });
}

#[test]
fn a_page_that_forbids_the_frame_as_well_is_told_after_a_while() {
    play(setting(), async |stage| {
        let intranet = stage.visit(strict(FORM, "lang=fr")).await?;
        let widget = intranet.widget();
        widget
            .reads(
                "[role=alert]",
                "Le formulaire ne peut pas s’afficher sur cette page. L’ouvrir dans un nouvel onglet",
            )
            .await?;
        // Nothing else went wrong than what the page forbids.
        let errors = stage.session.script_errors().await?;
        let forbidden = |error: &String| error.contains("Content Security Policy");
        assert!(errors.iter().all(forbidden), "{errors:?}");
        Ok(())
    });
}

#[test]
fn an_opener_that_was_cut_off_gets_a_code_to_type() {
    play(setting(), async |stage| {
        let page = PageOptions {
            opener: Some("same-origin".to_owned()),
            ..page::plain()
        };
        let form = stage.visit(page).await?.create_meeting();
        let window = form.sign_in().await?;
        window.choose(ZOE).await?;
        window.is_cut_off().await?;
        window.allow().await?;
        becomes("the window’s heading", "One more step", async || {
            window.heading().await
        })
        .await?;
        let typed = stage.session.text("[data-code]").await?;
        window.close().await?;
        form.widget.find("[data-field=code]").await?;
        form.use_code(&typed).await?;
        form.is_signed_in().await
    });
}

#[test]
fn widgets_of_one_page_share_one_session() {
    play(setting(), async |stage| {
        let markup = "<goto-meeting></goto-meeting><goto-meeting></goto-meeting><goto-meeting></goto-meeting>";
        let intranet = stage.visit(page::with_markup(markup)).await?;
        intranet.create_meeting_in(1).sign_in_as(ZOE).await?;
        for place in [0, 2] {
            let widget = intranet.widget_number(place);
            widget.find("[data-action=sign-out]").await?;
        }
        intranet.create_meeting_in(2).sign_out().await?;
        for place in [0, 1] {
            let widget = intranet.widget_number(place);
            widget.reaches("signed-out").await?;
        }
        Ok(())
    });
}
