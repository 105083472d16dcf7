//! The plain pages: everything a person without JavaScript does, as their browser sends it.

use std::time::Duration;

use goto_microapps_harness::{Harness, Reply, Visitor, challenge};
use goto_sandbox::{Fault, FaultKind, Route};
use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::steps::{ELODIE, JUERGEN, Test, ZOE, as_time_passes, connected, count};

/// The form's fields, as the page gave them and somebody filled them in.
#[derive(Clone, Debug)]
pub(crate) struct Form(Vec<(String, String)>);

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
async fn the_same_form_sent_twice_is_one_meeting_and_a_changed_one_another() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let both = async {
        tokio::join!(
            form.press(&visitor, "create"),
            form.press(&visitor, "create")
        )
    };
    let (first, second) = as_time_passes(&harness, Duration::from_secs(2), both).await;
    assert_eq!(first?.header("location"), second?.header("location"));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    let other = form
        .set("subject", "Another")
        .press(&visitor, "create")
        .await?;
    assert_eq!(other.status, 303);
    assert_eq!(count(&harness, Route::CreateMeeting), 2);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_field_and_nothing_is_lost() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    for (name, value, words) in [
        ("subject", "", "Enter a subject"),
        ("subject", &"x".repeat(101) as &str, "Shorten the subject"),
        ("end", "14:00", "Choose an end after the start."),
        ("date", "2026-03-01", "Choose a start in the future."),
        ("date", "", "Choose a date."),
        ("date", "1999-99-99", "Enter a date and time that exist."),
        ("start", "", "Enter a time."),
        ("time_zone", "Mars/Base", "time zone"),
        ("co", "12", "no longer"),
    ] {
        let changed = form.clone().set(name, value);
        let page = changed.press(&visitor, "create").await?;
        assert_eq!(page.status, 422, "{name}={value}: {}", page.text);
        assert!(page.text.contains(words), "{name}={value}: {}", page.text);
        let kept = Form::of(&page);
        assert_eq!(kept.get(name), value, "kept");
        if name != "subject" {
            assert_eq!(kept.get("subject"), "Plain <words>");
        }
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}

#[tokio::test]
async fn a_time_that_occurs_twice_asks_which() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let form = form
        .set("date", "2026-10-25")
        .set("start", "02:30")
        .set("end", "03:30");
    let page = form.press(&visitor, "create").await?;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("The second time"), "{}", page.text);
    let reply = Form::of(&page)
        .set("start_fold", "later")
        .press(&visitor, "create")
        .await?;
    assert!(
        reply
            .text
            .contains("02:30\u{2013}03:30</strong> Paris (UTC+1)"),
        "{}",
        reply.text
    );
    let reply = Form::of(&reply).press(&visitor, "create").await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let sent = harness.sandbox.log_of(Route::CreateMeeting)[0].json();
    assert_eq!(sent["starttime"], "2026-10-25T01:30:00Z");
    Ok(())
}

#[tokio::test]
async fn the_offset_and_the_instant_are_shown_before_anything_is_made() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let form = form
        .set("date", "2026-12-15")
        .set("start", "10:00")
        .set("end", "11:00")
        .set("time_zone", "america/vancouver");
    let page = form.press(&visitor, "create").await?;
    assert_eq!(page.status, 200);
    for words in [
        "Is this the right time?",
        "Tuesday 15 December 2026, 10:00\u{2013}11:00 Vancouver (UTC\u{2212}7)",
        "2026-12-15 17:00\u{2013}18:00 UTC",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    let shown = Form::of(&page);
    assert_eq!(
        shown.get("subject"),
        "Plain <words>",
        "nothing typed is lost"
    );
    // Other times are shown again, whatever was shown before.
    let later = shown.clone().set("end", "11:30");
    let page = later.press(&visitor, "create").await?;
    assert!(
        page.text.contains("17:00\u{2013}18:30 UTC"),
        "{}",
        page.text
    );
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    let reply = shown.press(&visitor, "create").await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let sent = harness.sandbox.log_of(Route::CreateMeeting)[0].json();
    assert_eq!(sent["starttime"], "2026-12-15T17:00:00Z");
    // In French as well, and without a step where nothing was changed.
    let page = visitor.open("form?lang=fr&tz=asia%2Fkolkata").await?;
    let form = Form::of(&page).set("subject", "Tout de suite");
    assert_eq!(form.get("time_zone"), "Asia/Kolkata");
    assert!(page.text.contains("Kolkata (UTC+5:30)"), "{}", page.text);
    let changed = form
        .clone()
        .set("end", "19:30")
        .press(&visitor, "create")
        .await?;
    assert!(
        changed.text.contains("Est-ce le bon horaire"),
        "{}",
        changed.text
    );
    assert_eq!(form.press(&visitor, "create").await?.status, 303);
    Ok(())
}

