//! What every answer carries: problem documents, caching, security headers; which listener answers.

mod caching;
mod problem_documents;

use goto_microapps_api::{Code, Meeting};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Options, Reply};
use reqwest::Method;
use serde_json::{Value, json};

use crate::steps::{
    ELODIE, Test, VERIFIER, connected, form, fresh_key, posted_code, quiet, way_back,
};

const REVIEWED: [&str; 10] = [
    "content-type",
    "cache-control",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "access-control-allow-origin",
    "server",
];

/// Checks a refusal against RFC 9457 and our own rules, and returns its code.
fn refusal(reply: &Reply) -> anyhow::Result<(u16, Code)> {
    let problem = reply.problem()?;
    let document: Value = reply.json()?;
    for field in ["type", "title", "status", "detail", "code", "request_id"] {
        assert!(!document[field].is_null(), "{field}: {}", reply.text);
    }
    assert_eq!(problem.status, reply.status);
    assert_eq!(problem.kind, "about:blank");
    assert!(!problem.title.is_empty() && !problem.detail.is_empty());
    let request_id = reply.header("x-request-id");
    assert_eq!(problem.request_id.as_deref(), Some(request_id));
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    let wait = problem.retry_after.map(|seconds| seconds.to_string());
    assert_eq!(reply.header("retry-after"), wait.unwrap_or_default());
    Ok((reply.status, problem.code))
}

/// The headers a reviewer looks at, sorted.
fn shown(reply: &Reply, names: &[&str]) -> String {
    let mut lines: Vec<String> = names
        .iter()
        .filter(|name| reply.headers.contains_key(**name))
        .map(|name| format!("{name}: {}", reply.header(name)))
        .collect();
    lines.insert(0, reply.status.to_string());
    lines.join("\n")
}

