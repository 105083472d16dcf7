//! The plain pages: everything a person without JavaScript does, as their browser sends it.

mod changes;
mod form_page;
mod handed_on;
mod own_pages;

use std::time::Duration;

use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, RetryAfter, Route};
use reqwest::Method;
use serde_json::json;

use crate::steps::{ELODIE, Test, ZOE, as_time_passes, connected, count};

/// The form's fields, as the page gave them and somebody filled them in.
#[derive(Clone, Debug)]
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl Form {
    /// What is in the page now.
    pub(crate) fn of(page: &Reply) -> Self {
        let mut fields = Vec::new();
        for tag in page.text.split("<input").skip(1) {
            let tag = &tag[..tag.find('>').unwrap_or(tag.len())];
            let name = attribute(tag, "name").unwrap_or_default();
            let value = attribute(tag, "value").unwrap_or_default();
            let box_ = tag.contains("type=\"checkbox\"") || tag.contains("type=\"radio\"");
            if !name.is_empty() && (!box_ || tag.contains(" checked")) {
                fields.push((name, value));
            }
        }
        Self(fields)
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self.add(name, value)
    }

    fn add(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    fn get(&self, name: &str) -> &str {
        let field = self.0.iter().find(|(other, _)| other == name);
        field.map_or("", |(_, value)| value)
    }

    /// Sends it with the button `action`.
    pub(crate) async fn press(&self, visitor: &Visitor, action: &str) -> anyhow::Result<Reply> {
        let mut fields = self.0.clone();
        fields.push(("action".to_owned(), action.to_owned()));
        let request = visitor
            .plain(Method::POST, "form")
            .header("sec-fetch-site", "same-origin")
            .form(&fields);
        visitor.send(request).await
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let rest = &tag[start..];
    let text = &rest[..rest.find('"')?];
    Some(
        text.replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&"),
    )
}

/// Signs in by links and redirects alone.
async fn enter(harness: &Harness, visitor: &Visitor, email: &str) -> anyhow::Result<Reply> {
    let page = visitor.open("form?lang=en&tz=Europe%2FParis").await?;
    let link = page.text.split("data-action=\"sign-in\" href=\"").nth(1);
    let link = link
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default();
    let away = visitor
        .open(&link.replace("&#38;", "&").replace("&amp;", "&"))
        .await?;
    anyhow::ensure!(away.status == 303, "{}: {}", away.status, away.text);
    let back = harness
        .sandbox
        .consent(away.header("location"), email)
        .await?;
    visitor.open(&back).await
}

pub(crate) async fn signed_in(harness: &Harness) -> anyhow::Result<(Visitor, Form)> {
    let visitor = harness.visitor();
    enter(harness, &visitor, ZOE).await?;
    let page = visitor.open("form?lang=en&tz=Europe%2FParis").await?;
    anyhow::ensure!(page.text.contains("Zoë O’Neill"), "{}", page.text);
    let form = Form::of(&page)
        .set("subject", "Plain <words>")
        .set("date", "2026-03-03")
        .set("start", "14:00")
        .set("end", "15:00");
    // The first press shows which instants these are.
    let page = form.press(&visitor, "create").await?;
    anyhow::ensure!(page.status == 200, "{}: {}", page.status, page.text);
    Ok((visitor, Form::of(&page)))
}

#[tokio::test]
async fn a_meeting_is_scheduled_without_any_script() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    assert_eq!(form.get("time_zone"), "Europe/Paris");
    let page = form
        .clone()
        .set("q", "suharto")
        .press(&visitor, "search")
        .await?;
    assert_eq!(page.status, 200);
    let people: Vec<&str> = page.text.split("name=\"co\" value=\"").skip(1).collect();
    let key = people[0].split('"').next().unwrap_or_default();
    let form = Form::of(&page);
    assert_eq!(
        form.get("subject"),
        "Plain <words>",
        "nothing typed is lost"
    );
    let reply = form
        .add("co", key)
        .add("password", "on")
        .press(&visitor, "create")
        .await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let sent = harness.sandbox.log_of(Route::CreateMeeting)[0].json();
    assert_eq!(sent["subject"], "Plain &lt;words&gt;");
    assert_eq!(sent["starttime"], "2026-03-03T13:00:00Z");
    assert_eq!(sent["endtime"], "2026-03-03T14:00:00Z");
    assert_eq!(sent["passwordrequired"], true);
    assert_eq!(sent["coorganizerKeys"], json!([key]));

    let page = visitor.open(reply.header("location")).await?;
    assert!(
        page.text.contains("data-page=\"new_meeting\""),
        "{}",
        page.text
    );
    assert!(
        page.text
            .contains("Tuesday 3 March 2026, 14:00\u{2013}15:00"),
        "{}",
        page.text
    );
    let details = reply.header("location").replace("new=1&", "");
    let page = visitor.open(&details).await?;
    assert!(page.text.contains("data-page=\"meeting_details\""));
    assert!(page.text.contains("Plain &#60;words&#62;"), "{}", page.text);
    assert!(page.text.contains("Suharto"), "{}", page.text);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_only_a_person_orders_a_second_meeting() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, FaultKind::CutAfterCommit));
    let pressed = as_time_passes(
        &harness,
        Duration::from_secs(2),
        form.press(&visitor, "create"),
    );
    let reply = pressed.await?;
    assert_eq!(reply.status, 303, "found at GoTo: {}", reply.text);
    assert_eq!(harness.sandbox.meetings().len(), 1);

    // This time it is not there.
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, FaultKind::CutBefore));
    let form = form.set("subject", "Never arrived");
    let mut page = as_time_passes(
        &harness,
        Duration::from_secs(2),
        form.press(&visitor, "create"),
    )
    .await?;
    while page.status == 200 {
        assert!(
            page.text.contains("will not be created twice"),
            "{}",
            page.text
        );
        let form = Form::of(&page);
        let pressed = form.press(&visitor, "check");
        page = as_time_passes(&harness, Duration::from_secs(2), pressed).await?;
    }
    assert_eq!(page.status, 409, "{}", page.text);
    assert!(page.text.contains("Create anyway"), "{}", page.text);
    assert_eq!(harness.sandbox.meetings().len(), 1);
    let reply = Form::of(&page).press(&visitor, "anyway").await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    assert_eq!(harness.sandbox.meetings().len(), 2);
    Ok(())
}

