//! The console against guessed passwords, foreign names and planted cookies.

use std::net::{IpAddr, SocketAddr};

use goto_microapps_api::Session;
use goto_microapps_harness::stranger::ask;
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, challenge};
use reqwest::Method;

use super::SECOND;
use crate::inbound::{HONEST, STRANGER, forwarded};
use crate::steps::{ELODIE, JUERGEN, Test, quiet, way_back};

/// A password sent from an address of this machine.
async fn enter(harness: &Harness, from: [u8; 4], password: &str) -> anyhow::Result<u16> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .local_address(IpAddr::from(from))
        .build()?;
    let url = format!(
        "http://127.0.0.1:{}/admin/sign-in",
        harness.proxy().admin().port()
    );
    let request = client.post(url).form(&[("password", password)]);
    Ok(request.send().await?.status().as_u16())
}

#[tokio::test]
async fn security_49_wrong_passwords_lock_nobody_else_out() -> Test {
    let harness = Harness::start(quiet()).await?;
    for half_minute in 0..20 {
        for _ in 0..6 {
            let answer = enter(&harness, STRANGER, "wrong").await?;
            assert!(matches!(answer, 403 | 429), "{answer}");
        }
        assert_eq!(enter(&harness, STRANGER, ADMIN_PASSWORD).await?, 429);
        assert_eq!(
            enter(&harness, HONEST, ADMIN_PASSWORD).await?,
            303,
            "after {half_minute}"
        );
        harness.advance(30 * SECOND);
    }
    Ok(())
}

#[tokio::test]
async fn security_49_behind_a_reverse_proxy_the_client_counts() -> Test {
    let harness = Harness::start(forwarded()).await?;
    let enter = async |from: &str, password: &str| {
        let admin = harness.admin();
        let request = admin
            .plain(Method::POST, "/admin/sign-in")
            .header("x-forwarded-for", from)
            .form(&[("password", password)]);
        anyhow::Ok(admin.send(request).await?.status)
    };
    for _ in 0..5 {
        assert_eq!(enter("203.0.113.7", "wrong").await?, 403);
    }
    assert_eq!(enter("203.0.113.7", ADMIN_PASSWORD).await?, 429);
    assert_eq!(enter("203.0.113.8", ADMIN_PASSWORD).await?, 303);
    Ok(())
}

/// Every path of the administrator's listener, and some it does not have.
const PATHS: [&str; 9] = [
    "GET /",
    "GET /admin",
    "POST /admin/sign-in",
    "POST /admin/sync",
    "GET /admin/log.ndjson",
    "GET /metrics",
    "GET /health/live",
    "GET /health/ready",
    "GET /nothing",
];

async fn at_path(to: SocketAddr, path: &str, host: &str) -> anyhow::Result<u16> {
    let head = format!("{path} HTTP/1.1\r\n{host}content-length: 0\r\n");
    ask(HONEST, to, &head).await
}

#[tokio::test]
async fn security_49_a_foreign_name_opens_nothing() -> Test {
    let options = quiet().set("admin.hosts", "[\"Meetings-Admin.example:8081\"]");
    let harness = Harness::start(options).await?;
    let to = harness.proxy().admin();
    let foreign = [
        "host: evil.example\r\n".to_owned(),
        format!("host: evil.example:{}\r\n", to.port()),
        "host: localhost.evil.example\r\n".to_owned(),
        "host: 127.0.0.1.evil.example\r\n".to_owned(),
        "host: localhost@evil.example\r\n".to_owned(),
        "host: evil.example@localhost\r\n".to_owned(),
        "host: xmeetings-admin.example\r\n".to_owned(),
        "host: x.meetings-admin.example\r\n".to_owned(),
        "host: 203.0.113.7\r\n".to_owned(),
        "host: localhost\r\nhost: evil.example\r\n".to_owned(),
        "host: localhost evil.example\r\n".to_owned(),
        "host:\r\n".to_owned(),
        String::new(),
    ];
    for host in &foreign {
        for path in PATHS {
            let answer = at_path(to, path, host).await?;
            assert!(matches!(answer, 400 | 421), "{path} {host}: {answer}");
        }
        assert_ne!(at_path(to, "GET /metrics", host).await?, 200, "{host}");
    }
    for host in &foreign[..8] {
        assert_eq!(at_path(to, "GET /metrics", host).await?, 421, "{host}");
    }
    // A target with a host in it comes before the header.
    let absolute = "GET http://evil.example/metrics";
    assert_eq!(at_path(to, absolute, "host: localhost\r\n").await?, 421);
    for host in [
        "localhost",
        "LOCALHOST:8081",
        "localhost.",
        "admin.localhost",
        "127.0.0.1",
        "127.0.0.9:1",
        "[::1]:8081",
        "meetings-admin.example",
        "meetings-admin.example:443",
        "MEETINGS-ADMIN.EXAMPLE.",
    ] {
        let answer = at_path(to, "GET /metrics", &format!("host: {host}\r\n")).await?;
        assert_eq!(answer, 200, "{host}");
    }
    let page = harness.admin();
    let request = page.plain(Method::GET, "/admin");
    let request = request
        .header("host", "evil.example")
        .header("accept", "text/html");
    let page = page.send(request).await?;
    assert_eq!(page.status, 421);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text.contains("add it to admin.hosts"), "{}", page.text);
    Ok(())
}

