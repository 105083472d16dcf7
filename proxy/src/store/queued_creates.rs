//! Creates that wait at the proxy for their turn: intents in the state *new* with a moment since when.

use super::{DropReason, Intent, Result, SET_BACK, Store};
use crate::clock::Millis;

impl Store {
    /// Lets an intent that nobody sent wait until `check_at` at least; false if somebody has sent it
    /// meanwhile. One that waits already keeps its place.
    pub async fn queue_intent(&self, id: &str, now: Millis, check_at: Millis) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE create_intent SET queued_at = COALESCE(queued_at, $2), check_at = $3 \
             WHERE id = $1 AND state = 'new'",
        )
        .bind(id)
        .bind(now)
        .bind(check_at)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// How many creates of an employee wait.
    pub async fn queued_of(&self, organizer_key: &str) -> Result<i64> {
        let count = sqlx::query_scalar(
            "SELECT COUNT(*) FROM create_intent \
             WHERE organizer_key = $1 AND state = 'new' AND queued_at IS NOT NULL",
        )
        .bind(organizer_key)
        .fetch_one(&self.pool)
        .await?;
        Ok(count)
    }

    /// Creates whose turn may have come, and those that wait since `oldest` or longer; the first first.
    pub async fn due_queued(&self, now: Millis, oldest: Millis) -> Result<Vec<Intent>> {
        let rows = sqlx::query(
            "SELECT * FROM create_intent WHERE state = 'new' AND queued_at IS NOT NULL \
             AND (check_at IS NULL OR check_at <= $1 OR check_at > $2 OR queued_at <= $3) \
             ORDER BY queued_at, id LIMIT 50",
        )
        .bind(now)
        .bind(now + SET_BACK)
        .bind(oldest)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| self.read_intent(row)).collect()
    }

    /// Ends the waiting of a create; false if it was sent meanwhile, or did not wait.
    pub async fn drop_queued(&self, id: &str, reason: DropReason) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE create_intent SET state = 'failed', dropped = $2, check_at = NULL \
             WHERE id = $1 AND state = 'new' AND queued_at IS NOT NULL",
        )
        .bind(id)
        .bind(reason.as_str())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