#[tokio::test]
async fn goto_s_troubles_are_told_apart() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    // Longer than a create may wait at the proxy.
    let long = FaultKind::TooManyRequests(RetryAfter::Seconds(400));
    for (status, fault, words) in [
        (
            400,
            FaultKind::status(400),
            "GoTo did not accept this meeting",
        ),
        (429, long, "This one was not created"),
    ] {
        harness
            .sandbox
            .fault(Fault::once(Route::CreateMeeting, fault));
        let form = form.clone().set("subject", &format!("Trouble {status}"));
        let page = form.press(&visitor, "create").await?;
        assert!(page.status >= 400, "{status}");
        assert!(page.text.contains(words), "{status}: {}", page.text);
        assert_eq!(Form::of(&page).get("subject"), format!("Trouble {status}"));
        harness.advance(Duration::from_secs(120));
    }
    Ok(())
}

#[tokio::test]
async fn somebody_else_s_meeting_is_not_shown() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let reply = form.press(&visitor, "create").await?;
    let path = reply.header("location").to_owned();
    let other = harness.visitor();
    enter(&harness, &other, ELODIE).await?;
    for (visitor, status) in [(&visitor, 200), (&other, 404), (&harness.visitor(), 401)] {
        let page = visitor.open(&path).await?;
        assert_eq!(page.status, status);
        assert_eq!(page.text.contains("Plain"), status == 200);
    }
    let page = visitor.open("form/meetings/%3Cscript%3E").await?;
    assert_eq!(page.status, 404);
    assert!(!page.text.contains("<script"), "{}", page.text);
    Ok(())
}
