//! What the browser's own clock and zone database get wrong: asked or guessed in words, never
//! swallowed.

use goto_microapps_browser_tests::{
    Clock, CreateMeeting, Key, OLD_RULES, Stage, becomes, play, setting,
};
use goto_microapps_harness::PageOptions;
use goto_sandbox::Route;
use serde_json::json;

use crate::page;

fn in_vancouver_by_old_rules() -> PageOptions {
    PageOptions {
        element: Some("time-zone=\"America/Vancouver\"".to_owned()),
        ..page::with_script(OLD_RULES)
    }
}

/// A browser that names its zone so; `known` makes it count by Paris there.
fn in_zone(name: &str, known: bool) -> PageOptions {
    page::with_script(&format!(
        "
        const Real = Intl.DateTimeFormat;
        const resolved = Real.prototype.resolvedOptions;
        Real.prototype.resolvedOptions = function () {{
            return {{ ...resolved.call(this), timeZone: '{name}' }};
        }};
        Intl.DateTimeFormat = function (locales, options = {{}}) {{
            const own = {known} && options.timeZone === '{name}';
            return new Real(locales, own ? {{ ...options, timeZone: 'Europe/Paris' }} : options);
        }};
        Intl.DateTimeFormat.prototype = Real.prototype;
        "
    ))
}

async fn choose_zone(form: &CreateMeeting<'_>, typed: &str) -> anyhow::Result<()> {
    form.widget
        .type_over("[data-field=time-zone]", typed)
        .await?;
    form.widget.keys(&Key::Tab.value().to_string()).await
}

/// The IANA name of the zone in the form.
async fn chosen_zone(form: &CreateMeeting<'_>) -> anyhow::Result<String> {
    let zone = form.widget.attribute("[data-zone]", "data-zone").await?;
    Ok(zone.unwrap_or_default())
}

#[test]
fn a_zone_is_found_by_what_people_call_it() {
    play(setting().languages("fr-FR,fr"), async |stage| {
        let day = stage.calendar().winter();
        let form = stage.signed_in(page::in_language("fr")).await?;
        form.fill_in("À deux continents", day, "14:00", "14:30")
            .await?;
        let zone = "[data-field=time-zone]";
        form.widget.type_over(zone, "mum").await?;
        form.widget
            .reads(
                ".zone [role=option]",
                "Mumbai\n18:30\nheure de l’Inde\nUTC+5:30",
            )
            .await?;
        let caption = form.widget.text(".zone .note").await?;
        assert_eq!(caption, "Quand il est 14:00 à Paris");
        form.press_key(Key::Enter).await?;
        becomes("the zone", "Asia/Kolkata".to_owned(), async || {
            chosen_zone(&form).await
        })
        .await?;
        form.widget.reads(".zone .hint", "UTC+5:30").await?;
        let place = form.widget.text(".result .place").await?;
        assert!(place.ends_with("(09:30 pour vous)"), "{place}");

        // Who does not wait for the list gets what was meant all the same.
        choose_zone(&form, "Londres").await?;
        becomes("the zone", "Europe/London".to_owned(), async || {
            chosen_zone(&form).await
        })
        .await?;
        form.is_content_with("time-zone").await?;
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["starttime"], format!("{day}T14:00:00Z"));
        Ok(())
    });
}

/// Fills the form in and presses *Create meeting*: the question is asked, nothing is made.
async fn ask(stage: &Stage, form: &CreateMeeting<'_>) -> anyhow::Result<()> {
    let day = stage.calendar().winter();
    form.fill_in("Between two databases", day, "10:00", "11:00")
        .await?;
    form.switch_password().await?;
    let typed = form.typed().await?;
    form.press_create().await?;
    asked(form).await?;
    assert_eq!(form.typed().await?, typed, "everything is kept");
    assert_eq!(stage.posts().len(), 0);
    Ok(())
}

async fn asked(form: &CreateMeeting<'_>) -> anyhow::Result<()> {
    form.widget.reaches("differs").await?;
    form.says(
        "Your device counts 10:00 as UTC\u{2212}8, the server as UTC\u{2212}7. Which is right?",
    )
    .await?;
    // Not on a button: the key that asked must not answer.
    form.widget.focuses(".alert bad").await
}

#[test]
fn the_servers_reading_is_made_when_it_is_chosen() {
    play(setting(), async |stage| {
        let form = stage.signed_in(in_vancouver_by_old_rules()).await?;
        ask(stage, &form).await?;
        form.widget.press("[data-action=use-server]").await?;
        form.is_created().await?;
        let (sent, _) = stage.the_one_meeting();
        let day = stage.calendar().winter();
        assert_eq!(sent["starttime"], format!("{day}T17:00:00Z"));
        assert_eq!(sent["endtime"], format!("{day}T18:00:00Z"));
        // Told as it was chosen, not as the device would count it back.
        let when = form.widget.text("[data-part-text=when]").await?;
        let when = when.replace(['\u{2009}', '\u{202f}', ' '], "");
        assert!(
            when.ends_with("10:00\u{2013}11:00Vancouver(UTC\u{2212}7)"),
            "{when}"
        );
        Ok(())
    });
}

