//! Migrations: from nothing, from the release before, by several at once, beside older and newer.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use goto_microapps::store::IntentState;
use goto_microapps::store::sealed::{Place, Sealer};
use secrecy::ExposeSecret;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::migrate::Migrator;

use crate::mistakes::refusal;
use crate::people::{by_address, employee, grant};
use crate::{Base, Test, settings};

/// The migrations and statements of the release before this one. Proxies of both run side by side
/// while a new release is rolled out; proxy/migrations/README.md says what follows.
const RELEASE_BEFORE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/store/release_before");

/// How many migrations there are.
pub(crate) fn migrations() -> anyhow::Result<i64> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let files = std::fs::read_dir(folder)?.flatten();
    let sql = files.filter(|file| file.path().extension().is_some_and(|end| end == "sql"));
    Ok(i64::try_from(sql.count())?)
}

pub(crate) async fn migrates_an_empty_database_once(base: Base) -> Test {
    let first = base.open().await?;
    first.set_setting("kept", "yes").await?;
    // A second proxy beside the first, and one after it.
    let second = base.open().await?;
    assert_eq!(second.setting("kept").await?.as_deref(), Some("yes"));
    first.close().await;
    second.close().await;
    let third = base.open().await?;
    assert_eq!(third.setting("kept").await?.as_deref(), Some("yes"));
    let done = base
        .number("SELECT COUNT(*) FROM goto_microapps_migrations WHERE success")
        .await?;
    assert_eq!(done, migrations()?);
    Ok(())
}

pub(crate) async fn replicas_that_start_together_migrate_once(base: Base) -> Test {
    let base = Arc::new(base);
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let base = base.clone();
            tokio::spawn(async move { base.open().await })
        })
        .collect();
    for started in starting {
        started.await??.setting("none").await?;
    }
    let done = base
        .number("SELECT COUNT(*) FROM goto_microapps_migrations")
        .await?;
    assert_eq!(done, migrations()?);
    Ok(())
}

/// A database as the release before made it, with its migrations up to one of them.
async fn made_before(base: &Base, up_to: i64) -> Test {
    let pool = base.raw().await?;
    let migrations = Migrator::new(Path::new(RELEASE_BEFORE)).await?;
    migrations.run_to(up_to, &pool).await?;
    pool.close().await;
    Ok(())
}

/// Runs every statement of the release before.
async fn run_statements(base: &Base) -> Test {
    let text = std::fs::read_to_string(format!("{RELEASE_BEFORE}/statements.txt"))?;
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert!(lines.len() > 140, "{}", lines.len());
    let pool = base.raw().await?;
    for pair in lines.chunks(2) {
        let [statement, values] = pair else {
            anyhow::bail!("a statement without values");
        };
        let mut query = sqlx::query(AssertSqlSafe((*statement).to_owned()));
        for value in serde_json::from_str::<Vec<Value>>(values.trim())? {
            query = match value {
                Value::Number(number) => query.bind(number.as_i64()),
                Value::String(text) => query.bind(text),
                other => anyhow::bail!("{other}"),
            };
        }
        let done = query.fetch_all(&pool).await;
        done.with_context(|| format!("a proxy of the release before could not run: {statement}"))?;
    }
    pool.close().await;
    Ok(())
}

pub(crate) async fn the_release_before_goes_on_beside_this_one(base: Base) -> Test {
    made_before(&base, 2).await?;
    run_statements(&base).await?;
    let store = base.open().await?;
    run_statements(&base).await?;
    store.close().await;
    // And may be started again: its own list of migrations is as it left it.
    let versions = "SELECT MAX(version) FROM _sqlx_migrations";
    assert_eq!(base.number(versions).await?, 2);
    made_before(&base, 2).await?;
    base.open().await?.close().await;
    Ok(())
}

#[test]
fn migrations_that_were_released_are_never_changed() -> Test {
    for file in std::fs::read_dir(RELEASE_BEFORE)?.flatten() {
        let name = file.file_name();
        if Path::new(&name).extension().is_some_and(|end| end == "sql") {
            let ours = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("migrations")
                .join(&name);
            assert!(
                std::fs::read(ours)? == std::fs::read(file.path())?,
                "{name:?}"
            );
        }
    }
    Ok(())
}

