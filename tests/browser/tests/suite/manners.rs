//! The page around the widget does what pages do: it listens for keys, answers late, has several
//! widgets, keeps windows to itself, is translated. Nothing of that breaks the form silently, and the
//! form keeps to itself what is its own.

use anyhow::Context;
use goto_microapps_browser_tests::{
    CreateMeeting, Key, SignInWindow, becomes, play, setting, until,
};
use goto_sandbox::Route;
use serde_json::{Value, json};

use crate::page;

const ZOE: &str = "zoe.oneill@corp.example";
const PEOPLE: &str = "[data-field=co-organizers]";

/// Holds what is fetched from addresses with `window.held` in them until `window.letGo()`. It is there
/// before the widget, which takes what it fetches with once.
const HOLD: &str = "
    const real = window.fetch;
    const gate = new Promise((resolve) => (window.letGo = resolve));
    window.fetch = async (...all) => {
        if (window.held && String(all[0].url || all[0]).includes(window.held)) await gate;
        return real(...all);
    };
";

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
fn a_list_belongs_to_the_text_that_asked_for_it() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_script(HOLD)).await?;
        form.look_up("an").await?;
        let hold = "window.held = '/organizers';";
        stage.session.run(hold, vec![]).await?;
        form.widget.keys_with(&Key::Control, 'a').await?;
        form.widget.keys("jürg").await?;
        form.press_key(Key::Enter).await?;
        assert_eq!(form.chips().await?, [""; 0]);
        form.press_key(Key::Down).await?;
        assert_eq!(form.active_option().await?, None);
        stage.session.run("window.letGo();", vec![]).await?;
        becomes("who is there", true, async || {
            Ok(form.list_is_open().await? || !form.chips().await?.is_empty())
        })
        .await?;
        // Enter came before the answer: it counts for who matches, or for nobody.
        for chip in form.chips().await? {
            assert!(chip.contains("Jürgen"), "{chip}");
        }
        Ok(())
    });
}

#[test]
fn people_who_are_typed_or_pasted_are_taken() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.widget
            .type_into(PEOPLE, "Elodie.Dupont@corp.example")
            .await?;
        form.press_key(Key::Tab).await?;
        form.has_chips(1).await?;
        form.widget.press(PEOPLE).await?;
        let pasted = "juergen.gross@corp.example; \"Martin, Élodie\" <elodie.martin@corp.example>,\n\
                      lukasz.zolc@corp.example";
        let paste = "
            const field = root.querySelector(args[0]), clipboardData = new DataTransfer();
            clipboardData.setData('text/plain', args[1]);
            field.dispatchEvent(new ClipboardEvent('paste', {
                clipboardData, bubbles: true, composed: true, cancelable: true }));
        ";
        form.widget
            .run(paste, vec![json!(PEOPLE), json!(pasted)])
            .await?;
        form.has_chips(4).await?;
        assert_eq!(form.widget.property(PEOPLE, "value").await?, "");
        // And by the button alone.
        form.type_subject("Typed people").await?;
        form.choose_date(stage.calendar().winter()).await?;
        form.remove_chip(&stage.person("elodie.dupont").key).await?;
        form.has_chips(3).await?;
        form.widget
            .type_into(PEOPLE, "elodie.dupont@corp.example")
            .await?;
        form.create().await?;
        let (_, meeting) = stage.the_one_meeting();
        assert_eq!(meeting.coorganizers.len(), 4);
        Ok(())
    });
}

#[test]
fn a_name_that_nobody_has_holds_no_form_however_fast_somebody_is() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_script(HOLD)).await?;
        let day = stage.calendar().winter();
        form.fill_in("Faster than the list", day, "14:00", "15:00")
            .await?;
        let hold = "window.held = '/organizers';";
        stage.session.run(hold, vec![]).await?;
        form.widget.type_over(PEOPLE, "Nemo Nescio").await?;
        form.press_create().await?;
        assert_eq!(stage.posts().len(), 0);
        stage.session.run("window.letGo();", vec![]).await?;
        form.is_created().await?;
        assert_eq!(stage.the_one_meeting().1.subject, "Faster than the list");
        Ok(())
    });
}

