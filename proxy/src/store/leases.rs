//! Leases: one holder at a time over all replicas, lost by time when the holder dies.

use super::{Result, SET_BACK, Store};
use crate::clock::Millis;

impl Store {
    /// Takes or prolongs the lease `name` until `until`; false while somebody else holds it. One
    /// that would last far longer than that is from before the clock was set back, and of nobody.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Millis,
        until: Millis,
    ) -> Result<bool> {
        let taken = sqlx::query(
            "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
             WHERE lease.holder = excluded.holder OR lease.until <= $4 OR lease.until > $5",
        )
        .bind(name)
        .bind(holder)
        .bind(until)
        .bind(now)
        .bind(until + SET_BACK)
        .execute(&self.hasty)
        .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Gives the lease back.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<()> {
        sqlx::query("DELETE FROM lease WHERE name = $1 AND holder = $2")
            .bind(name)
            .bind(holder)
            .execute(&self.hasty)
            .await?;
        Ok(())
    }
}
