//! Who may call the widget API, and with what: static header, origin, session, content type, body.

mod bodies;

use goto_microapps_api::{Code, Session};
use goto_microapps_harness::{Harness, Reply};
use reqwest::header::HeaderValue;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::steps::{ELODIE, Test, code, form, fresh_key, quiet};

/// Every call of the API.
const CALLS: [(Method, &str); 20] = [
    (Method::GET, "app/api/session"),
    (Method::POST, "app/api/session"),
    (Method::DELETE, "app/api/session"),
    (Method::POST, "app/api/sign-in/severed"),
    (Method::GET, "app/api/organizers?q=a"),
    (Method::GET, "app/api/time-zones?q=a"),
    (Method::POST, "app/api/meetings"),
    (Method::POST, "app/api/meetings/check"),
    (Method::POST, "app/api/meetings/withdraw"),
    (Method::GET, "app/api/organizers/recent"),
    (Method::POST, "app/api/organizers/recent/forget"),
    (Method::GET, "app/api/meetings/123456789"),
    (Method::GET, "app/api/meetings"),
    (Method::POST, "app/api/meetings/123456789/start"),
    (Method::GET, "app/api/meetings/123456789/edit"),
    (Method::POST, "app/api/meetings/123456789/edit"),
    (Method::GET, "app/api/meetings/123456789/cancel"),
    (Method::POST, "app/api/meetings/123456789/cancel"),
    (Method::POST, "app/api/meetings/123456789/cancel/undo"),
    (Method::GET, "app/api/meetings/123456789/cancellation"),
];

const CORPUS: &str = include_str!("../../../../corpus/origins.txt");

/// Whether the corpus allows an origin, and the origin.
fn corpus() -> Vec<(bool, &'static str)> {
    let lines = CORPUS.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (word, origin) = line.split_once(' ').expect("two words");
            assert!(matches!(word, "allow" | "refuse"), "{line}");
            (word == "allow", origin.trim())
        })
        .collect()
}

/// The pages of the corpus, one of them written as somebody copied it from the address bar.
async fn listed() -> anyhow::Result<Harness> {
    let pages = r#"["HTTPS://Intranet.Example.COM:443/", "https://portal.example.com:8443",
        "http://intranet.localhost:3000", "https://bücher.example"]"#;
    let options = quiet().set("embedding.origins", &pages.replace('\n', ""));
    Harness::start(options).await
}

fn with_origin(request: RequestBuilder, origin: &str) -> RequestBuilder {
    let value = HeaderValue::from_bytes(origin.as_bytes()).expect("a header value");
    request.header("origin", value)
}

fn varies_by_origin(reply: &Reply) -> bool {
    let values = reply.headers.get_all("vary").iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("origin"))
}

#[tokio::test]
async fn security_29_and_30_only_listed_origins_are_answered() -> Test {
    let harness = listed().await?;
    let visitor = harness.visitor();
    let corpus = corpus();
    assert!(corpus.len() >= 40, "{}", corpus.len());
    for (allowed, origin) in corpus {
        let session = |method| {
            let request = visitor.plain(method, "app/api/session");
            with_origin(request, origin)
        };
        let preflight = session(Method::OPTIONS)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "content-type,x-goto-microapps",
            );
        let read = session(Method::GET).header("x-goto-microapps", "1");
        let body = json!({ "code": "", "verifier": "", "carrier": "cookie" });
        let write = session(Method::POST)
            .header("x-goto-microapps", "1")
            .json(&body);
        let replies = [
            visitor.send(preflight).await?,
            visitor.send(read).await?,
            visitor.send(write).await?,
        ];
        for reply in &replies {
            let echoed = reply.headers.get("access-control-allow-origin");
            let echoed = echoed.map(HeaderValue::as_bytes);
            let expected = allowed.then_some(origin.as_bytes());
            assert_eq!(echoed, expected, "{origin}");
            assert!(varies_by_origin(reply), "{origin}: {:?}", reply.headers);
        }
        let [_, read, write] = replies;
        let answered = if allowed {
            assert_eq!(read.header("access-control-allow-credentials"), "true");
            assert_eq!(read.status, 200, "{origin}");
            Code::HandoffRefused
        } else {
            assert_eq!(code(&read)?, (403, Code::OriginRefused), "{origin}");
            Code::OriginRefused
        };
        assert_eq!(code(&write)?, (403, answered), "{origin}");
    }
    assert!(harness.sandbox.log().is_empty());
    Ok(())
}

#[tokio::test]
async fn security_30_a_foreign_page_changes_nothing_even_with_the_cookie() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.clear_log();
    let elodie = elodie.on("https://evil.example");
    for (method, path) in CALLS {
        let request = elodie
            .call(method.clone(), path)
            .header("idempotency-key", fresh_key())
            .json(&form());
        let reply = elodie.send(request).await?;
        assert_eq!(code(&reply)?, (403, Code::OriginRefused), "{method} {path}");
    }
    assert!(harness.sandbox.log().is_empty());
    let elodie = elodie.on(harness.intranet.origin());
    let session: Session = elodie.get("app/api/session").await?.json()?;
    assert!(session.user.is_some(), "nobody signed her out");
    Ok(())
}

