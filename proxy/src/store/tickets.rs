//! One-time tickets from the admin console to the public address.

use sqlx::Row;

use super::{Result, Store, changed};
use crate::clock::Millis;

/// What stands in the place of a page's origin where a proxy of the release before has put a ticket:
/// among the codes of employees. No page has it.
const ORIGIN_BEFORE: &str = "console";

impl Store {
    /// Keeps a ticket for a console session, both by their SHA-256, and forgets those that are too
    /// old.
    pub async fn insert_ticket(
        &self,
        ticket_hash: &str,
        session_hash: &str,
        expires_at: Millis,
        now: Millis,
    ) -> Result<()> {
        sqlx::query("DELETE FROM console_ticket WHERE expires_at <= $1")
            .bind(now)
            .execute(&self.pool)
            .await?;
        sqlx::query(
            "INSERT INTO console_ticket (ticket_hash, session_hash, expires_at) \
             VALUES ($1, $2, $3)",
        )
        .bind(ticket_hash)
        .bind(session_hash)
        .bind(expires_at)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes a ticket out: it works once, whoever brings it. The SHA-256 of the console session it
    /// was made for, unless it is too old.
    pub async fn take_ticket(&self, ticket_hash: &str, now: Millis) -> Result<Option<String>> {
        let rows = sqlx::query(
            "DELETE FROM console_ticket WHERE ticket_hash = $1 \
             RETURNING session_hash, expires_at",
        )
        .bind(ticket_hash)
        .fetch_all(&self.pool)
        .await?;
        let row = match changed(rows) {
            Some(row) => Some(row),
            None => {
                let rows = sqlx::query(
                    "DELETE FROM handoff WHERE code_hash = $1 AND origin = $2 \
                     RETURNING challenge AS session_hash, expires_at",
                )
                .bind(ticket_hash)
                .bind(ORIGIN_BEFORE)
                .fetch_all(&self.pool)
                .await?;
                changed(rows)
            }
        };
        let Some(row) = row else { return Ok(None) };
        let expires_at: Millis = row.try_get("expires_at")?;
        Ok((expires_at > now)
            .then(|| row.try_get("session_hash"))
            .transpose()?)
    }
}
