//! Rows of the upstream limiter. What they mean is told in `goto::limiter`.

use super::{Result, Store};
use crate::clock::Millis;

impl Store {
    /// Makes a bucket have exactly `count` slots.
    pub async fn prepare_slots(&self, bucket: &str, count: i64) -> Result<()> {
        // One transaction: a SQLite file is synced to disk once, not once per slot.
        let mut tx = self.pool.begin().await?;
        for slot in 0..count {
            sqlx::query(
                "INSERT INTO upstream_slot (bucket, slot, free_at) VALUES ($1, $2, 0) \
                 ON CONFLICT (bucket, slot) DO NOTHING",
            )
            .bind(bucket)
            .bind(slot)
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query("DELETE FROM upstream_slot WHERE bucket = $1 AND slot >= $2")
            .bind(bucket)
            .bind(count)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Leases a free slot below `below`, the highest first; `None` when all are in use.
    pub async fn take_slot(
        &self,
        bucket: &str,
        below: i64,
        now: Millis,
        busy_until: Millis,
        lease: &str,
    ) -> Result<Option<i64>> {
        // `free_at <= $3` stands twice on purpose: under READ COMMITTED the loser of a row lock
        // checks it again and comes back empty-handed.
        Ok(sqlx::query_scalar(
            "UPDATE upstream_slot SET free_at = $1, lease = $2 \
             WHERE bucket = $4 AND free_at <= $3 AND slot = ( \
               SELECT slot FROM upstream_slot \
               WHERE bucket = $4 AND slot < $5 AND free_at <= $3 ORDER BY slot DESC LIMIT 1) \
             RETURNING slot",
        )
        .bind(busy_until)
        .bind(lease)
        .bind(now)
        .bind(bucket)
        .bind(below)
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Shortens a lease; never lengthens it, and leaves a slot that is somebody else's by now.
    pub async fn release_slot(
        &self,
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
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// When the next slot below `below` becomes free.
    pub async fn next_free_slot(&self, bucket: &str, below: i64) -> Result<Option<Millis>> {
        Ok(sqlx::query_scalar(
            "SELECT MIN(free_at) FROM upstream_slot WHERE bucket = $1 AND slot < $2",
        )
        .bind(bucket)
        .bind(below)
        .fetch_one(&self.pool)
        .await?)
    }

    /// How many slots of a bucket are in use.
    pub async fn slots_in_use(&self, bucket: &str, now: Millis) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "SELECT COUNT(*) FROM upstream_slot WHERE bucket = $1 AND free_at > $2",
        )
        .bind(bucket)
        .bind(now)
        .fetch_one(&self.pool)
        .await?)
    }

    /// Keeps every slot, for all replicas, from being used before `until`.
    pub async fn pause_slots(&self, until: Millis) -> Result<()> {
        sqlx::query("UPDATE upstream_slot SET free_at = $1 WHERE free_at < $1")
            .bind(until)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