#[test]
fn people_nobody_knows_are_held_at_the_field() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.type_subject("Held").await?;
        form.choose_date(stage.calendar().winter()).await?;
        for (typed, says) in [
            (
                "elodie.dupont@corp.example, nobody@elsewhere.example",
                "Nobody has this address: nobody@elsewhere.example. Correct or remove it.",
            ),
            (
                "elod",
                "Choose somebody from the list, or remove what you typed: elod",
            ),
        ] {
            form.widget.type_over(PEOPLE, typed).await?;
            form.press_create().await?;
            form.complains("co-organizers", says).await?;
            form.widget.focuses("data-field=co-organizers").await?;
            assert_eq!(stage.posts().len(), 0);
        }
        form.has_chips(1).await?;
        // Leaving the field says it as well, and a reload loses nothing.
        form.widget.type_over(PEOPLE, "elodi").await?;
        form.widget.press("[data-field=subject]").await?;
        form.complains(
            "co-organizers",
            "Choose somebody from the list, or remove what you typed: elodi",
        )
        .await?;
        stage.session.reload().await?;
        form.has_chips(1).await?;
        assert_eq!(form.widget.property(PEOPLE, "value").await?, "elodi");
        form.widget.type_over(PEOPLE, "").await?;
        form.is_content_with("co-organizers").await?;
        form.create().await?;
        let (_, meeting) = stage.the_one_meeting();
        assert_eq!(meeting.coorganizers.len(), 1);
        Ok(())
    });
}

/// A page with one element.
fn news() -> goto_microapps_harness::PageOptions {
    page::with_markup("<h1>News</h1><goto-meeting subject=\"News\"></goto-meeting>")
}

#[test]
fn each_page_remembers_its_own_meeting() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.type_subject("Of the first page").await?;
        let other = stage.visit(news()).await?.create_meeting();
        other.appears().await?;
        assert_eq!(other.typed().await?.subject, "News");
        other.type_subject("Of the second page").await?;
        // The same page with other wishes is another place.
        let wishes =
            page::with_markup("<h1>News</h1><goto-meeting subject=\"Sports\"></goto-meeting>");
        let third = stage.visit(wishes).await?.create_meeting();
        third.appears().await?;
        assert_eq!(third.typed().await?.subject, "Sports");

        let form = stage.visit(page::plain()).await?.create_meeting();
        form.widget.reaches("ready").await?;
        assert_eq!(form.typed().await?.subject, "Of the first page");
        form.choose_date(stage.calendar().winter()).await?;
        form.create().await?;
        // What was made on one page is not shown on another.
        let other = stage.visit(news()).await?.create_meeting();
        other.appears().await?;
        assert_eq!(other.typed().await?.subject, "Of the second page");
        Ok(())
    });
}

#[test]
fn only_an_unfinished_meeting_follows_to_another_page() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.type_subject("Under way").await?;
        form.choose_date(stage.calendar().winter()).await?;
        let hold = stage.sandbox().hold(Route::CreateMeeting);
        form.press_create().await?;
        stage.sandbox().received(Route::CreateMeeting, 1).await;

        let other = stage.visit(news()).await?.create_meeting();
        other.appears().await?;
        other
            .says("You began this meeting on another page.")
            .await?;
        assert_eq!(other.typed().await?.subject, "Under way");
        hold.release();
        other.is_created().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["subject"], "Under way");
        // Nothing is left of it where it began.
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.widget.reaches("ready").await?;
        assert_eq!(form.typed().await?.subject, "");
        stage.the_one_meeting();
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
fn a_translated_page_stays_alive() {
    // What translators do: each text becomes a text of theirs in elements of theirs.
    let translate = "
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), texts = [];
        while (walker.nextNode()) texts.push(walker.currentNode);
        for (const text of texts) {
            const parent = text.parentElement;
            if (!parent || parent.closest('[translate=no]') || !text.data.trim()) continue;
            const outer = document.createElement('font'), inner = document.createElement('font');
            inner.append(`«${text.data}»`);
            outer.append(inner);
            text.replaceWith(outer);
        }
    ";
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let day = stage.calendar().winter();
        form.fill_in("Translated", day, "14:00", "14:30").await?;
        form.add_first("elodie.dupont").await?;
        form.widget.run(translate, vec![]).await?;
        form.choose_start("16:00").await?;
        becomes("the range", true, async || {
            Ok(form
                .widget
                .text(".summary .range")
                .await?
                .starts_with("16:00"))
        })
        .await?;
        assert_eq!(form.chips().await?, ["Élodie Dupont"], "names stay");
        form.press_key(Key::Tab).await?;
        form.create().await?;
        form.widget.run(translate, vec![]).await?;
        form.widget.press("[data-action=view-details]").await?;
        form.widget.find("[data-action=join]").await?;
        form.widget.run(translate, vec![]).await?;
        let texts = form
            .widget
            .texts("[data-part-text=meeting-id]")
            .await?
            .join("");
        assert!(!texts.contains('«'), "{texts}");
        let organizer = form.widget.text("[data-part-text=organizer]").await?;
        assert!(!organizer.contains('«'), "{organizer}");
        form.widget.press("[data-action=create-another]").await?;
        form.appears().await
    });
}

