//! Sessions of employees: cookies, expiry, sign-out.

use std::time::Duration;

use goto_microapps_api::{Carrier, Code, Session};
use goto_microapps_harness::{Harness, Options, Reply, Visitor, challenge};
use reqwest::Method;
use url::Url;

use crate::steps::{Disk, ELODIE, JUERGEN, Test, VERIFIER, code, eventually, posted_code, quiet};

const HOUR: Duration = Duration::from_secs(3600);

/// A visitor with the cookie of a fresh session, and the answer that set it.
async fn signed_in(harness: &Harness) -> anyhow::Result<(Visitor, Reply)> {
    let visitor = harness.visitor();
    let posted = posted_code(harness, &visitor, ELODIE).await?;
    let reply = visitor.take(&posted, VERIFIER, Carrier::Cookie).await?;
    assert_eq!(reply.status, 200, "{}", reply.text);
    Ok((visitor, reply))
}

async fn is_signed_in(visitor: &Visitor) -> anyhow::Result<bool> {
    let reply = visitor.get("app/api/organizers?q=x").await?;
    let session: Session = visitor.get("app/api/session").await?.json()?;
    assert_eq!(session.user.is_some(), reply.status == 200);
    if reply.status != 200 {
        assert_eq!(code(&reply)?, (401, Code::SignInRequired));
    }
    Ok(reply.status == 200)
}

#[tokio::test]
async fn security_24_the_store_has_no_session_id_and_an_id_of_the_store_opens_nothing() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let (visitor, _) = signed_in(&harness).await?;
    let id = visitor.cookie("goto_session").expect("a session");
    let stored = disk.texts("SELECT id_hash FROM session").await?;
    assert_eq!(stored, [challenge(&id)], "SHA-256 of the id");
    let thief = harness.visitor();
    thief.set_cookie("goto_session", &stored[0]);
    assert!(!is_signed_in(&thief).await?);
    Ok(())
}

#[tokio::test]
async fn security_25_a_planted_session_id_is_never_signed_in() -> Test {
    let harness = Harness::start(quiet()).await?;
    let planted = challenge("a session id an attacker knows");
    let victim = harness.visitor();
    victim.set_cookie("goto_session", &planted);
    victim.sign_in(&harness.sandbox, ELODIE).await?;
    assert_ne!(victim.cookie("goto_session"), Some(planted.clone()));
    assert!(is_signed_in(&victim).await?);
    let attacker = harness.visitor();
    attacker.set_cookie("goto_session", &planted);
    assert!(!is_signed_in(&attacker).await?);
    Ok(())
}

#[tokio::test]
async fn security_25_a_sign_in_over_an_open_session_gets_a_new_id() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (visitor, _) = signed_in(&harness).await?;
    let before = visitor.cookie("goto_session");
    visitor.sign_in(&harness.sandbox, JUERGEN).await?;
    assert_ne!(visitor.cookie("goto_session"), before);
    let session: Session = visitor.get("app/api/session").await?.json()?;
    assert_eq!(
        session.user.map(|user| user.email).as_deref(),
        Some(JUERGEN)
    );
    Ok(())
}

#[tokio::test]
async fn security_26_a_session_that_is_not_used_ends() -> Test {
    let harness = Harness::start(quiet().set("session.idle_hours", "2")).await?;
    let (visitor, _) = signed_in(&harness).await?;
    for _ in 0..3 {
        harness.advance(2 * HOUR - Duration::from_secs(1));
        assert!(is_signed_in(&visitor).await?, "each use prolongs it");
    }
    harness.advance(2 * HOUR);
    assert!(!is_signed_in(&visitor).await?);
    Ok(())
}

#[tokio::test]
async fn security_26_a_session_ends_however_much_it_is_used() -> Test {
    let options = quiet()
        .set("session.idle_hours", "2")
        .set("session.absolute_hours", "5");
    let harness = Harness::start(options).await?;
    let (visitor, reply) = signed_in(&harness).await?;
    assert!(reply.header("set-cookie").contains("Max-Age=18000"));
    for _ in 0..4 {
        harness.advance(HOUR);
        assert!(is_signed_in(&visitor).await?);
    }
    harness.advance(HOUR);
    assert!(!is_signed_in(&visitor).await?, "the cookie was kept");
    Ok(())
}

