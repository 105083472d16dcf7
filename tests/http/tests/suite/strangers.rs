//! What somebody without an account can do to everybody else: spend the limit, fill the store,
//! lock the console, read what is not theirs.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures::future::join_all;
use goto_microapps_api::{Code, Session};
use goto_microapps_harness::stranger::{ask, say, status};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Options, Reply, Visitor, challenge};
use goto_sandbox::Route;
use reqwest::Method;
use serde_json::Value;

use crate::inbound::{HONEST, STRANGER, forwarded};
use crate::steps::{
    Disk, ELODIE, JUERGEN, Test, VERIFIER, as_time_passes, count, eventually, form, fresh_key,
    quiet, way_back,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A sign-in with a code that nobody gave out, from an address a reverse proxy names.
async fn garbage(harness: &Harness, from: &str, code: &str) -> anyhow::Result<Reply> {
    let visitor = harness.visitor();
    let ask = format!(
        "app/sign-in?origin={}&challenge={}",
        harness.intranet.origin(),
        challenge(VERIFIER)
    );
    let request = visitor.plain(Method::GET, &ask);
    let left = visitor
        .send(request.header("x-forwarded-for", from))
        .await?;
    let departure = url::Url::parse(left.header("location"))?;
    let state = departure.query_pairs().find(|(name, _)| name == "state");
    let state = state.expect("a state").1.into_owned();
    let back = format!("app/api/auth/serviceAction/callback?code={code}&state={state}");
    let request = visitor.plain(Method::GET, &back);
    visitor.send(request.header("x-forwarded-for", from)).await
}

/// Addresses of strangers send garbage for a minute; meanwhile people work.
async fn under_garbage(addresses: usize) -> Test {
    let harness = Harness::start(forwarded().set("goto.requests", "60")).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.advance(MINUTE);
    harness.sandbox.clear_log();
    let attack = async |round: usize| {
        let sent = (0..addresses).map(|number| {
            let from = format!("203.0.{}.{}", number / 250, number % 250 + 1);
            let harness = &harness;
            async move { garbage(harness, &from, &format!("garbage-{round}")).await }
        });
        for reply in as_time_passes(&harness, SECOND / 10, join_all(sent)).await {
            let reply = reply?;
            assert!(matches!(reply.status, 502 | 503), "{}", reply.status);
        }
        anyhow::Ok(())
    };
    attack(0).await?;
    attack(1).await?;
    let judged = count(&harness, Route::Token);
    // A quarter of the limit, rounded.
    assert!((1..=15).contains(&judged), "{judged}");
    for _ in 0..40 {
        let (key, asked) = (fresh_key(), form());
        let reply = elodie.create(&key, &asked);
        let reply = as_time_passes(&harness, SECOND / 10, reply).await?;
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    if addresses <= 12 {
        let juergen = harness.visitor();
        as_time_passes(
            &harness,
            SECOND / 10,
            juergen.sign_in(&harness.sandbox, JUERGEN),
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn security_42_garbage_codes_leave_creates_and_sign_ins_their_share() -> Test {
    under_garbage(12).await
}

#[tokio::test]
async fn security_42_garbage_from_many_addresses_leaves_creates_their_share() -> Test {
    under_garbage(40).await
}

#[tokio::test]
async fn security_42_a_code_longer_than_any_real_one_is_not_sent() -> Test {
    let harness = Harness::start(quiet()).await?;
    let page = garbage(&harness, "203.0.113.7", &"x".repeat(2_049)).await?;
    assert_eq!(page.status, 502);
    assert!(page.text.contains("did not accept"), "{}", page.text);
    assert_eq!(count(&harness, Route::Token), 0);
    harness.advance(MINUTE);
    garbage(&harness, "203.0.113.7", &"x".repeat(2_048)).await?;
    assert_eq!(count(&harness, Route::Token), 1);

    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let departure = url::Url::parse(&admin.depart().await?)?;
    let state = departure.query_pairs().find(|(name, _)| name == "state");
    let state = state.expect("a state").1.into_owned();
    let code = "x".repeat(2_049);
    let back = format!(
        "{}admin/api/gwsc/auth/serverContext?code={code}&state={state}",
        harness.public_url()
    );
    assert!(admin.open(&back).await?.status >= 400);
    assert_eq!(count(&harness, Route::Token), 1);
    Ok(())
}

#[tokio::test]
async fn security_42_an_office_behind_one_address_signs_in_one_after_another() -> Test {
    let harness = Harness::start(quiet()).await?;
    let people: Vec<String> = harness
        .sandbox
        .employees()
        .into_iter()
        .map(|person| person.email)
        .take(12)
        .collect();
    let signing_in = people.iter().map(|email| {
        let harness = &harness;
        async move { harness.employee(email).await.map(drop) }
    });
    for signed_in in join_all(signing_in).await {
        signed_in?;
    }
    Ok(())
}

#[tokio::test]
async fn security_46_pending_sign_ins_have_a_cap_and_are_swept() -> Test {
    let disk = Disk::new()?;
    let options = disk.under(quiet().set("inbound.pending_sign_ins", "10"));
    let harness = Harness::start(options).await?;
    for _ in 0..30 {
        harness.visitor().depart(VERIFIER).await?;
    }
    let rows = "SELECT COUNT(*) FROM sign_in_transaction";
    // The look in the background may count one that is just beginning twice, or not yet.
    let pending = disk.number(rows).await?;
    assert!((8..=12).contains(&pending), "{pending}");
    // The latest is not the one that went.
    let elodie = harness.visitor();
    elodie.sign_in(&harness.sandbox, ELODIE).await?;
    // Nobody comes back, and nobody new begins.
    harness.advance(20 * MINUTE);
    let gone = eventually(async || Ok((disk.number(rows).await? == 0).then_some(())));
    as_time_passes(&harness, SECOND, gone).await
}

/// The lines of the support log, parsed.
async fn log(harness: &Harness) -> anyhow::Result<Vec<Value>> {
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let reply = admin.get("/admin/log.ndjson").await?;
    assert_eq!(reply.header("content-length"), "", "it streams");
    let lines = reply.text.lines().map(serde_json::from_str);
    Ok(lines.collect::<Result<_, _>>()?)
}

/// How often what a line of the support log tells of happened.
fn times(line: &Value) -> u64 {
    let detail = line["detail"].as_str().unwrap_or_default();
    let (before, _) = detail.split_once(" times").unwrap_or(("1", ""));
    let (_, times) = before.rsplit_once(' ').unwrap_or(("", before));
    times.parse().unwrap_or(1)
}

#[tokio::test]
async fn security_46_what_nobody_known_did_is_counted_not_listed() -> Test {
    let harness = Harness::start(forwarded()).await?;
    for number in 0..20 {
        let visitor = harness.visitor();
        let departure = visitor.depart(VERIFIER).await?;
        let back = harness.sandbox.deny(&departure).await?;
        assert_eq!(visitor.open(&back).await?.status, 200);
        garbage(&harness, &format!("203.0.113.{number}"), "garbage").await?;
        let admin = harness.admin();
        admin
            .post("/admin/sign-in", &[("password", "wrong")])
            .await?;
        harness.advance(MINUTE);
    }
    let lines = log(&harness).await?;
    let told = |kind: &str, outcome: &str| -> u64 {
        let of = lines
            .iter()
            .filter(|line| line["kind"] == kind && line["outcome"] == outcome);
        of.map(times).sum()
    };
    assert_eq!(told("employee.sign_in", "denied"), 20, "{lines:?}");
    assert_eq!(told("employee.sign_in", "failed"), 20, "{lines:?}");
    assert_eq!(told("admin.sign_in", "failed"), 20, "{lines:?}");
    // A look every half minute at the most.
    assert!(lines.len() <= 3 * 40 + 1, "{}", lines.len());
    Ok(())
}

#[tokio::test]
async fn security_46_a_flood_of_failures_is_one_line() -> Test {
    let harness = Harness::start(quiet()).await?;
    for _ in 0..20 {
        let visitor = harness.visitor();
        let departure = visitor.depart(VERIFIER).await?;
        visitor
            .open(&harness.sandbox.deny(&departure).await?)
            .await?;
    }
    let lines = log(&harness).await?;
    let (denied, others): (Vec<_>, Vec<_>) =
        lines.iter().partition(|line| line["outcome"] == "denied");
    // The look that a proxy takes when it starts may fall between them.
    assert!(denied.len() <= 2, "{lines:?}");
    assert_eq!(others.len(), 1, "{lines:?}");
    let times = denied.iter().map(|line| times(line));
    assert_eq!(times.sum::<u64>(), 20, "{lines:?}");
    Ok(())
}

#[tokio::test]
async fn security_46_the_download_reads_as_it_sends() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let pool = sqlx::SqlitePool::connect(&disk.url()).await?;
    let now = harness.clock.now().timestamp_millis();
    // Several of the same instant, over several reads.
    sqlx::query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) \
         INSERT INTO activity (id, at, kind, outcome, detail) \
         SELECT 'id' || i, $1 + i / 700, 'flood', 'ok', CAST(i AS TEXT) FROM n",
    )
    .bind(now - 60_000)
    .execute(&pool)
    .await?;
    pool.close().await;
    let lines = log(&harness).await?;
    let mut seen: Vec<u32> = lines
        .iter()
        .filter(|line| line["kind"] == "flood")
        .filter_map(|line| line["detail"].as_str()?.parse().ok())
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=3000).collect::<Vec<_>>());
    let times: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["at"].as_str())
        .collect();
    assert!(times.is_sorted());
    Ok(())
}

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

