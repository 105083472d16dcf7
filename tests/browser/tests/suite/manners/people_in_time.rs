//! People who are typed, pasted or looked up slowly: taken or held, never guessed.

use goto_microapps_browser_tests::{Key, becomes, play, setting};
use serde_json::json;

use super::PEOPLE;
use crate::page;

/// Holds what is fetched from addresses with `window.held` in them until `window.letGo()`, and keeps
/// those in `window.waiting`. It is there before the widget, which takes what it fetches with once.
const HOLD: &str = "
    const real = window.fetch;
    const gate = new Promise((resolve) => (window.letGo = resolve));
    window.waiting = [];
    window.fetch = async (...all) => {
        const address = String(all[0].url || all[0]);
        if (window.held && address.includes(window.held)) {
            window.waiting.push(address);
            await gate;
        }
        return real(...all);
    };
";

#[test]
fn a_list_belongs_to_the_text_that_asked_for_it() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_script(HOLD)).await?;
        form.look_up("jürg").await?;
        let first = form.options().await?[0].clone();
        form.look_up("an").await?;
        assert!(!form.options().await?.contains(&first));
        let hold = "window.held = '/organizers';";
        stage.session.run(hold, vec![]).await?;
        // A search whose text is typed over while it is under way, and one for what stands there.
        form.widget.keys_with(&Key::Control, 'a').await?;
        form.widget.keys("mart").await?;
        becomes("the search under way", json!(true), async || {
            let script = "return window.waiting.some((address) => address.includes('mart'));";
            stage.session.run(script, vec![]).await
        })
        .await?;
        form.widget.keys_with(&Key::Control, 'a').await?;
        form.widget.keys("jürg").await?;
        form.press_key(Key::Enter).await?;
        assert_eq!(form.chips().await?, [""; 0]);
        form.press_key(Key::Down).await?;
        assert_eq!(form.active_option().await?, None);
        stage.session.run("window.letGo();", vec![]).await?;
        // Enter came before the answer: it counts for the first of those whom the text asked for.
        becomes("who is taken", vec![first], async || {
            form.chosen_keys().await
        })
        .await?;
        Ok(())
    });
}

/// A field of the page's own to copy from.
const SOURCE: &str = "
    addEventListener('DOMContentLoaded', () => document.body.append(document.createElement('textarea')));
";

#[test]
fn people_who_are_typed_or_pasted_are_taken() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::with_script(SOURCE)).await?;
        form.widget
            .type_into(PEOPLE, "Elodie.Dupont@corp.example")
            .await?;
        form.press_key(Key::Tab).await?;
        form.has_chips(1).await?;
        let pasted = "juergen.gross@corp.example; \"Martin, Élodie\" <elodie.martin@corp.example>,\n\
                      lukasz.zolc@corp.example";
        let source = stage.session.element("body > textarea").await?;
        source.send_keys(pasted).await?;
        source.send_keys(Key::Control + "a").await?;
        source.send_keys(Key::Control + "c").await?;
        form.widget.press(PEOPLE).await?;
        form.widget.keys_with(&Key::Control, 'v').await?;
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
