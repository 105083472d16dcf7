//! The recipes for reverse proxies, word for word, in real ones: with a path in front and without,
//! and with a sign-on service.

#[path = "suite/steps.rs"]
#[expect(dead_code, reason = "the suite's, of which little is needed here")]
mod steps;

use anyhow::Context;
use goto_microapps_api::{Meeting, Session};
use goto_microapps_harness::{
    Front, Harness, Options, Reply, ReverseProxy, SIGN_ON_COOKIE, SignOn,
};
use goto_microapps_widget_bundle::{asset, file};
use reqwest::Method;

use steps::{ELODIE, Test, ZOE, connected, form, fresh_key, quiet};

const SECRET: &str = "a-secret-that-only-nginx-knows";

/// Behind that reverse proxy, which the configuration names.
fn behind(front: Front) -> Options {
    Options {
        front: Some(front),
        ..connected()
    }
    .set("server.trusted_proxies", "[\"127.0.0.1\"]")
}

/// What a page, sheet or script of the proxy's points to: values of `href`, `src` and `action`.
fn targets(page: &Reply) -> Vec<String> {
    ["href=\"", "src=\"", "action=\""]
        .iter()
        .flat_map(|attribute| page.text.split(attribute).skip(1))
        .filter_map(|rest| Some(rest.split_once('"')?.0.replace("&amp;", "&")))
        .collect()
}

/// A reverse proxy in front, everything an employee and an administrator do goes through it.
async fn everything_works(server: ReverseProxy, path: &str) -> Test {
    // The administrator's consent came back by it already.
    let harness = Harness::start(behind(Front::new(server, path)?)).await?;
    let base = harness.public_url().to_owned();
    assert!(base.ends_with(path), "{base}");

    let elodie = harness.employee(ELODIE).await?;
    let made = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json::<Meeting>()?.id;
    let details = elodie.get(&format!("app/api/meetings/{id}")).await?;
    assert_eq!(details.json::<Meeting>()?.id, id);
    let found = elodie.get("app/api/organizers?q=juerg").await?;
    assert!(found.text.contains("juergen"), "{}", found.text);

    // Widget and loader arrive as they are.
    let widget = asset("widget.wasm").context("the widget")?;
    for file in [file("embed.js").context("the loader")?, widget] {
        let url = format!("{base}{}", file.path);
        let served = elodie.plain(Method::GET, &url).send().await?;
        assert_eq!(served.status(), 200, "{url}");
        assert_eq!(served.headers()["content-type"], file.content_type);
        assert!(served.bytes().await? == file.raw, "{url} was changed");
    }

    // The plain pages stay below the path, whatever is clicked.
    let plain = elodie.open(&format!("{base}form")).await?;
    assert_eq!(plain.status, 200, "{}", plain.text);
    let meeting = elodie.open(&format!("{base}form/meetings/{id}")).await?;
    assert_eq!(meeting.status, 200, "{}", meeting.text);
    let stranger = harness.visitor().open(&format!("{base}form")).await?;
    for page in [plain, meeting, stranger] {
        let targets = targets(&page);
        assert!(!targets.is_empty(), "{}", page.text);
        let elsewhere = ["https://", "tel:", "mailto:"];
        let own = |target: &&String| !elsewhere.iter().any(|scheme| target.starts_with(scheme));
        for target in targets.iter().filter(own) {
            let target = url::Url::parse(&base)?.join(target)?;
            assert!(target.as_str().starts_with(&base), "{target}");
        }
    }
    Ok(())
}

macro_rules! reverse_proxies {
    ($($name:ident: $server:ident, $path:literal;)*) => {
        $(#[tokio::test]
        async fn $name() -> Test {
            everything_works(ReverseProxy::$server, $path).await
        })*
    };
}

reverse_proxies! {
    nginx_with_a_path: Nginx, "/goto/";
    nginx_without_a_path: Nginx, "/";
    apache_with_a_path: Apache, "/goto/";
    apache_without_a_path: Apache, "/";
    caddy_with_a_path: Caddy, "/goto/";
    caddy_without_a_path: Caddy, "/";
}

/// A proxy behind nginx, and its sign-on service.
async fn behind_a_sign_on() -> anyhow::Result<(Harness, SignOn)> {
    let service = SignOn::start().await?;
    let front = Front::with_sign_on(service.address(), SECRET)?;
    let options = Options {
        front: Some(front),
        ..quiet()
    }
    .set("server.trusted_proxies", "[\"127.0.0.1\"]")
    .set("sso.gateway.header", "\"x-forwarded-email\"")
    .set("sso.gateway.secret", &format!("\"{SECRET}\""))
    .set("sso.gateway.peers", "[\"127.0.0.1\"]");
    Ok((Harness::start(options).await?, service))
}

#[tokio::test]
async fn nginx_with_a_sign_on_service_lets_through_what_browsers_send_without_cookies() -> Test {
    let (harness, service) = behind_a_sign_on().await?;
    let base = harness.public_url().to_owned();
    let browser = harness.visitor();
    let origin = harness.intranet.origin();
    for (path, method) in [
        ("app/api/session", "GET"),
        ("app/api/session", "POST"),
        ("app/api/meetings", "POST"),
        ("app/api/organizers", "GET"),
    ] {
        let preflight = browser
            .plain(Method::OPTIONS, &format!("{base}{path}"))
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "x-goto-microapps");
        let answer = browser.send(preflight).await?;
        assert!(answer.status < 300, "{path}: {}", answer.status);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            origin,
            "{path}"
        );
    }
    for file in [file("embed.js"), asset("widget.wasm"), asset("widget.js")] {
        let url = format!("{base}{}", file.context("a file")?.path);
        let served = browser.plain(Method::GET, &url).header("origin", origin);
        let served = browser.send(served).await?;
        assert_eq!(served.status, 200, "{url}");
        assert!(!served.header("access-control-allow-origin").is_empty());
    }
    // Nothing else.
    for path in [
        "app/api/session",
        "form",
        "frame",
        "embed.js/app/api/session",
    ] {
        let answer = browser.open(&format!("{base}{path}")).await?;
        assert_eq!(answer.status, 401, "{path}");
    }
    drop(service);
    Ok(())
}

#[tokio::test]
async fn nginx_with_a_sign_on_service_says_who_somebody_is() -> Test {
    let (harness, service) = behind_a_sign_on().await?;
    let stranger = harness.visitor();
    let refused = stranger.get("app/api/session").await?;
    assert_eq!(refused.status, 401, "nginx lets nobody through");
    let zoe = harness.visitor();
    zoe.set_cookie(SIGN_ON_COOKIE, ZOE);
    zoe.sign_in(&harness.sandbox, ZOE).await?;

    // Another browser: the consent of before is enough, whatever it says about itself.
    let again = harness.visitor();
    again.set_cookie(SIGN_ON_COOKIE, ZOE);
    let request = again
        .call(Method::GET, "app/api/session")
        .header("x-forwarded-email", ELODIE)
        .header("x-gateway-secret", SECRET);
    let session: Session = again.send(request).await?.json()?;
    assert_eq!(session.user.map(|user| user.email).as_deref(), Some(ZOE));
    let made = again.create(&fresh_key(), &form()).await?;
    assert_eq!(made.status, 201, "{}", made.text);
    drop(service);
    Ok(())
}