/// Has Jürgen and then Élodie sign in, and lets `life` pass after her sign-in but for a second.
///
/// His session ended before hers: when it is forgotten, the sweep is over and does not come again
/// within that second. What then ends hers is the look at it, not the sweep.
async fn all_but_over(options: Options, life: Duration) -> anyhow::Result<(Harness, Visitor)> {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(options)).await?;
    harness.employee(JUERGEN).await?;
    harness.advance(Duration::from_secs(300));
    let (elodie, _) = signed_in(&harness).await?;
    harness.advance(life - Duration::from_secs(1));
    let sessions = "SELECT COUNT(*) FROM session";
    eventually(async || Ok((disk.number(sessions).await? == 1).then_some(()))).await?;
    Ok((harness, elodie))
}

#[tokio::test]
async fn security_26_a_silent_session_ends_before_it_is_forgotten() -> Test {
    let options = quiet().set("session.idle_hours", "2");
    let (harness, elodie) = all_but_over(options, 2 * HOUR).await?;
    harness.advance(Duration::from_secs(1));
    assert!(!is_signed_in(&elodie).await?);
    Ok(())
}

#[tokio::test]
async fn security_26_an_old_session_ends_before_it_is_forgotten() -> Test {
    let options = quiet().set("session.absolute_hours", "5");
    let (harness, elodie) = all_but_over(options, 5 * HOUR).await?;
    assert!(is_signed_in(&elodie).await?);
    harness.advance(Duration::from_secs(1));
    assert!(!is_signed_in(&elodie).await?);
    Ok(())
}

#[tokio::test]
async fn security_27_the_cookies_of_a_loopback_install() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (visitor, reply) = signed_in(&harness).await?;
    let id = visitor.cookie("goto_session").expect("a session");
    let cookie = reply.header("set-cookie").replace(&id, "<id>");
    insta::assert_snapshot!(cookie, @"goto_session=<id>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=1209600");
    Ok(())
}

#[tokio::test]
async fn security_27_over_https_cookies_are_tied_to_the_host() -> Test {
    let options = quiet().set("server.public_url", "\"https://meetings.example.com\"");
    let harness = Harness::start(options).await?;
    let here = format!("http://{}", harness.proxy().public());
    let visitor = harness.visitor();
    let ask = format!(
        "{here}/app/sign-in?origin={}&challenge={}",
        harness.intranet.origin(),
        challenge(VERIFIER)
    );
    let left = visitor.open(&ask).await?;
    let browser = visitor.cookie("__Host-goto_sign_in").expect("a cookie");
    let cookie = left.header("set-cookie").replace(&browser, "<id>");
    insta::assert_snapshot!(cookie, @"__Host-goto_sign_in=<id>; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=900");

    let back = harness
        .sandbox
        .consent(left.header("location"), ELODIE)
        .await?;
    let back = Url::parse(&back)?;
    let back = format!("{here}{}?{}", back.path(), back.query().unwrap_or_default());
    let (message, _) = Visitor::posted(&visitor.open(&back).await?)?;
    let body = goto_microapps_api::HandoffRequest {
        code: message.code.expect("a code"),
        verifier: VERIFIER.to_owned(),
        carrier: Carrier::Cookie,
    };
    let session = format!("{here}/app/api/session");
    let request = visitor.call(Method::POST, &session).json(&body);
    let reply = visitor.send(request).await?;
    let id = visitor.cookie("__Host-goto_session").expect("a session");
    let cookie = reply.header("set-cookie").replace(&id, "<id>");
    insta::assert_snapshot!(cookie, @"__Host-goto_session=<id>; HttpOnly; SameSite=None; Partitioned; Secure; Path=/; Max-Age=1209600");

    // The name without the prefix is somebody else's cookie.
    visitor.forget();
    visitor.set_cookie("goto_session", &id);
    let reply = visitor.send(visitor.call(Method::GET, &session)).await?;
    assert_eq!(reply.json::<Session>()?.user, None);
    Ok(())
}

