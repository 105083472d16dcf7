//! Who gets in, for how long, and what works without.

use std::time::Duration;

use goto_microapps_harness::{ADMIN_PASSWORD, Admin, Harness, challenge};
use goto_sandbox::{ACCOUNT_KEY, Route};
use reqwest::Method;

use super::{HOUR, SECOND, is_signed_in, signed_in};
use crate::steps::{Disk, Test, as_time_passes, connected, count, eventually, quiet};

#[tokio::test]
async fn the_console_opens_with_the_password_only() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    assert!(!is_signed_in(&admin).await?);
    for wrong in [
        "",
        "x",
        "correct horse battery stapl",
        "correct horse battery staple ",
    ] {
        let reply = admin.post("/admin/sign-in", &[("password", wrong)]).await?;
        assert_eq!(reply.status, 403, "{wrong}");
        assert!(
            reply.text.contains("That is not the password"),
            "{}",
            reply.text
        );
        assert!(!is_signed_in(&admin).await?);
    }
    let reply = admin
        .post("/admin/sign-in", &[("password", ADMIN_PASSWORD)])
        .await?;
    let cookie = reply.header("set-cookie");
    let id = admin.cookie("goto_admin").expect("a session");
    insta::assert_snapshot!(cookie.replace(&id, "<id>"), @"goto_admin=<id>; HttpOnly; SameSite=Strict; Path=/");
    assert!(is_signed_in(&admin).await?);
    Ok(())
}

#[tokio::test]
async fn after_five_wrong_passwords_their_address_waits_a_minute() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    let enter = async |password: &str| {
        let form = [("password", password)];
        anyhow::Ok(admin.post("/admin/sign-in", &form).await?.status)
    };
    for _ in 0..5 {
        assert_eq!(enter("wrong").await?, 403);
    }
    assert_eq!(enter("wrong").await?, 429);
    assert_eq!(
        enter(ADMIN_PASSWORD).await?,
        429,
        "a guess must not be told from luck"
    );
    harness.advance(59 * SECOND);
    assert_eq!(enter(ADMIN_PASSWORD).await?, 429);
    harness.advance(SECOND);
    assert_eq!(enter(ADMIN_PASSWORD).await?, 303);
    Ok(())
}

#[tokio::test]
async fn a_console_session_ends_by_sign_out_and_by_itself() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let id = admin.cookie("goto_admin").expect("a session");
    admin.post("/admin/sign-out", &[]).await?;
    assert_eq!(admin.cookie("goto_admin"), None);
    let with_old_cookie = admin
        .plain(Method::GET, "/admin")
        .header("cookie", format!("goto_admin={id}"));
    let page = admin.send(with_old_cookie).await?;
    assert!(
        page.text.contains("Administrator password"),
        "{}",
        page.text
    );

    let admin = signed_in(&harness).await?;
    harness.advance(8 * HOUR - SECOND);
    assert!(is_signed_in(&admin).await?, "and a use prolongs it");
    harness.advance(8 * HOUR);
    assert!(!is_signed_in(&admin).await?);
    Ok(())
}

#[tokio::test]
async fn security_26_a_silent_console_session_ends_before_it_is_forgotten() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    signed_in(&harness).await?;
    harness.advance(300 * SECOND);
    let admin = signed_in(&harness).await?;
    harness.advance(8 * HOUR - SECOND);
    // Once the first one is forgotten the sweep is over, and does not come again within a second.
    let rows = "SELECT COUNT(*) FROM admin_session";
    eventually(async || Ok((disk.number(rows).await? == 1).then_some(()))).await?;
    harness.advance(SECOND);
    assert!(!is_signed_in(&admin).await?);
    Ok(())
}

/// The console with a cookie that somebody planted or found.
async fn opens_with(admin: &Admin<'_>, id: &str) -> anyhow::Result<bool> {
    let request = admin
        .plain(Method::GET, "/admin")
        .header("cookie", format!("goto_admin={id}"));
    Ok(admin.send(request).await?.text.contains("Callback URLs"))
}

