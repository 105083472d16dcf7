//! Rows of the upstream limiter. What they mean is told in `goto::limiter`.

use std::ops::Range;

use sqlx::pool::PoolConnection;
use sqlx::{Any, Row};

use super::{Result, SlotClock, Store, changed};
use crate::clock::Millis;

/// Name of the setting that holds the epoch of the slots.
const EPOCH: &str = "slot_epoch";

/// A moment on the slots' clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotTime {
    /// Milliseconds; comparable within one epoch only.
    pub now: Millis,
    /// Names the start of the host or of the database server. When it changes, what the rows say
    /// is worth nothing: commits may be lost, another clock may run.
    pub start: String,
    /// On a clock that can be set: the epoch the slots are in, empty before the first.
    pub epoch: Option<String>,
    /// Until when the API that was asked for is paused; a time that is over says nothing any more.
    pub paused_until: Option<Millis>,
}

/// The slots over one connection, for several questions in a row: each time one is taken from the
/// pool, the server is asked whether it can write, and once more when it is given back. Not to be kept
/// while somebody waits.
#[derive(Debug)]
pub struct Slots {
    connection: PoolConnection<Any>,
    clock: SlotClock,
}

impl Store {
    /// The slots.
    pub async fn slots(&self) -> Result<Slots> {
        Ok(Slots {
            connection: self.hasty.acquire().await?,
            clock: self.slot_clock.clone(),
        })
    }

