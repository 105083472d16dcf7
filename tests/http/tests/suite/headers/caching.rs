//! Nothing with data of somebody is kept; files of the widget are compressed, hashed and kept.

use std::collections::BTreeSet;

use goto_microapps_api::{Carrier, Code, Meeting, SeenMeeting, StartTicket};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Reply, Visitor, challenge};
use reqwest::Method;

use super::refusal;
use crate::hosting::{sent_on, ticket_of};
use crate::plain_pages::Form;
use crate::steps::{ELODIE, Test, VERIFIER, connected, form, fresh_key, quiet};

/// Paths that carry nobody's data.
const PUBLIC_FILES: [&str; 6] = [
    "/embed.js",
    "/goto-meeting.d.ts",
    "/assets/{*name}",
    "/app/icon",
    "/app/pages.css",
    "/app/form.css",
];

#[tokio::test]
async fn security_28_nothing_with_data_of_somebody_may_be_cached() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.visitor();
    let mut replies: Vec<(&str, Reply)> = vec![];
    let session = "/app/api/session";
    replies.push((session, visitor.get("app/api/session").await?));

    let ask = format!(
        "app/sign-in?origin={}&challenge={}",
        harness.intranet.origin(),
        challenge(VERIFIER)
    );
    let left = visitor.open(&ask).await?;
    let departure = left.header("location").to_owned();
    replies.push(("/app/sign-in", left));
    let told = visitor.sever(&challenge(VERIFIER)).await?;
    replies.push(("/app/api/sign-in/severed", told));
    let back = harness.sandbox.consent(&departure, ELODIE).await?;
    let page = visitor.open(&back).await?;
    let (message, _) = Visitor::posted(&page)?;
    let shown = visitor.open(&Visitor::severed(&page)?).await?;
    replies.push(("/app/sign-in/code", shown));
    let posted = message.code.expect("a code");
    replies.push(("/app/api/auth/serviceAction/callback", page));
    let taken = visitor.take(&posted, VERIFIER, Carrier::Cookie).await?;
    replies.push((session, taken));
    replies.push((session, visitor.get("app/api/session").await?));
    let found = visitor.get("app/api/organizers?q=e").await?;
    replies.push(("/app/api/organizers", found));
    let zones = visitor.get("app/api/time-zones?q=e").await?;
    replies.push(("/app/api/time-zones", zones));
    let key = fresh_key();
    let created = visitor.create(&key, &form()).await?;
    let meeting: Meeting = created.json()?;
    replies.push(("/app/api/meetings", created));
    let details = format!("app/api/meetings/{}", meeting.id);
    replies.push(("/app/api/meetings/{id}", visitor.get(&details).await?));
    let editable = format!("{details}/edit");
    replies.push(("/app/api/meetings/{id}/edit", visitor.get(&editable).await?));
    let handed_on = format!("{details}/invitation");
    let route = "/app/api/meetings/{id}/invitation";
    replies.push((route, visitor.get(&handed_on).await?));
    let check = visitor.call(Method::POST, "app/api/meetings/check");
    let checked = visitor.send(check.header("idempotency-key", &key)).await?;
    replies.push(("/app/api/meetings/check", checked));
    let withdraw = visitor.call(Method::POST, "app/api/meetings/withdraw");
    let withdrawn = visitor.send(withdraw.header("idempotency-key", &key));
    replies.push(("/app/api/meetings/withdraw", withdrawn.await?));
    let recent = visitor.get("app/api/organizers/recent").await?;
    replies.push(("/app/api/organizers/recent", recent));
    let route = "/app/api/organizers/recent/forget";
    let forget = visitor.call(Method::POST, "app/api/organizers/recent/forget");
    replies.push((route, visitor.send(forget).await?));
    let mine = visitor.get("app/api/meetings").await?;
    replies.push(("/app/api/meetings", mine));
    replies.push(("/form/meetings", visitor.open("form/meetings").await?));
    for page in ["/app/listed", "/app/signed-on", "/frame"] {
        replies.push((page, visitor.open(page).await?));
    }
    replies.push(("/form", visitor.open("form").await?));
    let details = format!("form/meetings/{}", meeting.id);
    replies.push(("/form/meetings/{id}", visitor.open(&details).await?));
    let route = "/form/meetings/{id}/edit";
    let change = format!("{details}/edit");
    replies.push((route, visitor.open(&change).await?));
    let file = format!("{details}/calendar");
    let route = "/form/meetings/{id}/calendar";
    replies.push((route, visitor.open(&file).await?));
    let route = "/app/api/meetings/{id}/start";
    let ask = visitor.call(
        Method::POST,
        &format!("app/api/meetings/{}/start", meeting.id),
    );
    let given = visitor.send(ask).await?;
    let ticket = given.json::<StartTicket>()?.ticket;
    replies.push((route, given));
    let press = visitor.plain(Method::POST, "app/start");
    let press = press.form(&[("ticket", &ticket)]);
    replies.push(("/app/start", sent_on(press).await?));
    let page = visitor.open(&details).await?;
    let press = visitor.plain(Method::POST, &format!("{details}/start"));
    let press = press.header("sec-fetch-site", "same-origin");
    let press = press.form(&[("ticket", ticket_of(&page))]);
    let route = "/form/meetings/{id}/start";
    replies.push((route, sent_on(press).await?));
    // The first one takes place by now.
    let meeting: Meeting = visitor.create(&fresh_key(), &form()).await?.json()?;
    let details = format!("form/meetings/{}", meeting.id);
    let off = format!("app/api/meetings/{}/cancel", meeting.id);
    let seen = SeenMeeting {
        subject: meeting.subject.clone(),
        start: meeting.start.clone(),
        end: meeting.end.clone(),
    };
    let press = visitor.call(Method::POST, &off).json(&seen);
    let route = "/app/api/meetings/{id}/cancel";
    replies.push((route, visitor.send(press).await?));
    replies.push((route, visitor.get(&off).await?));
    let press = visitor.call(Method::POST, &format!("{off}/undo"));
    let route = "/app/api/meetings/{id}/cancel/undo";
    replies.push((route, visitor.send(press).await?));
    let route = "/form/meetings/{id}/cancel";
    let page = visitor.open(&format!("{details}/cancel")).await?;
    let press = visitor.plain(Method::POST, &format!("{details}/cancel"));
    let press = press.header("sec-fetch-site", "same-origin");
    let press = press.form(&Form::of(&page).set("action", "cancel").0);
    replies.push((route, page));
    replies.push((route, visitor.send(press).await?));
    for (route, path) in [
        ("/app/api/meetings/{id}/cancellation", "app/api/meetings"),
        ("/form/meetings/{id}/cancellation", "form/meetings"),
    ] {
        let path = format!("{path}/{}/cancellation", meeting.id);
        replies.push((route, visitor.get(&path).await?));
    }
    for path in ["/form", "/form/sign-out"] {
        let request = visitor.plain(Method::POST, path);
        let request = request.header("sec-fetch-site", "same-origin");
        let fields = [("action", "search"), ("q", "e")];
        replies.push((path, visitor.send(request.form(&fields)).await?));
    }
    let out = visitor.call(Method::DELETE, "app/api/session");
    replies.push((session, visitor.send(out).await?));
    let out = visitor.call(Method::POST, "app/api/session/end");
    replies.push(("/app/api/session/end", visitor.send(out).await?));

    let admin = harness.admin();
    replies.push(("/", admin.get("/").await?));
    replies.push(("/admin", admin.get("/admin").await?));
    let form = [("password", ADMIN_PASSWORD)];
    let entered = admin.post("/admin/sign-in", &form).await?;
    replies.push(("/admin/sign-in", entered));
    replies.push(("/admin", admin.get("/admin").await?));
    let log = admin.get("/admin/log.ndjson").await?;
    replies.push(("/admin/log.ndjson", log));
    let kept = admin.post("/admin/log", &[("keep", "on")]).await?;
    replies.push(("/admin/log", kept));
    let ticket = admin.post("/admin/authorise", &[]).await?;
    let left = admin.open(ticket.header("location")).await?;
    let email = harness.sandbox.admin().email;
    let back = harness.sandbox.consent(left.header("location"), &email);
    let back = admin.open(&back.await?).await?;
    replies.push(("/admin/api/gwsc/auth/serverContext", back));
    replies.push(("/admin/api/gwsc/auth/start", left));
    replies.push(("/admin/authorise", ticket));
    for path in ["/admin/sync", "/admin/disconnect"] {
        replies.push((path, admin.post(path, &[]).await?));
    }
    for path in ["/health/live", "/health/ready", "/metrics"] {
        replies.push((path, admin.get(path).await?));
    }
    let out = admin.post("/admin/sign-out", &[]).await?;
    replies.push(("/admin/sign-out", out));

    for (path, reply) in &replies {
        assert!(
            reply.status < 400,
            "{path} {}: {}",
            reply.status,
            reply.text
        );
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
    // Every route is one of these or a file: a new one has to be added on one side.
    let asked = replies.iter().map(|(path, _)| (*path).to_owned());
    let known: BTreeSet<String> = asked.chain(PUBLIC_FILES.map(str::to_owned)).collect();
    let routes = harness.proxy().routes();
    assert!(
        routes.iter().all(|listener| listener.len() > 5),
        "{routes:?}"
    );
    let routes: BTreeSet<String> = routes.iter().flatten().cloned().collect();
    assert_eq!(known, routes);
    Ok(())
}

