//! Where secrets are kept, and what is left of them for whoever gets hold of the database.

use std::collections::HashSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use goto_microapps_api::{Code, Meeting};
use goto_microapps_harness::{ADMIN_PASSWORD, Harness};
use goto_sandbox::{Authorization, EMPLOYEE_CLIENT_ID, Route};
use reqwest::Method;
use sqlx::Row;

use crate::steps::{
    Disk, ELODIE, Test, ZOE, as_time_passes, code, connected, count, form, fresh_key, quiet, soon,
    way_back,
};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn security_07_the_cookie_of_a_sign_in_comes_along_from_goto_and_the_session_need_not() -> Test
{
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.visitor();
    let mut url = url::Url::parse(&format!("{}app/sign-in", harness.public_url()))?;
    url.query_pairs_mut()
        .append_pair("origin", harness.intranet.origin())
        .append_pair("challenge", &goto_microapps_harness::challenge("v"));
    let reply = visitor.open(url.as_str()).await?;
    let cookie = reply.header("set-cookie");
    assert!(cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    let back = harness
        .sandbox
        .consent(reply.header("location"), ZOE)
        .await?;
    // Nothing but that cookie, as browsers send it along with a journey from another site.
    assert!(visitor.cookie("goto_session").is_none());
    assert_eq!(visitor.open(&back).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn security_14_employees_never_travel_on_the_service_account_s_token() -> Test {
    let harness = Harness::start(connected().set("organizers.sync", "\"manual\"")).await?;
    let zoe = harness.employee(ZOE).await?;
    let service = harness.sandbox.admin().email;
    let before = harness.sandbox.log().len();
    let made: Meeting = zoe.create(&fresh_key(), &form()).await?.json()?;
    // From here on by way of a renewal.
    harness.advance(HOUR);
    for path in [
        "app/api/organizers?q=a".to_owned(),
        format!("app/api/meetings/{}", made.id),
        "form".to_owned(),
        format!("form/meetings/{}", made.id),
        "frame".to_owned(),
        "admin".to_owned(),
        "admin/sync".to_owned(),
        // Last: it ends the session.
        "app/api/session".to_owned(),
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            zoe.send(zoe.call(method, &path)).await?;
        }
    }
    soon(harness.sandbox.finished(Route::Revoke, 1)).await;
    assert_eq!(count(&harness, Route::GetMeeting), 2, "both pages read it");
    let log = harness.sandbox.log();
    let renewal = "grant_type=refresh_token";
    assert!(
        log[before..]
            .iter()
            .any(|received| received.body.contains(renewal))
    );
    for received in &log[before..] {
        assert_ne!(received.route, Route::Users, "nobody lists users");
        let Authorization {
            person, client_id, ..
        } = &received.authorization;
        assert_ne!(person.as_deref(), Some(service.as_str()), "{received:?}");
        assert_eq!(
            client_id.as_deref(),
            Some(EMPLOYEE_CLIENT_ID),
            "{received:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn security_18_a_refresh_token_of_an_old_backup_is_tried_once() -> Test {
    let disk = Disk::new()?;
    let mut options = quiet();
    options.sandbox.rotate_refresh = goto_sandbox::Rotation::Always;
    let mut harness = Harness::start(disk.under(options)).await?;
    let zoe = harness.employee(ZOE).await?;
    harness.stop_proxy().await?;
    let backup = std::fs::read(disk.path())?;
    harness.start_proxy().await?;
    harness.advance(HOUR);
    assert_eq!(
        zoe.create(&fresh_key(), &form()).await?.status,
        201,
        "renewed, rotated"
    );
    harness.stop_proxy().await?;
    std::fs::write(disk.path(), backup)?;
    for log in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{log}", disk.path().display()));
    }
    harness.start_proxy().await?;
    let asked = count(&harness, Route::Token);
    for _ in 0..5 {
        let reply = zoe.create(&fresh_key(), &form()).await?;
        assert_eq!(code(&reply)?, (401, Code::ReconnectRequired));
    }
    assert_eq!(count(&harness, Route::Token), asked + 1, "no loop");
    zoe.sign_in(&harness.sandbox, ZOE).await?;
    assert_eq!(zoe.create(&fresh_key(), &form()).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn security_19_signing_out_gives_the_consent_back() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let zoe = harness.employee(ZOE).await?;
    let second = harness.employee(ZOE).await?;
    let session = zoe.cookie("goto_session").unwrap_or_default();
    let out = zoe
        .send(zoe.call(Method::DELETE, "app/api/session"))
        .await?;
    assert_eq!(out.status, 204);
    let grants = "SELECT COUNT(*) FROM oauth_grant";
    assert_eq!(
        disk.number(grants).await?,
        1,
        "the other browser still uses it"
    );
    assert_eq!(count(&harness, Route::Revoke), 0);

    let set = second.cookie("goto_session").unwrap_or_default();
    let out = second.send(second.call(Method::DELETE, "app/api/session"));
    let cleared = out.await?.header("set-cookie").to_owned();
    assert!(cleared.starts_with("goto_session=;"), "{cleared}");
    assert!(
        cleared.contains("SameSite=None")
            && cleared.contains("Partitioned")
            && cleared.contains("Path=/;"),
        "{cleared}"
    );
    assert_eq!(disk.number(grants).await?, 0);
    soon(harness.sandbox.finished(Route::Revoke, 1)).await;
    let revoked = &harness.sandbox.log_of(Route::Revoke)[0];
    assert_eq!(
        revoked.status(),
        Some(200),
        "with the client's own authentication"
    );

    for old in [session, set] {
        zoe.set_cookie("goto_session", &old);
        let reply = zoe.create(&fresh_key(), &form()).await?;
        assert_eq!(code(&reply)?, (401, Code::SignInRequired));
    }
    Ok(())
}

#[tokio::test]
async fn security_19_what_is_given_back_is_the_refresh_token_in_use() -> Test {
    let mut options = quiet();
    options.sandbox.rotate_refresh = goto_sandbox::Rotation::Never;
    let harness = Harness::start(options).await?;
    let zoe = harness.employee(ZOE).await?;
    harness.advance(HOUR);
    assert_eq!(zoe.create(&fresh_key(), &form()).await?.status, 201);
    let renewals = harness.sandbox.log_of(Route::Token);
    let in_use = renewals.last().and_then(|call| call.form("refresh_token"));
    assert!(in_use.is_some(), "renewed");
    zoe.send(zoe.call(Method::DELETE, "app/api/session"))
        .await?;
    soon(harness.sandbox.finished(Route::Revoke, 1)).await;
    let revoked = &harness.sandbox.log_of(Route::Revoke)[0];
    assert_eq!(revoked.form("token"), in_use);
    Ok(())
}

#[tokio::test]
async fn security_19_a_disconnected_service_account_is_given_back_too() -> Test {
    let harness = Harness::start(connected()).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    admin.post("/admin/disconnect", &[]).await?;
    soon(harness.sandbox.finished(Route::Revoke, 1)).await;
    Ok(())
}

#[tokio::test]
async fn security_21_the_database_holds_no_secret_in_the_clear() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(connected())).await?;
    let zoe = harness.employee(ZOE).await?;
    let pending = harness.visitor();
    let departure = pending.depart("a-pending-sign-in").await?;
    let made: Meeting = zoe.create(&fresh_key(), &form()).await?.json()?;
    let session = zoe.cookie("goto_session").unwrap_or_default();
    let phone = made.phone.unwrap_or_default();
    let phone = phone.lines().next().unwrap_or_default();
    let mut bytes = Vec::new();
    for file in ["", "-wal", "-shm"] {
        if let Ok(more) = std::fs::read(format!("{}{file}", disk.path().display())) {
            bytes.extend(more);
        }
    }
    assert!(bytes.len() > 10_000, "there is something to search");
    // What the pending sign-in kept is known once it is finished.
    let back = harness.sandbox.consent(&departure, ELODIE).await?;
    assert_eq!(pending.open(&back).await?.status, 200);
    let exchanges = harness.sandbox.log_of(Route::Token);
    let verifier = exchanges.last().and_then(|call| call.form("code_verifier"));
    let verifier = verifier.unwrap_or_default();
    for secret in [
        "canary",
        session.as_str(),
        phone.trim(),
        "meet.goto.com",
        verifier.as_str(),
    ] {
        assert!(secret.len() > 4);
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{secret}");
    }
    Ok(())
}

#[tokio::test]
async fn security_21_a_flipped_bit_is_an_error_and_not_a_crash() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let zoe = harness.employee(ZOE).await?;
    let sealed = &disk.texts("SELECT access_token FROM oauth_grant").await?[0];
    let mut broken = sealed.clone().into_bytes();
    let last = broken.len() - 3;
    broken[last] = if broken[last] == b'A' { b'B' } else { b'A' };
    let pool = sqlx::SqlitePool::connect(&disk.url()).await?;
    let change = "UPDATE oauth_grant SET access_token = $1";
    let broken = String::from_utf8(broken)?;
    sqlx::query(change).bind(broken).execute(&pool).await?;
    let reply = zoe.create(&fresh_key(), &form()).await?;
    assert_eq!(code(&reply)?, (500, Code::Internal));
    sqlx::query(change).bind(sealed).execute(&pool).await?;
    assert_eq!(
        zoe.create(&fresh_key(), &form()).await?.status,
        201,
        "still running"
    );
    Ok(())
}

#[tokio::test]
async fn security_22_a_token_in_another_row_cannot_be_read() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let (zoe, elodie) = (
        harness.employee(ZOE).await?,
        harness.employee(ELODIE).await?,
    );
    let pool = sqlx::SqlitePool::connect(&disk.url()).await?;
    let rows = sqlx::query("SELECT owner, access_token FROM oauth_grant ORDER BY owner")
        .fetch_all(&pool)
        .await?;
    assert_eq!(rows.len(), 2);
    for (row, other) in [(&rows[0], &rows[1]), (&rows[1], &rows[0])] {
        sqlx::query("UPDATE oauth_grant SET access_token = $1 WHERE owner = $2")
            .bind(other.get::<String, _>("access_token"))
            .bind(row.get::<String, _>("owner"))
            .execute(&pool)
            .await?;
    }
    for visitor in [&zoe, &elodie] {
        let reply = visitor.create(&fresh_key(), &form()).await?;
        assert_eq!(code(&reply)?, (500, Code::Internal));
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}

#[tokio::test]
async fn security_22_a_token_in_another_column_cannot_be_read() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    let zoe = harness.employee(ZOE).await?;
    let pool = sqlx::SqlitePool::connect(&disk.url()).await?;
    // A refresh token in place of an access token would go to the API on every call.
    sqlx::query(
        "UPDATE oauth_grant SET access_token = refresh_token, refresh_token = access_token",
    )
    .execute(&pool)
    .await?;
    let reply = zoe.create(&fresh_key(), &form()).await?;
    assert_eq!(code(&reply)?, (500, Code::Internal));
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}