/// What the release before stored for one employee, as its first migration knew it.
async fn fill_as_before(base: &Base) -> Test {
    let sealer = Sealer::new(&settings(&base.url, &["old"]).keys);
    let seal = |table, column, row, plain: &str| {
        let place = Place { table, column, row };
        sealer.seal(place, &plain.to_owned().into())
    };
    let given = grant("1");
    let row = employee("1").to_string();
    let pool = base.raw().await?;
    // GoTo writes addresses as people do.
    sqlx::query(
        "INSERT INTO oauth_grant (owner, organizer_key, account_key, email, name, access_token, \
         refresh_token, access_expires_at, refreshed_at, lost, version) \
         VALUES ($1, '1', NULL, $2, 'Name', $3, $4, 5, 6, 0, 1)",
    )
    .bind(&row)
    .bind(given.email.to_uppercase())
    .bind(seal("oauth_grant", "access_token", &row, "canary-access")?)
    .bind(seal(
        "oauth_grant",
        "refresh_token",
        &row,
        "canary-refresh",
    )?)
    .execute(&pool)
    .await?;
    sqlx::query(
        "INSERT INTO sign_in_transaction (state_hash, client, issuer, browser_hash, verifier, \
         language, created_at, expires_at) VALUES ('state', 'employee', 'i', 'b', $1, 'en', 1, 2)",
    )
    .bind(seal("sign_in_transaction", "verifier", "state", "canary")?)
    .execute(&pool)
    .await?;
    sqlx::query(
        "INSERT INTO create_intent (id, organizer_key, idem_key, fingerprint, subject, start_at, \
         end_at, password, co_organizers, state, meeting_id, checks, created_at) \
         VALUES ('id', '1', 'key', 'f', 'S', 1, 2, 0, '', 'done', '123', 0, 1)",
    )
    .execute(&pool)
    .await?;
    sqlx::query(
        "INSERT INTO meeting (id, intent_id, organizer_key, subject, start_at, end_at, password, \
         co_organizers, join_url, phone, created_at) \
         VALUES ('123', 'id', '1', 'S', 1, 2, 0, '', $1, $2, 1)",
    )
    .bind(seal("meeting", "join_url", "123", "canary")?)
    .bind(seal("meeting", "phone", "123", "canary")?)
    .execute(&pool)
    .await?;
    pool.close().await;
    Ok(())
}

pub(crate) async fn a_database_of_the_first_version_keeps_what_it_holds(base: Base) -> Test {
    made_before(&base, 1).await?;
    fill_as_before(&base).await?;
    let store = base.open().await?;
    let applied = "SELECT COUNT(*) FROM goto_microapps_migrations";
    assert_eq!(base.number(applied).await?, migrations()?);
    let kept = store.grant(&employee("1")).await?.context("the consent")?;
    assert_eq!(kept.grant.refresh_token.expose_secret(), "canary-refresh");
    // What the second version looks people up by is made of what was there.
    let organizer = store.organizer_of(&by_address("1")).await?;
    assert_eq!(organizer.as_deref(), Some("1"));
    let meeting = store.meeting("1", "123").await?.context("the meeting")?;
    assert!(meeting.join_url.is_some() && meeting.phone.is_some());
    let intent = store.intent("1", "key").await?.context("the intent")?;
    assert_eq!(intent.state, IntentState::Done);
    let sign_in = store.take_pending_sign_in("state").await?;
    assert_eq!(sign_in.context("the sign-in")?.return_to, None);
    store.close().await;
    // The next start finds it all done.
    base.open().await?.close().await;
    assert_eq!(base.number(applied).await?, migrations()?);
    Ok(())
}

pub(crate) async fn a_newer_schema_is_refused_unless_it_lets_this_one_live(base: Base) -> Test {
    base.open().await?.close().await;
    base.change(
        "INSERT INTO goto_microapps_migrations \
         (version, description, success, checksum, execution_time) \
         SELECT 9999, description, success, checksum, execution_time \
         FROM goto_microapps_migrations WHERE version = 1",
    )
    .await?;
    // The next release, rolled out beside this one.
    base.open().await?.close().await;
    // The one after it.
    base.change("UPDATE setting SET value = '9998' WHERE name = 'schema_oldest'")
        .await?;
    let text = refusal(&base.url).await;
    for part in ["9999", "run that version", "nothing was written"] {
        assert!(text.contains(part), "{text}");
    }
    base.change("DELETE FROM setting WHERE name = 'schema_oldest'")
        .await?;
    assert!(refusal(&base.url).await.contains("9999"));
    Ok(())
}
