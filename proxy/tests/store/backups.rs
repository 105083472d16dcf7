//! Backups: what comes back, what does not, and what may not be restored.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use anyhow::Context;
use goto_microapps::clock::Clock;
use goto_microapps::config;
use goto_microapps::store::backup::{BackupError, KEPT, LEFT_OUT};
use goto_microapps::store::{ChangeKind, ChangeState, IntentChange, IntentState, Store};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::changes::cancel;
use crate::creates::asked;
use crate::organizers::people;
use crate::people::{by_address, employee, grant};
use crate::sealed::fill;
use crate::{Base, HOUR, NOW, Test, settings};

/// A folder for backups, and a file in it that is not there yet.
fn place() -> anyhow::Result<(TempDir, PathBuf)> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("backup");
    Ok((folder, file))
}

/// Another empty database of the same kind.
fn another(base: &Base) -> anyhow::Result<Base> {
    if base.url.starts_with("sqlite:") {
        Base::sqlite()
    } else {
        Base::postgres()
    }
}

fn ring(base: &Base) -> config::Store {
    settings(&base.url, &["old"])
}

async fn refused(base: &Base, file: &std::path::Path) -> anyhow::Result<String> {
    match Store::restore(&ring(base), file, NOW).await {
        Ok(_) => anyhow::bail!("it was restored"),
        Err(error) => Ok(error.to_string()),
    }
}

pub(crate) async fn a_backup_brings_back_what_has_to_be_kept(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    let run = store.start_run("admin", NOW).await?;
    store.store_page(&run, &people(0, 300)).await?;
    store.finish_run(run.generation, None, NOW).await?;
    store.set_setting("kept", "Élodie \"quoted\"").await?;
    store.insert_session("session-hash", "1", NOW, None).await?;
    store.insert_admin_session("admin-hash", NOW).await?;
    let (_folder, file) = place()?;
    // While it is used.
    let contents = store.backup(&file, NOW).await?;
    let mode = std::fs::metadata(&file)?.permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let text = std::fs::read_to_string(&file)?;
    for secret in ["canary", "session-hash", "admin-hash"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(contents.rows > 300, "{contents:?}");
    assert!(matches!(
        store.backup(&file, NOW).await,
        Err(BackupError::Exists(_))
    ));
    store.close().await;

    // Into both kinds of database: this is also how to get from one host to several.
    for target in [Base::sqlite()?, Base::postgres()?] {
        let restored = Store::restore(&ring(&target), &file, NOW + HOUR).await?;
        assert_eq!(restored, contents);
        let store = target.open().await?;
        let kept = store.grant(&employee("1")).await?.context("the consent")?;
        assert_eq!(kept.grant.refresh_token.expose_secret(), "canary-refresh");
        let meeting = store.meeting("1", "123").await?.context("the meeting")?;
        assert_eq!(
            meeting.phone.context("kept")?.expose_secret(),
            "canary-phone"
        );
        assert_eq!(store.count_organizers(run.generation).await?, 300);
        let kept = store.setting("kept").await?;
        assert_eq!(kept.as_deref(), Some("Élodie \"quoted\""));
        assert_eq!(store.count_sessions("1").await?, 0, "sessions end");
        assert_eq!(store.restored_at().await?, Some(NOW + HOUR));
        store.close().await;
    }
    Ok(())
}

pub(crate) async fn a_restored_database_sends_nothing_by_itself(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 3, 0).await?;
    store.enter_slot_epoch(None, "before", &[]).await?;
    for (key, way) in [
        ("new", &[][..]),
        ("sent", &[IntentState::Sent][..]),
        ("unknown", &[IntentState::Sent, IntentState::Unknown][..]),
        ("failed", &[IntentState::Sent, IntentState::Failed][..]),
    ] {
        store.insert_intent(key, &asked("1", key), NOW).await?;
        let mut from = IntentState::New;
        for to in way {
            let change = IntentChange {
                check_at: Some(NOW + 5),
                ..IntentChange::default()
            };
            store.move_intent(key, from, *to, change).await?;
            from = *to;
        }
    }
    store.insert_cancel("off", &cancel("1", "123"), NOW).await?;
    let (_folder, file) = place()?;
    store.backup(&file, NOW).await?;
    store.close().await;
    let target = another(&base)?;
    Store::restore(&ring(&target), &file, NOW).await?;
    let store = target.open().await?;
    let off = store
        .change(ChangeKind::Cancel, "1", "123")
        .await?
        .context("kept")?;
    assert_eq!(off.state, ChangeState::NeedsUser);
    assert!(
        store
            .due_changes(ChangeKind::Cancel, NOW + HOUR)
            .await?
            .is_empty()
    );
    for (key, state) in [
        ("new", IntentState::NeedsUser),
        ("sent", IntentState::NeedsUser),
        ("unknown", IntentState::NeedsUser),
        ("failed", IntentState::Failed),
    ] {
        let intent = store.intent("1", key).await?.context("kept")?;
        assert_eq!(intent.state, state, "{key}");
    }
    assert!(store.due_intents(NOW + HOUR).await?.is_empty());
    // Whoever enters fills the slots, in the epoch of the backup as in any other.
    let until = [("interval", NOW + 80_000), ("second", NOW + 20_000)];
    assert!(store.enter_slot_epoch(None, "before", &until).await?);
    for (bucket, below) in [("interval", 3), ("second", 1)] {
        let mut slots = store.slots().await?;
        let slot = slots.take(bucket, 0..below, 0..0, NOW + 19_999, NOW + HOUR, "x");
        assert_eq!(slot.await?, None, "{bucket}");
    }
    Ok(())
}