#[test]
fn the_devices_reading_is_made_when_it_is_chosen_also_after_a_reload() {
    play(setting(), async |stage| {
        let form = stage.signed_in(in_vancouver_by_old_rules()).await?;
        ask(stage, &form).await?;
        let typed = form.typed().await?;
        stage.session.reload().await?;
        form.widget.reaches("ready").await?;
        form.shows(&typed).await?;
        assert_eq!(stage.posts().len(), 0);
        form.press_create().await?;
        asked(&form).await?;
        form.widget.press("[data-action=use-device]").await?;
        form.is_created().await?;
        let (sent, _) = stage.the_one_meeting();
        let day = stage.calendar().winter();
        assert_eq!(sent["starttime"], format!("{day}T18:00:00Z"));
        assert_eq!(sent["endtime"], format!("{day}T19:00:00Z"));
        Ok(())
    });
}

#[test]
fn other_times_are_asked_about_again_and_another_zone_is_not() {
    play(setting(), async |stage| {
        let day = stage.calendar().winter();
        let form = stage.signed_in(in_vancouver_by_old_rules()).await?;
        ask(stage, &form).await?;
        form.widget.press("[data-action=edit]").await?;
        form.widget.reaches("ready").await?;
        choose_zone(&form, "los angeles").await?;
        form.widget.reads(".zone .hint", "UTC\u{2212}8").await?;
        form.create().await?;
        let (sent, _) = stage.the_one_meeting();
        assert_eq!(sent["starttime"], format!("{day}T18:00:00Z"));
        Ok(())
    });
}

#[test]
fn a_browser_without_a_zone_gets_a_guess_that_says_so() {
    play(setting(), async |stage| {
        for name in ["Etc/Unknown", "Factory", "+02:00", ""] {
            let page = stage.visit(in_zone(name, false)).await?;
            let form = page.create_meeting();
            form.appears().await?;
            let words = "Your browser does not say which time zone you are in. Is this one right?";
            form.widget.reads("[data-part-text=guess]", words).await?;
            let guess = chosen_zone(&form).await?;
            assert!(
                ["Etc/GMT-1", "Etc/GMT-2"].contains(&&*guess),
                "{name}: {guess}"
            );
            let shown = form.widget.property("[data-field=time-zone]", "value");
            assert!(shown.await?.starts_with("UTC+"));
            let before = form.typed().await?;

            choose_zone(&form, "asia/kolkata").await?;
            form.widget.reads(".zone .hint", "UTC+5:30").await?;
            form.widget.hides("[data-part-text=guess]").await?;
            let after = form.typed().await?;
            assert_ne!((&before.date, &before.start), (&after.date, &after.start));
            stage
                .session
                .run("sessionStorage.clear();", Vec::new())
                .await?;
        }
        Ok(())
    });
}

#[test]
fn a_zone_that_only_the_browser_knows_becomes_a_guess_when_the_proxy_refuses_it() {
    play(setting(), async |stage| {
        let day = stage.calendar().winter();
        let form = stage.signed_in(in_zone("Mars/Base", true)).await?;
        form.fill_in("From far away", day, "10:00", "11:00").await?;
        form.widget.reads(".zone .hint", "UTC+1").await?;
        form.press_create().await?;
        form.complains("time-zone", "Choose a time zone from the list.")
            .await?;
        form.widget.find("[data-part-text=guess]").await?;
        choose_zone(&form, "Paris").await?;
        form.create().await?;
        let (_, meeting) = stage.the_one_meeting();
        assert_eq!(meeting.start, Clock::Winter.instant(day, "10:00"));
        Ok(())
    });
}

#[test]
fn a_start_that_nobody_touched_moves_on_with_the_clock() {
    play(setting(), async |stage| {
        let later = "
            const real = Date.now;
            window.later = 0;
            Date.now = () => real() + window.later * 60000;
        ";
        let form = stage.signed_in(page::with_script(later)).await?;
        form.type_subject("Typed slowly").await?;
        form.choose_duration(45).await?;
        let before = form.typed().await?;
        let script = "window.later += args[0]; window.dispatchEvent(new Event('pageshow'));";
        form.widget.run(script, vec![json!(40)]).await?;
        becomes("whether the start moved", true, async || {
            Ok(form.typed().await?.start != before.start)
        })
        .await?;
        let after = form.typed().await?;
        assert_eq!(after.subject, "Typed slowly");
        let length = form.widget.all("[data-duration='45']");
        assert_eq!(length.await?.len(), 1, "the length is kept");

        // What somebody chose stays, whatever the clock says.
        form.choose_start(&before.start).await?;
        let chosen = form.typed().await?;
        form.widget.run(script, vec![json!(24 * 60)]).await?;
        assert_eq!(form.typed().await?, chosen);
        Ok(())
    });
}

