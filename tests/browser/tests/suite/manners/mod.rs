//! The page around the widget does what pages do: it listens for keys, answers late, has several
//! widgets, keeps windows to itself, is translated. Nothing of that breaks the form silently, and the
//! form keeps to itself what is its own.

mod memory;
mod people_in_time;
mod readable;

use anyhow::Context;
use goto_microapps_browser_tests::{CreateMeeting, Key, SignInWindow, play, setting};
use serde_json::{Value, json};

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";
const PEOPLE: &str = "[data-field=co-organizers]";

#[test]
fn keys_typed_in_a_field_stay_inside() {
    let greedy = "
        window.heard = [];
        for (const kind of ['keydown', 'keypress', 'keyup']) {
            document.addEventListener(kind, (event) => {
                if (event.target.localName === 'input') return;
                window.heard.push(event.key);
                if (['e', 'c', '/', 'Backspace'].includes(event.key)) event.preventDefault();
            });
        }
    ";
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_script(greedy)).await?;
        stage.session.run("window.heard = [];", vec![]).await?;
        form.type_subject("ice/cream").await?;
        form.widget
            .keys(&Key::Backspace.value().to_string())
            .await?;
        assert_eq!(form.typed().await?.subject, "ice/crea");
        form.look_up("elodie.martin@c").await?;
        form.press_key(Key::Down).await?;
        form.press_key(Key::Enter).await?;
        form.has_chips(1).await?;
        form.widget.press("[data-field=start]").await?;
        form.widget.keys("0930").await?;
        let heard = "return window.heard.filter((key) => !['Control', 'Tab'].includes(key));";
        assert_eq!(stage.session.run(heard, vec![]).await?, json!([]));
        // What belongs to the page: leaving a field, closing what the widget is in, its own commands.
        form.widget.press(PEOPLE).await?;
        stage.session.run("window.heard = [];", vec![]).await?;
        form.press_key(Key::Escape).await?;
        form.widget.keys_with(&Key::Control, 'k').await?;
        let heard = stage.session.run("return window.heard;", vec![]).await?;
        let heard = heard.as_array().context("a list")?;
        assert!(
            heard.contains(&json!("Escape")) && heard.contains(&json!("k")),
            "{heard:?}"
        );
        Ok(())
    });
}

#[test]
fn a_window_that_cannot_be_seen_still_gets_a_place_for_its_code() {
    let blind = "
        const open = window.open;
        window.open = (url, name, features) => open.call(window, url, name, `${features},noopener`);
    ";
    play(setting(), async |stage| {
        let form = stage
            .visit(page::with_script(blind))
            .await?
            .create_meeting();
        form.press_sign_in().await?;
        form.widget.find("[data-field=code]").await?;
        let link = form
            .widget
            .attribute("[data-action=plain-form]", "href")
            .await?;
        let link = link.context("no link")?;
        assert!(link.ends_with("/form?lang=en"), "{link}");

        let window = SignInWindow::opened(&stage.session).await?;
        window.choose(ZOE).await?;
        assert!(window.is_asked().await?);
        window.allow().await?;
        let typed = stage.session.text("[data-code]").await?;
        window.close().await?;
        form.use_code(&typed).await?;
        form.is_signed_in().await
    });
}

/// Presses Enter as an input method does that is still composing.
async fn composing_enter(form: &CreateMeeting<'_>, field: &str, how: &Value) -> anyhow::Result<()> {
    let script = "
        const how = { key: 'Enter', bubbles: true, composed: true, cancelable: true, ...args[1] };
        root.querySelector(args[0]).dispatchEvent(new KeyboardEvent('keydown', how));
    ";
    form.widget
        .run(script, vec![json!(field), how.clone()])
        .await?;
    Ok(())
}

#[test]
fn what_an_input_method_composes_orders_nothing() {
    let ways = [
        json!({"keyCode": 229, "isComposing": false}),
        json!({"keyCode": 13, "isComposing": true}),
    ];
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        let window = form.sign_in().await?;
        window.close().await?;
        form.widget.type_into("[data-field=code]", "12").await?;
        for how in &ways {
            composing_enter(&form, "[data-field=code]", how).await?;
            let announced = form.widget.announced().await?;
            assert!(!announced.contains("Signing in"), "{announced}");
        }
        assert!(form.widget.shows("[data-field=code]").await?);
        form.sign_in_as(ZOE).await?;
        form.type_subject("Composed").await?;
        form.choose_date(stage.calendar().winter()).await?;
        form.look_up("elodie").await?;
        for how in &ways {
            composing_enter(&form, PEOPLE, how).await?;
            assert_eq!(form.chips().await?, [""; 0]);
            assert!(form.list_is_open().await?);
            composing_enter(&form, "[data-field=subject]", how).await?;
            assert_eq!(form.widget.state().await?, "ready");
        }
        Ok(())
    });
}

#[test]
fn a_browser_without_timeouts_of_its_own_works() {
    play(setting(), async |stage| {
        let form = stage
            .visit(page::with_script("AbortSignal.timeout = undefined;"))
            .await?
            .create_meeting();
        form.widget.reaches("signed-out").await?;
        form.sign_in_as(ZOE).await
    });
}

#[test]
fn a_sign_out_that_does_not_get_through_is_seen() {
    // Before the widget, which takes what it fetches with once.
    let refuses = "
        const real = window.fetch;
        window.lost = [];
        window.fetch = (...all) => {
            const [{ method, url }] = all;
            const way = method === 'DELETE' ? method : url?.endsWith('/session/end') && method;
            return window.lost.includes(way)
                ? Promise.reject(new TypeError('Failed to fetch')) : real(...all);
        };
    ";
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_script(refuses)).await?;
        let both = "window.lost = ['DELETE', 'POST'];";
        stage.session.run(both, vec![]).await?;
        form.sign_out().await?;
        form.says("You are still signed in: the server could not be reached. Try again.")
            .await?;
        form.widget.find("[data-action=sign-out]").await?;
        // Some networks let only the method through that they know.
        stage
            .session
            .run("window.lost = ['DELETE'];", vec![])
            .await?;
        form.widget.press("[data-action=retry]").await?;
        form.widget.reaches("signed-out").await?;
        form.widget.hides(".alert").await?;
        stage.session.reload().await?;
        form.widget.reaches("signed-out").await
    });
}

#[test]
fn the_form_needs_no_leave_to_send_forms() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let prevents = "
            host.ownerDocument.defaultView.sent = 0;
            root.addEventListener('submit', () => (host.ownerDocument.defaultView.sent += 1));
        ";
        form.widget.run(prevents, vec![]).await?;
        form.type_subject("Sandboxed").await?;
        form.choose_date(stage.calendar().winter()).await?;
        form.widget.press("[data-field=subject]").await?;
        form.press_key(Key::Enter).await?;
        form.is_created().await?;
        let sent = stage.session.run("return window.sent;", vec![]).await?;
        assert_eq!(sent, json!(0));
        Ok(())
    });
}
