//! Every language there are words in: shown, switched while somebody types, whole on a narrow column.

use std::fmt::Write as _;

use goto_microapps_browser_tests::{audit, becomes, play, setting};
use serde_json::json;

use crate::page;

/// Language, heading of the form, its button.
const LANGUAGES: [(&str, &str, &str); 9] = [
    ("en", "Create a meeting", "Create meeting"),
    ("fr", "Créer une réunion", "Créer la réunion"),
    ("de", "Meeting erstellen", "Meeting erstellen"),
    ("es", "Crear una reunión", "Crear reunión"),
    ("it", "Crea una riunione", "Crea riunione"),
    ("ja", "会議の作成", "会議を作成"),
    ("nl", "Een vergadering aanmaken", "Vergadering aanmaken"),
    ("pt-BR", "Criar uma reunião", "Criar reunião"),
    ("zh-CN", "创建会议", "创建会议"),
];

/// What is cut off or sticks out, in words.
const CUT_OFF: &str = "
    const found = [];
    const widget = root.querySelector('.widget');
    if (widget.scrollWidth > widget.clientWidth + 1) found.push(`the widget: ${widget.scrollWidth}`);
    const right = widget.getBoundingClientRect().right;
    for (const part of root.querySelectorAll('button, label, h2, h3, legend, input, p')) {
        if (!part.checkVisibility() || part.closest('.spoken')) continue;
        if (part.localName !== 'input' && part.scrollWidth > part.clientWidth + 1 && part.clientWidth)
            found.push(`${part.localName} “${part.textContent}”: ${part.scrollWidth} in ${part.clientWidth}`);
        if (part.getBoundingClientRect().right > right + 1)
            found.push(`${part.localName} “${part.textContent}” sticks out`);
    }
    return found;
";

#[test]
fn every_language_is_whole_and_switched_while_somebody_types() {
    play(setting(), async |stage| {
        let page = page::with_markup(
            "<div id=\"room\" style=\"width: 280px\"><goto-meeting></goto-meeting></div>\
             <style>body { margin: 0 }</style>",
        );
        let form = stage.visit(page).await?.create_meeting();
        form.sign_in_as("zoe.oneill@corp.example").await?;
        form.type_subject("Kept").await?;
        let mut found = String::new();
        for (lang, heading, button) in LANGUAGES {
            form.widget.set_attribute("lang", lang).await?;
            becomes("the heading", heading.to_owned(), async || {
                form.heading().await
            })
            .await?;
            form.widget.reaches("ready").await?;
            assert_eq!(form.typed().await?.subject, "Kept", "{lang}");
            let create = form.widget.text("[data-action=create]").await?;
            assert!(create.contains(button), "{lang}: {create}");
            let cut = form.widget.run(CUT_OFF, vec![]).await?;
            if cut != json!([]) {
                let _ = writeln!(found, "{lang}: {cut}");
            }
            for finding in audit(&form.widget).await? {
                let _ = writeln!(found, "{lang}: {finding}");
            }
        }
        assert_eq!(found, "");
        Ok(())
    });
}

#[test]
fn a_language_comes_whole_to_the_last_page() {
    play(setting().languages("ja-JP,ja"), async |stage| {
        let day = stage.calendar().winter();
        let form = stage.signed_in(page::with_element("lang=\"ja\"")).await?;
        form.fill_in("予算", day, "14:00", "15:00").await?;
        let new_meeting = form.create().await?;
        new_meeting.view_details().await?;
        let when = form.widget.text("[data-part-text=when]").await?;
        // As the browser writes a Japanese date and time.
        assert!(when.contains('年') && when.contains("14時"), "{when}");
        let text = form.widget.text(".page").await?;
        assert!(text.contains("会議"), "{text}");
        Ok(())
    });
}