    /// Enters an epoch: unless the slots are in it already, or not in `from`, none of them may be
    /// used before the time given for its bucket. True if they were in another one.
    pub async fn enter_slot_epoch(
        &self,
        from: Option<&str>,
        epoch: &str,
        until: &[(&str, Millis)],
    ) -> Result<bool> {
        let mut tx = self.pool.begin().await?;
        // Whoever comes second waits here for the row and then changes nothing.
        let entered = sqlx::query(
            "UPDATE setting SET value = $2 WHERE name = $1 AND value <> $2 \
             AND (value = $3 OR $4 = 0)",
        )
        .bind(EPOCH)
        .bind(epoch)
        .bind(from.unwrap_or_default())
        .bind(super::flag(from.is_some()))
        .execute(&mut *tx)
        .await?;
        let moved = entered.rows_affected() == 1;
        // The first epoch of all has nothing behind it.
        sqlx::query(
            "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        )
        .bind(EPOCH)
        .bind(epoch)
        .execute(&mut *tx)
        .await?;
        if moved {
            // Of another clock.
            sqlx::query("DELETE FROM upstream_pause")
                .execute(&mut *tx)
                .await?;
            for (bucket, until) in until {
                sqlx::query(
                    "UPDATE upstream_slot SET free_at = $1, lease = NULL WHERE bucket = $2",
                )
                .bind(until)
                .bind(bucket)
                .execute(&mut *tx)
                .await?;
            }
        }
        tx.commit().await?;
        Ok(moved)
    }

    /// Makes a bucket have exactly `count` slots. Slots added to a bucket that has some already may
    /// not be used before `grown_until`: an earlier, smaller setting forgot when they were.
    pub async fn prepare_slots(&self, bucket: &str, count: i64, grown_until: Millis) -> Result<()> {
        // One transaction: a SQLite file is synced to disk once, not once per slot.
        let mut tx = self.hasty.begin().await?;
        sqlx::query("DELETE FROM upstream_slot WHERE bucket = $1 AND slot >= $2")
            .bind(bucket)
            .bind(count)
            .execute(&mut *tx)
            .await?;
        let had: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM upstream_slot WHERE bucket = $1")
            .bind(bucket)
            .fetch_one(&mut *tx)
            .await?;
        let free_at = if had == 0 { 0 } else { grown_until };
        for slot in had..count {
            sqlx::query(
                "INSERT INTO upstream_slot (bucket, slot, free_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (bucket, slot) DO NOTHING",
            )
            .bind(bucket)
            .bind(slot)
            .bind(free_at)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

impl Slots {
    /// The time on the slots' clock, and the pause of `api`.
    pub async fn time(&mut self, api: Option<&str>) -> Result<SlotTime> {
        let clock = match &self.clock {
            SlotClock::Host(clock) => {
                let (now, start) = (clock.since_boot(), clock.boot());
                let paused_until = match api {
                    Some(api) => self.paused_until(api).await?,
                    None => None,
                };
                return Ok(SlotTime {
                    now,
                    start,
                    epoch: None,
                    paused_until,
                });
            }
            // `now()` would be the start of a transaction.
            SlotClock::Server => {
                "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now, \
                 CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) * 1000 AS BIGINT) AS started, \
                 COALESCE((SELECT value FROM setting WHERE name = $1), '') AS epoch, \
                 (SELECT until FROM upstream_pause WHERE api = $2) AS paused_until"
            }
        };
        let row = sqlx::query(clock)
            .bind(EPOCH)
            .bind(api)
            .fetch_one(&mut *self.connection)
            .await?;
        Ok(SlotTime {
            now: row.try_get("now")?,
            start: row.try_get::<i64, _>("started")?.to_string(),
            epoch: Some(row.try_get("epoch")?),
            paused_until: row.try_get("paused_until")?,
        })
    }

    /// Leases a free slot of `range`, the highest first and those of `spare` last; `None` when all
    /// are in use.
    pub async fn take(
        &mut self,
        bucket: &str,
        range: Range<i64>,
        spare: Range<i64>,
        now: Millis,
        busy_until: Millis,
        lease: &str,
    ) -> Result<Option<i64>> {
        // `free_at <= $3` stands outside as well on purpose: under READ COMMITTED the loser of a row
        // lock checks it again and comes back empty-handed. Two searches, because each follows the
        // index to its first hit; one with an order of its own would sort every slot each time.
        let taken = sqlx::query_scalar(
            "UPDATE upstream_slot SET free_at = $1, lease = $2 \
             WHERE bucket = $4 AND free_at <= $3 AND slot = COALESCE(( \
               SELECT slot FROM upstream_slot \
               WHERE bucket = $4 AND slot < $5 AND slot >= $6 AND free_at <= $3 \
               AND NOT (slot < $7 AND slot >= $8) ORDER BY slot DESC LIMIT 1), ( \
               SELECT slot FROM upstream_slot \
               WHERE bucket = $4 AND slot < $5 AND slot >= $6 AND free_at <= $3 \
               AND slot < $7 AND slot >= $8 ORDER BY slot DESC LIMIT 1)) \
             RETURNING slot",
        )
        .bind(busy_until)
        .bind(lease)
        .bind(now)
        .bind(bucket)
        .bind(range.end)
        .bind(range.start)
        .bind(spare.end)
        .bind(spare.start)
        .fetch_all(&mut *self.connection)
        .await?;
        Ok(changed(taken))
    }

    /// Shortens a lease; never lengthens it, and leaves a slot that is somebody else's by now.
    pub async fn release(
        &mut self,
        bucket: &str,
        slot: i64,
        lease: &str,
        free_at: Millis,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE upstream_slot SET free_at = $1 \
             WHERE bucket = $2 AND slot = $3 AND lease = $4 AND free_at > $1",
        )
        .bind(free_at)
        .bind(bucket)
        .bind(slot)
        .bind(lease)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// When a slot of `range` becomes free for whoever lets `ahead` others go first; `None`
    /// when there are not that many slots. A leased slot counts as free at `answered` at the latest:
    /// its lease says when at the worst, but the answer may come at any moment.
    pub async fn next_free(
        &mut self,
        bucket: &str,
        range: Range<i64>,
        ahead: i64,
        answered: Millis,
    ) -> Result<Option<Millis>> {
        Ok(sqlx::query_scalar(
            "SELECT CASE WHEN lease IS NOT NULL AND free_at > $4 THEN CAST($4 AS BIGINT) \
             ELSE free_at END AS free FROM upstream_slot \
             WHERE bucket = $1 AND slot < $2 AND slot >= $5 \
             ORDER BY free LIMIT 1 OFFSET $3",
        )
        .bind(bucket)
        .bind(range.end)
        .bind(ahead)
        .bind(answered)
        .bind(range.start)
        .fetch_optional(&mut *self.connection)
        .await?)
    }

    /// How many slots of a bucket are in use.
    pub async fn in_use(&mut self, bucket: &str, now: Millis) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "SELECT COUNT(*) FROM upstream_slot WHERE bucket = $1 AND free_at > $2",
        )
        .bind(bucket)
        .bind(now)
        .fetch_one(&mut *self.connection)
        .await?)
    }

    /// Keeps requests to one API, of all replicas, from being sent before `until`. Never shortens a
    /// pause.
    pub async fn pause_api(&mut self, api: &str, until: Millis) -> Result<()> {
        sqlx::query(
            "INSERT INTO upstream_pause (api, until) VALUES ($1, $2) \
             ON CONFLICT (api) DO UPDATE SET until = CASE \
             WHEN excluded.until > upstream_pause.until THEN excluded.until \
             ELSE upstream_pause.until END",
        )
        .bind(api)
        .bind(until)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    async fn paused_until(&mut self, api: &str) -> Result<Option<Millis>> {
        Ok(
            sqlx::query_scalar("SELECT until FROM upstream_pause WHERE api = $1")
                .bind(api)
                .fetch_optional(&mut *self.connection)
                .await?,
        )
    }
}