#[tokio::test]
async fn a_long_meeting_is_chosen_never_slipped_into() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let slip = form.clone().set("start", "13:00").set("end", "07:30");
    let page = slip.press(&visitor, "create").await?;
    assert_eq!(page.status, 422, "{}", page.text);
    for words in [
        "That would be a very long meeting. Which end do you mean?",
        "name=\"end_choice\" value=\"19:30\">Use 19:30",
        "name=\"end_choice\" value=\"13:30\">Use 13:30",
        "name=\"end_choice\" value=\"1110\">Until Wednesday 4 March, 07:30 (18 h 30)",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    for (choice, end) in [
        ("13:30", "2026-03-03T12:30:00Z"),
        ("1110", "2026-03-04T06:30:00Z"),
    ] {
        let chosen = Form::of(&page)
            .set("subject", choice)
            .add("end_choice", choice);
        let seen = chosen.press(&visitor, "create").await?;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let reply = Form::of(&seen).press(&visitor, "create").await?;
        assert_eq!(reply.status, 303, "{}", reply.text);
        let sent = harness
            .sandbox
            .log_of(Route::CreateMeeting)
            .pop()
            .expect("a POST")
            .json();
        assert_eq!(sent["starttime"], "2026-03-03T12:00:00Z");
        assert_eq!(sent["endtime"], end);
    }
    // Up to four hours the next day is meant, and said.
    let late = form.set("start", "22:00").set("end", "02:00");
    let page = late.press(&visitor, "create").await?;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("22:00\u{2013}Wednesday 02:00"),
        "{}",
        page.text
    );
    assert!(page.text.contains("It ends the next day."), "{}", page.text);
    Ok(())
}

#[tokio::test]
async fn half_an_emoji_never_reaches_goto() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    // What a browser sends for `hello` and the first half of an emoji.
    let reply = form
        .set("subject", "hello \u{fffd}")
        .press(&visitor, "create")
        .await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let sent = harness.sandbox.log_of(Route::CreateMeeting)[0].json();
    assert_eq!(sent["subject"], "hello");
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
async fn a_session_that_ended_in_the_middle_loses_nothing() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    visitor.forget();
    let page = form.press(&visitor, "create").await?;
    assert_eq!(page.status, 401);
    assert!(
        page.text.contains("target=\"_blank\""),
        "signs in beside it"
    );
    assert_eq!(Form::of(&page).get("subject"), "Plain <words>");
    enter(&harness, &visitor, ZOE).await?;
    let reply = Form::of(&page).press(&visitor, "create").await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    Ok(())
}

