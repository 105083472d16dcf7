//! Starting a meeting: the host's address leaves the proxy once, for the owner, as a `Location`.

use std::time::Duration;

use goto_microapps_api::{Code, Meeting, StartTicket};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Reply, Visitor};
use goto_sandbox::{Fault, FaultKind, Gone, Route};
use reqwest::{Method, RequestBuilder};

use crate::steps::{ELODIE, JUERGEN, Test, ZOE, code, count, form, fresh_key, noon, quiet};

/// An answer that may lead to GoTo's page for the host: everything but where it leads to, which is a
/// secret, though not one that must not leave here.
pub(crate) async fn sent_on(request: RequestBuilder) -> anyhow::Result<Reply> {
    let response = request.send().await?;
    let mut headers = response.headers().clone();
    headers.remove("location");
    Ok(Reply {
        status: response.status().as_u16(),
        headers,
        text: response.text().await?,
    })
}

/// Where an answer leads to.
async fn led(request: RequestBuilder) -> anyhow::Result<String> {
    let response = request.send().await?;
    anyhow::ensure!(response.status() == 303, "{}", response.status());
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
    ] {
        let given = response.headers()[name].to_str()?;
        anyhow::ensure!(given == value, "{name}: {given}");
    }
    let location = response.headers()["location"].to_str()?.to_owned();
    anyhow::ensure!(response.text().await?.is_empty(), "nothing but headers");
    Ok(location)
}

/// The ticket that a page carries.
pub(crate) fn ticket_of(page: &Reply) -> &str {
    let (_, rest) = page
        .text
        .split_once("name=\"ticket\" value=\"")
        .unwrap_or_else(|| panic!("no ticket: {}", page.text));
    rest.split('"').next().unwrap_or_default()
}

async fn made(visitor: &Visitor) -> anyhow::Result<Meeting> {
    let reply = visitor.create(&fresh_key(), &form()).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    reply.json()
}

/// The owner's press in the widget.
async fn ticket(visitor: &Visitor, id: &str) -> anyhow::Result<String> {
    let press = visitor.call(Method::POST, &format!("app/api/meetings/{id}/start"));
    let reply = visitor.send(press).await?;
    anyhow::ensure!(reply.status == 201, "{}: {}", reply.status, reply.text);
    Ok(reply.json::<StartTicket>()?.ticket)
}

/// The form that the widget sends in a window of its own.
fn sent(visitor: &Visitor, ticket: &str, origin: Option<&str>) -> RequestBuilder {
    let form = [("ticket", ticket), ("lang", "en")];
    let press = visitor.plain(Method::POST, "app/start").form(&form);
    match origin {
        Some(origin) => press.header("origin", origin),
        None => press,
    }
}

/// The button of a plain page.
fn pressed(visitor: &Visitor, id: &str, ticket: &str) -> RequestBuilder {
    let path = format!("form/meetings/{id}/start?lang=en");
    let press = visitor.plain(Method::POST, &path);
    let press = press.header("sec-fetch-site", "same-origin");
    press.form(&[("ticket", ticket)])
}

fn is_host_page(location: &str, id: &str) -> bool {
    let page = format!("https://meet.goto.com/{id}/host?authenticationToken=");
    location.starts_with(&page)
}

#[tokio::test]
async fn security_66_the_owner_s_press_leads_to_the_host_s_page_once() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie).await?;
    let ticket = ticket(&elodie, &meeting.id).await?;
    assert_eq!(count(&harness, Route::StartMeeting), 0, "not before");
    // The window has none of the page's cookies.
    let window = harness.visitor();
    let intranet = harness.intranet.origin();
    let location = led(sent(&window, &ticket, Some(intranet))).await?;
    assert!(is_host_page(&location, &meeting.id));
    let asked = harness.sandbox.log_of(Route::StartMeeting);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].authorization.person.as_deref(), Some(ELODIE));

    let again = window.send(sent(&window, &ticket, Some(intranet))).await?;
    assert_eq!(again.status, 403);
    assert_eq!(again.header("location"), "");
    assert!(again.text.contains("once more"), "{}", again.text);
    assert_eq!(count(&harness, Route::StartMeeting), 1);
    // It takes place now, which the list says.
    let listed = elodie.get("app/api/meetings").await?;
    assert!(listed.text.contains("\"running\":true"), "{}", listed.text);
    Ok(())
}

