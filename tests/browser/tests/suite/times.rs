//! Days and times as people type and choose them.

use anyhow::Context;
use chrono::{DateTime, Utc};
use goto_microapps_browser_tests::{CreateMeeting, Key, becomes, play, setting};
use serde_json::json;

use crate::page;

const START: &str = "[data-field=start]";
const END: &str = "[data-field=end]";
const OPTIONS: &str = "[role=option]";

/// Types over what is in the field and waits for the time that it means.
async fn means(
    form: &CreateMeeting<'_>,
    field: &str,
    typed: &str,
    time: &str,
) -> anyhow::Result<()> {
    form.widget.type_over(field, typed).await?;
    is(form, field, time).await
}

/// Waits until the field has a time.
async fn is(form: &CreateMeeting<'_>, field: &str, time: &str) -> anyhow::Result<()> {
    becomes(
        format!("the time of {field}"),
        Some(time.to_owned()),
        async || form.widget.attribute(field, "data-clock").await,
    )
    .await
}

/// What is written in the field.
async fn reads(form: &CreateMeeting<'_>, field: &str, written: &str) -> anyhow::Result<()> {
    becomes(format!("what {field} says"), written, async || {
        let written = form.widget.property(field, "value").await?;
        // Languages put spaces of several widths between time and half of the day.
        Ok(written.replace(['\u{202f}', '\u{a0}'], " "))
    })
    .await
}

#[test]
fn a_time_is_typed_in_any_usual_spelling_and_shown_in_the_one_of_the_page() {
    play(setting().languages("fr-FR,fr"), async |stage| {
        let form = stage
            .visit(page::in_language("en-US"))
            .await?
            .create_meeting();
        for (typed, time, written) in [
            ("930", "09:30", "9:30 AM"),
            ("14h", "14:00", "2:00 PM"),
            ("2pm", "14:00", "2:00 PM"),
            ("14.00", "14:00", "2:00 PM"),
            ("9:30", "09:30", "9:30 AM"),
            ("12am", "00:00", "12:00 AM"),
        ] {
            means(&form, START, typed, time).await?;
            form.widget.press("[data-field=subject]").await?;
            reads(&form, START, written).await?;
        }
        let form = stage.visit(page::in_language("fr")).await?.create_meeting();
        means(&form, START, "2pm", "14:00").await?;
        form.widget.press("[data-field=subject]").await?;
        reads(&form, START, "14:00").await
    });
}

#[test]
fn the_list_of_times_follows_what_is_typed() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::in_language("fr")).await?;
        form.fill_in("Choisie", stage.calendar().winter(), "08:00", "08:30")
            .await?;
        form.widget.press(START).await?;
        // All of the day, at the time that is there.
        becomes("the times", 96_usize, async || {
            Ok(form.widget.texts(OPTIONS).await?.len())
        })
        .await?;
        form.widget
            .find("[role=option][data-clock='08:00'][aria-selected=true]")
            .await?;
        form.widget.keys("9").await?;
        let nine = json!(["09:00", "09:15", "09:30", "09:45"]);
        let times =
            "return [...root.querySelectorAll('[role=option]')].map((it) => it.dataset.clock);";
        becomes("the times", nine, async || {
            form.widget.run(times, vec![]).await
        })
        .await?;
        form.press_key(Key::Down).await?;
        form.press_key(Key::Down).await?;
        form.press_key(Key::Enter).await?;
        is(&form, START, "09:15").await?;
        form.widget.hides(OPTIONS).await?;
        // Whatever is whole leaves nothing to choose, and nothing lies over the rest of the form.
        form.widget.type_over(START, "1015").await?;
        form.widget.hides(OPTIONS).await?;
        // Enter takes the time, the next one creates.
        form.press_key(Key::Enter).await?;
        reads(&form, START, "10:15").await?;
        assert_eq!(stage.posts().len(), 0);
        form.press_key(Key::Enter).await?;
        form.is_created().await?;
        let (sent, _) = stage.the_one_meeting();
        let day = stage.calendar().winter();
        assert_eq!(sent["starttime"], format!("{day}T09:15:00Z"));
        assert_eq!(sent["endtime"], format!("{day}T09:45:00Z"));
        Ok(())
    });
}

