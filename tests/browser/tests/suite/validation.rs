//! Mistakes are told beside their field, and only until they are corrected.

use std::time::Duration;

use chrono::TimeDelta;
use goto_microapps_browser_tests::{
    Clock, CreateMeeting, Key, Typed, Widget, becomes, play, setting,
};
use serde_json::json;

use crate::page;

/// Whether a field says that it is wrong, and what assistive technology reads with it.
async fn wiring(widget: &Widget, field: &str) -> anyhow::Result<(bool, String)> {
    let script = "
        const field = root.querySelector(`[data-field=${args[0]}]`);
        const ids = (field.getAttribute('aria-describedby') ?? '').split(' ');
        const text = ids.map((id) => root.getElementById(id)?.textContent ?? '').join(' ');
        return [field.getAttribute('aria-invalid') === 'true', text];
    ";
    let found = widget.run(script, vec![json!(field)]).await?;
    Ok(serde_json::from_value(found)?)
}

/// A mistake that is told, heard and focused.
async fn is_wrong(form: &CreateMeeting<'_>, field: &str, words: &str) -> anyhow::Result<()> {
    form.complains(field, words).await?;
    assert_eq!(
        wiring(&form.widget, field).await?,
        (true, words.to_owned()),
        "{field}"
    );
    Ok(())
}

/// No trace of a mistake.
async fn is_right(form: &CreateMeeting<'_>, field: &str) -> anyhow::Result<()> {
    form.is_content_with(field).await?;
    let (invalid, _) = wiring(&form.widget, field).await?;
    assert!(!invalid, "{field} is still marked");
    Ok(())
}

#[test]
fn an_empty_subject_is_asked_for() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        is_right(&form, "subject").await?;
        form.press_create().await?;
        let words = "Enter a subject: participants see it in their invitation.";
        is_wrong(&form, "subject", words).await?;
        form.widget.focuses("data-field=subject").await?;
        form.widget.announces(words).await?;

        form.widget.keys("R").await?;
        is_right(&form, "subject").await?;
        // Blanks are no subject either.
        form.type_subject("   ").await?;
        form.press_create().await?;
        is_wrong(&form, "subject", words).await?;
        assert_eq!(stage.posts().len(), 0);
        Ok(())
    });
}

#[test]
fn a_subject_of_101_characters_is_counted_and_refused() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let counter = "label[for=subject] .muted";
        form.type_subject(&"é".repeat(79)).await?;
        assert!(!form.widget.shows(counter).await? || form.widget.text(counter).await?.is_empty());
        form.widget.keys("é").await?;
        form.widget.reads(counter, "20 characters left").await?;
        form.widget.keys(&"é".repeat(22)).await?;
        form.widget.reads(counter, "2 characters too many").await?;
        form.press_create().await?;
        is_wrong(&form, "subject", "Shorten the subject to 100 characters.").await?;
        form.widget.focuses("data-field=subject").await?;

        form.widget.keys(&Key::End.value().to_string()).await?;
        let twice = Key::Backspace.value().to_string().repeat(2);
        form.widget.keys(&twice).await?;
        is_right(&form, "subject").await?;
        form.widget.reads(counter, "0 characters left").await?;
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["subject"], "é".repeat(100));
        Ok(())
    });
}

#[test]
fn one_character_is_not_counted_in_the_plural() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        let counter = "label[for=subject] .muted";
        form.type_subject(&"x".repeat(99)).await?;
        form.widget.reads(counter, "1 character left").await?;
        form.widget.keys("xx").await?;
        form.widget.reads(counter, "1 character too many").await?;

        // Every language has its own rules: in French, none is as one.
        let page = page::in_language("fr");
        let form = stage.visit(page).await?.create_meeting();
        form.type_subject(&"x".repeat(100)).await?;
        form.widget.reads(counter, "0 caractère restant").await?;
        form.widget.keys("xx").await?;
        form.widget.reads(counter, "2 caractères de trop").await?;
        Ok(())
    });
}

#[test]
fn a_meeting_that_ends_when_it_starts_is_refused() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("No time at all", day, "14:00", "14:00")
            .await?;
        form.press_create().await?;
        is_wrong(&form, "end", "Choose an end after the start.").await?;
        form.widget.focuses("data-field=end").await?;

        form.choose_end("14:30").await?;
        is_right(&form, "end").await?;
        form.create().await?;
        let (_, meeting) = stage.the_one_meeting();
        assert_eq!(meeting.end, Clock::Summer.instant(day, "14:30"));
        Ok(())
    });
}

#[test]
fn an_end_before_the_start_says_that_it_is_the_next_day() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("Night shift", day, "23:30", "00:45").await?;
        let next = day.succ_opt().unwrap_or(day);
        // Browsers do not agree whether a British weekday has a comma after it.
        let words = format!("Ends the next day {}", next.format("%A %-d %B"));
        becomes("the help under the times", true, async || {
            let help = form.widget.texts(".notes .help").await?;
            Ok(help.iter().any(|help| help.replace(',', "") == words))
        })
        .await?;
        form.create().await?;
        let (_, meeting) = stage.the_one_meeting();
        assert_eq!(meeting.start, Clock::Summer.instant(day, "23:30"));
        assert_eq!(meeting.end, Clock::Summer.instant(next, "00:45"));
        Ok(())
    });
}