#[tokio::test]
async fn security_66_a_plain_page_s_button_works_once_in_its_session() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie).await?;
    for page in [
        format!("form/meetings/{}?lang=en", meeting.id),
        "form/meetings?lang=en".to_owned(),
    ] {
        let page = elodie.open(&page).await?;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://goto.com https://*.goto.com"));
        let ticket = ticket_of(&page);
        let location = led(pressed(&elodie, &meeting.id, ticket)).await?;
        assert!(is_host_page(&location, &meeting.id));
        let asked = count(&harness, Route::StartMeeting);
        let again = elodie.send(pressed(&elodie, &meeting.id, ticket)).await?;
        assert_eq!(again.status, 403, "{}", again.text);
        let back = format!("form/meetings/{}?lang=en", meeting.id);
        assert!(again.text.contains(&back), "{}", again.text);
        assert_eq!(count(&harness, Route::StartMeeting), asked);
    }
    let stranger = harness.visitor();
    let reply = stranger.send(pressed(&stranger, &meeting.id, "x")).await?;
    assert_eq!(reply.status, 303, "to the page that asks to sign in");
    Ok(())
}

#[tokio::test]
async fn security_66_a_ticket_is_of_its_session_its_meeting_and_its_page() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let elsewhere = harness.employee(ELODIE).await?;
    let zoe = harness.employee(ZOE).await?;
    let meeting = made(&elodie).await?;
    let other = made(&elodie).await?;
    let id = meeting.id.as_str();
    let path = format!("form/meetings/{id}?lang=en");
    let intranet = harness.intranet.origin().to_owned();
    let window = harness.visitor();
    let on_page =
        async || -> anyhow::Result<String> { Ok(ticket_of(&elodie.open(&path).await?).to_owned()) };
    let by_press = async || ticket(&elodie, id).await;
    let refused = [
        // Carried away by somebody else, to another browser, to another meeting.
        pressed(&zoe, id, &on_page().await?),
        pressed(&elsewhere, id, &on_page().await?),
        pressed(&elodie, &other.id, &on_page().await?),
        // Of the widget: in the window of somebody else, from a foreign page.
        sent(&zoe, &by_press().await?, Some(&intranet)),
        sent(&window, &by_press().await?, Some("https://evil.example")),
        sent(&window, "", Some(&intranet)),
        sent(&window, &"A".repeat(43), Some(&intranet)),
    ];
    for (number, request) in refused.into_iter().enumerate() {
        let reply = window.send(request).await?;
        assert_eq!(reply.status, 403, "{number}: {}", reply.text);
        assert_eq!(reply.header("location"), "", "{number}");
    }
    // Too late.
    let late = by_press().await?;
    harness.advance(Duration::from_secs(60));
    let reply = window.send(sent(&window, &late, Some(&intranet))).await?;
    assert_eq!(reply.status, 403);
    // Pages that send no referrer say nothing of their origin.
    for origin in [None, Some("null")] {
        let ticket = by_press().await?;
        assert!(is_host_page(
            &led(sent(&window, &ticket, origin)).await?,
            id
        ));
    }
    let asked = count(&harness, Route::StartMeeting);
    assert_eq!(asked, 2);
    // Signed out meanwhile.
    let (pressed_before, carried) = (by_press().await?, on_page().await?);
    let out = elodie.call(Method::DELETE, "app/api/session");
    assert_eq!(elodie.send(out).await?.status, 204);
    let reply = window
        .send(sent(&window, &pressed_before, Some(&intranet)))
        .await?;
    assert_eq!(reply.status, 403);
    let reply = elsewhere.send(pressed(&elsewhere, id, &carried)).await?;
    assert_eq!(reply.status, 403);
    assert_eq!(count(&harness, Route::StartMeeting), asked);
    Ok(())
}

