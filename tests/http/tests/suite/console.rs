//! The administrator's console.

use std::time::Duration;

use goto_microapps_harness::{ADMIN_PASSWORD, Admin, Harness, Visitor, challenge};
use goto_sandbox::{ACCOUNT_KEY, Answer, Fault, FaultKind, Route};
use reqwest::Method;
use serde_json::Value;

use crate::steps::{
    Disk, ELODIE, JUERGEN, Test, as_time_passes, connected, count, eventually, form, fresh_key,
    quiet, way_back,
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

async fn signed_in(harness: &Harness) -> anyhow::Result<Admin<'_>> {
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    Ok(admin)
}

async fn is_signed_in(admin: &Admin<'_>) -> anyhow::Result<bool> {
    let page = admin.get("/admin").await?;
    Ok(page.text.contains("Callback URLs"))
}

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

#[tokio::test]
async fn the_console_shows_what_has_to_be_copied() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let page = admin.get("/admin").await?.text;
    let public = harness.public_url();
    for shown in [
        format!("value=\"{public}admin/api/gwsc/auth/serverContext\""),
        format!("value=\"{public}app/api/auth/serviceAction/callback\""),
        format!("&#60;script src=&#34;{public}embed.js&#34; async&#62;&#60;/script&#62;"),
        format!("&#60;script src=&#34;{public}assets/embed-"),
        "integrity=&#34;sha256-".to_owned(),
        format!("&#60;iframe src=&#34;{public}frame&#34;"),
        harness.intranet.origin().to_owned(),
        ACCOUNT_KEY.to_owned(),
        "Not connected yet.".to_owned(),
        "every hour".to_owned(),
        "0 of 300".to_owned(),
    ] {
        assert!(page.contains(&shown), "{shown}: {page}");
    }
    Ok(())
}

#[tokio::test]
async fn a_warning_about_retired_addresses_is_shown() -> Test {
    let retired = "https://api.getgo.com/oauth/v2";
    let options = quiet()
        .set("goto.authorize_url", &format!("\"{retired}/authorize\""))
        .set("goto.token_url", &format!("\"{retired}/token\""));
    let harness = Harness::start(options).await?;
    let admin = signed_in(&harness).await?;
    let page = admin.get("/admin").await?.text;
    assert!(
        page.contains("was retired by GoTo on 30 September 2025"),
        "{page}"
    );
    Ok(())
}

#[tokio::test]
async fn security_13_the_service_account_is_connected_by_an_administrator() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let email = harness.sandbox.admin().email;
    let page = admin.authorise(&email).await?;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Connected to GoTo"), "{}", page.text);
    let page = eventually(async || {
        let page = admin.get("/admin").await?.text;
        Ok(page.contains("42 people").then_some(page))
    })
    .await?;
    assert!(
        page.contains("after Authorise"),
        "it was read at once: {page}"
    );
    assert!(
        page.contains(&format!("GoTo Administrator ({email})")),
        "{page}"
    );
    Ok(())
}

#[tokio::test]
async fn security_13_a_ticket_is_good_once_and_for_a_minute() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let ticket = admin.post("/admin/authorise", &[]).await?;
    let start = ticket.header("location").to_owned();
    assert!(start.starts_with(harness.public_url()), "{start}");
    assert_eq!(admin.open(&start).await?.status, 303);
    assert_eq!(admin.open(&start).await?.status, 403, "used");

    let ticket = admin.post("/admin/authorise", &[]).await?;
    harness.advance(60 * SECOND);
    let late = admin.open(ticket.header("location")).await?;
    assert_eq!(late.status, 403);
    let (base, _) = start.split_once('?').expect("a query");
    for query in ["", "?ticket=", "?ticket=x", "?ticket=x&ticket=y"] {
        let page = admin.open(&format!("{base}{query}")).await?;
        assert_eq!(page.status, 403, "{query}");
        assert_eq!(page.header("location"), "");
    }
    Ok(())
}