#[tokio::test]
async fn security_22_every_sealed_value_has_a_nonce_of_its_own() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(connected())).await?;
    let zoe = harness.employee(ZOE).await?;
    assert_eq!(zoe.create(&fresh_key(), &form()).await?.status, 201);
    for _ in 0..10 {
        harness.visitor().depart("a-pending-sign-in").await?;
    }
    let sealed = disk
        .texts(
            "SELECT access_token FROM oauth_grant UNION ALL SELECT refresh_token FROM oauth_grant \
             UNION ALL SELECT verifier FROM sign_in_transaction \
             UNION ALL SELECT join_url FROM meeting UNION ALL SELECT phone FROM meeting",
        )
        .await?;
    assert!(sealed.len() >= 16, "{}", sealed.len());
    let mut nonces = HashSet::new();
    for text in &sealed {
        let body = text.rsplit('.').next().unwrap_or_default();
        let bytes = URL_SAFE_NO_PAD.decode(body)?;
        nonces.insert(bytes[..24].to_vec());
    }
    assert_eq!(nonces.len(), sealed.len());
    Ok(())
}

#[tokio::test]
async fn security_23_keys_are_changed_twice_while_people_work() -> Test {
    let disk = Disk::new()?;
    let mut harness = Harness::start(disk.under(quiet())).await?;
    let zoe = harness.employee(ZOE).await?;
    // Somebody is at GoTo all the while.
    let pending = harness.visitor();
    let back = way_back(&harness, &pending, ELODIE).await?;
    let key = |id: &str, byte: u8| format!("\"{id}:{}\"", STANDARD.encode([byte; 32]));
    let (first, second, third) = (key("test", 7), key("second", 8), key("third", 9));
    let mut ids = Vec::new();
    for ring in [
        format!("[{second}, {first}]"),
        format!("[{third}, {second}, {first}]"),
    ] {
        harness.stop_proxy().await?;
        harness.configure("store.keys", &ring)?;
        harness.start_proxy().await?;
        let reply = zoe.create(&fresh_key(), &form()).await?;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let settings = harness.settings().store.clone();
        let (rekeyed, asked) = tokio::join!(
            async {
                let store = goto_microapps::store::Store::open(&settings, &harness.clock).await?;
                let count = store.rekey(harness.clock.millis()).await?.sealed;
                store.close().await;
                anyhow::Ok(count)
            },
            async {
                let mut all = Vec::new();
                for _ in 0..20 {
                    all.push(zoe.get("app/api/session").await?.status);
                }
                anyhow::Ok(all)
            }
        );
        ids.push(rekeyed?);
        assert!(asked?.iter().all(|status| *status == 200));
    }
    assert!(ids.iter().all(|count| *count > 0), "{ids:?}");
    // The old ones can go; the one in use cannot.
    harness.stop_proxy().await?;
    harness.configure("store.keys", &format!("[{third}]"))?;
    harness.start_proxy().await?;
    assert_eq!(pending.open(&back).await?.status, 200);
    assert_eq!(zoe.create(&fresh_key(), &form()).await?.status, 201);
    harness.stop_proxy().await?;
    harness.configure("store.keys", &format!("[{first}]"))?;
    let refused = harness
        .start_proxy()
        .await
        .err()
        .map(|error| format!("{error:#}"));
    let refused = refused.unwrap_or_default();
    assert!(
        refused.contains("third") && refused.contains("store.keys"),
        "{refused}"
    );
    // Nor does a name alone open anything.
    harness.configure("store.keys", &format!("[{}]", key("third", 1)))?;
    let refused = harness
        .start_proxy()
        .await
        .err()
        .map(|error| format!("{error:#}"));
    let refused = refused.unwrap_or_default();
    assert!(
        refused.contains("another key of that name than `third`"),
        "{refused}"
    );
    Ok(())
}

#[tokio::test]
async fn security_39_what_is_older_than_a_day_is_gone_from_the_database() -> Test {
    let disk = Disk::new()?;
    let harness = Harness::start(disk.under(quiet())).await?;
    harness.employee(ZOE).await?;
    let lines = "SELECT COUNT(*) FROM activity";
    assert!(disk.number(lines).await? > 0);
    harness.advance(25 * HOUR);
    let gone =
        crate::steps::eventually(async || Ok((disk.number(lines).await? == 0).then_some(())));
    as_time_passes(&harness, Duration::from_secs(60), gone).await
}
