//! Whose database it is, and bringing ours up to date.
//!
//! Nothing is written before it is known that the database is ours or nobody's. What was applied is
//! kept in a table with our name; the first release used the one that every program with sqlx uses.
//! That one stays as it was, so that a proxy of the first release can still be started beside ours.

use sqlx::migrate::{Migrate, Migrator};
use sqlx::{AnyConnection, Connection, Row};

use super::{Error, Result};

/// Where it is written down what was applied.
const APPLIED: &str = "goto_microapps_migrations";
/// Where the first release wrote it down.
const APPLIED_BEFORE: &str = "_sqlx_migrations";
/// Setting with the migration that a program must know at least to work with the schema.
const OLDEST: &str = "schema_oldest";
/// The newest migration of the release before this one. Its proxies run beside ours while a new
/// release is rolled out; see proxy/migrations/README.md.
const RELEASE_BEFORE: i64 = 2;

/// Whose tables these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DatabaseOwner {
    Nobody,
    Ours,
    /// Ours, as the first release left it.
    OursByFirstRelease,
    /// Another program's; some of their names.
    AnotherProgram(String),
}

fn migrations() -> Migrator {
    let mut migrations = sqlx::migrate!("./migrations");
    migrations.dangerous_set_table_name(APPLIED);
    // Ours is a lock that ends with the transaction.
    migrations.set_locking(false);
    // Looked at before, with more to go by.
    migrations.set_ignore_missing(true);
    migrations
}

/// Finds out without writing.
pub(super) async fn whose(connection: &mut AnyConnection, sqlite: bool) -> Result<DatabaseOwner> {
    let tables: Vec<String> = sqlx::query_scalar(if sqlite {
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') \
         AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
    } else {
        "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
         AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') \
         ORDER BY 1"
    })
    .fetch_all(&mut *connection)
    .await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if tables.is_empty() {
        return Ok(DatabaseOwner::Nobody);
    }
    if has(APPLIED) {
        return Ok(DatabaseOwner::Ours);
    }
    if has(APPLIED_BEFORE) {
        match first_applied(connection).await {
            // The first release began and got no further.
            Ok(None) if tables.len() == 1 => return Ok(DatabaseOwner::Nobody),
            Ok(Some((version, checksum))) => {
                let ours = migrations();
                let ours = ours.iter().find(|ours| ours.version == version);
                if ours.is_some_and(|ours| *ours.checksum == *checksum) {
                    return Ok(DatabaseOwner::OursByFirstRelease);
                }
            }
            // Or its columns are not even of that kind.
            Ok(None) | Err(_) => {}
        }
    }
    let some: Vec<&str> = tables.iter().take(3).map(String::as_str).collect();
    Ok(DatabaseOwner::AnotherProgram(some.join("`, `")))
}

async fn first_applied(connection: &mut AnyConnection) -> Result<Option<(i64, Vec<u8>)>> {
    let query = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version LIMIT 1";
    let row = sqlx::query(query).fetch_optional(connection).await?;
    let row = row.map(|row| Ok::<_, Error>((row.try_get(0)?, row.try_get(1)?)));
    row.transpose()
}

/// Brings the schema up to date in one transaction, one process at a time; returns what was applied.
/// With `target`, no further than that.
pub(super) async fn migrate(
    connection: &mut AnyConnection,
    sqlite: bool,
    whose: &DatabaseOwner,
    target: Option<i64>,
) -> Result<Vec<i64>> {
    if !sqlite {
        // Of this transaction: a pooler could give a session's lock to nobody. Whoever comes second
        // waits and then finds the work done.
        sqlx::query("SELECT pg_advisory_xact_lock(4710389452)")
            .execute(&mut *connection)
            .await?;
    }
    let migrations = migrations();
    connection.ensure_migrations_table(APPLIED).await?;
    if *whose == DatabaseOwner::OursByFirstRelease {
        sqlx::query(
            "INSERT INTO goto_microapps_migrations \
             (version, description, installed_on, success, checksum, execution_time) \
             SELECT version, description, installed_on, success, checksum, execution_time \
             FROM _sqlx_migrations WHERE 1 = 1 ON CONFLICT (version) DO NOTHING",
        )
        .execute(&mut *connection)
        .await?;
    }
    let before = applied(connection).await?;
    let newest = newest();
    if let Some(unknown) = before
        .iter()
        .find(|version| !migrations.version_exists(**version))
    {
        let oldest: Option<String> =
            sqlx::query_scalar("SELECT value FROM setting WHERE name = $1")
                .bind(OLDEST)
                .fetch_optional(&mut *connection)
                .await?;
        let oldest = oldest.and_then(|version| version.parse::<i64>().ok());
        if oldest.is_none_or(|oldest| newest < oldest) {
            return Err(Error::Newer(*unknown));
        }
        tracing::warn!(
            migration = unknown,
            "a newer version made this database, and lets this one run beside it"
        );
    }
    migrations
        .run_direct(target, &mut *connection, false)
        .await?;
    let mut new = applied(connection).await?;
    new.retain(|version| !before.contains(version));
    if !new.is_empty() {
        sqlx::query(
            "INSERT INTO setting (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(OLDEST)
        .bind(RELEASE_BEFORE.to_string())
        .execute(&mut *connection)
        .await?;
    }
    Ok(new)
}

/// Versions that were applied.
async fn applied(connection: &mut AnyConnection) -> Result<Vec<i64>> {
    Ok(
        sqlx::query_scalar("SELECT version FROM goto_microapps_migrations ORDER BY version")
            .fetch_all(connection)
            .await?,
    )
}

/// The newest migration this version knows.
pub(super) fn newest() -> i64 {
    migrations()
        .iter()
        .map(|ours| ours.version)
        .max()
        .unwrap_or(0)
}

/// The newest migration that was applied.
pub(super) async fn version(connection: &mut AnyConnection) -> Result<i64> {
    Ok(applied(connection).await?.last().copied().unwrap_or(0))
}

/// Begins the transaction that [`migrate`] runs in.
pub(super) async fn begin(
    connection: &mut AnyConnection,
    sqlite: bool,
) -> Result<sqlx::Transaction<'_, sqlx::Any>> {
    // Two processes that start together on a SQLite file would both find it empty.
    let begin = if sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
    Ok(connection.begin_with(begin).await?)
}