#[test]
fn a_start_typed_key_by_key_keeps_the_length() {
    play(setting().languages("en-US,en"), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let day = stage.calendar().winter();
        form.fill_in("Typed", day, "03:00", "03:30").await?;
        for (keys, start, end) in [("0930A", "09:30", "10:00"), ("0200P", "14:00", "14:30")] {
            form.widget.press("h2").await?;
            until("the start to have the focus", async || {
                form.press_key(Key::Tab).await?;
                Ok((form.widget.focused().await? == "data-field=start").then_some(()))
            })
            .await?;
            form.widget.keys(keys).await?;
            let typed = form.typed().await?;
            assert_eq!((&*typed.start, &*typed.end), (start, end), "{keys}");
        }
        form.fill_in("Typed", day, "03:00", "03:30").await?;
        form.widget.press("h2").await?;
        until("the start to have the focus", async || {
            form.press_key(Key::Tab).await?;
            Ok((form.widget.focused().await? == "data-field=start").then_some(()))
        })
        .await?;
        form.press_key(Key::Backspace).await?;
        form.widget.keys("11").await?;
        let typed = form.typed().await?;
        assert_eq!((&*typed.start, &*typed.end), ("11:00", "11:30"));
        Ok(())
    });
}

#[test]
fn date_and_times_are_whole_at_every_width() {
    // What each field needs for its text and its button, and what it has.
    let clipped = "
        const clipped = [];
        for (const field of root.querySelectorAll('[type=date], [type=time]')) {
            const twin = field.cloneNode();
            twin.removeAttribute('id');
            twin.value = field.value;
            twin.style.cssText = 'position: absolute; inline-size: max-content';
            field.after(twin);
            const [has, needs] = [field.offsetWidth, twin.offsetWidth];
            twin.remove();
            if (has < needs) clipped.push(`${field.dataset.field}: ${has} of ${needs}`);
        }
        return clipped;
    ";
    play(setting().languages("en-US,en"), async |stage| {
        let page = page::with_markup(
            "<div id=\"room\"><goto-meeting></goto-meeting></div>\
             <style>body { margin: 0 }</style>",
        );
        let form = stage.visit(page).await?.create_meeting();
        form.widget.reaches("signed-out").await?;
        let mut found = Vec::new();
        for width in (280..=840).step_by(20) {
            let resize = "document.querySelector('#room').style.width = `${arguments[0]}px`;";
            stage.session.run(resize, vec![json!(width)]).await?;
            let fields = form.widget.run(clipped, vec![]).await?;
            if fields != json!([]) {
                found.push(format!("{width} px: {fields}"));
            }
        }
        assert_eq!(found, [""; 0]);
        Ok(())
    });
}

#[test]
fn ranges_and_numbers_read_in_their_own_direction() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::right_to_left()).await?;
        let day = stage.calendar().winter();
        form.fill_in("From right to left", day, "14:00", "15:00")
            .await?;
        // Where the first and the last sign of a text are.
        let places = "
            const walker = document.createTreeWalker(root.querySelector(args[0]), NodeFilter.SHOW_TEXT);
            const text = walker.nextNode(), range = document.createRange();
            const left = (at) => {
                range.setStart(text, at);
                range.setEnd(text, at + 1);
                return range.getBoundingClientRect().left;
            };
            return left(0) < left(text.data.length - 1);
        ";
        for text in [".summary .range", ".summary .place span"] {
            let right = form.widget.run(places, vec![json!(text)]).await?;
            assert_eq!(right, json!(true), "{text}");
        }
        form.create().await?;
        let right = form.widget.run(places, vec![json!(".when .range")]).await?;
        assert_eq!(right, json!(true), "on the page after it");
        Ok(())
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
