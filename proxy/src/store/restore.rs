//! Restoring a backup into an empty database.
//!
//! The past comes back, and GoTo's does not: since the backup was taken, requests were sent and
//! meetings made that it does not know. So nothing of it may send by itself. No request leaves for
//! one window, open creates become a question to their person, and for as long as forms repeat their
//! keys a create is looked for at GoTo before it is sent.

use std::path::Path;

use serde_json::Value;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::backup::{self, BackupError, Contents, KEPT, Line};
use super::open::Place;
use super::sealed::Sealer;
use super::{Result, Store, rekey, schema};
use crate::clock::Millis;
use crate::config;

/// Setting with the time of the last restore, milliseconds since the epoch.
const RESTORED_AT: &str = "restored_at";

impl Store {
    /// Restores a backup into an empty database; all of it or nothing.
    ///
    /// # Errors
    /// [`BackupError`]; then nothing was changed.
    pub async fn restore(
        settings: &config::Store,
        file: &Path,
        now: Millis,
    ) -> std::result::Result<Contents, BackupError> {
        // To its end, before anything is touched.
        let (head, contents) = backup::verify(file)?;
        let place = Place::of(settings)?;
        let existed = place.file.as_ref().is_some_and(|file| file.exists());
        let restored = restore_into(&place, settings, file, head.migration, now).await;
        if restored.is_err()
            && let Some(file) = place.file.as_ref().filter(|_| !existed)
        {
            // As it was: not there.
            let _ = std::fs::remove_file(file);
        }
        restored.map(|()| contents)
    }

    /// When a backup was restored into this database, if ever.
    pub async fn restored_at(&self) -> Result<Option<Millis>> {
        let text = self.setting(RESTORED_AT).await?;
        Ok(text.and_then(|text| text.parse().ok()))
    }
}

async fn restore_into(
    place: &Place,
    settings: &config::Store,
    file: &Path,
    migration: i64,
    now: Millis,
) -> std::result::Result<(), BackupError> {
    let found = super::journal::FilesFound::at(place.file.as_deref());
    place.make_file();
    let (mut connection, whose) = place.look(found).await?;
    if let Some(file) = &place.file {
        super::files::keep_to_owner(file);
    }
    let done = async {
        if whose != schema::DatabaseOwner::Nobody {
            return Err(BackupError::NotEmpty);
        }
        let mut tx = schema::begin(&mut connection, place.sqlite).await?;
        // The schema the backup was taken of, then its rows, then what came later: migrations may
        // make new columns of old ones.
        let newest = schema::newest();
        if migration > newest {
            return Err(BackupError::Unreadable {
                file: file.to_owned(),
                why: "was made by a newer version: restore it with that one".to_owned(),
            });
        }
        schema::migrate(&mut tx, place.sqlite, &whose, Some(migration)).await?;
        insert(&mut tx, file).await?;
        schema::migrate(&mut tx, place.sqlite, &whose, None).await?;
        make_safe(&mut tx, now).await?;
        rekey::check_ring(&mut tx, &Sealer::new(&settings.keys)).await?;
        tx.commit().await.map_err(super::Error::from)?;
        Ok(())
    }
    .await;
    let _ = sqlx::Connection::close(connection).await;
    done
}

/// Puts every row of a file into its table.
async fn insert(
    connection: &mut AnyConnection,
    file: &Path,
) -> std::result::Result<(), BackupError> {
    let unreadable = |why: &str| BackupError::Unreadable {
        file: file.to_owned(),
        why: why.to_owned(),
    };
    // Rows go through a short queue: the file is read in lines, the database answers in turns.
    let (sender, mut lines) = tokio::sync::mpsc::channel(256);
    let path = file.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        backup::read(&path, |line| {
            // Whoever inserts has failed and says why.
            let _ = sender.blocking_send(line);
            Ok(())
        })
    });
    let mut into = None;
    while let Some(line) = lines.recv().await {
        match line {
            Line::Table(table) => {
                let plain = |name: &String| {
                    name.bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
                };
                let known = KEPT.contains(&table.table.as_str()) && table.columns.iter().all(plain);
                if !known {
                    return Err(unreadable("holds a table that this version does not know"));
                }
                into = Some(table);
            }
            Line::Row(values) => {
                let Some(table) = into
                    .as_ref()
                    .filter(|table| table.columns.len() == values.len())
                else {
                    return Err(unreadable("was changed or damaged: a row is of no table"));
                };
                // Nothing is bound where nothing is: it would have to be nothing of a kind.
                let (columns, values): (Vec<&str>, Vec<Value>) = table
                    .columns
                    .iter()
                    .map(String::as_str)
                    .zip(values)
                    .filter(|(_, value)| !value.is_null())
                    .unzip();
                let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
                let statement = format!(
                    "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING",
                    table.table,
                    columns.join(", "),
                    places.join(", ")
                );
                let mut query = sqlx::query(AssertSqlSafe(statement));
                for value in values {
                    query = match value {
                        Value::Number(number) => query.bind(number.as_i64()),
                        Value::String(text) => query.bind(text),
                        _ => {
                            return Err(unreadable(
                                "was changed or damaged: a value is of no kind",
                            ));
                        }
                    };
                }
                query
                    .execute(&mut *connection)
                    .await
                    .map_err(super::Error::from)?;
            }
        }
    }
    match reading.await {
        Ok(read) => read.map(drop),
        Err(_) => Err(unreadable("cannot be read")),
    }
}

/// What must not go on as if no time had passed.
async fn make_safe(connection: &mut AnyConnection, now: Millis) -> Result<()> {
    for statement in [
        // A person decides: whether they were sent since is not known here.
        "UPDATE create_intent SET state = 'needs_user', cause = 'restarted', check_at = NULL \
         WHERE state IN ('new', 'sent', 'unknown')",
        // The same of changes: a meeting may have been changed since, by them or by others.
        "UPDATE change_intent SET state = 'needs_user', check_at = NULL \
         WHERE state IN ('ordered', 'sent', 'unknown')",
        "UPDATE edit_intent SET state = 'needs_user', check_at = NULL \
         WHERE state IN ('ordered', 'sent', 'unknown')",
        // A read of the organizers that was under way has no reader any more.
        "UPDATE sync_run SET state = 'failed', problem = 'a backup was restored', \
         finished_at = started_at WHERE state = 'running'",
        // The slots of another epoch are busy for one window, whoever starts first.
        "DELETE FROM setting WHERE name IN ('slot_epoch', 'journal_promised', 'journal_kept')",
        "INSERT INTO setting (name, value) VALUES ('slot_epoch', 'restored')",
        "UPDATE upstream_slot SET lease = NULL",
        // A bucket without slots would get free ones.
        "INSERT INTO upstream_slot (bucket, slot, free_at) VALUES ('interval', 0, 0), \
         ('second', 0, 0) ON CONFLICT (bucket, slot) DO NOTHING",
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    sqlx::query(
        "INSERT INTO setting (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(RESTORED_AT)
    .bind(now.to_string())
    .execute(connection)
    .await?;
    Ok(())
}
