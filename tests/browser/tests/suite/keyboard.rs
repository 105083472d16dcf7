//! Everything without a pointer.

use chrono::NaiveTime;
use goto_microapps_browser_tests::{Browser, CreateMeeting, Key, Stage, becomes, play, setting};
use serde_json::json;

use crate::page;

/// The way through the form, in order.
const WAY: &[&str] = &[
    "data-action=my-meetings",
    "data-action=sign-out",
    "data-field=subject",
    "data-action=meet-now",
    "data-day=0",
    "data-field=date",
    "data-field=start",
    "data-field=end",
    "data-field=time-zone",
    "data-field=co-organizers",
    "data-field=participants",
    "data-field=password",
    "data-action=create",
];

async fn press(form: &CreateMeeting<'_>, key: Key) -> anyhow::Result<()> {
    form.widget.keys(&key.value().to_string()).await
}

/// Presses Tab until a hook has the focus; date and time fields have several stops inside.
async fn tab_to(form: &CreateMeeting<'_>, hook: &str) -> anyhow::Result<()> {
    for _ in 0..40 {
        if form.widget.focused().await? == hook {
            return Ok(());
        }
        press(form, Key::Tab).await?;
    }
    anyhow::bail!("Tab does not lead to {hook}")
}

/// Whether one can see where the focus is: an outline of two pixels, on the field or on the frame
/// that looks like the field. The button inside a date or time field has the browser's own.
async fn focus_is_visible(form: &CreateMeeting<'_>) -> anyhow::Result<bool> {
    let script = "
        const outlined = (element) => {
            const style = element && getComputedStyle(element);
            return Boolean(style) && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        };
        const active = root.activeElement;
        const inside = active.matches('[type=date], [type=time]') && !active.matches(':focus-visible');
        return inside || outlined(active) || outlined(active.closest('.people, .cell, .tile'));
    ";
    Ok(form.widget.run(script, vec![]).await? == true)
}

#[test]
fn tab_goes_through_the_whole_form_in_order_and_can_be_seen() {
    play(setting(), async |stage| {
        // Something to go on to, so that no key leads out of the page.
        let markup = "<goto-meeting></goto-meeting><button>After</button>";
        let form = stage.signed_in(page::with_markup(markup)).await?;
        form.widget.press("h2").await?;
        let mut way: Vec<String> = Vec::new();
        let mut stops: Vec<String> = Vec::new();
        for _ in 0..40 {
            press(&form, Key::Tab).await?;
            let hook = form.widget.focused().await?;
            if hook.is_empty() {
                break;
            }
            assert!(
                focus_is_visible(&form).await?,
                "the focus on {hook} is not seen"
            );
            stops.push(hook.clone());
            if way.last() != Some(&hook) {
                way.push(hook);
            }
        }
        assert_eq!(way, WAY);
        // How many stops a date has is the browser's business.
        if stage.session.browser() == Browser::Chromium {
            let at = |hook: &str| stops.iter().position(|stop| stop == hook);
            let tabs = at("data-action=create").zip(at("data-field=subject"));
            let tabs = tabs.map(|(create, subject)| create - subject);
            assert!(tabs.is_some_and(|tabs| tabs <= 12), "{tabs:?} in {stops:?}");
        }

        // And back again.
        let mut back: Vec<String> = Vec::new();
        for _ in 0..40 {
            form.widget.keys_with(&Key::Shift, Key::Tab).await?;
            let hook = form.widget.focused().await?;
            if hook.is_empty() {
                break;
            }
            if back.last() != Some(&hook) {
                back.push(hook);
            }
        }
        back.reverse();
        assert_eq!(back, WAY);
        Ok(())
    });
}