pub(crate) async fn every_table_is_kept_or_left_out_on_purpose(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    let tables = if base.url.starts_with("sqlite:") {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    } else {
        "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'"
    };
    let mut tables = base.texts(tables).await?;
    tables.retain(|table| table != "goto_microapps_migrations");
    for table in &tables {
        assert!(
            KEPT.contains(&table.as_str()) != LEFT_OUT.contains(&table.as_str()),
            "{table}: does it belong into a backup?"
        );
    }
    assert_eq!(tables.len(), KEPT.len() + LEFT_OUT.len());
    Ok(())
}

pub(crate) async fn a_damaged_backup_is_refused_before_anything_is_written(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    let (folder, file) = place()?;
    store.backup(&file, NOW).await?;
    store.close().await;
    let whole = std::fs::read(&file)?;
    let text = String::from_utf8(whole.clone())?;
    let lines: Vec<&str> = text.lines().collect();
    let without = |number: usize| {
        let mut lines = lines.clone();
        lines.remove(number);
        lines.join("\n") + "\n"
    };
    let broken = folder.path().join("broken");
    let target = another(&base)?;
    for (text, why) in [
        (String::new(), "is not a backup"),
        (
            "-- PostgreSQL database dump\n".to_owned(),
            "is not a backup",
        ),
        (text[..text.len() / 2].to_owned(), "is cut off"),
        (without(lines.len() - 1), "is cut off"),
        (without(3), "checksum"),
        (text.replacen("corp.example", "evil.example", 1), "checksum"),
        (format!("{text}[1]\n"), "checksum"),
        (
            text.replacen("\"edition\":1", "\"edition\":9", 1),
            "newer version",
        ),
    ] {
        std::fs::write(&broken, text)?;
        let told = refused(&target, &broken).await?;
        assert!(told.contains(why), "{why} in {told}");
        assert!(told.contains("nothing was restored"), "{told}");
    }
    std::fs::write(&broken, [0xff, 0xfe, 0x00, b'\n'])?;
    assert!(refused(&target, &broken).await?.contains("is not a backup"));
    // The wrong keys are found out while nothing is kept yet.
    let other = Store::restore(&settings(&target.url, &["x"]), &file, NOW).await;
    let told = other.expect_err("another key").to_string();
    assert!(told.contains("the key `old` is missing"), "{told}");
    if target.url.starts_with("sqlite:") {
        assert!(!PathBuf::from(target.url.replace("sqlite://", "")).exists());
    }
    Store::restore(&ring(&target), &file, NOW).await?;
    Ok(())
}

pub(crate) async fn a_backup_is_not_restored_over_anything(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    let (_folder, file) = place()?;
    store.backup(&file, NOW).await?;
    let told = refused(&base, &file).await?;
    assert!(told.contains("is not empty"), "{told}");
    store.close().await;
    let told = refused(&base, &file).await?;
    assert!(told.contains("is not empty"), "{told}");
    let target = another(&base)?;
    let pool = target.raw().await?;
    sqlx::query("CREATE TABLE customer (id BIGINT)")
        .execute(&pool)
        .await?;
    pool.close().await;
    let told = refused(&target, &file).await?;
    assert!(told.contains("another program"), "{told}");
    Ok(())
}