#[test]
fn the_end_is_chosen_by_how_long_it_takes() {
    play(setting(), async |stage| {
        let form = stage.visit(page::in_language("fr")).await?.create_meeting();
        form.choose_start("14:00").await?;
        form.widget.press(END).await?;
        let first = ["14:15 15 min", "14:30 30 min", "14:45 45 min", "15:00 1 h"];
        becomes(
            "the first ends",
            first.map(str::to_owned).to_vec(),
            async || {
                let ends = form.widget.texts(OPTIONS).await?;
                let ends = ends.iter().take(4);
                Ok(ends
                    .map(|end| end.replace(['\n', '\u{202f}', '\u{a0}'], " "))
                    .collect::<Vec<_>>())
            },
        )
        .await?;
        form.widget
            .press("[role=option][data-clock='15:00']")
            .await?;
        reads(&form, END, "15:00").await?;
        for (typed, time) in [
            ("45 min", "14:45"),
            ("1h", "15:00"),
            ("1h30", "15:30"),
            ("+20", "14:20"),
        ] {
            means(&form, END, typed, time).await?;
        }
        // Where it is a time as well, the nearer reading is meant.
        means(&form, START, "0:30", "00:30").await?;
        means(&form, END, "1h", "01:00").await
    });
}

#[test]
fn what_is_no_time_stays_in_the_field_and_says_so() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("No time", stage.calendar().winter(), "10:00", "10:30")
            .await?;
        for typed in ["after lunch", "14:300", "25:00", "10:00 x"] {
            form.widget.type_over(START, typed).await?;
            form.press_create().await?;
            form.widget.find("[data-error-for=start]").await?;
            form.widget.focuses("data-field=start").await?;
            reads(&form, START, typed).await?;
        }
        assert_eq!(stage.posts().len(), 0);
        // The length is kept over all of it.
        means(&form, START, "11", "11:00").await?;
        assert_eq!(form.typed().await?.end, "11:30");
        form.widget.hides("[data-error-for=start]").await
    });
}

#[test]
fn escape_closes_the_list_of_times_and_not_what_the_widget_is_in() {
    let greedy = "window.escapes = 0;
        document.addEventListener('keydown', (event) => { if (event.key === 'Escape') escapes += 1; });";
    play(setting(), async |stage| {
        let form = stage
            .visit(page::with_script(greedy))
            .await?
            .create_meeting();
        form.appears().await?;
        form.widget.press(START).await?;
        form.widget.find(OPTIONS).await?;
        form.press_key(Key::Escape).await?;
        form.widget.hides(OPTIONS).await?;
        assert_eq!(
            stage.session.run("return escapes;", vec![]).await?,
            json!(0)
        );
        form.press_key(Key::Escape).await?;
        becomes("the page's Escape", json!(1), async || {
            stage.session.run("return escapes;", vec![]).await
        })
        .await
    });
}

#[test]
fn days_are_one_stop_of_the_tab_key_and_arrows_go_along_them() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.appears().await?;
        let names = form.widget.texts("[data-day] b").await?;
        assert_eq!(names.len(), 4);
        assert_eq!(names[..2], ["Today", "Tomorrow"]);
        let today = form.typed().await?.date;
        form.widget.press("[data-day='1']").await?;
        let tomorrow = async || Ok(form.typed().await?.date);
        let date: chrono::NaiveDate = today.parse()?;
        let next = date.succ_opt().unwrap_or(date).to_string();
        becomes("tomorrow", next, tomorrow).await?;
        form.widget
            .find("[data-day='1'][aria-pressed=true]")
            .await?;
        for (key, day) in [(Key::Left, 0), (Key::Left, 3)] {
            form.press_key(key).await?;
            let names = form.widget.texts("[data-day] b").await?;
            let script =
                "return [...root.querySelectorAll('[data-day]')].indexOf(root.activeElement);";
            becomes("the focus", json!(day), async || {
                form.widget.run(script, vec![]).await
            })
            .await?;
            assert_eq!(names.len(), 4);
        }
        form.press_key(Key::Space).await?;
        form.widget.find("[data-day][aria-pressed=true]").await?;
        assert!(form.typed().await?.date > today);
        Ok(())
    });
}

