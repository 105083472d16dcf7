//! What an operator can do wrong, and what the store then says.

use std::time::Duration;

use goto_microapps::clock::Clock;
use goto_microapps::proxy::StartError;
use goto_microapps::store::{IntentChange, IntentState, Store};
use goto_microapps_harness::postgres::{Postgres, Shutdown};

use crate::creates::asked;
use crate::{Base, NOW, Test, settings};

/// What the proxy says when it does not start.
pub(crate) async fn refusal(url: &str) -> String {
    let opened = Store::open(&settings(url, &["old"]), &Clock::system()).await;
    StartError::from(opened.expect_err("not to be used")).to_string()
}

fn assert_says(text: &str, parts: &[&str]) {
    for part in ["store.url: ", "cure: "].iter().chain(parts) {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_said_at_start() {
    let text = refusal("postgres://goto@127.0.0.1:1/nothing").await;
    assert_says(&text, &["refused", "start the database server"]);
}

#[tokio::test]
async fn a_database_nobody_made_is_said_at_start() -> Test {
    let url = Base::postgres()?.url.replace("/test_", "/nobody_made_");
    assert_says(&refusal(&url).await, &["does not exist", "createdb"]);
    Ok(())
}

#[tokio::test]
async fn a_folder_that_is_missing_is_said_at_start() {
    let text = refusal("sqlite:///nowhere/at/all/store.db").await;
    let parts = ["unable to open database file", "create the folder"];
    assert_says(&text, &parts);
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_said_at_start() -> Test {
    let base = Base::sqlite()?;
    base.open().await?.close().await;
    let text = refusal(&format!("{}?mode=ro", base.url)).await;
    assert_says(&text, &["readonly", "let the proxy's user write"]);
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_no_database_is_said_at_start() -> Test {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("store.db");
    let text = "not a database, and longer than its header would be".repeat(40);
    std::fs::write(&file, text)?;
    let text = refusal(&format!("sqlite://{}", file.display())).await;
    assert_says(&text, &["file is not a database", "name another file"]);
    Ok(())
}

#[tokio::test]
async fn a_full_disk_is_said_and_loses_nothing() -> Test {
    let base = Base::sqlite()?;
    let store = base.open().await?;
    store
        .insert_intent("kept", &asked("1", "kept"), NOW)
        .await?;
    store.close().await;
    // The page count is where SQLite itself says that the disk is full, without one.
    let url = format!("{}?mode=rwc", base.url);
    sqlx::any::install_default_drivers();
    let full = sqlx::any::AnyPoolOptions::new()
        .max_connections(1)
        .connect(&url)
        .await?;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&full)
        .await?;
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "PRAGMA max_page_count = {pages}"
    )))
    .execute(&full)
    .await?;
    let long = "x".repeat(64 * 1024);
    let error = sqlx::query("INSERT INTO setting (name, value) VALUES ('long', $1)")
        .bind(long)
        .execute(&full)
        .await
        .expect_err("no page is left");
    assert!(
        error.to_string().contains("database or disk is full"),
        "{error}"
    );
    full.close().await;
    let store = base.open().await?;
    assert!(store.intent("1", "kept").await?.is_some());
    assert!(store.setting("long").await?.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_proxies_on_one_file_wait_for_each_other() -> Test {
    let base = Base::sqlite()?;
    let (one, other) = (base.open().await?, base.open().await?);
    let writers: Vec<_> = [one, other]
        .into_iter()
        .enumerate()
        .flat_map(|(side, store)| {
            (0..4).map(move |task| {
                let store = store.clone();
                tokio::spawn(async move {
                    for number in 0..25 {
                        let key = format!("{side}-{task}-{number}");
                        store.insert_intent(&key, &asked("1", &key), NOW).await?;
                        let (from, to) = (IntentState::New, IntentState::Sent);
                        let change = IntentChange::default();
                        store.move_intent(&key, from, to, change).await?;
                    }
                    Ok::<_, goto_microapps::store::Error>(())
                })
            })
        })
        .collect();
    for writer in writers {
        writer.await??;
    }
    let sent = "SELECT COUNT(*) FROM create_intent WHERE state = 'sent'";
    assert_eq!(base.number(sent).await?, 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_comes_back_is_used_again() -> Test {
    let server = Postgres::start()?;
    let url = server.database()?;
    let store = Store::open(&settings(&url, &["old"]), &Clock::system()).await?;
    store.prepare_slots("interval", 2, 0).await?;
    let before = store.slots().await?.time(None).await?;
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    server.stop(Shutdown::Immediate)?;
    assert!(store.heartbeat(NOW).await.is_err());
    assert!(store.slots().await.is_err(), "nothing is counted");
    server.start_again()?;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while store.heartbeat(NOW).await.is_err() {
        anyhow::ensure!(tokio::time::Instant::now() < deadline, "still away");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        store.intent("1", "key").await?.is_some(),
        "what was said is kept"
    );
    assert_ne!(
        store.slots().await?.time(None).await?.start,
        before.start,
        "another start"
    );
    Ok(())
}
