//! One-time leaves to be sent to the page that hosts a meeting.

use sqlx::Row;

use super::{Result, Store, changed};
use crate::clock::Millis;

/// What a ticket was given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartTicket {
    /// SHA-256 of the session that asked; single sign-on has none.
    pub session_hash: Option<String>,
    /// Who asked.
    pub organizer_key: String,
    /// For this meeting only.
    pub meeting_id: Option<String>,
    /// The page that asked.
    pub origin: String,
    /// When it is too late.
    pub expires_at: Millis,
}

impl Store {
    /// Keeps a ticket under its SHA-256, and forgets those that are too old.
    pub async fn insert_start_ticket(
        &self,
        ticket_hash: &str,
        ticket: &StartTicket,
        now: Millis,
    ) -> Result<()> {
        sqlx::query("DELETE FROM start_ticket WHERE expires_at <= $1")
            .bind(now)
            .execute(&self.hasty)
            .await?;
        sqlx::query(
            "INSERT INTO start_ticket (ticket_hash, session_hash, organizer_key, meeting_id, \
             origin, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(ticket_hash)
        .bind(&ticket.session_hash)
        .bind(&ticket.organizer_key)
        .bind(&ticket.meeting_id)
        .bind(&ticket.origin)
        .bind(ticket.expires_at)
        .execute(&self.hasty)
        .await?;
        Ok(())
    }

    /// Takes a ticket out: it works once, whoever brings it.
    pub async fn take_start_ticket(
        &self,
        ticket_hash: &str,
        now: Millis,
    ) -> Result<Option<StartTicket>> {
        // Durable: a ticket that was spent must not come back with the power.
        let rows = sqlx::query(
            "DELETE FROM start_ticket WHERE ticket_hash = $1 RETURNING session_hash, \
             organizer_key, meeting_id, origin, expires_at",
        )
        .bind(ticket_hash)
        .fetch_all(&self.pool)
        .await?;
        let Some(row) = changed(rows) else {
            return Ok(None);
        };
        let ticket = StartTicket {
            session_hash: row.try_get("session_hash")?,
            organizer_key: row.try_get("organizer_key")?,
            meeting_id: row.try_get("meeting_id")?,
            origin: row.try_get("origin")?,
            expires_at: row.try_get("expires_at")?,
        };
        Ok(Some(ticket).filter(|ticket| ticket.expires_at > now))
    }
}