#[tokio::test]
async fn the_widget_files_are_compressed_hashed_and_revalidated() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let asked = |encodings: &str| {
        let request = visitor.plain(Method::GET, "embed.js");
        request.header("accept-encoding", encodings.to_owned())
    };
    let raw = visitor.send(asked("identity")).await?;
    assert_eq!(raw.header("content-encoding"), "");
    let sizes = raw.header("content-length").parse::<usize>()?;
    for (accepted, chosen) in [
        ("br, gzip", "br"),
        ("gzip, deflate, br;q=0.8", "br"),
        ("gzip", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("deflate", ""),
    ] {
        let response = asked(accepted).send().await?;
        let encoding = response.headers().get("content-encoding");
        let encoding = encoding.and_then(|value| value.to_str().ok());
        assert_eq!(encoding.unwrap_or_default(), chosen, "{accepted}");
        let length = response.bytes().await?.len();
        assert_eq!(length < sizes, !chosen.is_empty(), "{accepted}: {length}");
    }
    let etag = raw.header("etag").to_owned();
    let again = asked("br").header("if-none-match", &etag);
    let again = visitor.send(again).await?;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    assert!(raw.text.contains("assets/"), "{}", raw.text);
    Ok(())
}

#[tokio::test]
async fn files_of_another_build_are_told_to_every_page() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    for name in [
        "widget-AAAAAAAAAAAA.js",
        "widget-AAAAAAAAAAAA.wasm?2",
        "embed-x.js",
    ] {
        let reply = visitor.open(&format!("assets/{name}")).await?;
        assert_eq!(refusal(&reply)?, (404, Code::NotFound), "{name}");
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{name}");
        let policy = reply.header("cross-origin-resource-policy");
        assert_eq!(policy, "cross-origin", "{name}");
    }
    Ok(())
}
