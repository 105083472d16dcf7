//! What a page that is not on the list can read, and where a person lands who goes there.

use futures::future::join_all;
use goto_microapps_api::Code;
use goto_microapps_harness::{Harness, Reply, Visitor};
use reqwest::Method;

use crate::steps::{Test, quiet};

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
