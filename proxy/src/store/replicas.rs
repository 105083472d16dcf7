//! The proxies that run on this database: which keys each knows, and whether it can write.

use std::sync::atomic::Ordering;

use sqlx::Row;

use super::{Error, Result, SET_BACK, Store, changed};
use crate::clock::Millis;

/// One running proxy, as it told of itself.
pub(super) struct Running {
    ring: Vec<String>,
    /// Name of the key it seals with.
    pub(super) seals_with: String,
}

impl Running {
    pub(super) fn knows(&self, name: &str) -> bool {
        self.ring.iter().any(|known| known == name)
    }
}

/// Writes and says which start of the server wrote. SQLite has no server.
const HEARTBEAT: [&str; 2] = [
    "INSERT INTO replica (id, ring, seals_with, seen_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (id) DO UPDATE SET ring = excluded.ring, seals_with = excluded.seals_with, \
     seen_at = excluded.seen_at RETURNING CAST(0 AS BIGINT) AS started",
    "INSERT INTO replica (id, ring, seals_with, seen_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (id) DO UPDATE SET ring = excluded.ring, seals_with = excluded.seals_with, \
     seen_at = excluded.seen_at \
     RETURNING CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) * 1000 AS BIGINT) AS started",
];

/// Reads what was written, and says which start of the server read.
const LISTEN: [&str; 2] = [
    "SELECT seen_at, CAST(0 AS BIGINT) AS started FROM replica WHERE id = $1",
    "SELECT seen_at, \
     CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) * 1000 AS BIGINT) AS started \
     FROM replica WHERE id = $1",
];

impl Store {
    /// Tells of this proxy, reads that back, and looks whom else there is. What readiness means:
    /// the database can be written, and what was written can be read.
    ///
    /// # Errors
    /// [`Error::Split`] when reads come from another server than writes.
    pub async fn heartbeat(&self, now: Millis) -> Result<()> {
        let server = usize::from(!self.is_sqlite());
        let ring: Vec<&str> = self.sealer.names().collect();
        let written = sqlx::query(HEARTBEAT[server])
            .bind(&*self.id)
            .bind(ring.join(" "))
            .bind(self.sealer.seals_with())
            .bind(now)
            .fetch_all(&self.hasty)
            .await?;
        let written = changed(written).ok_or(sqlx::Error::RowNotFound)?;
        self.present.store(true, Ordering::Relaxed);
        let read = sqlx::query(LISTEN[server])
            .bind(&*self.id)
            .fetch_optional(&self.pool)
            .await?;
        let Some(read) = read else {
            return Err(Error::Split);
        };
        let (wrote, started): (i64, i64) = (written.try_get("started")?, read.try_get("started")?);
        // Another request of this proxy may have told of it meanwhile.
        if wrote != started || read.try_get::<i64, _>("seen_at")? < now {
            return Err(Error::Split);
        }
        self.choose_key(now).await
    }

    /// Forgets proxies that were not heard of for a day.
    pub async fn purge_replicas(&self, now: Millis) -> Result<()> {
        sqlx::query("DELETE FROM replica WHERE seen_at <= $1")
            .bind(now - 24 * 3600 * 1000)
            .execute(&self.hasty)
            .await?;
        Ok(())
    }

    /// Says that nobody else runs: whoever is still listed died without a word.
    pub(super) async fn forget_others(&self) -> Result<()> {
        sqlx::query("DELETE FROM replica WHERE id <> $1")
            .bind(&*self.id)
            .execute(&self.hasty)
            .await?;
        Ok(())
    }

    /// Takes this proxy off the list.
    pub(super) async fn leave(&self) {
        if !self.present.swap(false, Ordering::Relaxed) {
            return;
        }
        let left = sqlx::query("DELETE FROM replica WHERE id = $1")
            .bind(&*self.id)
            .execute(&self.hasty)
            .await;
        if let Err(error) = left {
            tracing::debug!(%error, "this proxy stays on the list for a while");
        }
    }

    /// The other proxies that run, as far as can be known: one that died is counted for as long as
    /// clocks of hosts may differ.
    pub(super) async fn running(&self, now: Millis) -> Result<Vec<Running>> {
        let rows = sqlx::query(
            "SELECT ring, seals_with FROM replica WHERE id <> $1 AND seen_at > $2 AND seen_at <= $3",
        )
        .bind(&*self.id)
        .bind(now - SET_BACK)
        .bind(now + SET_BACK)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let ring: String = row.try_get("ring")?;
                Ok(Running {
                    ring: ring.split(' ').map(str::to_owned).collect(),
                    seals_with: row.try_get("seals_with")?,
                })
            })
            .collect()
    }

    /// How many other proxies run.
    pub async fn others(&self, now: Millis) -> Result<usize> {
        Ok(self.running(now).await?.len())
    }

    /// Seals with the first key that every running proxy knows: one that was not restarted since a
    /// key was added could not open what is sealed with it.
    pub(super) async fn choose_key(&self, now: Millis) -> Result<()> {
        let running = self.running(now).await?;
        self.sealer
            .seal_with_first(|name| running.iter().all(|other| other.knows(name)));
        Ok(())
    }
}