fn of_cors(reply: &Reply) -> Vec<&str> {
    let names = reply
        .headers
        .keys()
        .map(reqwest::header::HeaderName::as_str);
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

#[tokio::test]
async fn security_58_only_listed_pages_get_a_header_of_cors() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let calls = [
        (Method::GET, "app/api/session"),
        (Method::GET, "app/api/nothing"),
        (Method::PUT, "app/api/session"),
        (Method::OPTIONS, "app/api/session"),
        (Method::OPTIONS, "app/api/meetings"),
    ];
    let origins = [
        "https://evil.example",
        "null",
        "https://intranet.localhost.evil.example",
        "file://",
        "*",
    ];
    for (method, path) in &calls {
        let asked = |origin: &str| {
            let request = visitor.plain(method.clone(), path);
            request
                .header("origin", origin)
                .header("x-goto-microapps", "1")
                .header("access-control-request-method", "POST")
        };
        for origin in origins {
            let reply = visitor.send(asked(origin)).await?;
            assert_eq!(of_cors(&reply), [""; 0], "{method} {path} {origin}");
        }
        let plain = visitor.plain(method.clone(), path);
        let reply = visitor.send(plain).await?;
        assert_eq!(of_cors(&reply), [""; 0], "{method} {path}");
        let reply = visitor.send(asked(harness.intranet.origin())).await?;
        assert_eq!(reply.header("access-control-allow-credentials"), "true");
        assert_eq!(
            reply.header("access-control-allow-origin"),
            harness.intranet.origin()
        );
    }
    Ok(())
}