#[tokio::test]
async fn security_27_on_the_pages_own_site_no_other_site_sends_the_session() -> Test {
    let options = quiet().set("embedding.same_site", "true");
    let harness = Harness::start(options.clone()).await?;
    let (visitor, reply) = signed_in(&harness).await?;
    let id = visitor.cookie("goto_session").expect("a session");
    let cookie = reply.header("set-cookie").replace(&id, "<id>");
    insta::assert_snapshot!(cookie, @"goto_session=<id>; HttpOnly; SameSite=Strict; Path=/; Max-Age=1209600");
    drop(harness);

    let options = options.set("server.public_url", "\"https://meetings.example.com\"");
    let harness = Harness::start(options).await?;
    let here = format!("http://{}", harness.proxy().public());
    let visitor = harness.visitor();
    // Cleared as it would be set.
    let out = visitor.call(Method::DELETE, &format!("{here}/app/api/session"));
    let reply = visitor.send(out).await?;
    let cookie = reply.header("set-cookie");
    insta::assert_snapshot!(cookie, @"__Host-goto_session=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0");
    Ok(())
}

#[tokio::test]
async fn where_no_delete_gets_through_a_post_signs_out() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (visitor, _) = signed_in(&harness).await?;
    let out = visitor.call(Method::POST, "app/api/session/end");
    let cleared = visitor.send(out).await?;
    assert_eq!(cleared.status, 204);
    assert!(cleared.header("set-cookie").contains("Max-Age=0"));
    let asked = visitor.call(Method::GET, "app/api/session");
    let session = visitor.send(asked).await?;
    assert!(session.text.contains("\"user\":null"), "{}", session.text);
    Ok(())
}

#[tokio::test]
async fn signing_out_ends_the_session_and_clears_the_cookie_as_it_was_set() -> Test {
    let harness = Harness::start(quiet()).await?;
    let (visitor, set) = signed_in(&harness).await?;
    let id = visitor.cookie("goto_session").expect("a session");
    let out = visitor.call(Method::DELETE, "app/api/session");
    let cleared = visitor.send(out).await?;
    assert_eq!(cleared.status, 204);
    let attributes = |reply: &Reply| {
        let cookie = reply.header("set-cookie").to_owned();
        let (_, rest) = cookie.split_once(';').expect("attributes");
        let (rest, _) = rest.split_once("; Max-Age=").expect("Max-Age comes last");
        rest.to_owned()
    };
    assert_eq!(attributes(&cleared), attributes(&set));
    assert!(cleared.header("set-cookie").starts_with("goto_session=;"));
    assert!(cleared.header("set-cookie").ends_with("; Max-Age=0"));
    assert_eq!(visitor.cookie("goto_session"), None);

    let kept = harness.visitor();
    kept.set_cookie("goto_session", &id);
    assert!(!is_signed_in(&kept).await?);
    let again = kept.call(Method::DELETE, "app/api/session");
    assert_eq!(kept.send(again).await?.status, 204);
    Ok(())
}

#[tokio::test]
async fn the_last_session_takes_the_consent_with_it() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let (phone, _) = signed_in(&harness).await?;
    let (desk, _) = signed_in(&harness).await?;
    let bystander = harness.employee(JUERGEN).await?;
    let grants = "SELECT COUNT(*) FROM oauth_grant";
    assert_eq!(disk.number(grants).await?, 2);
    phone
        .send(phone.call(Method::DELETE, "app/api/session"))
        .await?;
    assert!(is_signed_in(&desk).await?);
    assert_eq!(disk.number(grants).await?, 2);
    desk.send(desk.call(Method::DELETE, "app/api/session"))
        .await?;
    assert_eq!(disk.number(grants).await?, 1);
    assert!(is_signed_in(&bystander).await?);
    Ok(())
}

#[tokio::test]
async fn a_session_outlives_a_restart_of_the_proxy() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    let (visitor, _) = signed_in(&harness).await?;
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    assert!(is_signed_in(&visitor).await?);
    Ok(())
}

#[tokio::test]
async fn what_is_no_session_id_is_no_session() -> Test {
    let harness = Harness::start(quiet()).await?;
    let long = "a".repeat(5000);
    for garbage in ["", "x", "' OR 1=1 --", "a b", &long, &challenge("unknown")] {
        let visitor = harness.visitor();
        visitor.set_cookie("goto_session", garbage);
        assert!(!is_signed_in(&visitor).await?, "{garbage}");
        let bearer = harness.visitor();
        let request = bearer.call(Method::GET, "app/api/organizers?q=x");
        let reply = bearer.send(request.bearer_auth(garbage)).await?;
        assert_eq!(code(&reply)?, (401, Code::SignInRequired), "{garbage}");
    }
    Ok(())
}
