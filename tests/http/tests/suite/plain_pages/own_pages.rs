//! Sessions of the plain pages: from their own forms only, back to our own pages only.

use goto_microapps_harness::{Harness, challenge};
use reqwest::Method;
use url::Url;

use super::{Form, enter, signed_in};
use crate::steps::{ELODIE, JUERGEN, Test, ZOE, connected};

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
    let corpus = include_str!("../../../../corpus/return_urls.txt");
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