#[tokio::test]
async fn security_31_without_an_origin_only_own_pages_and_programs_may_call() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let cases = [
        (None, 200),
        (Some("same-origin"), 200),
        (Some("none"), 200),
        (Some("same-site"), 403),
        (Some("cross-site"), 403),
        (Some("nonsense"), 403),
    ];
    for (site, status) in cases {
        let request = visitor
            .plain(Method::GET, "app/api/session")
            .header("x-goto-microapps", "1");
        let request = match site {
            Some(site) => request.header("sec-fetch-site", site),
            None => request,
        };
        assert_eq!(visitor.send(request).await?.status, status, "{site:?}");
    }
    Ok(())
}

#[tokio::test]
async fn security_32_every_call_needs_the_static_header() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    harness.sandbox.clear_log();
    for (method, path) in CALLS {
        for value in [None, Some("0"), Some("true"), Some(""), Some("1, 1")] {
            let request = elodie
                .plain(method.clone(), path)
                .header("origin", harness.intranet.origin())
                .header("idempotency-key", fresh_key())
                .json(&form());
            let request = match value {
                Some(value) => request.header("x-goto-microapps", value),
                None => request,
            };
            let reply = elodie.send(request).await?;
            let refused = (403, Code::OriginRefused);
            assert_eq!(code(&reply)?, refused, "{method} {path} {value:?}");
        }
    }
    assert!(harness.sandbox.log().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_preflight_says_exactly_what_the_widget_needs() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let origin = harness.intranet.origin();
    let request = visitor
        .plain(Method::OPTIONS, "app/api/meetings")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "content-type,idempotency-key,x-goto-microapps",
        );
    let reply = visitor.send(request).await?;
    let mut lines: Vec<String> = reply
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("access-control") || *name == "vary")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?")))
        .collect();
    lines.sort();
    let text = lines.join("\n").replace(origin, "<origin>");
    insta::assert_snapshot!(text, @"
    access-control-allow-credentials: true
    access-control-allow-headers: content-type,authorization,idempotency-key,x-goto-microapps
    access-control-allow-methods: GET,POST,DELETE
    access-control-allow-origin: <origin>
    access-control-max-age: 600
    vary: origin
    ");
    assert_eq!(reply.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_script_may_read_the_headers_that_the_widget_reads() -> Test {
    let harness = Harness::start(quiet()).await?;
    let reply = harness.visitor().get("app/api/session").await?;
    assert_eq!(
        reply.header("access-control-expose-headers"),
        "retry-after,idempotent-replayed,x-request-id"
    );
    Ok(())
}

#[tokio::test]
async fn security_36_no_way_of_writing_a_path_gets_around_the_session() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let paths = [
        "app/api/organizers?q=a",
        "app/api/organizers;x?q=a",
        "app/api/organizers%3Fq=a",
        "app/api/%6frganizers?q=a",
        "app/api/organizers/?q=a",
        "app/api//organizers?q=a",
        "app/api/session/../organizers?q=a",
        "app/api/session/%2e%2e/organizers?q=a",
        "app/api/session/..%2forganizers?q=a",
        "health/live/../../app/api/organizers?q=a",
        "app/api/organizers?health=1&admin=1&q=a",
        "app/api/meetings/123456789?token=x",
        "app/api/meetings/%2e%2e%2fsession",
    ];
    for path in paths {
        for agent in ["ELB-HealthChecker/2.0", "kube-probe/1.29", "GoogleHC/1.0"] {
            let request = visitor.call(Method::GET, path).header("user-agent", agent);
            let reply = visitor.send(request).await?;
            assert!(
                matches!(reply.status, 401 | 404),
                "{path}: {} {}",
                reply.status,
                reply.text
            );
        }
    }
    assert!(harness.sandbox.log().is_empty());
    Ok(())
}

#[tokio::test]
async fn security_36_every_protected_call_asks_for_the_session() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let query = "health=1&admin=1&token=x&q=a";
    for (method, path) in CALLS {
        // Says who is signed in, also when nobody is; comes before anybody is.
        if matches!(path, "app/api/session" | "app/api/sign-in/severed")
            || path.starts_with("app/api/time-zones")
        {
            continue;
        }
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        for path in [path.to_owned(), format!("{path}?{query}")] {
            for agent in ["a browser", "kube-probe/1.29"] {
                let request = visitor
                    .call(method.clone(), &path)
                    .header("user-agent", agent)
                    .header("idempotency-key", fresh_key())
                    .json(&form());
                let reply = visitor.send(request).await?;
                let refused = (401, Code::SignInRequired);
                assert_eq!(code(&reply)?, refused, "{method} {path} {agent}");
            }
        }
    }
    assert!(harness.sandbox.log().is_empty());
    Ok(())
}