#[tokio::test]
async fn the_console_opens_from_another_machine_by_plain_http() -> Test {
    let options = quiet().set("admin.hosts", "[\"console.example\"]");
    let harness = Harness::start(options).await?;
    let admin = harness.admin();
    let from = |origin: &'static str| {
        // Without https a browser says nothing of the site a form comes from.
        let request = admin.plain(Method::POST, "/admin/sign-in");
        let request = request.header("host", "console.example:8081");
        let request = request.header("accept", "text/html,*/*;q=0.8");
        request
            .header("origin", origin)
            .form(&[("password", ADMIN_PASSWORD)])
    };
    let door = admin.get("/admin").await?;
    // Or the browser would send `Origin: null`.
    assert_eq!(door.header("referrer-policy"), "same-origin");
    let reply = admin.send(from("http://console.example:8081")).await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    for origin in ["null", "http://evil.example"] {
        let reply = admin.send(from(origin)).await?;
        assert_eq!(reply.status, 403, "{origin}");
        assert!(reply.header("content-type").starts_with("text/html"));
        for cure in ["open the console again", "Host header", "href=\"/admin\""] {
            assert!(reply.text.contains(cure), "{cure}: {}", reply.text);
        }
    }
    Ok(())
}

#[tokio::test]
async fn security_50_a_planted_cookie_keeps_nobody_out() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let id = admin.cookie("goto_admin").expect("a session");
    let planted = challenge("planted");
    for cookies in [
        format!("goto_admin={planted}; goto_admin={id}"),
        format!("goto_admin=; goto_admin=x; goto_admin={planted}; goto_admin={id}"),
        format!("__Host-goto_admin={planted}; goto_admin={id}"),
        format!("goto_admin={id}; goto_admin={planted}"),
    ] {
        let request = harness.admin().plain(Method::GET, "/admin");
        let page = admin.send(request.header("cookie", &cookies)).await?;
        assert!(page.text.contains("Callback URLs"), "{cookies}");
    }

    // The same for employees.
    let elodie = harness.employee(ELODIE).await?;
    let session = elodie.cookie("goto_session").expect("a session");
    let somebody = harness.visitor();
    let request = somebody.call(Method::GET, "app/api/session");
    let cookies = format!("goto_session={planted}; goto_session={session}");
    let shown: Session = somebody
        .send(request.header("cookie", cookies))
        .await?
        .json()?;
    assert_eq!(shown.user.map(|user| user.email).as_deref(), Some(ELODIE));

    let juergen = harness.visitor();
    let back = way_back(&harness, &juergen, JUERGEN).await?;
    let browser = juergen.cookie("goto_sign_in").expect("a cookie");
    let stranger = harness.visitor();
    let cookies = format!("goto_sign_in={planted}; goto_sign_in={browser}");
    let request = stranger.plain(Method::GET, &back).header("cookie", cookies);
    assert_eq!(stranger.send(request).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn security_50_by_https_the_console_s_cookie_is_tied_to_its_host() -> Test {
    let options = quiet().set("admin.hosts", "[\"console.example\"]");
    let harness = Harness::start(options).await?;
    let admin = harness.admin();
    let request = admin
        .plain(Method::POST, "/admin/sign-in")
        .header("host", "console.example")
        .header("origin", "https://console.example")
        .header("sec-fetch-site", "same-origin")
        .form(&[("password", ADMIN_PASSWORD)]);
    let reply = admin.send(request).await?;
    let id = admin.cookie("__Host-goto_admin").expect("a session");
    insta::assert_snapshot!(
        reply.header("set-cookie").replace(&id, "<id>"),
        @"__Host-goto_admin=<id>; HttpOnly; SameSite=Strict; Secure; Path=/"
    );
    assert!(admin.get("/admin").await?.text.contains("Callback URLs"));
    admin.post("/admin/sign-out", &[]).await?;
    assert_eq!(admin.cookie("__Host-goto_admin"), None);
    Ok(())
}
