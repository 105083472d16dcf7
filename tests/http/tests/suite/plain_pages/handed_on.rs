//! What a meeting is handed on with, by links and a text to copy.

use goto_microapps_harness::Reply;
use goto_sandbox::Route;

use goto_microapps_harness::Harness;
use reqwest::Method;

use super::{enter, signed_in};
use crate::steps::{ELODIE, Test, connected, count};

/// The address behind an action of the page.
fn link(page: &Reply, action: &str) -> String {
    let mark = format!("data-action=\"{action}\"");
    let tag = page
        .text
        .split(&mark)
        .nth(1)
        .and_then(|rest| rest.split('>').next());
    let address = tag.and_then(|tag| tag.split("href=\"").nth(1));
    let address = address.and_then(|rest| rest.split('"').next());
    let address = address.unwrap_or_else(|| panic!("no {action}: {}", page.text));
    address.replace("&#38;", "&").replace("&amp;", "&")
}

#[tokio::test]
async fn a_meeting_is_handed_on_without_any_script() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let created = form.press(&visitor, "create").await?;
    let new = visitor.open(created.header("location")).await?;
    assert!(
        new.text.contains("Nobody has the invitation yet."),
        "{}",
        new.text
    );
    let reads = count(&harness, Route::GetMeeting);
    for page in [
        new,
        visitor
            .open(&created.header("location").replace("new=1&", ""))
            .await?,
    ] {
        let area = page.text.split("<textarea").nth(1).unwrap_or_default();
        let area = area.split("</textarea>").next().unwrap_or_default();
        for part in [
            "readonly",
            "Plain &#60;words&#62;\nTuesday 3 March 2026, 14:00\u{2013}15:00\nParis (UTC+1)",
            "Zoë O’Neill invites you",
            "https://meet.goto.com/",
        ] {
            assert!(area.contains(part), "{part}: {area}");
        }
        let outlook = link(&page, "outlook");
        assert!(
            outlook.starts_with("https://outlook.office.com/calendar/"),
            "{outlook}"
        );
        assert!(
            outlook.contains("&startdt=2026-03-03T13%3A00%3A00Z&"),
            "{outlook}"
        );
        let google = link(&page, "google");
        assert!(
            google.contains("&dates=20260303T130000Z%2F20260303T140000Z&"),
            "{google}"
        );
        let mail = link(&page, "email");
        assert!(
            mail.starts_with("mailto:?subject=Invitation%3A%20Plain%20%3Cwords%3E&body="),
            "{mail}"
        );

        let file = visitor.open(&link(&page, "calendar-file")).await?;
        assert_eq!(file.status, 200);
        let kind = "text/calendar; charset=utf-8; method=PUBLISH";
        assert_eq!(file.header("content-type"), kind);
        let name = file.header("content-disposition");
        let id = &harness.sandbox.meetings()[0].id;
        assert_eq!(
            name,
            format!("attachment; filename=\"gotomeeting-{id}.ics\"")
        );
        assert_eq!(file.header("cache-control"), "no-store");
        assert!(
            file.text.starts_with("BEGIN:VCALENDAR\r\n"),
            "{}",
            file.text
        );
        assert!(file.text.contains("\r\nDTSTART:20260303T130000Z\r\n"));
    }
    // The second page asked GoTo, a file did not.
    assert_eq!(count(&harness, Route::GetMeeting), reads + 1);
    Ok(())
}

#[tokio::test]
async fn a_calendar_file_is_its_organizer_s_only() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let created = form.press(&visitor, "create").await?;
    let page = visitor.open(created.header("location")).await?;
    let address = link(&page, "calendar-file");
    let other = harness.visitor();
    enter(&harness, &other, ELODIE).await?;
    for (visitor, status) in [(&other, 404), (&harness.visitor(), 401)] {
        let reply = visitor.open(&address).await?;
        assert_eq!(reply.status, 303, "{}", reply.text);
        assert!(!reply.text.contains("BEGIN"), "{}", reply.text);
        let page = visitor.open(reply.header("location")).await?;
        assert_eq!(page.status, status);
        assert!(!page.text.contains("Plain"), "{}", page.text);
    }
    let request = visitor.plain(Method::POST, &address);
    let reply = visitor
        .send(request.header("sec-fetch-site", "same-origin"))
        .await?;
    assert_eq!(reply.status, 405, "{}", reply.text);
    Ok(())
}