#[tokio::test]
async fn security_58_a_page_can_read_that_a_file_is_not_there() -> Test {
    let harness = Harness::start(quiet().set("inbound.requests_per_second", "1")).await?;
    let visitor = harness.visitor();
    for (method, path, status) in [
        (Method::GET, "embed.js", 200),
        (Method::GET, "assets/nothing.js", 404),
        (Method::GET, "assets/a/b.js", 404),
        (Method::GET, "assets/%ff", 400),
        (Method::POST, "embed.js", 405),
        (Method::GET, "app/icon", 404),
    ] {
        let reply = visitor.send(visitor.plain(method, path)).await?;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(of_cors(&reply), ["access-control-allow-origin"], "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{path}");
    }
    // Nor is it an error of the network when there are too many.
    let asking = (0..30).map(|_| visitor.open("embed.js"));
    let mut refused = 0;
    for reply in join_all(asking).await {
        let reply = reply?;
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        refused += usize::from(reply.status == 503);
    }
    assert!(refused > 0);
    Ok(())
}

#[tokio::test]
async fn a_page_that_is_not_listed_can_learn_that_and_nothing_else() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let asked = |origin: &str| {
        let request = visitor.plain(Method::GET, "app/listed");
        request.header("origin", origin)
    };
    for origin in ["https://evil.example", "null"] {
        let reply = visitor.send(asked(origin)).await?;
        assert_eq!(reply.problem()?.code, Code::OriginRefused, "{origin}");
        assert_eq!(of_cors(&reply), ["access-control-allow-origin"]);
        assert_eq!(reply.header("access-control-allow-origin"), "*");
    }
    let reply = visitor.send(asked(harness.intranet.origin())).await?;
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    Ok(())
}