#[tokio::test]
async fn security_13_an_employee_s_code_is_no_ticket_and_a_ticket_no_code() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let back = way_back(&harness, &visitor, ELODIE).await?;
    let (message, _) = Visitor::posted(&visitor.open(&back).await?)?;
    let code = message.code.expect("a code");
    let admin = signed_in(&harness).await?;
    let start = format!(
        "{}admin/api/gwsc/auth/start?ticket={code}",
        harness.public_url()
    );
    assert_eq!(admin.open(&start).await?.status, 403);

    let ticket = admin.post("/admin/authorise", &[]).await?;
    let (_, ticket) = ticket
        .header("location")
        .split_once("ticket=")
        .expect("a ticket");
    let carrier = goto_microapps_api::Carrier::Bearer;
    let reply = visitor
        .take(ticket, crate::steps::VERIFIER, carrier)
        .await?;
    assert_eq!(reply.status, 403);
    Ok(())
}

#[tokio::test]
async fn security_13_a_consent_without_an_open_console_session_is_refused() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let departure = admin.depart().await?;
    let email = harness.sandbox.admin().email;
    let back = harness.sandbox.consent(&departure, &email).await?;
    admin.post("/admin/sign-out", &[]).await?;
    let page = admin.open(&back).await?;
    assert_eq!(page.status, 403);
    assert!(
        page.text.contains("The console session ended"),
        "{}",
        page.text
    );

    let admin = signed_in(&harness).await?;
    let departure = admin.depart().await?;
    let back = harness.sandbox.consent(&departure, &email).await?;
    let stranger = harness.admin();
    assert_eq!(stranger.open(&back).await?.status, 400, "another browser");
    assert_eq!(count(&harness, Route::Token), 0);
    assert!(
        admin
            .get("/admin")
            .await?
            .text
            .contains("Not connected yet.")
    );
    Ok(())
}

#[tokio::test]
async fn security_13_a_consent_of_the_wrong_person_changes_nothing() -> Test {
    let harness = Harness::start(connected()).await?;
    let admin = signed_in(&harness).await?;
    let admin_email = harness.sandbox.admin().email;
    let still_connected = async || {
        let page = admin.get("/admin").await?.text;
        anyhow::ensure!(page.contains(&format!("({admin_email})")), "{page}");
        harness.proxy().sync().await?;
        anyhow::Ok(())
    };
    // Somebody of another company.
    let other = Answer {
        body:
            r#"{"key":"1","accountKey":"999","accounts":[{"key":998}],"email":"x@other.example"}"#
                .to_owned(),
        ..Answer::status(200)
    };
    let kind = FaultKind::Instead(other);
    harness.sandbox.fault(Fault::once(Route::AdminMe, kind));
    let page = admin.authorise(&admin_email).await?;
    assert_eq!(page.status, 403);
    assert!(
        page.text.contains("999, 998") && page.text.contains(ACCOUNT_KEY),
        "{}",
        page.text
    );
    still_connected().await?;

    // Somebody without the right.
    let kind = FaultKind::InvalidToken;
    harness.sandbox.fault(Fault::once(Route::AdminMe, kind));
    let page = admin.authorise(ELODIE).await?;
    assert_eq!(page.status, 403);
    assert!(
        page.text.contains("tick the scope identity:"),
        "{}",
        page.text
    );
    still_connected().await?;

    // Somebody who thought better of it.
    let departure = admin.depart().await?;
    let back = harness.sandbox.deny(&departure).await?;
    let page = admin.open(&back).await?;
    assert!(page.text.contains("Access was not given"), "{}", page.text);
    still_connected().await?;

    // GoTo in trouble, at each of its three answers.
    for (route, kind) in [
        (Route::Token, FaultKind::status(500)),
        (
            Route::Token,
            FaultKind::MissingFields(vec!["refresh_token".to_owned()]),
        ),
        (Route::Me, FaultKind::status(500)),
        (Route::AdminMe, FaultKind::Html),
    ] {
        harness.sandbox.fault(Fault::once(route, kind.clone()));
        let page = admin.authorise(&admin_email).await?;
        assert!(page.status >= 400, "{kind:?}");
        assert!(page.text.contains("Nothing was changed"), "{}", page.text);
        still_connected().await?;
    }
    Ok(())
}