pub(crate) async fn a_backup_of_an_older_release_is_migrated(base: Base) -> Test {
    let store = base.open().await?;
    store.put_grant(&employee("1"), &grant("1")).await?;
    let (folder, file) = place()?;
    store.backup(&file, NOW).await?;
    store.close().await;
    // As the first migration would have had it: without the column the second one fills.
    let text = std::fs::read_to_string(&file)?;
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let older = lines_of_first_migration(&lines)?;
    let old = folder.path().join("old");
    std::fs::write(&old, older)?;
    let target = another(&base)?;
    Store::restore(&ring(&target), &old, NOW).await?;
    let store = target.open().await?;
    let organizer = store.organizer_of(&by_address("1")).await?;
    assert_eq!(organizer.as_deref(), Some("1"));
    Ok(())
}

/// Head with the first migration, the consents without `email_folded`, and a foot that fits.
fn lines_of_first_migration(lines: &[String]) -> anyhow::Result<String> {
    use serde_json::Value;
    use std::fmt::Write;

    use sha2::{Digest, Sha256};
    let mut head: Value = serde_json::from_str(&lines[0])?;
    head["migration"] = 1.into();
    let table = lines
        .iter()
        .position(|line| line.contains("\"oauth_grant\""))
        .context("the consents")?;
    let mut columns: Value = serde_json::from_str(&lines[table])?;
    let mut row: Vec<Value> = serde_json::from_str(&lines[table + 1])?;
    let names = columns["columns"].as_array_mut().context("columns")?;
    let at = names.iter().position(|name| name == "email_folded");
    let at = at.context("the column")?;
    names.truncate(at);
    row.truncate(at);
    let body = format!("{head}\n{columns}\n{}\n", Value::from(row));
    let hash = Sha256::digest(body.as_bytes());
    let mut sha256 = String::new();
    for byte in hash {
        write!(sha256, "{byte:02x}")?;
    }
    let foot = serde_json::json!({ "rows": 1, "sha256": sha256 });
    Ok(format!("{body}{foot}\n"))
}

#[tokio::test]
async fn a_file_copied_without_its_journal_is_named() -> Test {
    let base = Base::sqlite()?;
    let store = base.open().await?;
    store.join(NOW).await?;
    fill(&store).await?;
    let file = PathBuf::from(base.url.replace("sqlite://", ""));
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("store.db");
    std::fs::copy(&file, &copy)?;
    let url = format!("sqlite://{}", copy.display());
    let text = crate::mistakes::refusal(&url).await;
    for part in ["without its journal", "-wal", "goto-microapps restore"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // Neither did the first attempt make it look whole.
    assert!(
        crate::mistakes::refusal(&url)
            .await
            .contains("without its journal")
    );
    // With the journal it is whole, ...
    let whole = folder.path().join("whole.db");
    std::fs::copy(&file, &whole)?;
    std::fs::copy(
        format!("{}-wal", file.display()),
        format!("{}-wal", whole.display()),
    )?;
    let url = format!("sqlite://{}", whole.display());
    let opened = Store::open(&settings(&url, &["old"]), &Clock::system()).await?;
    assert!(opened.intent("1", "key").await?.is_some());
    opened.close().await;
    // ... and so is one that was closed, renewed, used and closed again, and its copy.
    store.renew_journal().await?;
    store.set_setting("more", "x").await?;
    store.close().await;
    base.open().await?.close().await;
    let late = folder.path().join("late.db");
    std::fs::copy(&file, &late)?;
    let url = format!("sqlite://{}", late.display());
    let opened = Store::open(&settings(&url, &["old"]), &Clock::system()).await?;
    assert_eq!(opened.setting("more").await?.as_deref(), Some("x"));
    opened.close().await;
    Ok(())
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_renewal_is_no_lost_journal() -> Test {
    let base = Base::sqlite()?;
    let store = base.open().await?;
    store.join(NOW).await?;
    // What a renewal that was cut off leaves.
    store.set_setting("journal_promised", "another").await?;
    store.close().await;
    let again = base.open().await?;
    again.close().await;
    Ok(())
}

#[tokio::test]
async fn a_file_of_which_everything_was_in_the_journal_is_named() -> Test {
    // As the first release left it: not even the tables are in the main file.
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("store.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    sqlx::any::install_default_drivers();
    let pool = sqlx::any::AnyPoolOptions::new()
        .max_connections(1)
        .connect(&url)
        .await?;
    for statement in [
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE setting (name TEXT)",
    ] {
        sqlx::query(statement).execute(&pool).await?;
    }
    let copy = folder.path().join("copy.db");
    std::fs::copy(&file, &copy)?;
    pool.close().await;
    let text = crate::mistakes::refusal(&format!("sqlite://{}", copy.display())).await;
    assert!(text.contains("without its journal"), "{text}");
    Ok(())
}
