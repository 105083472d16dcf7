//! What comes after a meeting is made: its invitation, calendars, a mail.

use chrono::NaiveDate;
use goto_microapps_browser_tests::{
    Browser, CreateMeeting, Key, MeetingDetails, NewMeeting, Stage, Widget, becomes, play, setting,
    until,
};
use goto_microapps_harness::Interference;
use goto_sandbox::Route;
use http::Method;
use serde_json::{Value, json};

use crate::page;

/// Fields to paste into: text, and whatever there is.
const PASTE: &str = "document.addEventListener('DOMContentLoaded', () => {
    const rich = document.createElement('div');
    rich.contentEditable = 'true';
    rich.id = 'rich';
    document.body.append(document.createElement('textarea'), rich);
});";

/// A meeting of an hour in summer, just made, on a page with this script.
async fn made<'s>(
    stage: &'s Stage,
    script: &str,
) -> anyhow::Result<(NaiveDate, CreateMeeting<'s>, NewMeeting<'s>)> {
    let day = stage.calendar().summer();
    let form = stage.signed_in(page::with_script(script)).await?;
    form.fill_in("Handed <on>", day, "14:00", "15:00").await?;
    form.add_first("juergen.gross").await?;
    let new_meeting = form.create().await?;
    Ok((day, form, new_meeting))
}

async fn links(widget: &Widget) -> anyhow::Result<[String; 4]> {
    let mut links = [const { String::new() }; 4];
    for (link, action) in links
        .iter_mut()
        .zip(["outlook", "google", "calendar-file", "email"])
    {
        let css = format!("[data-action={action}]");
        widget.present(&css).await?;
        let address = widget.attribute(&css, "href").await?;
        *link = address.unwrap_or_default();
    }
    Ok(links)
}

/// What the calendar file behind the link says.
async fn calendar_file(widget: &Widget) -> anyhow::Result<String> {
    let script = "return fetch(root.querySelector('[data-action=calendar-file]').href)
        .then((file) => file.text());";
    let file = widget.run(script, vec![]).await?;
    Ok(file.as_str().unwrap_or_default().to_owned())
}

#[test]
fn an_invitation_is_copied_as_text_and_with_its_links() {
    play(setting(), async |stage| {
        let (_, form, new_meeting) = made(stage, PASTE).await?;
        let link = new_meeting.link().await?;
        let primary = form.widget.text(".primary").await?;
        assert_eq!(primary, "Copy invitation", "the one next step");
        form.widget.press("[data-action=copy-invitation]").await?;
        form.widget.announces("Copied").await?;
        let field = stage.session.element("body > textarea").await?;
        field.send_keys(Key::Control + "v").await?;
        let text = until("the text", async || {
            Ok(field.prop("value").await?.filter(|text| !text.is_empty()))
        })
        .await?;
        for part in [
            "Handed <on>\nWednesday 14 July",
            "14:00\u{2013}15:00\nParis (UTC+2)",
            "Zoë O’Neill invites you",
            &format!("smartphone:\n{link}\n"),
            "+33 1 99 00 14 27",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let rich = stage.session.element("#rich").await?;
        rich.send_keys(Key::Control + "v").await?;
        let html = until("the rich text", async || {
            Ok(Some(rich.inner_html().await?).filter(|html| !html.is_empty()))
        })
        .await?;
        assert!(html.contains(&format!("href=\"{link}\"")), "{html}");
        assert!(html.contains("Handed &lt;on&gt;"), "{html}");
        Ok(())
    });
}

#[test]
fn links_and_the_calendar_file_carry_the_meeting() {
    play(setting().languages("fr-FR,fr"), async |stage| {
        let day = stage.calendar().summer();
        let form = stage.signed_in(page::in_language("fr")).await?;
        form.fill_in("Réunion", day, "14:00", "15:00").await?;
        let new_meeting = form.create().await?;
        let widget = &new_meeting.widget;
        widget.press("[data-action=add-to-calendar]").await?;
        let [outlook, google, file, email] = links(widget).await?;
        let basic = day.format("%Y%m%d");
        assert!(
            outlook.starts_with("https://outlook.office.com/"),
            "{outlook}"
        );
        let start = format!("startdt={day}T12%3A00%3A00Z&enddt={day}T13%3A00%3A00Z&");
        assert!(outlook.contains(&start), "{outlook}");
        let dates = format!("dates={basic}T120000Z%2F{basic}T130000Z&");
        assert!(google.contains(&dates), "{google}");
        assert!(file.starts_with("blob:"), "{file}");
        let said = "mailto:?subject=Invitation%E2%80%AF%3A%20R%C3%A9union&body=R%C3%A9union%0D%0A";
        assert!(email.starts_with(said), "{email}");
        let id = stage.the_one_meeting().1.id;
        let name = widget.attribute("[data-action=calendar-file]", "download");
        assert_eq!(name.await?, Some(format!("gotomeeting-{id}.ics")));
        let text = calendar_file(widget).await?;
        for line in [
            "METHOD:PUBLISH".to_owned(),
            format!("UID:gotomeeting-{id}@proxy.localhost"),
            format!("DTSTART:{basic}T120000Z"),
            format!("DTEND:{basic}T130000Z"),
            "SUMMARY:Réunion".to_owned(),
        ] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}: {text}");
        }
        for action in ["outlook", "google"] {
            let css = format!("[data-action={action}]");
            let rel = widget.attribute(&css, "rel").await?;
            assert_eq!(rel.as_deref(), Some("noopener noreferrer"));
        }
        if stage.session.browser() == Browser::Chromium {
            // As its person presses it: a file on the disk.
            let folder = tempfile::tempdir()?;
            let to = json!({ "behavior": "allow", "downloadPath": folder.path() });
            let devtools = stage.session.web().cdp();
            devtools.send_raw("Browser.setDownloadBehavior", to).await?;
            widget.press("[data-action=calendar-file]").await?;
            let path = folder.path().join(format!("gotomeeting-{id}.ics"));
            // It is there before it is whole.
            becomes("the file", Some(text), async || {
                Ok(std::fs::read_to_string(&path).ok())
            })
            .await?;
        }
        Ok(())
    });
}