#[test]
fn a_meeting_is_scheduled_without_a_pointer() {
    play(setting().languages("en-US,en"), async |stage| {
        let day = stage.calendar().winter();
        let browser = stage.session.browser();
        let time = |hour| NaiveTime::from_hms_opt(hour, 30, 0).unwrap_or_default();
        let form = stage.visit(page::plain()).await?.create_meeting();
        form.appears().await?;
        tab_to(&form, "data-action=sign-in").await?;
        press(&form, Key::Enter).await?;
        form.finish_sign_in_as("zoe.oneill@corp.example").await?;

        // A person who knows the form goes back to its beginning.
        for _ in 0..40 {
            if form.widget.focused().await? == "data-field=subject" {
                break;
            }
            form.widget.keys_with(&Key::Shift, Key::Tab).await?;
        }
        form.widget.keys("By keyboard").await?;
        tab_to(&form, "data-field=date").await?;
        form.widget.keys(&browser.date_keys(day)).await?;
        tab_to(&form, "data-field=start").await?;
        form.widget.keys(&browser.time_keys(time(9))).await?;
        tab_to(&form, "data-field=end").await?;
        form.widget.keys("1h30").await?;
        tab_to(&form, "data-field=co-organizers").await?;
        form.widget.keys("elodie.dupont").await?;
        form.widget.find("[role=option]").await?;
        press(&form, Key::Down).await?;
        press(&form, Key::Enter).await?;
        form.has_chips(1).await?;
        tab_to(&form, "data-field=password").await?;
        press(&form, Key::Space).await?;
        tab_to(&form, "data-action=create").await?;
        press(&form, Key::Enter).await?;

        let new_meeting = form.is_created().await?;
        new_meeting.widget.focuses(".heading").await?;
        let (sent, meeting) = stage.the_one_meeting();
        assert_eq!(sent["subject"], "By keyboard");
        assert_eq!(sent["starttime"], format!("{day}T08:30:00Z"));
        assert_eq!(sent["endtime"], format!("{day}T10:00:00Z"));
        assert_eq!(sent["passwordrequired"], true);
        let organizer = stage.person("elodie.dupont").key;
        assert_eq!(sent["coorganizerKeys"], json!([organizer]));

        tab_to(&form, "data-action=view-details").await?;
        press(&form, Key::Enter).await?;
        form.widget.find("[data-page=meeting_details]").await?;
        form.widget.focuses(".heading").await?;
        for hook in [
            "data-action=join",
            "data-action=copy-invitation",
            "data-action=copy-link",
            "data-action=create-another",
        ] {
            tab_to(&form, hook).await?;
            assert!(focus_is_visible(&form).await?, "{hook}");
        }
        press(&form, Key::Enter).await?;
        form.appears().await?;
        form.widget.focuses(".heading").await?;
        assert_eq!(meeting.organizer, stage.person("zoe.oneill").key);
        Ok(())
    });
}

#[test]
fn one_part_of_the_date_can_be_typed() {
    play(setting().languages("en-US,en"), async |stage| {
        let form = stage.visit(page::plain()).await?.create_meeting();
        let day = stage.calendar().winter();
        form.choose_date(day).await?;
        form.choose_start("10:00").await?;
        form.widget.press("h2").await?;
        tab_to(&form, "data-field=date").await?;
        form.widget.keys("05").await?;
        let wanted = day.format("%Y-05-%d").to_string();
        becomes("the date", wanted, async || Ok(form.typed().await?.date)).await?;
        tab_to(&form, "data-field=start").await?;
        form.widget.keys("11").await?;
        becomes("the start", "11:00", async || Ok(form.typed().await?.start)).await?;
        // The end moved along.
        becomes("the end", "11:30", async || Ok(form.typed().await?.end)).await
    });
}

#[test]
fn enter_in_the_subject_creates_and_enter_in_the_search_does_not() {
    play(setting(), async |stage| {
        let day = stage.calendar().winter();
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("Enter", day, "10:00", "11:00").await?;
        form.widget.press("[data-field=co-organizers]").await?;
        press(&form, Key::Enter).await?;
        form.widget.keys("nobody of that name").await?;
        form.widget
            .announces("Nobody found. Try another spelling or the e-mail address.")
            .await?;
        press(&form, Key::Enter).await?;
        assert_eq!(form.widget.state().await?, "ready");
        assert_eq!(stage.posts().len(), 0);
        form.widget.press("[data-field=subject]").await?;
        press(&form, Key::Enter).await?;
        form.is_created().await?;
        stage.the_one_meeting();
        Ok(())
    });
}

/// `aria-expanded`, the active option, how many options are marked as selected.
async fn combobox(form: &CreateMeeting<'_>) -> anyhow::Result<(bool, Option<String>, usize)> {
    let input = "[data-field=co-organizers]";
    let expanded = form.widget.attribute(input, "aria-expanded").await?;
    let selected = form.widget.all("[role=option][aria-selected=true]").await?;
    Ok((
        expanded.as_deref() == Some("true"),
        form.active_option().await?,
        selected.len(),
    ))
}

async fn is_now(
    form: &CreateMeeting<'_>,
    expanded: bool,
    active: Option<&String>,
) -> anyhow::Result<()> {
    let wanted = (expanded, active.cloned(), usize::from(active.is_some()));
    becomes("expanded, active, selected", wanted, async || {
        combobox(form).await
    })
    .await
}

async fn query(form: &CreateMeeting<'_>) -> anyhow::Result<String> {
    form.widget
        .property("[data-field=co-organizers]", "value")
        .await
}