#[test]
fn a_start_in_the_past_is_refused() {
    play(setting(), async |stage| {
        let yesterday = stage.sandbox().now().date_naive() - TimeDelta::days(2);
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("Too late", yesterday, "10:00", "11:00")
            .await?;
        form.press_create().await?;
        is_wrong(&form, "start", "Choose a start in the future.").await?;
        form.widget.focuses("data-field=start").await?;

        let day = stage.calendar().winter();
        form.choose_date(day).await?;
        is_right(&form, "start").await?;
        form.create().await?;
        let (_, meeting) = stage.the_one_meeting();
        assert_eq!(meeting.start, Clock::Winter.instant(day, "10:00"));
        Ok(())
    });
}

#[test]
fn all_mistakes_show_and_the_first_has_the_focus() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        for field in ["date", "start", "end"] {
            form.widget
                .pick(&format!("[data-field={field}]"), "")
                .await?;
        }
        form.press_create().await?;
        form.widget.focuses("data-field=subject").await?;
        for (field, words) in [
            (
                "subject",
                "Enter a subject: participants see it in their invitation.",
            ),
            ("date", "Choose a date."),
            ("start", "Enter a time."),
            ("end", "Enter a time."),
        ] {
            is_wrong(&form, field, words).await?;
        }
        form.type_subject("Now with a subject").await?;
        is_right(&form, "subject").await?;
        form.press_create().await?;
        form.widget.focuses("data-field=date").await?;
        assert_eq!(stage.posts().len(), 0);
        Ok(())
    });
}

#[test]
fn somebody_who_left_is_marked_on_their_chip() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("With a leaver", day, "14:00", "15:00").await?;
        form.add_first("suharto").await?;
        form.add_first("xi.li").await?;
        let leaver = stage.person("suharto");
        stage.sandbox().remove_person(&leaver.email)?;
        stage.harness.proxy().sync().await?;
        form.press_create().await?;
        let words = "Remove the marked people: they can no longer be co-organizers.";
        is_wrong(&form, "co-organizers", words).await?;
        form.widget.focuses("data-field=co-organizers").await?;
        let marked = form.widget.texts("[data-chip].wrong").await?;
        assert_eq!(marked, [leaver.name.as_str()]);

        form.remove_chip(&leaver.key).await?;
        is_right(&form, "co-organizers").await?;
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["coorganizerKeys"], json!([stage.person("xi.li").key]));
        Ok(())
    });
}

#[test]
fn a_time_zone_nobody_has_is_refused() {
    play(setting(), async |stage| {
        let day = stage.calendar().summer();
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("Somewhere", day, "14:00", "15:00").await?;
        let zone = "[data-field=time-zone]";
        form.widget.type_over(zone, "Atlantis").await?;
        form.press_create().await?;
        is_wrong(&form, "time-zone", "Choose a time zone from the list.").await?;
        form.widget.focuses("data-field=time-zone").await?;

        // A city will do.
        form.widget.type_over(zone, "new york").await?;
        form.widget.keys(&Key::Tab.value().to_string()).await?;
        is_right(&form, "time-zone").await?;
        let shown = form.widget.property(zone, "value").await?;
        assert_eq!(shown, "New York");
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["starttime"], format!("{day}T18:00:00Z"));
        Ok(())
    });
}

#[test]
fn the_form_begins_with_a_sensible_meeting() {
    play(setting(), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        let Typed {
            subject,
            date,
            start,
            end,
            co_organizers,
            password,
        } = form.typed().await?;
        assert_eq!(
            (subject.as_str(), co_organizers.len(), password),
            ("", 0, false)
        );
        // The next full or half hour in Paris, for half an hour.
        let offset = form
            .widget
            .run("return new Date().getTimezoneOffset();", Vec::new())
            .await?;
        let offset = TimeDelta::minutes(-offset.as_i64().unwrap_or_default());
        let begins =
            chrono::NaiveDateTime::parse_from_str(&format!("{date}T{start}"), "%Y-%m-%dT%H:%M")?;
        let ahead = begins - (stage.sandbox().now().naive_utc() + offset);
        assert!(
            ahead <= TimeDelta::minutes(30) && ahead > -TimeDelta::minutes(1),
            "starts in {ahead}"
        );
        assert!(start.ends_with(":00") || start.ends_with(":30"), "{start}");
        let minutes = |time: &str| -> anyhow::Result<i64> {
            let (hour, minute) = (time[..2].parse::<i64>()?, time[3..5].parse::<i64>()?);
            Ok(hour * 60 + minute)
        };
        let length = (minutes(&end)? - minutes(&start)?).rem_euclid(24 * 60);
        assert_eq!(
            Duration::from_secs(length.unsigned_abs() * 60),
            Duration::from_secs(1800)
        );
        Ok(())
    });
}