#[tokio::test]
async fn goto_s_troubles_are_told_apart() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    for (status, words) in [
        (400, "GoTo did not accept this meeting"),
        (429, "This one was not created"),
    ] {
        harness
            .sandbox
            .fault(Fault::once(Route::CreateMeeting, FaultKind::status(status)));
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

#[tokio::test]
async fn security_25_a_sign_in_on_a_plain_page_gets_a_new_session() -> Test {
    let harness = Harness::start(connected()).await?;
    let planted = challenge("a session id an attacker knows");
    let visitor = harness.visitor();
    visitor.set_cookie("goto_session", &planted);
    enter(&harness, &visitor, ELODIE).await?;
    let session = visitor.cookie("goto_session").expect("a session");
    assert_ne!(session, planted);
    let attacker = harness.visitor();
    attacker.set_cookie("goto_session", &planted);
    let reply = attacker.get("app/api/organizers?q=a").await?;
    assert_eq!(reply.status, 401);
    Ok(())
}

#[tokio::test]
async fn security_31_a_form_is_taken_from_its_own_page_only() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let own = Url::parse(harness.public_url())?
        .origin()
        .ascii_serialization();
    let intranet = harness.intranet.origin().to_owned();
    for (site, origin, allowed) in [
        (Some("same-origin"), Some(own.as_str()), true),
        (Some("same-origin"), None, true),
        (None, Some(own.as_str()), true),
        (Some("same-site"), Some(own.as_str()), false),
        (Some("cross-site"), Some(intranet.as_str()), false),
        (Some("none"), None, false),
        (None, Some(intranet.as_str()), false),
        (None, Some("null"), false),
        (None, None, false),
    ] {
        for path in ["form", "form/sign-out"] {
            if path == "form/sign-out" && allowed {
                continue;
            }
            let mut request = visitor.plain(Method::POST, path);
            if let Some(site) = site {
                request = request.header("sec-fetch-site", site);
            }
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let fields = form.clone().set("q", "x").add("action", "search");
            let reply = visitor.send(request.form(&fields.0)).await?;
            let case = format!("{path} {site:?} {origin:?}");
            assert_eq!(reply.status == 200, allowed, "{case}: {}", reply.status);
            assert!(allowed || reply.status == 403, "{case}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn security_34_a_sign_in_comes_back_to_our_own_pages_only() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.visitor();
    let corpus = include_str!("../../../corpus/return_urls.txt");
    let bad = corpus
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut tried = 0;
    for text in bad {
        let mut url = Url::parse(&format!("{}app/sign-in", harness.public_url()))?;
        url.query_pairs_mut().append_pair("return_to", text);
        let reply = visitor.open(url.as_str()).await?;
        assert_eq!(reply.status, 403, "{text}");
        tried += 1;
    }
    assert!(tried >= 40, "{tried}");
    let page = enter(&harness, &visitor, JUERGEN).await?;
    assert_eq!(page.status, 200);
    let base = harness.public_url();
    assert!(
        page.text
            .contains(&format!("content=\"0;url={base}form?lang=en")),
        "{}",
        page.text
    );
    Ok(())
}

#[tokio::test]
async fn signing_out_on_a_plain_page_ends_the_session() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let session = visitor.cookie("goto_session").unwrap_or_default();
    let request = visitor
        .plain(Method::POST, "form/sign-out?lang=fr")
        .header("sec-fetch-site", "same-origin");
    let reply = visitor.send(request).await?;
    assert_eq!(reply.status, 303);
    let page = visitor.open(reply.header("location")).await?;
    assert!(
        page.text.contains("Se connecter avec GoTo"),
        "{}",
        page.text
    );
    visitor.set_cookie("goto_session", &session);
    assert_eq!(form.press(&visitor, "create").await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn the_frame_is_for_pages_on_the_list_only() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.visitor();
    let intranet = harness.intranet.origin().to_owned();
    let mut url = Url::parse(&format!("{}frame", harness.public_url()))?;
    url.query_pairs_mut()
        .append_pair("origin", &intranet)
        .append_pair("subject", "\"><script>alert(1)</script>");
    let page = visitor.open(url.as_str()).await?;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    // The proxy's own pages may be in between.
    let own = Url::parse(harness.public_url())?
        .origin()
        .ascii_serialization();
    assert!(
        policy.ends_with(&format!("frame-ancestors {intranet} {own}")),
        "{policy}"
    );
    assert!(
        policy.contains("require-trusted-types-for 'script'"),
        "{policy}"
    );
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    assert_eq!(page.header("x-frame-options"), "");
    for origin in ["https://evil.example", "null", "", "*"] {
        let mut url = Url::parse(&format!("{}frame", harness.public_url()))?;
        url.query_pairs_mut().append_pair("origin", origin);
        let page = visitor.open(url.as_str()).await?;
        assert_eq!(page.status, 403, "{origin}");
        let policy = page.header("content-security-policy");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
    }
    // An address that a portal embeds by hand: every page of the list may.
    let page = visitor.open("frame").await?;
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains(&intranet) && !policy.contains('*'),
        "{policy}"
    );
    assert!(page.text.contains("data-origin=\"\""), "{}", page.text);
    Ok(())
}