#[tokio::test]
async fn security_13_an_employee_who_is_no_administrator_cannot_be_the_service_account() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let page = admin.authorise(JUERGEN).await?;
    // GoTo's answer to `me` names the account without asking for a role; its list of users asks.
    assert_eq!(page.status, 403, "{}", page.text);
    assert!(
        page.text.contains("sign in with an administrator"),
        "{}",
        page.text
    );
    let page = admin.get("/admin").await?.text;
    assert!(page.contains("Not connected yet."), "{page}");
    Ok(())
}

#[tokio::test]
async fn disconnecting_forgets_the_consent_and_keeps_the_directory() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(connected())).await?;
    let admin = signed_in(&harness).await?;
    let elodie = harness.employee(ELODIE).await?;
    admin.post("/admin/disconnect", &[]).await?;
    let page = admin.get("/admin").await?.text;
    assert!(
        page.contains("Not connected yet.") && page.contains("42 people"),
        "{page}"
    );
    assert!(!page.contains("Read now"), "{page}");
    let rows = "SELECT COUNT(*) FROM oauth_grant WHERE owner = 'service_account'";
    assert_eq!(disk.number(rows).await?, 0);
    let reply = elodie.get("app/api/organizers?q=suharto").await?;
    assert!(reply.text.contains("Suharto"), "{}", reply.text);
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    Ok(())
}

/// The lines of the support log, parsed.
async fn log(admin: &Admin<'_>) -> anyhow::Result<Vec<Value>> {
    let reply = admin.get("/admin/log.ndjson").await?;
    anyhow::ensure!(reply.status == 200, "{}", reply.status);
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    assert!(
        reply
            .header("content-disposition")
            .starts_with("attachment")
    );
    let lines = reply.text.lines().map(serde_json::from_str);
    Ok(lines.collect::<Result<_, _>>()?)
}

fn kinds(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .filter_map(|line| line["kind"].as_str())
        .collect()
}

#[tokio::test]
async fn the_support_log_tells_who_did_what_with_which_outcome() -> Test {
    let harness = Harness::start(quiet()).await?;
    let admin = harness.admin();
    admin
        .post("/admin/sign-in", &[("password", "wrong")])
        .await?;
    admin.sign_in(ADMIN_PASSWORD).await?;
    let elodie = harness.employee(ELODIE).await?;
    elodie.create(&fresh_key(), &form()).await?;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, FaultKind::status(400)));
    elodie.create(&fresh_key(), &form()).await?;
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, FaultKind::CutBefore));
    elodie.create(&fresh_key(), &form()).await?;
    let visitor = harness.visitor();
    let departure = visitor.depart(crate::steps::VERIFIER).await?;
    visitor
        .open(&harness.sandbox.deny(&departure).await?)
        .await?;
    elodie
        .send(elodie.call(Method::DELETE, "app/api/session"))
        .await?;
    admin.post("/admin/disconnect", &[]).await?;

    let lines = log(&admin).await?;
    let mut told: Vec<String> = lines
        .iter()
        .map(|line| {
            assert!(
                line["at"]
                    .as_str()
                    .is_some_and(|at| at == "2026-03-02T12:00:00.000Z")
            );
            let word = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {}", word("kind"), word("actor"), word("outcome"))
        })
        .collect();
    // All at one instant of the standing clock, so their order says nothing.
    told.sort();
    let told = told.join("\n").replace(ELODIE, "<élodie>");
    insta::assert_snapshot!(told, @"
    admin.sign_in - failed
    admin.sign_in - ok
    employee.sign_in - denied
    employee.sign_in <élodie> ok
    employee.sign_out <élodie> ok
    meeting.create <élodie> failed
    meeting.create <élodie> ok
    meeting.create <élodie> unknown
    service_account.disconnect - ok
    ");
    Ok(())
}