#[tokio::test]
async fn security_66_only_goto_s_own_pages_are_led_to() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie).await?;
    for address in [
        "https://evil.example/host",
        "https://meet.goto.com.evil.example/host",
        "https://meet.goto.com@evil.example/host",
        "https://evilgoto.com/host",
        "https://meet.goto.com:8443/host",
        "http://meet.goto.com/host",
        "//meet.goto.com/host",
        "javascript:alert('host')",
        "data:text/html,host",
        &format!("https://meet.goto.com/host/{}", "1".repeat(9_000)),
        "",
    ] {
        let kind = FaultKind::field("hostURL", address.into());
        harness
            .sandbox
            .fault(Fault::once(Route::StartMeeting, kind));
        let page = elodie
            .open(&format!("form/meetings/{}", meeting.id))
            .await?;
        let press = pressed(&elodie, &meeting.id, ticket_of(&page));
        let reply = elodie.send(press).await?;
        assert_eq!(reply.status, 502, "{address}");
        assert_eq!(reply.header("location"), "", "{address}");
        assert!(!reply.text.contains("/host"), "{address}: {}", reply.text);
        assert!(reply.text.contains("was not started"), "{}", reply.text);
    }
    for host in ["goto.com", "app.goto.com", "global.gotomeeting.com"] {
        let address = format!("https://{host}/host?authenticationToken=x");
        let kind = FaultKind::field("hostURL", address.as_str().into());
        harness
            .sandbox
            .fault(Fault::once(Route::StartMeeting, kind));
        let ticket = ticket(&elodie, &meeting.id).await?;
        assert_eq!(led(sent(&elodie, &ticket, None)).await?, address);
    }
    Ok(())
}

#[tokio::test]
async fn security_66_the_address_is_in_no_line_of_the_log() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let meeting = made(&elodie).await?;
    let ticket = ticket(&elodie, &meeting.id).await?;
    let location = led(sent(&elodie, &ticket, None)).await?;
    let (_, secret) = location.split_once('=').expect("a token");
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let log = admin.get("/admin/log.ndjson").await?;
    assert!(log.text.contains("meeting.start"), "{}", log.text);
    for part in [secret, "authenticationToken", "/host", &ticket] {
        assert!(!log.text.contains(part), "{part}: {}", log.text);
    }
    Ok(())
}

#[tokio::test]
async fn somebody_else_s_meeting_is_started_by_nobody_else() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let juergen = harness.employee(JUERGEN).await?;
    let meeting = made(&juergen).await?;
    let ticket = ticket(&elodie, &meeting.id).await?;
    let reply = elodie.send(sent(&elodie, &ticket, None)).await?;
    assert_eq!(reply.status, 404, "{}", reply.text);
    assert_eq!(count(&harness, Route::StartMeeting), 0);
    // One that was not made here GoTo is asked about, and refuses.
    let there = noon() + chrono::TimeDelta::hours(1);
    let end = there + chrono::TimeDelta::hours(1);
    let id = harness
        .sandbox
        .make_elsewhere(JUERGEN, "Elsewhere", there, end)?;
    for kind in [None, Some(Gone::BadRequest), Some(Gone::Gone)] {
        if let Some(gone) = kind {
            let fault = Fault::once(Route::StartMeeting, FaultKind::GoneAs(gone));
            harness.sandbox.fault(fault);
        }
        let press = elodie.call(Method::POST, &format!("app/api/meetings/{id}/start"));
        let ticket = elodie.send(press).await?.json::<StartTicket>()?.ticket;
        let reply = elodie.send(sent(&elodie, &ticket, None)).await?;
        assert_eq!(reply.status, 404, "{kind:?}: {}", reply.text);
        assert!(reply.text.contains("not yours"), "{}", reply.text);
    }
    let stranger = harness.visitor();
    let press = stranger.call(Method::POST, &format!("app/api/meetings/{id}/start"));
    let reply = stranger.send(press).await?;
    assert_eq!(code(&reply)?, (401, Code::SignInRequired));
    Ok(())
}
