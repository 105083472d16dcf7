//! Every refusal is a problem document, on both listeners.

use goto_microapps_api::Code;
use goto_microapps_harness::{ADMIN_PASSWORD, Harness};
use reqwest::Method;

use super::refusal;
use crate::steps::{ELODIE, Test, quiet};

#[tokio::test]
async fn every_refusal_of_the_public_listener_is_a_problem_document() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let pages = [
        (Method::GET, "nothing/here", 404, Code::NotFound),
        (Method::GET, "%ff", 404, Code::NotFound),
        (Method::GET, "assets/nothing.js", 404, Code::NotFound),
        (Method::GET, "assets/%ff", 400, Code::MalformedRequest),
        (
            Method::GET,
            "assets/..%2f..%2fCargo.toml",
            404,
            Code::NotFound,
        ),
        (Method::GET, "app/api/", 404, Code::NotFound),
        (Method::GET, "app/icon", 404, Code::NotFound),
        (Method::POST, "embed.js", 405, Code::MethodNotAllowed),
        (Method::POST, "app/sign-in", 405, Code::MethodNotAllowed),
        (Method::PUT, "app/pages.css", 405, Code::MethodNotAllowed),
        (Method::GET, "app/api/session", 403, Code::OriginRefused),
    ];
    for (method, path, status, expected) in pages {
        let request = visitor.plain(method.clone(), path);
        let reply = visitor.send(request).await?;
        let got = refusal(&reply)?;
        assert_eq!(got, (status, expected), "{method} {path}");
        assert_eq!(status == 405, reply.headers.contains_key("allow"), "{path}");
    }
    let calls = [
        (Method::GET, "app/api", 404, Code::NotFound),
        (Method::GET, "app/api/nothing", 404, Code::NotFound),
        (Method::GET, "app/api/meetings/", 404, Code::NotFound),
        (Method::GET, "app/api/meetings/1/2", 404, Code::NotFound),
        (Method::PUT, "app/api/session", 405, Code::MethodNotAllowed),
        (Method::PUT, "app/api/meetings", 405, Code::MethodNotAllowed),
        (
            Method::GET,
            "app/api/meetings/1/start",
            405,
            Code::MethodNotAllowed,
        ),
        (Method::GET, "app/api/meetings", 401, Code::SignInRequired),
        (
            Method::POST,
            "app/api/organizers",
            405,
            Code::MethodNotAllowed,
        ),
        (
            Method::DELETE,
            "app/api/meetings/1",
            405,
            Code::MethodNotAllowed,
        ),
        (Method::GET, "app/api/meetings/1", 401, Code::SignInRequired),
        (Method::GET, "app/api/organizers", 401, Code::SignInRequired),
        (
            Method::POST,
            "app/api/session",
            415,
            Code::UnsupportedMediaType,
        ),
    ];
    for (method, path, status, expected) in calls {
        let reply = visitor.send(visitor.call(method.clone(), path)).await?;
        let got = refusal(&reply)?;
        assert_eq!(got, (status, expected), "{method} {path}");
        assert_eq!(status == 405, reply.headers.contains_key("allow"), "{path}");
        let origin = reply.header("access-control-allow-origin");
        assert_eq!(origin, harness.intranet.origin(), "{method} {path}");
    }
    let elodie = harness.employee(ELODIE).await?;
    for (path, status, expected) in [
        ("app/api/meetings/%ff", 400, Code::MalformedRequest),
        ("app/api/organizers?limit=many", 400, Code::MalformedRequest),
        ("app/api/meetings/1", 404, Code::MeetingNotFound),
    ] {
        assert_eq!(
            refusal(&elodie.get(path).await?)?,
            (status, expected),
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_refusal_of_the_console_is_a_problem_document() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let asked = |method: Method, path: &str| {
        let request = admin.plain(method, path);
        request.header("sec-fetch-site", "same-origin")
    };
    let requests = [
        (asked(Method::GET, "/nothing"), 404, Code::NotFound),
        (asked(Method::GET, "/app/api/session"), 404, Code::NotFound),
        (asked(Method::DELETE, "/admin"), 405, Code::MethodNotAllowed),
        (
            asked(Method::GET, "/admin/sync"),
            405,
            Code::MethodNotAllowed,
        ),
        (
            asked(Method::POST, "/admin/log").form(&[("keep", "maybe")]),
            400,
            Code::MalformedRequest,
        ),
        (
            asked(Method::POST, "/admin/log").form(&[("nothing", "x")]),
            400,
            Code::MalformedRequest,
        ),
        (
            asked(Method::POST, "/admin/log").body("keep=on"),
            415,
            Code::UnsupportedMediaType,
        ),
    ];
    for (request, status, expected) in requests {
        let reply = admin.send(request).await?;
        assert_eq!(refusal(&reply)?, (status, expected));
        assert_eq!(status == 405, reply.headers.contains_key("allow"));
    }
    Ok(())
}