/// Somebody goes to a page.
async fn go(visitor: &Visitor, method: Method, path: &str, tag: &str) -> anyhow::Result<Reply> {
    let request = visitor
        .plain(method, path)
        .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
        .header("accept-language", tag.to_owned());
    visitor.send(request).await
}

#[tokio::test]
async fn who_goes_to_a_page_that_refuses_gets_a_page() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let root = go(&visitor, Method::GET, "", "en").await?;
    assert_eq!(root.status, 303);
    assert_eq!(
        root.header("location"),
        format!("{}form", harness.public_url())
    );
    for (method, path, expected, words) in [
        (
            Method::GET,
            "nothing",
            404,
            ["There is no page here", "Il n’y a pas de page ici"],
        ),
        (
            Method::POST,
            "app/sign-in",
            405,
            ["There is no page here", "Il n’y a pas de page ici"],
        ),
        (
            Method::POST,
            "form",
            403,
            ["sent from another page", "vient d’une autre page"],
        ),
        (
            Method::GET,
            "app/api/session",
            403,
            ["sent from another page", "vient d’une autre page"],
        ),
    ] {
        for (tag, words) in ["en", "fr-CA"].iter().zip(words) {
            let page = go(&visitor, method.clone(), path, tag).await?;
            assert_eq!(page.status, expected, "{path}");
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            assert_eq!(page.header("cache-control"), "no-store");
            assert!(page.text.contains(words), "{path}: {}", page.text);
            assert!(!page.text.contains('{'), "{}", page.text);
            assert!(
                page.header("content-security-policy")
                    .contains("default-src 'none'")
            );
        }
    }
    // A script hears it in its own words, whatever it accepts.
    let request = visitor.call(Method::GET, "app/api/nothing");
    let reply = visitor.send(request.header("accept", "text/html")).await?;
    assert_eq!(reply.problem()?.status, 404);
    let request = visitor.plain(Method::GET, "nothing");
    let request = request
        .header("sec-fetch-mode", "cors")
        .header("accept", "text/html");
    assert_eq!(visitor.send(request).await?.problem()?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_flood_of_one_office_s_neighbour_is_not_the_office_s() -> Test {
    let options: Options = quiet().set("inbound.requests_per_second", "1");
    let harness = Harness::start(options).await?;
    let to = harness.proxy().public();
    let head = "GET /app/pages.css HTTP/1.1\r\nhost: localhost\r\n";
    let mut refused = 0;
    for _ in 0..30 {
        refused += usize::from(ask(STRANGER, to, head).await? == 503);
    }
    assert!(refused > 0);
    let mut stream = say(HONEST, to, &format!("{head}\r\n")).await?;
    assert_eq!(status(&mut stream).await?, 200);
    Ok(())
}
