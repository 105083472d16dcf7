//! The support log: what it tells, what it never repeats, how long, on and off.

use goto_microapps_harness::{ADMIN_PASSWORD, Admin, Harness};
use goto_sandbox::{Answer, Fault, FaultKind, Route};
use reqwest::Method;
use serde_json::Value;

use super::{HOUR, SECOND, signed_in};
use crate::steps::{
    Disk, ELODIE, JUERGEN, Test, as_time_passes, connected, eventually, form, fresh_key, quiet,
};

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
