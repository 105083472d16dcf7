//! What becomes of the proxy while its database is away, full, read-only or somebody else's copy.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use goto_microapps_api::HandoffOutcome;
use goto_microapps_harness::postgres::{Postgres, Shutdown};
use goto_microapps_harness::{Harness, Options, Visitor};
use reqwest::Method;
use serde_json::Value;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::steps::{Disk, ELODIE, Test, ZOE, eventually, form, fresh_key, quiet};

/// Status and body of a path on the administrator's listener.
async fn admin(harness: &Harness, path: &str) -> anyhow::Result<(u16, String)> {
    let admin = harness.admin();
    let reply = admin.send(admin.plain(Method::GET, path)).await?;
    Ok((reply.status, reply.text))
}

async fn is_ready(harness: &Harness) -> anyhow::Result<bool> {
    let (status, text) = admin(harness, "/health/ready").await?;
    let body: Value = serde_json::from_str(&text)?;
    assert_eq!(body["store"], status == 200, "{text}");
    Ok(status == 200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_need_no_database() -> Test {
    let server = Postgres::start()?;
    let harness = Harness::start(Options {
        store_url: Some(server.database()?),
        ..quiet()
    })
    .await?;
    let (status, text) = admin(&harness, "/metrics").await?;
    assert_eq!(status, 200);
    assert!(text.contains("\nstore_up 1"), "{text}");
    assert!(text.contains("\ngoto_slots_in_use "), "{text}");
    server.stop(Shutdown::Immediate)?;
    let (status, text) = admin(&harness, "/metrics").await?;
    assert_eq!(status, 200, "{text}");
    for figure in ["\nstore_up 0", "\ngoto_slots ", "\norganizers "] {
        assert!(text.contains(figure), "{figure} in {text}");
    }
    // What cannot be known is not told as if it were.
    assert!(!text.contains("\ngoto_slots_in_use "), "{text}");
    assert!(!text.contains("\nservice_account_connected "), "{text}");
    assert!(!is_ready(&harness).await?);
    server.start_again()?;
    eventually(async || Ok(is_ready(&harness).await?.then_some(()))).await?;
    let (_, text) = admin(&harness, "/metrics").await?;
    assert!(text.contains("\nstore_up 1"), "{text}");
    assert!(text.contains("\nservice_account_connected "), "{text}");
    Ok(())
}

async fn administer(url: &str, statements: &[String]) -> Test {
    sqlx::any::install_default_drivers();
    let url = format!("{url}?options=-c%20default_transaction_read_only%3Doff");
    let mut connection = AnyConnection::connect(&url).await?;
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement.clone()))
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_says_in_words_that_the_database_is_away() -> Test {
    let server = Postgres::start()?;
    let harness = Harness::start(Options {
        store_url: Some(server.database()?),
        ..quiet()
    })
    .await?;
    server.stop(Shutdown::Immediate)?;
    let visitor = harness.visitor();
    let mut url = url::Url::parse(&format!("{}app/sign-in", harness.public_url()))?;
    url.query_pairs_mut()
        .append_pair("origin", harness.intranet.origin())
        .append_pair("challenge", &goto_microapps_harness::challenge("v"));
    for (language, words) in [
        ("en", "That did not work"),
        ("fr", "Cela n’a pas fonctionné"),
    ] {
        let asked = visitor
            .plain(Method::GET, url.as_str())
            .header("accept", "text/html,application/xhtml+xml")
            .header("accept-language", language);
        let page = visitor.send(asked).await?;
        assert_eq!(page.status, 500);
        assert!(page.text.contains(words), "{}", page.text);
        assert!(!page.text.contains("problem"), "{}", page.text);
        // The widget does not wait for the window to be closed.
        let (message, origin) = Visitor::posted(&page)?;
        assert_eq!(message.outcome, HandoffOutcome::Failed);
        assert_eq!(origin, harness.intranet.origin());
    }
    Ok(())
}

/// Ends everybody else's connections.
const HANG_UP: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE pid <> pg_backend_pid() AND datname = current_database()";

/// A proxy on a new database of that server, somebody who has created a meeting, and its URL.
async fn at_work_on(server: &Postgres) -> anyhow::Result<(Harness, Visitor, String)> {
    let url = server.database()?;
    let harness = Harness::start(Options {
        store_url: Some(url.clone()),
        ..quiet()
    })
    .await?;
    let elodie = harness.employee(ELODIE).await?;
    let made = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(made.status, 201, "{}", made.text);
    Ok((harness, elodie, url))
}

/// What makes the connections of that database write which are opened from now on.
fn writes_again(url: &str) -> String {
    let name = url.rsplit('/').next().unwrap_or_default();
    format!("ALTER DATABASE {name} SET default_transaction_read_only = off")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_only_reads_is_not_ready_and_a_failover_passes_unseen() -> Test {
    let server = Postgres::start()?;
    let (harness, elodie, url) = at_work_on(&server).await?;
    assert!(is_ready(&harness).await?);
    let reads = "ALTER SYSTEM SET default_transaction_read_only = on".to_owned();
    let reload = "SELECT pg_reload_conf()".to_owned();
    administer(&url, &[reads, reload, HANG_UP.to_owned()]).await?;
    eventually(async || Ok((!is_ready(&harness).await?).then_some(()))).await?;
    // The next connections lead to a server that writes; those that are open do not.
    let writes = writes_again(&url);
    administer(&url, &[writes]).await?;
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    assert!(is_ready(&harness).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_connections_that_turn_read_only_hold_up_no_create() -> Test {
    let server = Postgres::start()?;
    let (harness, elodie, url) = at_work_on(&server).await?;
    // As after a failover that hangs up on nobody: what is open reads only, what is opened writes.
    sqlx::any::install_default_drivers();
    let one = sqlx::any::AnyPoolOptions::new().max_connections(1);
    let watching = one.connect(&url).await?;
    let writes = writes_again(&url);
    let reads = "ALTER SYSTEM SET default_transaction_read_only = on".to_owned();
    let reload = "SELECT pg_reload_conf()".to_owned();
    administer(&url, &[writes, reads, reload]).await?;
    eventually(async || {
        let reads: String = sqlx::query_scalar("SHOW default_transaction_read_only")
            .fetch_one(&watching)
            .await?;
        Ok((reads == "on").then_some(()))
    })
    .await?;
    watching.close().await;
    // The server tells one connection after the other, and takes new ones when it has told them all:
    // from then on every command of an open connection reads only.
    let one = sqlx::any::AnyPoolOptions::new().max_connections(1);
    one.connect(&url).await?.close().await;
    assert_eq!(elodie.create(&fresh_key(), &form()).await?.status, 201);
    assert!(is_ready(&harness).await?);
    assert_eq!(harness.sandbox.meetings().len(), 2);
    Ok(())
}

fn key(id: &str, byte: u8) -> String {
    format!("\"{id}:{}\"", STANDARD.encode([byte; 32]))
}

#[tokio::test]
async fn security_51_a_key_that_one_replica_does_not_know_yet_seals_nothing() -> Test {
    let server = Postgres::start()?;
    let harness = Harness::start(Options {
        store_url: Some(server.database()?),
        ..quiet()
    })
    .await?;
    let mut elodie = harness.employee(ELODIE).await?;
    let mut zoe = harness.employee(ZOE).await?;
    // The keys of a rolling restart: one replica has the new key in front, one was not restarted.
    let ring = format!("[{}, {}]", key("new", 8), key("test", 7));
    let newer = harness.replica_with("store.keys", &ring).await?;
    zoe.turn_to(&newer.base());
    elodie.turn_to(&newer.base());
    let fresh = harness.visitor();
    // Whatever the newer one seals, the older one opens.
    let made = elodie.create(&fresh_key(), &form()).await?;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json::<goto_microapps_api::Meeting>()?.id;
    elodie.turn_to(harness.public_url());
    let path = format!("app/api/meetings/{id}");
    let shown = elodie.get(&path).await?;
    assert_eq!(shown.status, 200, "{}", shown.text);
    drop(fresh);
    Ok(())
}

#[tokio::test]
async fn security_51_rekey_before_the_restart_cannot_hurt_a_running_proxy() -> Test {
    let disk = Disk::new()?;
    let mut harness = Harness::start(disk.under(quiet())).await?;
    let zoe = harness.employee(ZOE).await?;
    assert_eq!(zoe.create(&fresh_key(), &form()).await?.status, 201);
    // The configuration has the new key, the running proxy has not read it.
    let ring = format!("[{}, {}]", key("new", 8), key("test", 7));
    harness.configure("store.keys", &ring)?;
    let settings = harness.settings().store.clone();
    let store = goto_microapps::store::Store::open(&settings, &harness.clock).await?;
    let refused = store.rekey(harness.clock.millis()).await;
    let text = refused.expect_err("not yet").to_string();
    for part in ["1 running proxy does not know the key `new` yet", "restart"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(zoe.create(&fresh_key(), &form()).await?.status, 201);
    store.close().await;
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    let store = goto_microapps::store::Store::open(&settings, &harness.clock).await?;
    let rekeyed = store.rekey(harness.clock.millis()).await?;
    assert!(rekeyed.sealed > 0);
    assert_eq!(rekeyed.removable, ["test"]);
    store.close().await;
    assert_eq!(zoe.create(&fresh_key(), &form()).await?.status, 201);
    Ok(())
}

/// Long enough for several signs of life.
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn security_51_a_running_proxy_seals_with_the_new_key_once_all_know_it() -> Test {
    let server = Postgres::start()?;
    let url = server.database()?;
    let harness = Harness::start(Options {
        store_url: Some(url.clone()),
        ..quiet()
    })
    .await?;
    let ring = format!("[{}, {}]", key("new", 8), key("test", 7));
    let newer = harness.replica_with("store.keys", &ring).await?;
    let mut harness = harness;
    harness.stop_proxy().await?;
    harness.configure("store.keys", &ring)?;
    harness.start_proxy().await?;
    let mut zoe = harness.employee(ZOE).await?;
    zoe.turn_to(&newer.base());
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&url).await?;
    let sealed = eventually(async || {
        harness.advance(MINUTE);
        let made = zoe.create(&fresh_key(), &form()).await?;
        anyhow::ensure!(made.status == 201, "{}", made.text);
        let urls: Vec<String> =
            sqlx::query_scalar("SELECT join_url FROM meeting WHERE join_url LIKE '1.new.%'")
                .fetch_all(&pool)
                .await?;
        Ok((!urls.is_empty()).then_some(()))
    });
    sealed.await?;
    pool.close().await;
    Ok(())
}