#[tokio::test]
async fn security_39_the_support_log_repeats_no_secret_and_no_text() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let session = elodie.cookie("goto_session").expect("a session");
    let key = fresh_key();
    elodie.create(&key, &form()).await?;
    let echo = Answer {
        body: r#"{"int_err_code":"Bad<canary>","msg":"canary"}"#.to_owned(),
        ..Answer::status(400)
    };
    harness
        .sandbox
        .fault(Fault::once(Route::CreateMeeting, FaultKind::Instead(echo)));
    elodie.create(&fresh_key(), &form()).await?;
    let admin = signed_in(&harness).await?;
    let text = admin.get("/admin/log.ndjson").await?.text;
    let admin_session = admin.cookie("goto_admin").expect("a session");
    let join_url = harness.sandbox.meetings()[0].join_url.clone();
    for secret in [
        "canary",
        "Point d",
        &session,
        &admin_session,
        &key,
        &join_url,
        ADMIN_PASSWORD,
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("meeting.create"), "{text}");
    Ok(())
}

#[tokio::test]
async fn security_39_lines_of_the_support_log_live_for_a_day() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    harness.employee(ELODIE).await?;
    harness.advance(12 * HOUR);
    harness.employee(JUERGEN).await?;
    harness.advance(12 * HOUR - SECOND);
    let admin = signed_in(&harness).await?;
    assert_eq!(
        kinds(&log(&admin).await?),
        ["employee.sign_in", "employee.sign_in", "admin.sign_in"]
    );
    harness.advance(SECOND);
    let lines = log(&admin).await?;
    assert_eq!(kinds(&lines), ["employee.sign_in", "admin.sign_in"]);
    assert_eq!(lines[0]["actor"], JUERGEN);
    let gone = eventually(async || {
        let rows = disk.number("SELECT COUNT(*) FROM activity").await?;
        Ok((rows == 2).then_some(()))
    });
    as_time_passes(&harness, 30 * SECOND, gone).await
}

#[tokio::test]
async fn the_support_log_can_be_turned_off_and_on() -> Test {
    let mut harness = Harness::start(quiet()).await?;
    {
        let admin = signed_in(&harness).await?;
        admin.post("/admin/log", &[("keep", "off")]).await?;
        let page = admin.get("/admin").await?.text;
        assert!(page.contains("<strong>Off.</strong>"), "{page}");
        harness.employee(ELODIE).await?;
        assert_eq!(kinds(&log(&admin).await?), ["admin.sign_in"]);
    }
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    assert_eq!(log(&admin).await?.len(), 1, "off it stays");
    admin.post("/admin/log", &[("keep", "on")]).await?;
    // Lines of one instant are in no order.
    harness.advance(SECOND);
    harness.employee(JUERGEN).await?;
    assert_eq!(
        kinds(&log(&admin).await?),
        ["admin.sign_in", "employee.sign_in"]
    );
    Ok(())
}

#[tokio::test]
async fn a_support_log_that_is_off_by_configuration_keeps_nothing() -> Test {
    let harness = Harness::start(quiet().set("activity_log.enabled", "false")).await?;
    harness.employee(ELODIE).await?;
    let admin = signed_in(&harness).await?;
    assert!(log(&admin).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn figures_for_operators_name_nobody() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let reply = elodie.create(&fresh_key(), &form()).await?;
    let meeting: goto_microapps_api::Meeting = reply.json()?;
    elodie
        .get(&format!("app/api/meetings/{}", meeting.id))
        .await?;
    let metrics = harness.admin().get("/metrics").await?;
    assert_eq!(metrics.status, 200);
    for figure in [
        "goto_requests_total",
        "goto_slots_in_use",
        "organizers 42",
        "http_request_duration_seconds",
    ] {
        assert!(metrics.text.contains(figure), "{figure}: {}", metrics.text);
    }
    let session = elodie.cookie("goto_session").expect("a session");
    for secret in ["canary", ELODIE, &session, &meeting.id] {
        assert!(!metrics.text.contains(secret), "{secret}: {}", metrics.text);
    }
    Ok(())
}