#[tokio::test]
async fn security_40_the_callback_page_has_only_its_own_script_and_style() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let page = visitor.open(&back).await?;
    let nonce = page.text.split("nonce=\"").nth(1).expect("a nonce");
    let (nonce, _) = nonce.split_once('"').expect("its end");
    let headers = shown(&page, &REVIEWED).replace(nonce, "<nonce>");
    insta::assert_snapshot!(headers, @"
    200
    content-type: text/html; charset=utf-8
    cache-control: no-store
    content-security-policy: default-src 'none'; script-src 'nonce-<nonce>'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'
    x-content-type-options: nosniff
    x-frame-options: DENY
    referrer-policy: no-referrer
    ");
    let stylesheet = format!("href=\"{}app/pages.css\"", harness.public_url());
    assert_eq!(page.text.matches("href=").count(), 1, "{}", page.text);
    assert!(page.text.contains(&stylesheet), "{}", page.text);
    assert!(!page.text.contains("src="), "{}", page.text);
    assert_eq!(page.text.matches("<script").count(), 1);

    let again = visitor.open(&back).await?;
    assert!(!again.text.contains("<script"), "{}", again.text);
    insta::assert_snapshot!(shown(&again, &REVIEWED), @"
    400
    content-type: text/html; charset=utf-8
    cache-control: no-store
    content-security-policy: default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'
    x-content-type-options: nosniff
    x-frame-options: DENY
    referrer-policy: no-referrer
    ");
    Ok(())
}

#[tokio::test]
async fn security_40_the_plain_pages_run_nothing_and_stand_alone() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let made: Meeting = elodie.create(&fresh_key(), &form()).await?.json()?;
    let own = "form-action 'self'";
    // Where a meeting can be started, the answer leads on to GoTo's pages.
    let hosts = ["goto.com", "gotomeeting.com", "gotomeet.me"];
    let hosts = hosts.map(|host| format!(" https://{host} https://*.{host}"));
    let startable = format!("{own}{}", hosts.concat());
    let details = format!("form/meetings/{}", made.id);
    for (path, signed_in) in [
        ("form".to_owned(), own),
        ("form/meetings".to_owned(), startable.as_str()),
        (details.clone(), startable.as_str()),
        (format!("{details}?new=1"), own),
        (format!("{details}/cancel"), own),
    ] {
        let stranger = harness.visitor();
        for (visitor, actions) in [(&elodie, signed_in), (&stranger, own)] {
            let page = visitor.open(&path).await?;
            let policy = page.header("content-security-policy");
            let parts: Vec<&str> = policy.split("; ").collect();
            for part in ["default-src 'none'", actions, "frame-ancestors 'none'"] {
                assert!(parts.contains(&part), "{path}: {policy}");
            }
            assert!(!policy.contains("script-src"), "{path}: {policy}");
            assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
            assert!(!page.text.contains("<script"), "{path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn security_40_the_headers_of_answers_pages_and_files() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let origin = harness.intranet.origin();
    let api = visitor.get("app/api/session").await?;
    insta::assert_snapshot!(shown(&api, &REVIEWED).replace(origin, "<origin>"), @"
    200
    content-type: application/json
    cache-control: no-store
    x-content-type-options: nosniff
    referrer-policy: no-referrer
    access-control-allow-origin: <origin>
    ");
    let loader = visitor.open("embed.js").await?;
    insta::assert_snapshot!(shown(&loader, &REVIEWED), @"
    200
    content-type: text/javascript; charset=utf-8
    cache-control: public, max-age=300, no-transform
    x-content-type-options: nosniff
    referrer-policy: no-referrer
    cross-origin-resource-policy: cross-origin
    access-control-allow-origin: *
    ");
    let style = visitor.open("app/pages.css").await?;
    insta::assert_snapshot!(shown(&style, &REVIEWED), @"
    200
    content-type: text/css; charset=utf-8
    cache-control: public, max-age=300
    x-content-type-options: nosniff
    referrer-policy: no-referrer
    ");

    let admin = harness.admin();
    let door = admin.get("/admin").await?;
    insta::assert_snapshot!(shown(&door, &REVIEWED), @"
    200
    content-type: text/html; charset=utf-8
    cache-control: no-store
    content-security-policy: default-src 'none'; form-action 'self'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'
    x-content-type-options: nosniff
    x-frame-options: DENY
    referrer-policy: same-origin
    ");
    admin.sign_in(ADMIN_PASSWORD).await?;
    let console = admin.get("/admin").await?;
    let goto = harness.sandbox.base_url();
    let console = shown(&console, &REVIEWED)
        .replace(harness.public_url().trim_end_matches('/'), "<proxy>")
        .replace(goto.trim_end_matches('/'), "<goto>");
    insta::assert_snapshot!(console, @"
    200
    content-type: text/html; charset=utf-8
    cache-control: no-store
    content-security-policy: default-src 'none'; form-action 'self' <proxy> <goto>; style-src 'self'; base-uri 'none'; frame-ancestors 'none'
    x-content-type-options: nosniff
    x-frame-options: DENY
    referrer-policy: same-origin
    ");
    Ok(())
}

#[tokio::test]
async fn security_40_the_public_listener_has_no_console_health_or_metrics() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.visitor();
    let paths = [
        "admin",
        "admin/",
        "admin/sign-in",
        "admin/authorise",
        "admin/disconnect",
        "admin/sync",
        "admin/log",
        "admin/log.ndjson",
        "health",
        "health/live",
        "health/ready",
        "metrics",
        "debug",
        "debug/pprof",
        ".env",
        "goto-microapps.toml",
        "store.db",
    ];
    for path in paths {
        for method in [Method::GET, Method::POST] {
            let request = visitor.plain(method.clone(), path);
            let request = request.header("sec-fetch-site", "same-origin");
            let reply = visitor.send(request).await?;
            assert_eq!(refusal(&reply)?, (404, Code::NotFound), "{method} {path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn security_40_the_console_does_not_serve_employees() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    for path in [
        "/embed.js",
        "/app/sign-in",
        "/app/api/session",
        "/app/api/auth/serviceAction/callback",
        "/admin/api/gwsc/auth/serverContext",
    ] {
        assert_eq!(admin.get(path).await?.status, 404, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn health_says_what_is_ready() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    let live = admin.get("/health/live").await?;
    assert_eq!((live.status, live.text.as_str()), (200, "ok\n"));
    let ready = admin.get("/health/ready").await?;
    assert_eq!(ready.status, 200, "employees can be served without it");
    let zones = &harness.settings().zones;
    let tzdata = json!({ "version": zones.version(), "from": zones.origin().to_string() });
    let expected = |connected: bool, organizers: usize| {
        json!({
            "store": true,
            "service_account": connected,
            "organizers": organizers,
            "draining": false,
            "tzdata": tzdata,
        })
    };
    assert_eq!(ready.json::<Value>()?, expected(false, 0));
    harness.connect().await?;
    let ready = admin.get("/health/ready").await?;
    assert_eq!(ready.json::<Value>()?, expected(true, 42));
    Ok(())
}

#[tokio::test]
async fn security_59_opened_and_framed_pages_sever_or_isolate_as_they_must() -> Test {
    let portal = "https://*.portal.example";
    let options = quiet().set("embedding.frame_ancestors", &format!("[{portal:?}]"));
    let harness = Harness::start(options).await?;
    let visitor = harness.visitor();
    let form = visitor.open("form?lang=en").await?;
    assert_eq!(form.header("cross-origin-opener-policy"), "same-origin");
    let origin = harness.intranet.origin();
    for path in ["frame".to_owned(), format!("frame?origin={origin}")] {
        let frame = visitor.open(&path).await?;
        let policy = frame.header("content-security-policy");
        let own = harness.public_url().trim_end_matches('/');
        let ancestors = format!("frame-ancestors {origin} {own} {portal}");
        assert!(policy.ends_with(&ancestors), "{policy}");
        assert_eq!(frame.header("cross-origin-embedder-policy"), "require-corp");
        assert_eq!(frame.header("cross-origin-resource-policy"), "cross-origin");
    }
    // Who may frame may not call, nor be told anything.
    let there = "https://a.portal.example";
    let told = visitor.open(&format!("frame?origin={there}")).await?;
    assert_eq!(told.status, 403);
    let call = visitor.plain(Method::GET, "app/api/session");
    let call = call.header("x-goto-microapps", "1").header("origin", there);
    let refused = visitor.send(call).await?;
    assert_eq!(refusal(&refused)?, (403, Code::OriginRefused));
    assert_eq!(refused.header("access-control-allow-origin"), "");
    Ok(())
}

#[tokio::test]
async fn name_and_icon_of_the_integration_come_from_the_configuration() -> Test {
    let directory = tempfile::tempdir()?;
    let icon = directory.path().join("icon.svg");
    std::fs::write(&icon, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")?;
    let options: Options = quiet()
        .set("integration.name", "\"Réunions <Corp>\"")
        .set("integration.icon", &format!("{:?}", icon.display()));
    let harness = Harness::start(options).await?;
    let visitor = harness.visitor();
    let session: goto_microapps_api::Session = visitor.get("app/api/session").await?.json()?;
    assert_eq!(session.integration.name, "Réunions <Corp>");
    let path = session.integration.icon.expect("an icon");
    let served = visitor.open(&path).await?;
    assert_eq!(served.header("content-type"), "image/svg+xml");
    assert!(
        served
            .header("content-security-policy")
            .ends_with("sandbox")
    );
    assert!(served.text.starts_with("<svg"));
    let door = harness.admin().get("/admin").await?;
    assert!(
        door.text.contains("Réunions &#60;Corp&#62;"),
        "{}",
        door.text
    );
    Ok(())
}

#[tokio::test]
async fn no_page_can_be_asked_for_with_a_posted_code() -> Test {
    // The code travels in a message, so it must not be good for anything in a URL.
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let posted = posted_code(&harness, &visitor, ELODIE).await?;
    let path = format!("app/api/session?code={posted}&verifier={VERIFIER}");
    let session: goto_microapps_api::Session = visitor.get(&path).await?.json()?;
    assert_eq!(session.user, None);
    Ok(())
}
