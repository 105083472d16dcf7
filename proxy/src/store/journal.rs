//! What only SQLite needs: who has the file, and whether its journal came along.
//!
//! Between two checkpoints, what was written is in the journal (`-wal`) alone. A copy of the main
//! file without it looks whole and is old, down to nothing. So the main file is made to say that
//! there is more: a promise is brought into it by a checkpoint, and kept in the journal after it.

use std::fs::{File, OpenOptions};
use std::path::Path;

use sqlx::{AnyConnection, AssertSqlSafe};

use super::files::{beside, private};
use super::{Error, Result, Store};

/// Settings that hold the two halves of the mark.
const PROMISED: &str = "journal_promised";
const KEPT: &str = "journal_kept";

/// What lay there before anything was opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct FilesFound {
    /// There was a file with something in it.
    file: bool,
    /// And a journal with something in it.
    journal: bool,
}

impl FilesFound {
    pub(super) fn at(file: Option<&Path>) -> Self {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
        Self {
            file: file.is_some_and(|file| size(file) > 0),
            journal: file.is_some_and(|file| size(&beside(file, "-wal")) > 0),
        }
    }
}

/// Refuses a file whose journal did not come along. `empty` says that it holds no table.
pub(super) async fn check(
    connection: &mut AnyConnection,
    found: FilesFound,
    empty: bool,
) -> Result<()> {
    if !found.file || found.journal {
        return Ok(());
    }
    let lost = if empty {
        // Ours get their tables before they get a journal.
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(connection)
            .await?;
        mode == "wal"
    } else {
        let kept = "SELECT COUNT(*) FROM setting AS promised WHERE promised.name = $1 \
                    AND NOT EXISTS (SELECT 1 FROM setting AS kept WHERE kept.name = $2 \
                    AND kept.value = promised.value)";
        let broken: i64 = sqlx::query_scalar(kept)
            .bind(PROMISED)
            .bind(KEPT)
            .fetch_one(connection)
            .await?;
        broken > 0
    };
    if lost {
        return Err(Error::JournalMissing);
    }
    Ok(())
}

/// Whether another process has the file.
pub(super) fn is_taken(file: &Path) -> bool {
    File::open(beside(file, "-lock")).is_ok_and(|lock| lock.try_lock_shared().is_err())
}

impl Store {
    /// Renews the mark; nothing on PostgreSQL. What a copy without the journal would lack since the
    /// last checkpoint SQLite made by itself, it says so from here on.
    pub async fn renew_journal(&self) -> Result<()> {
        if !self.is_sqlite() {
            return Ok(());
        }
        let mark = crate::random::name();
        let mut connection = self.hasty.acquire().await?;
        let set = |name| {
            format!(
                "INSERT INTO setting (name, value) VALUES ('{name}', '{mark}') \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value;"
            )
        };
        // In one go, so that nobody ends the process's turn between checkpoint and second half.
        let text = format!(
            "{} PRAGMA wal_checkpoint(PASSIVE); {}",
            set(PROMISED),
            set(KEPT)
        );
        sqlx::raw_sql(AssertSqlSafe(text))
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    /// Makes both halves of the mark agree before the journal is folded into the file: a renewal that
    /// was cut off between them must not look like a journal that got lost.
    pub(super) async fn settle_journal(&self) {
        if !self.is_sqlite() {
            return;
        }
        let settled = sqlx::query(
            "UPDATE setting SET value = (SELECT value FROM setting WHERE name = $1) \
             WHERE name = $2 AND EXISTS (SELECT 1 FROM setting WHERE name = $1)",
        )
        .bind(PROMISED)
        .bind(KEPT)
        .execute(&self.hasty)
        .await;
        if let Err(error) = settled {
            tracing::warn!(%error, "the database's mark could not be brought up to date");
        }
    }

    /// Takes the file for this proxy, for as long as any clone of the store lives. False while
    /// another process has it.
    pub(super) fn take_file(&self) -> bool {
        let Some(file) = &self.file else { return true };
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let opened = private(&mut options).open(beside(file, "-lock"));
        let lock: File = match opened {
            Ok(lock) => lock,
            Err(error) => {
                tracing::warn!(%error, "it cannot be told whether another process uses the database");
                return true;
            }
        };
        let taken = lock.try_lock().is_ok();
        if taken {
            // Given back when it is closed, however the process ends.
            let _ = self.lock.set(lock);
        }
        taken
    }
}