#[tokio::test]
async fn security_24_an_id_of_the_store_does_not_open_the_console() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let admin = signed_in(&harness).await?;
    let id = admin.cookie("goto_admin").expect("a session");
    let stored = disk.texts("SELECT id_hash FROM admin_session").await?;
    assert_eq!(stored, [challenge(&id)], "SHA-256 of the id");
    let thief = harness.admin();
    assert!(!opens_with(&thief, &stored[0]).await?);
    assert!(opens_with(&thief, &id).await?, "the id itself would");
    Ok(())
}

#[tokio::test]
async fn security_25_a_planted_console_session_is_never_signed_in() -> Test {
    let harness = Harness::start(quiet()).await?;
    let planted = challenge("a session id an attacker knows");
    let admin = harness.admin();
    let request = admin
        .plain(Method::POST, "/admin/sign-in")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", format!("goto_admin={planted}"))
        .form(&[("password", ADMIN_PASSWORD)]);
    assert_eq!(admin.send(request).await?.status, 303);
    assert!(is_signed_in(&admin).await?);
    assert_ne!(admin.cookie("goto_admin"), Some(planted.clone()));
    assert!(!opens_with(&harness.admin(), &planted).await?);
    Ok(())
}

#[tokio::test]
async fn security_26_a_console_session_ends_however_much_it_is_used() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let admin = signed_in(&harness).await?;
    for _ in 0..3 {
        harness.advance(8 * HOUR - SECOND);
        assert!(is_signed_in(&admin).await?, "each use prolongs it");
    }
    harness.advance(3 * SECOND);
    assert!(!is_signed_in(&admin).await?, "a day is over");
    // What nobody can use any more is forgotten.
    let rows = "SELECT COUNT(*) FROM admin_session";
    let gone = eventually(async || Ok((disk.number(rows).await? == 0).then_some(())));
    as_time_passes(&harness, Duration::from_secs(60), gone).await
}

#[tokio::test]
async fn without_a_session_nothing_of_the_console_works() -> Test {
    let harness = Harness::start(connected()).await?;
    let admin = harness.admin();
    harness.sandbox.clear_log();
    harness.proxy().sync().await?;
    let read_once = count(&harness, Route::Users);
    harness.sandbox.clear_log();
    for path in [
        "/admin/authorise",
        "/admin/disconnect",
        "/admin/sync",
        "/admin/log",
        "/admin/sign-out",
    ] {
        let reply = admin.post(path, &[("keep", "off")]).await?;
        assert_eq!(
            (reply.status, reply.header("location")),
            (303, "/admin"),
            "{path}"
        );
    }
    let log = admin.get("/admin/log.ndjson").await?;
    assert_eq!((log.status, log.text.as_str()), (303, ""));
    let page = admin.get("/admin").await?.text;
    assert!(
        !page.contains(ACCOUNT_KEY) && !page.contains("admin@corp.example"),
        "{page}"
    );
    let ready = admin.get("/health/ready").await?;
    assert!(
        ready.text.contains("\"service_account\":true"),
        "{}",
        ready.text
    );
    assert!(harness.sandbox.log().is_empty());
    // No sync was begun, and the log was not turned off.
    harness.proxy().sync().await?;
    assert_eq!(count(&harness, Route::Users), read_once);
    admin.sign_in(ADMIN_PASSWORD).await?;
    let page = admin.get("/admin").await?.text;
    assert!(page.contains("Turn off"), "{page}");
    Ok(())
}

#[tokio::test]
async fn a_form_on_another_site_is_refused() -> Test {
    let harness = Harness::start(connected()).await?;
    let admin = signed_in(&harness).await?;
    harness.sandbox.clear_log();
    let foreign: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];
    let paths = [
        "/admin/authorise",
        "/admin/disconnect",
        "/admin/sync",
        "/admin/log",
        "/admin/sign-out",
        "/admin/sign-in",
    ];
    for headers in foreign {
        for path in paths {
            let mut request = admin.plain(Method::POST, path);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let form = [("keep", "off"), ("password", ADMIN_PASSWORD)];
            let reply = admin.send(request.form(&form)).await?;
            assert_eq!(reply.status, 403, "{path} {headers:?}");
            assert_eq!(reply.problem()?.status, 403);
        }
    }
    let page = admin.get("/admin").await?.text;
    assert!(page.contains("<strong>Connected</strong>"), "{page}");
    assert!(page.contains("<strong>On.</strong>"), "{page}");
    assert!(harness.sandbox.log().is_empty());
    Ok(())
}
