//! One-time tickets from the admin console to the public address.
//!
//! Proxies of the release before keep them among the codes of employees and look for them nowhere
//! else. So a copy is put there, and whoever takes a ticket takes both: it works once, whichever of
//! the two releases made it and whichever takes it.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Result, Store, changed, flag};
use crate::clock::Millis;

/// What stands in the place of a page's origin where a copy lies among the codes of employees. No
/// page has it.
pub(super) const CONSOLE: &str = "console";

/// A ticket that was taken out of one of the two tables.
struct Ticket {
    session_hash: String,
    expires_at: Millis,
}

fn ticket(row: &AnyRow) -> Result<Ticket> {
    Ok(Ticket {
        session_hash: row.try_get("session_hash")?,
        expires_at: row.try_get("expires_at")?,
    })
}

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
        let mut tx = self.pool.begin().await?;
        // In the order in which they are taken, so that nobody waits for each other.
        sqlx::query("DELETE FROM handoff WHERE origin = $1 AND expires_at <= $2")
            .bind(CONSOLE)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM console_ticket WHERE expires_at <= $1")
            .bind(now)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO console_ticket (ticket_hash, session_hash, expires_at, mirrored) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(ticket_hash)
        .bind(session_hash)
        .bind(expires_at)
        .bind(flag(true))
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO handoff (code_hash, origin, challenge, organizer_key, expires_at) \
             VALUES ($1, $2, $3, '', $4)",
        )
        .bind(ticket_hash)
        .bind(CONSOLE)
        .bind(session_hash)
        .bind(expires_at)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes a ticket out: it works once, whoever brings it. The SHA-256 of the console session it
    /// was made for, unless it is too old.
    pub async fn take_ticket(&self, ticket_hash: &str, now: Millis) -> Result<Option<String>> {
        let mut tx = self.pool.begin().await?;
        // The copy first: a proxy of the release before takes nothing else, so it decides.
        let copy = sqlx::query(
            "DELETE FROM handoff WHERE code_hash = $1 AND origin = $2 \
             RETURNING challenge AS session_hash, expires_at",
        )
        .bind(ticket_hash)
        .bind(CONSOLE)
        .fetch_all(&mut *tx)
        .await?;
        let own = sqlx::query(
            "DELETE FROM console_ticket WHERE ticket_hash = $1 \
             RETURNING session_hash, expires_at, mirrored",
        )
        .bind(ticket_hash)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let ticket = match (changed(own), changed(copy)) {
            (Some(own), None) if own.try_get::<i64, _>("mirrored")? != 0 => None,
            (Some(row), _) | (None, Some(row)) => Some(ticket(&row)?),
            (None, None) => None,
        };
        Ok(ticket
            .filter(|ticket| ticket.expires_at > now)
            .map(|ticket| ticket.session_hash))
    }
}
