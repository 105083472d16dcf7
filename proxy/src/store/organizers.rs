//! The organizer directory in generations, and the runs that fill them.

use futures::TryStreamExt;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Result, Store, changed};
use crate::clock::Millis;

/// One person as GoTo lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizerRow {
    /// Organizer key.
    pub key: String,
    /// Name to show.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Group of the account; empty where GoTo names none.
    pub group: String,
    /// Whether GoTo lists them as active and with a licence for meetings, or does not say.
    pub can_host: bool,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Pages are being read.
    Running,
    /// The directory was replaced.
    Done,
    /// It ended without replacing the directory.
    Failed,
}

impl RunState {
    /// As stored and shown.
    pub fn text(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// One run of the sync.
#[derive(Clone, Debug)]
pub struct SyncRun {
    /// Number of the generation it writes.
    pub generation: i64,
    /// `schedule`, `consent` or `admin`.
    pub trigger: String,
    /// How it stands.
    pub state: RunState,
    /// Rows read so far; at the end, people.
    pub fetched: i64,
    /// Rows GoTo says there are.
    pub total: Option<i64>,
    /// Rows that could not be read.
    pub unreadable: i64,
    /// By how many `total` grew since the first page.
    pub added: i64,
    /// How often it began again, because the list changed while it was read.
    pub restarts: i64,
    /// Why it failed, in the administrator's words.
    pub problem: Option<String>,
    /// When it began.
    pub started_at: Millis,
    /// When it ended.
    pub finished_at: Option<Millis>,
}

fn run(row: &AnyRow) -> Result<SyncRun> {
    let state = match row.try_get::<String, _>("state")?.as_str() {
        "running" => RunState::Running,
        "done" => RunState::Done,
        "failed" => RunState::Failed,
        other => return Err(Error::Row(format!("sync state {other}"))),
    };
    Ok(SyncRun {
        generation: row.try_get("generation")?,
        trigger: row.try_get("trigger_by")?,
        state,
        fetched: row.try_get("fetched")?,
        total: row.try_get("total")?,
        unreadable: row.try_get("unreadable")?,
        added: row.try_get("added")?,
        restarts: row.try_get("restarts")?,
        problem: row.try_get("problem")?,
        started_at: row.try_get("started_at")?,
        finished_at: row.try_get("finished_at")?,
    })
}

impl Store {
    /// Starts a run with the next generation number.
    pub async fn start_run(&self, trigger: &str, now: Millis) -> Result<SyncRun> {
        let generations: Vec<i64> = sqlx::query_scalar(
            "INSERT INTO sync_run (generation, trigger_by, state, fetched, started_at) \
             SELECT COALESCE(MAX(generation), 0) + 1, $1, 'running', 0, $2 FROM sync_run \
             RETURNING generation",
        )
        .bind(trigger)
        .bind(now)
        .fetch_all(&self.pool)
        .await?;
        let generation = changed(generations).ok_or(sqlx::Error::RowNotFound)?;
        Ok(SyncRun {
            generation,
            trigger: trigger.to_owned(),
            state: RunState::Running,
            fetched: 0,
            total: None,
            unreadable: 0,
            added: 0,
            restarts: 0,
            problem: None,
            started_at: now,
            finished_at: None,
        })
    }

    /// The newest runs, newest first.
    pub async fn recent_runs(&self, count: i64) -> Result<Vec<SyncRun>> {
        let rows = sqlx::query(
            "SELECT generation, trigger_by, state, fetched, total, unreadable, added, restarts, \
             problem, started_at, finished_at FROM sync_run ORDER BY generation DESC LIMIT $1",
        )
        .bind(count)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(run).collect()
    }

    /// Stores people of `run` and how far it is, in one transaction.
    pub async fn store_page(&self, run: &SyncRun, people: &[OrganizerRow]) -> Result<()> {
        let mut tx = self.hasty.begin().await?;
        for person in people {
            sqlx::query(
                "INSERT INTO organizer (generation, key, name, email, can_host, group_name) \
                 VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (generation, key) DO UPDATE SET name = excluded.name, \
                 email = excluded.email, can_host = excluded.can_host, \
                 group_name = excluded.group_name",
            )
            .bind(run.generation)
            .bind(&person.key)
            .bind(&person.name)
            .bind(&person.email)
            .bind(i64::from(person.can_host))
            .bind(&person.group)
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query(
            "UPDATE sync_run SET fetched = $2, total = $3, unreadable = $4, added = $5 \
             WHERE generation = $1",
        )
        .bind(run.generation)
        .bind(run.fetched)
        .bind(run.total)
        .bind(run.unreadable)
        .bind(run.added)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets what `run` has read, and that it has: it begins again.
    pub async fn restart_run(&self, run: &mut SyncRun) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("DELETE FROM organizer WHERE generation = $1")
            .bind(run.generation)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "UPDATE sync_run SET fetched = 0, total = NULL, unreadable = 0, added = 0, \
             restarts = restarts + 1 WHERE generation = $1",
        )
        .bind(run.generation)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        (run.fetched, run.total) = (0, None);
        (run.unreadable, run.added) = (0, 0);
        run.restarts += 1;
        Ok(())
    }

    /// Ends a run that does not replace the directory.
    pub async fn fail_run(&self, generation: i64, problem: &str, now: Millis) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        sqlx::query(
            "UPDATE sync_run SET state = 'failed', problem = $2, finished_at = $3 \
             WHERE generation = $1",
        )
        .bind(generation)
        .bind(problem)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM organizer WHERE generation = $1")
            .bind(generation)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes a complete generation the directory and drops all older ones. Who was in the one before
    /// and is not in this one has left, if both were read with the same filter: their sessions and
    /// consents end. Returns how many people that were.
    pub async fn finish_run(
        &self,
        generation: i64,
        filter: Option<&str>,
        now: Millis,
    ) -> Result<u64> {
        let mut tx = self.pool.begin().await?;
        let filter = filter.unwrap_or_default();
        sqlx::query("UPDATE sync_run SET filter = $2 WHERE generation = $1")
            .bind(generation)
            .bind(filter)
            .execute(&mut *tx)
            .await?;
        let mut left = 0;
        for of_who_left in [
            "DELETE FROM session WHERE organizer_key IN ( \
               SELECT key FROM organizer WHERE generation = ( \
                 SELECT MAX(generation) FROM sync_run \
                 WHERE state = 'done' AND filter = $2 AND generation < $1)) \
             AND organizer_key NOT IN (SELECT key FROM organizer WHERE generation = $1)",
            "DELETE FROM oauth_grant WHERE owner <> 'service_account' AND organizer_key IN ( \
               SELECT key FROM organizer WHERE generation = ( \
                 SELECT MAX(generation) FROM sync_run \
                 WHERE state = 'done' AND filter = $2 AND generation < $1)) \
             AND organizer_key NOT IN (SELECT key FROM organizer WHERE generation = $1)",
        ] {
            let ended = sqlx::query(of_who_left)
                .bind(generation)
                .bind(filter)
                .execute(&mut *tx)
                .await?;
            left = ended.rows_affected();
        }
        sqlx::query(
            "UPDATE sync_run SET state = 'done', finished_at = $2, \
             fetched = (SELECT COUNT(*) FROM organizer WHERE generation = $1) \
             WHERE generation = $1",
        )
        .bind(generation)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM organizer WHERE generation < $1")
            .bind(generation)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM sync_run WHERE generation < $1 - 50")
            .bind(generation)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(left)
    }

    /// Whether the directory has somebody with this key.
    pub async fn is_organizer(&self, key: &str) -> Result<bool> {
        match self.current_generation().await? {
            Some(generation) => self.has_organizer(generation, key).await,
            None => Ok(false),
        }
    }

    /// Number of the generation in use, if any run was ever completed.
    pub async fn current_generation(&self) -> Result<Option<i64>> {
        Ok(
            sqlx::query_scalar("SELECT MAX(generation) FROM sync_run WHERE state = 'done'")
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// How many people a generation has.
    pub async fn count_organizers(&self, generation: i64) -> Result<i64> {
        Ok(
            sqlx::query_scalar("SELECT COUNT(*) FROM organizer WHERE generation = $1")
                .bind(generation)
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// Whether somebody is in a generation.
    pub async fn has_organizer(&self, generation: i64, key: &str) -> Result<bool> {
        let count: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM organizer WHERE generation = $1 AND key = $2")
                .bind(generation)
                .bind(key)
                .fetch_one(&self.pool)
                .await?;
        Ok(count > 0)
    }

    /// Gives everybody of a generation to `each`, row by row: all rows at once would take several
    /// times the memory of the directory that is made of them.
    pub async fn each_organizer(
        &self,
        generation: i64,
        mut each: impl FnMut(&OrganizerRow),
    ) -> Result<()> {
        let mut rows = sqlx::query(
            "SELECT key, name, email, can_host, group_name FROM organizer WHERE generation = $1",
        )
        .bind(generation)
        .fetch(&self.pool);
        while let Some(row) = rows.try_next().await? {
            each(&OrganizerRow {
                key: row.try_get("key")?,
                name: row.try_get("name")?,
                email: row.try_get("email")?,
                group: row.try_get("group_name")?,
                can_host: row.try_get::<i64, _>("can_host")? != 0,
            });
        }
        Ok(())
    }
}
