//! Two builds side by side behind one address, and a loader of a build that is gone: a widget or a
//! frame every time.

use goto_microapps_browser_tests::{Intranet, Setting, Stage, becomes, play, setting, until};
use goto_microapps_harness::{Change, Interference};
use serde_json::json;

use crate::host_pages::sign_in_inside;
use crate::page;

fn behind_a_middlebox() -> Setting {
    let mut setting = setting();
    setting.options.middlebox = true;
    setting
}

/// The same file's name in a build that the proxy does not know.
fn of_another_build(path: &str) -> String {
    match path.split_once('-') {
        Some((stem, rest)) => {
            let end = rest.get(12..).unwrap_or_default();
            format!("{stem}-AAAAAAAAAAAA{end}")
        }
        None => path.to_owned(),
    }
}

/// The loader of a build that the proxy does not know: other digests.
fn older_loader(text: &str) -> String {
    let Some((before, rest)) = text.split_once("const FILES = {") else {
        return text.to_owned();
    };
    let Some((files, after)) = rest.split_once("};") else {
        return text.to_owned();
    };
    let other = |letter: char| match letter {
        'A'..='Y' | '0'..='8' => char::from_u32(u32::from(letter) + 1).unwrap_or(letter),
        other => other,
    };
    let files: String = files.chars().map(other).collect();
    format!("{before}const FILES = {{{files}}};{after}")
}

/// The proxy knows none of the files whose path begins so.
fn unknown(stage: &Stage, files: &'static str) {
    stage.harness.middlebox().meddle(move |path| {
        if path.starts_with(files) {
            Change::Ask(of_another_build(path))
        } else {
            Change::Nothing
        }
    });
}

/// The form can be used, in the element or in the frame, and not by a link only.
async fn works(intranet: &Intranet<'_>) -> anyhow::Result<()> {
    let rung = "return root?.querySelector('[data-state] [data-field=subject]') ? 'element'
        : root?.querySelector('iframe') ? 'frame'
        : root?.querySelector('[role=alert]') ? 'link' : '';";
    let rung = until("a rung", async || {
        let rung = intranet.widget().run(rung, vec![]).await?;
        Ok((rung != "").then_some(rung))
    })
    .await?;
    assert_ne!(rung, json!("link"));
    if rung == "frame" {
        intranet
            .enter_frame()
            .await?
            .widget
            .reaches("signed-out")
            .await?;
        intranet.leave_frame().await?;
    }
    Ok(())
}

#[test]
fn two_builds_that_take_turns_give_a_widget_or_a_frame_every_time() {
    play(behind_a_middlebox(), async |stage| {
        let mut turn = 0u32;
        stage.harness.middlebox().meddle(move |path| {
            if !path.starts_with("/assets/") {
                return Change::Nothing;
            }
            turn += 1;
            if turn.is_multiple_of(2) {
                Change::Ask(of_another_build(path))
            } else {
                Change::Nothing
            }
        });
        for round in 0..20 {
            let mode = if round % 2 == 0 { "" } else { "mode=frame" };
            let intranet = stage.visit(page::with_element(mode)).await?;
            works(&intranet).await?;
            stage.session.forget_files().await?;
        }
        Ok(())
    });
}

#[test]
fn a_proxy_that_has_none_of_the_files_shows_the_frame_all_the_same() {
    play(behind_a_middlebox(), async |stage| {
        unknown(stage, "/assets/");
        for mode in ["", "mode=frame"] {
            let intranet = stage.visit(page::with_element(mode)).await?;
            works(&intranet).await?;
        }
        let frame = stage
            .visit(page::with_element("mode=frame duration=45"))
            .await?;
        let form = frame.enter_frame().await?;
        form.widget.reaches("signed-out").await?;
        let length = form.widget.texts("[data-duration]");
        assert_eq!(length.await?, ["45 min"]);
        Ok(())
    });
}

#[test]
fn a_loader_of_a_build_that_is_gone_ends_in_the_frame() {
    play(behind_a_middlebox(), async |stage| {
        stage.harness.middlebox().meddle(|path| {
            if path.starts_with("/embed.js") {
                Change::Text(older_loader)
            } else {
                Change::Nothing
            }
        });
        for lang in ["en", "fr"] {
            let intranet = stage.visit(page::in_language(lang)).await?;
            works(&intranet).await?;
            let form = intranet.enter_frame().await?;
            form.appears().await?;
            intranet.leave_frame().await?;
        }
        Ok(())
    });
}

#[test]
fn what_is_needed_later_and_gone_leads_to_the_frame() {
    play(behind_a_middlebox(), async |stage| {
        unknown(stage, "/assets/later-");
        let intranet = stage.visit(page::with_element("")).await?;
        let frame = "return root?.querySelector('iframe') ? 'frame' : 'none';";
        becomes("the rung", json!("frame"), async || {
            intranet.widget().run(frame, vec![]).await
        })
        .await?;
        works(&intranet).await
    });
}

#[test]
fn what_is_needed_later_can_be_asked_for_again() {
    play(behind_a_middlebox(), async |stage| {
        let down = Interference::page("/assets/later-", 503);
        stage.harness.middlebox().answer(down);
        let form = stage.visit(page::with_element("")).await?.create_meeting();
        let day = stage.calendar().winter();
        form.fill_in("Between two", day, "10:00", "11:00").await?;
        form.widget.find("[data-action=retry]").await?;
        stage.harness.middlebox().pass();
        form.widget.press("[data-action=retry]").await?;
        form.widget.hides("[data-action=retry]").await?;
        assert_eq!(form.typed().await?.subject, "Between two");
        form.sign_in_as("zoe.oneill@corp.example").await?;
        form.create().await?;
        assert_eq!(stage.posts().len(), 1);
        Ok(())
    });
}

#[test]
fn a_page_in_one_piece_has_the_pages_after_the_form() {
    play(behind_a_middlebox(), async |stage| {
        unknown(stage, "/assets/");
        let intranet = stage.visit(page::with_element("mode=frame")).await?;
        sign_in_inside(stage, async || intranet.enter_frame().await.map(drop)).await?;
        let form = stage.form();
        let day = stage.calendar().winter();
        form.fill_in("In one piece", day, "10:00", "11:00").await?;
        form.create().await?;
        form.widget.reads("h3", "In one piece").await?;
        Ok(())
    });
}