#[test]
fn meet_now_starts_with_the_next_minute_and_keeps_the_length() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let day = stage.calendar().winter();
        form.fill_in("Right away", day, "14:00", "14:45").await?;
        form.widget.press("[data-action=meet-now]").await?;
        form.widget
            .present("[data-day='0'][aria-pressed=true]")
            .await?;
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        let time = |name: &str| -> anyhow::Result<DateTime<Utc>> {
            Ok(sent[name].as_str().unwrap_or_default().parse()?)
        };
        let (start, end) = (time("starttime")?, time("endtime")?);
        let wait = (start - stage.posts()[0].at).num_seconds();
        assert!((0..=90).contains(&wait), "{wait} s");
        assert_eq!((end - start).num_minutes(), 45);
        Ok(())
    });
}

/// The first rows of the open list.
async fn rows(form: &CreateMeeting<'_>, count: usize) -> anyhow::Result<Vec<String>> {
    let rows = form.widget.texts(OPTIONS).await?;
    let rows = rows.iter().take(count);
    Ok(rows
        .map(|row| row.replace(['\n', '\u{202f}', '\u{a0}'], " "))
        .collect())
}

#[test]
fn lengths_and_zones_of_the_last_meetings_stand_first() {
    play(setting().time_zone("Europe/Paris"), async |stage| {
        let form = stage.signed_in(page::in_language("en-GB")).await?;
        let day = stage.calendar().winter();
        form.fill_in("Short", day, "14:00", "14:25").await?;
        form.widget
            .type_over("[data-field=time-zone]", "Asia/Kolkata")
            .await?;
        form.press_key(Key::Tab).await?;
        form.create().await?;
        form.widget.press("[data-action=create-another]").await?;
        form.appears().await?;
        form.fill_in("Long", day, "14:00", "15:00").await?;
        form.create().await?;

        // The next form, also after the tab was closed: nothing of it is in the tab's memory.
        stage.session.run("sessionStorage.clear()", vec![]).await?;
        stage.session.reload().await?;
        form.appears().await?;
        form.choose_start("16:00").await?;
        form.widget.press(END).await?;
        let wanted = [
            "17:00 1 h usual",
            "16:25 25 min usual",
            "16:15 15 min",
            "16:30 30 min",
            "16:45 45 min",
        ];
        becomes(
            "the first ends",
            wanted.map(str::to_owned).to_vec(),
            async || rows(&form, wanted.len()).await,
        )
        .await?;
        // Each stands there once, and what is typed is followed as ever.
        let ends = form.widget.texts(OPTIONS).await?;
        let hours = ends.iter().filter(|end| end.starts_with("17:00"));
        assert_eq!(hours.count(), 1, "{ends:?}");
        form.widget
            .press("[role=option][data-clock='16:25']")
            .await?;
        is(&form, END, "16:25").await?;
        form.widget.press("[data-field=time-zone]").await?;
        let zones = "return [...root.querySelectorAll('[data-zone][role=option]')]
            .map((it) => it.dataset.zone);";
        becomes(
            "the zones",
            json!(["Europe/Paris", "Asia/Kolkata"]),
            async || form.widget.run(zones, vec![]).await,
        )
        .await?;
        form.press_key(Key::Escape).await?;

        // Whatever stands in the memory of the browser, there is a list.
        let spoil =
            "for (const key of Object.keys(localStorage)) localStorage[key] = arguments[0];";
        for odd in [
            "",
            "{",
            "[1]",
            r#"{"lengths":"x","zones":7}"#,
            r#"{"lengths":[-5,0,99999999999,1e300,"x"],"zones":["Mars/Base",",,","x".repeat]}"#,
            r#"{"lengths":[-5,0,99999999],"zones":["Mars/Base","\u0000",""]}"#,
        ] {
            stage.session.run(spoil, vec![json!(odd)]).await?;
            form.widget.press(END).await?;
            becomes(
                "the first end",
                vec!["16:15 15 min".to_owned()],
                async || rows(&form, 1).await,
            )
            .await
            .with_context(|| odd.to_owned())?;
            form.press_key(Key::Escape).await?;
        }

        // Whoever comes next does not learn it.
        form.sign_out().await?;
        let left = "return Object.keys(localStorage).length";
        becomes("what the browser keeps", json!(0), async || {
            stage.session.run(left, vec![]).await
        })
        .await
    });
}