#[test]
fn handing_on_asks_goto_nothing() {
    play(setting(), async |stage| {
        let (_, form, new_meeting) = made(stage, PASTE).await?;
        let nobody = form.widget.text("[data-part-text=nobody-yet]").await?;
        assert_eq!(
            nobody,
            "Nobody has the invitation yet. Send it to Jürgen Groß."
        );
        form.widget.find("[data-action=email]").await?;
        let last = stage.sandbox().log_of(Route::CreateMeeting).len();
        assert_eq!(last, 1);
        let asked = stage.sandbox().log().len();
        form.widget.press("[data-action=copy-invitation]").await?;
        form.widget.announces("Copied").await?;
        form.widget.press("[data-action=add-to-calendar]").await?;
        links(&form.widget).await?;
        let details = new_meeting.view_details().await?;
        details
            .widget
            .press("[data-action=copy-invitation]")
            .await?;
        links(&details.widget).await?;
        assert_eq!(
            stage.sandbox().log().len(),
            asked,
            "pages cost GoTo nothing"
        );
        let reads = stage.sandbox().log_of(Route::GetMeeting).len();
        assert_eq!(reads, 0, "from the create to here");
        Ok(())
    });
}

/// *Meeting details* hands on what it shows, for who opens it as the first page.
#[test]
fn details_hand_on_what_they_show() {
    play(setting(), async |stage| {
        let (day, _, _) = made(stage, "").await?;
        let meeting = stage.the_one_meeting().1;
        let attributes = format!("page=\"meeting-details\" meeting-id=\"{}\"", meeting.id);
        let intranet = stage.visit(page::with_element(&attributes)).await?;
        let details: MeetingDetails<'_> = intranet.meeting_details();
        details.appears().await?;
        let primary = details.widget.text(".primary").await?;
        assert!(primary.starts_with("Join the meeting"), "{primary}");
        let [_, google, _, email] = links(&details.widget).await?;
        let dates = day
            .format("dates=%Y%m%dT120000Z%%2F%Y%m%dT130000Z&")
            .to_string();
        assert!(google.contains(&dates), "{google}");
        assert!(
            email.starts_with("mailto:juergen.gross@corp.example?subject=Invitation"),
            "{email}"
        );
        assert!(!email.contains("password"), "{email}");
        let reads = stage.sandbox().log_of(Route::GetMeeting).len();
        assert_eq!(reads, 1, "one for what is shown, none for handing it on");
        Ok(())
    });
}

#[test]
fn what_cannot_be_fetched_is_said_and_tried_again() {
    let mut setting = setting();
    setting.options.middlebox = true;
    play(setting, async |stage| {
        let day = stage.calendar().summer();
        let form = stage.signed_in(page::plain()).await?;
        form.fill_in("Later", day, "14:00", "15:00").await?;
        let middlebox = stage.harness.middlebox();
        let down = Interference::page("/app/api/meetings/", 502).of(Method::GET);
        middlebox.answer(down);
        let new_meeting = form.create().await?;
        form.says("The service cannot be reached.").await?;
        let link = new_meeting.link().await?;
        assert_eq!(
            link,
            stage.the_one_meeting().1.join_url,
            "all else is there"
        );
        middlebox.pass();
        form.widget.press("[data-action=retry]").await?;
        form.widget.find("[data-action=email]").await?;
        form.widget.hides("[data-action=retry]").await?;
        Ok(())
    });
}

