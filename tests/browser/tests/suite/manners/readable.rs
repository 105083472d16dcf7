//! Dates, times, numbers and translations stay whole at every width and in every direction.

use goto_microapps_browser_tests::{Key, becomes, play, setting, until};
use serde_json::json;

use crate::page;

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
            Ok(form.widget.text(".result .range").await?.contains("16:00"))
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
    // What each field needs for its text while somebody types into it, and what it has.
    let clipped = "
        const clipped = [];
        for (const field of root.querySelectorAll('.cell input')) {
            if (field.scrollWidth > field.clientWidth) clipped.push(`${field.dataset.field}: ${field.value}`);
        }
        for (const field of root.querySelectorAll('[type=date]')) {
            field.focus();
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
        // The longest that a start and an end can be at once.
        form.choose_start("12:00").await?;
        form.choose_end("12:30").await?;
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
fn open_lists_are_whole_at_every_width() {
    // Whether the list of a field is inside the element, and each of its rows inside the list.
    let outside = "
        const room = root.host.getBoundingClientRect();
        const open = [...root.querySelectorAll('.list')].filter((list) => list.checkVisibility());
        const outside = open.flatMap((list) => {
            const [box, rows] = [list.getBoundingClientRect(), [...list.querySelectorAll('[role=option] *')]];
            const right = box.left + list.clientLeft + list.clientWidth + 1;
            return [
                ...(box.left < room.left || box.right > room.right ? ['the list'] : []),
                ...rows.filter((row) => {
                    const it = row.getBoundingClientRect();
                    return it.width && (it.left < box.left || it.right > right);
                }).map((row) => row.textContent),
            ];
        });
        return [open.length, outside];
    ";
    for page in [page::plain(), page::right_to_left()] {
        play(setting().languages("en-US,en"), async |stage| {
            let form = stage.signed_in(page).await?;
            form.choose_start("12:30").await?;
            let mut found = Vec::new();
            for width in [280, 320, 399, 559, 560, 720] {
                let resize =
                    "document.querySelector('goto-meeting').style.width = `${arguments[0]}px`;";
                stage.session.run(resize, vec![json!(width)]).await?;
                for field in ["start", "end", "time-zone", "co-organizers"] {
                    let input = format!("[data-field={field}]");
                    if field == "co-organizers" {
                        form.look_up("e").await?;
                    } else {
                        form.widget.press(&input).await?;
                    }
                    form.widget.find("[role=option]").await?;
                    let lists = form.widget.run(outside, vec![]).await?;
                    if lists != json!([1, []]) {
                        found.push(format!("{width} px, {field}: {lists}"));
                    }
                    form.press_key(Key::Escape).await?;
                    form.widget.hides("[role=option]").await?;
                }
            }
            assert_eq!(found, [""; 0]);
            Ok(())
        });
    }
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
        for text in [".result .range", ".result .place"] {
            let right = form.widget.run(places, vec![json!(text)]).await?;
            assert_eq!(right, json!(true), "{text}");
        }
        form.create().await?;
        let right = form.widget.run(places, vec![json!(".when .range")]).await?;
        assert_eq!(right, json!(true), "on the page after it");
        Ok(())
    });
}