#[test]
fn the_search_is_a_combobox() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        let input = "[data-field=co-organizers]";
        for (name, value) in [
            ("role", "combobox"),
            ("aria-autocomplete", "list"),
            ("aria-controls", "people-list"),
            ("autocomplete", "off"),
        ] {
            let found = form.widget.attribute(input, name).await?;
            assert_eq!(found.as_deref(), Some(value), "{name}");
        }
        let list = form.widget.attribute("#people-list", "role").await?;
        assert_eq!(list.as_deref(), Some("listbox"));
        let name = form.widget.attribute("#people-list", "aria-label").await?;
        assert_eq!(name.as_deref(), Some("Co-organizers"));
        is_now(&form, false, None).await?;

        form.look_up("elodie").await?;
        is_now(&form, true, None).await?;
        let options = form.options().await?;
        form.widget
            .announces(&format!("{} people found", options.len()))
            .await?;
        let (first, last) = (&options[0], &options[options.len() - 1]);
        press(&form, Key::Down).await?;
        is_now(&form, true, Some(first)).await?;
        press(&form, Key::Down).await?;
        is_now(&form, true, Some(&options[1])).await?;
        press(&form, Key::Up).await?;
        press(&form, Key::Up).await?;
        is_now(&form, true, Some(last)).await?;
        press(&form, Key::Down).await?;
        is_now(&form, true, Some(first)).await?;
        // Back to editing the text: nobody is active.
        press(&form, Key::Home).await?;
        is_now(&form, true, None).await?;
        form.widget.focuses("data-field=co-organizers").await?;

        press(&form, Key::Escape).await?;
        is_now(&form, false, None).await?;
        assert!(!form.list_is_open().await?);
        assert_eq!(query(&form).await?, "elodie");
        press(&form, Key::Escape).await?;
        becomes("the text", "", async || query(&form).await).await?;

        form.look_up("elodie").await?;
        press(&form, Key::Tab).await?;
        is_now(&form, false, None).await?;
        form.widget.focuses("data-field=participants").await?;
        assert_eq!(form.chips().await?.len(), 0, "Tab chooses nobody");
        Ok(())
    });
}

#[test]
fn choosing_and_removing_is_announced() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.look_up("wolfeschlegel").await?;
        form.widget.announces("1 person found").await?;
        press(&form, Key::Escape).await?;
        press(&form, Key::Escape).await?;

        form.look_up("elodie.dupont").await?;
        press(&form, Key::Down).await?;
        press(&form, Key::Enter).await?;
        form.widget.announces("Élodie Dupont added").await?;
        form.widget.focuses("data-field=co-organizers").await?;
        becomes("the text", "", async || query(&form).await).await?;
        is_now(&form, false, None).await?;

        // Nobody is offered twice.
        let dupont = stage.person("elodie.dupont").key;
        form.look_up("elodie").await?;
        assert!(!form.options().await?.contains(&dupont));
        press(&form, Key::Escape).await?;
        press(&form, Key::Escape).await?;

        form.add_first("xi.li").await?;
        press(&form, Key::Backspace).await?;
        form.widget.announces("Xi Li removed").await?;
        press(&form, Key::Backspace).await?;
        form.widget.announces("Élodie Dupont removed").await?;
        form.has_chips(0).await?;
        press(&form, Key::Backspace).await?;
        form.widget.focuses("data-field=co-organizers").await
    });
}

#[test]
fn a_chip_s_button_has_a_name_and_gives_the_focus_back() {
    play(setting(), async |stage| {
        let form = stage.signed_in(page::plain()).await?;
        form.add_first("xi.li").await?;
        let key = stage.person("xi.li").key;
        let button = format!("[data-chip='{key}'] button");
        let name = form.widget.attribute(&button, "aria-label").await?;
        assert_eq!(name.as_deref(), Some("Remove Xi Li"));
        form.widget.keys_with(&Key::Shift, Key::Tab).await?;
        form.widget.focuses(&format!("data-chip={key}")).await?;
        assert!(focus_is_visible(&form).await?);
        press(&form, Key::Enter).await?;
        form.has_chips(0).await?;
        form.widget.focuses("data-field=co-organizers").await
    });
}

#[test]
fn people_are_found_however_their_name_is_written() {
    play(setting(), async |stage: &mut Stage| {
        let form = stage.signed_in(page::plain()).await?;
        for (typed, local) in [
            ("ELODIE mar", "elodie.martin"),
            ("gross", "juergen.gross"),
            ("山田", "taro.yamada"),
            ("кузн", "anna.kuznetsova"),
            ("oconnor@", "sean.oconnor"),
            ("jose garcia", "jose.garcia"),
            ("محمد", "mohammed.alali"),
        ] {
            let input = "[data-field=co-organizers]";
            form.widget.type_over(input, typed).await?;
            let key = stage.person(local).key;
            becomes(
                format!("{local} among those found for {typed}"),
                true,
                async || Ok(form.options().await?.contains(&key)),
            )
            .await?;
        }
        Ok(())
    });
}