#[test]
fn a_browser_that_lets_nobody_copy_shows_the_text() {
    let script = "Object.defineProperty(navigator, 'clipboard', { value: undefined });
        document.execCommand = () => false;";
    play(setting(), async |stage| {
        let (_, form, new_meeting) = made(stage, script).await?;
        form.widget.find("[data-action=email]").await?;
        assert!(!form.widget.shows("[data-field=invitation]").await?);
        form.widget.press("[data-action=copy-invitation]").await?;
        form.widget.announces("Select the text to copy it").await?;
        form.widget.focuses("data-field=invitation").await?;
        let link = new_meeting.link().await?;
        let script = "const field = root.querySelector('[data-field=invitation]');
            return field.value.slice(field.selectionStart, field.selectionEnd);";
        becomes("what is selected", true, async || {
            let text = form.widget.run(script, vec![]).await?;
            let text = text.as_str().unwrap_or_default();
            Ok(text.contains("Handed <on>") && text.contains(&link))
        })
        .await
    });
}

#[test]
fn a_device_with_a_share_sheet_is_offered_the_invitation() {
    let script = "window.shared = []; window.answers = [];
        Object.defineProperty(navigator, 'share', { value: (data) => {
            window.shared.push(data);
            const error = window.answers.shift();
            return error ? Promise.reject(new DOMException('x', error)) : Promise.resolve();
        } });";
    play(setting(), async |stage| {
        let (_, form, new_meeting) = made(stage, script).await?;
        let link = new_meeting.link().await?;
        let shared = async |count: usize| -> anyhow::Result<Value> {
            form.widget.press("[data-action=share]").await?;
            until("the share sheet", async || {
                let shared = stage.session.run("return window.shared;", vec![]).await?;
                let there = shared.as_array().is_some_and(|all| all.len() == count);
                Ok(there.then(|| shared[count - 1].clone()))
            })
            .await
        };
        let data = shared(1).await?;
        assert_eq!(data["title"], "Invitation: Handed <on>");
        assert!(data["text"].as_str().unwrap_or_default().contains(&link));
        // Closed by its person, then refused by the browser.
        let answers = "window.answers = ['AbortError', 'NotAllowedError'];";
        stage.session.run(answers, vec![]).await?;
        shared(2).await?;
        assert!(!form.widget.shows("[data-field=invitation]").await?);
        shared(3).await?;
        form.widget.find("[data-field=invitation]").await?;
        Ok(())
    });
}

#[test]
fn a_row_of_my_meetings_copies_its_invitation() {
    play(setting(), async |stage| {
        let (_, form, _) = made(stage, PASTE).await?;
        form.widget.press("[data-action=my-meetings]").await?;
        form.widget.press("[data-action=copy-row]").await?;
        form.widget.announces("Copied").await?;
        form.widget
            .reads("[data-action=copy-row]", "Copied")
            .await?;
        let id = stage.the_one_meeting().1.id;
        let field = stage.session.element("body > textarea").await?;
        field.send_keys(Key::Control + "v").await?;
        let text = until("the text", async || {
            Ok(field.prop("value").await?.filter(|text| !text.is_empty()))
        })
        .await?;
        assert!(
            text.contains(&format!("https://meet.goto.com/{id}")),
            "{text}"
        );
        Ok(())
    });
}

#[test]
fn a_row_whose_invitation_does_not_come_says_so() {
    // There before the widget, which takes what it fetches with once.
    let script = "const fetches = window.fetch;
        window.fetch = (...asked) => window.isOffline ? Promise.reject(new TypeError('offline')) : fetches(...asked);";
    play(setting(), async |stage| {
        let (_, form, _) = made(stage, script).await?;
        form.widget.press("[data-action=my-meetings]").await?;
        form.widget.present("[data-action=copy-row]").await?;
        let offline = "window.isOffline = true;";
        stage.session.run(offline, vec![]).await?;
        form.widget.press("[data-action=copy-row]").await?;
        form.widget.find(".rows .ways p").await?;
        // And nothing is left that nobody looks at: the stage asks for the page's errors.
        Ok(())
    });
}

#[test]
fn a_row_that_cannot_be_copied_shows_every_way_to_hand_it_on() {
    let script = "Object.defineProperty(navigator, 'clipboard', { value: undefined });
        document.execCommand = () => false;";
    play(setting(), async |stage| {
        let (_, form, _) = made(stage, script).await?;
        form.widget.press("[data-action=my-meetings]").await?;
        form.widget.press("[data-action=copy-row]").await?;
        form.widget
            .press(".rows [data-action=copy-invitation]")
            .await?;
        form.widget.focuses("data-field=invitation").await
    });
}
