//! Whom employees have chosen as co-organizers lately. Keys of the directory only, no names.

use sqlx::AnyConnection;

use super::{Result, Store};
use crate::clock::Millis;

/// How many are remembered of one employee.
const REMEMBERED: i64 = 20;

/// Remembers that `chosen` were chosen by `owner_key`, in the transaction that made it so. Of those
/// chosen at the same time the first ones count as the latest.
pub(super) async fn remember(
    connection: &mut AnyConnection,
    owner_key: &str,
    chosen: &[String],
    now: Millis,
) -> Result<()> {
    if chosen.is_empty() {
        return Ok(());
    }
    let mut at = now;
    for key in chosen {
        sqlx::query(
            "INSERT INTO recent_colleague (owner_key, organizer_key, chosen_at) VALUES ($1, $2, $3) \
             ON CONFLICT (owner_key, organizer_key) DO UPDATE SET chosen_at = excluded.chosen_at",
        )
        .bind(owner_key)
        .bind(key)
        .bind(at)
        .execute(&mut *connection)
        .await?;
        at -= 1;
    }
    sqlx::query(
        "DELETE FROM recent_colleague WHERE owner_key = $1 AND organizer_key NOT IN \
         (SELECT organizer_key FROM recent_colleague WHERE owner_key = $2 \
          ORDER BY chosen_at DESC, organizer_key LIMIT $3)",
    )
    .bind(owner_key)
    .bind(owner_key)
    .bind(REMEMBERED)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

impl Store {
    /// Keys of those whom an employee chose after `oldest`, the latest first.
    pub async fn recent_colleagues(&self, owner_key: &str, oldest: Millis) -> Result<Vec<String>> {
        let keys = sqlx::query_scalar(
            "SELECT organizer_key FROM recent_colleague \
             WHERE owner_key = $1 AND chosen_at > $2 ORDER BY chosen_at DESC, organizer_key",
        )
        .bind(owner_key)
        .bind(oldest)
        .fetch_all(&self.pool)
        .await?;
        Ok(keys)
    }

    /// Forgets whom an employee has chosen.
    pub async fn forget_colleagues(&self, owner_key: &str) -> Result<()> {
        sqlx::query("DELETE FROM recent_colleague WHERE owner_key = $1")
            .bind(owner_key)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets, of everybody, who was chosen last before `before`.
    pub async fn purge_colleagues(&self, before: Millis) -> Result<()> {
        sqlx::query("DELETE FROM recent_colleague WHERE chosen_at <= $1")
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