#[test]
fn a_long_meeting_is_chosen_never_slipped_into() {
    play(setting(), async |stage| {
        let day = stage.calendar().winter();
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("A slip", day, "13:00", "07:30").await?;
        form.press_create().await?;
        let words = "That would be a very long meeting. Which end do you mean?";
        form.complains("end", words).await?;
        form.widget.focuses("data-field=end").await?;
        let next = day.succ_opt().unwrap_or(day);
        // Browsers do not agree about commas and zeros in front.
        let offers = form.widget.texts("[data-time]").await?;
        let offers: Vec<String> = offers
            .iter()
            .map(|offer| offer.replace(',', "").replace(" 0", " "))
            .collect();
        let long = format!("Until {} 7:30 (18 h 30)", next.format("%A %-d %B"));
        assert_eq!(offers, ["Use 19:30", "Use 13:30", &long]);
        assert_eq!(stage.posts().len(), 0);

        form.widget.press("[data-time$='T13:30']").await?;
        form.is_content_with("end").await?;
        assert_eq!(form.typed().await?.end, "13:30");
        form.choose_end("07:30").await?;
        form.press_create().await?;
        form.complains("end", words).await?;
        form.widget.press("[data-time$='T07:30']").await?;
        form.create().await?;
        let (_, meeting) = stage.the_one_meeting();
        assert_eq!(meeting.start, Clock::Winter.instant(day, "13:00"));
        assert_eq!(meeting.end, Clock::Winter.instant(next, "07:30"));
        Ok(())
    });
}

#[test]
fn a_start_that_was_half_typed_keeps_the_length() {
    play(setting(), async |stage| {
        let day = stage.calendar().winter();
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("Typed over", day, "03:00", "03:30").await?;
        form.choose_start("").await?;
        form.choose_start("11:00").await?;
        assert_eq!(form.typed().await?.end, "11:30");
        Ok(())
    });
}

#[test]
fn half_an_emoji_waits_for_its_other_half() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let typed = "
            const field = root.querySelector(args[0]);
            field.value = args[1].replace('HALF', '\\ud83d').replace('REST', '\\ude0a');
            field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
            return field.value.length;
        ";
        for field in ["[data-field=subject]", "[data-field=co-organizers]"] {
            let value = |text: &str| vec![json!(field), json!(text)];
            form.widget.run(typed, value("hello HALF")).await?;
            let half = form.widget.run(
                "return root.querySelector(args[0]).value === 'hello \\ud83d';",
                vec![json!(field)],
            );
            assert_eq!(
                half.await?,
                json!(true),
                "{field}: the half stays where it is"
            );
        }
        let subject = |text: &str| vec![json!("[data-field=subject]"), json!(text)];
        form.widget.run(typed, subject("hello HALFREST")).await?;
        let new_meeting = form.create().await?;
        new_meeting.create_another().await?;
        // And a half that stays alone is left out.
        form.widget.run(typed, subject("bye HALF")).await?;
        form.create().await?;
        let subjects: Vec<_> = stage
            .posts()
            .iter()
            .map(|post| post.json()["subject"].clone())
            .collect();
        assert_eq!(subjects, [json!("hello \u{1f60a}"), json!("bye")]);
        Ok(())
    });
}

#[test]
fn a_change_that_is_counted_differently_asks_as_well() {
    play(setting().time_zone("America/Vancouver"), async |stage| {
        let page = PageOptions {
            element: Some("time-zone=\"Europe/Paris\"".to_owned()),
            ..page::with_script(OLD_RULES)
        };
        let form = stage.signed_in(page).await?;
        let calendar = stage.calendar();
        form.fill_in("Moved", calendar.winter(), "19:00", "20:00")
            .await?;
        form.create().await?;
        form.widget.press("[data-action=my-meetings]").await?;
        form.widget.press("[data-action=edit-meeting]").await?;
        form.widget.present("[data-action=save]").await?;
        // The form of a change is in the reader's own zone.
        form.widget.press("[data-action=save]").await?;
        asked(&form).await?;
        let changes = || stage.sandbox().log_of(Route::UpdateMeeting);
        assert!(changes().is_empty());
        form.widget.press("[data-action=use-server]").await?;
        form.widget
            .reads("[data-part-text=subject]", "Moved")
            .await?;
        let [change] = &changes()[..] else {
            panic!("exactly one change");
        };
        let start = format!("{}T17:00:00Z", calendar.winter());
        assert_eq!(change.json()["starttime"], start);
        assert_eq!(stage.posts().len(), 1);
        Ok(())
    });
}
