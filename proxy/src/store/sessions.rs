//! Sessions of employees and administrators, and the hand-off that starts one.
//!
//! Only the SHA-256 of a session id is stored: a copy of the database opens no session.

use sqlx::Row;

use super::tickets::CONSOLE;
use super::{GrantRow, Owner, Result, Store, changed, flag};
use crate::clock::Millis;

/// An employee's session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// DatabaseOwner.
    pub organizer_key: String,
    /// When it began.
    pub created_at: Millis,
    /// When it was last used.
    pub last_seen_at: Millis,
    /// What GoTo gave the employee.
    pub grant: Option<GrantRow>,
}

/// What bounds a session beyond the usual.
#[derive(Clone, Debug)]
pub struct SessionBounds {
    /// The only page it serves.
    pub origin: String,
    /// When it ends, however much it is used.
    pub ends_at: Millis,
}

/// The window of a finished sign-in that was cut off from its page.
#[derive(Clone, Debug)]
pub struct SeveredWindow {
    /// The page that asked.
    pub origin: String,
    /// Whether the widget has said that it was cut off; then a code counts from now on.
    pub said: bool,
}

/// A finished sign-in waiting to be picked up by the widget that asked for it.
#[derive(Clone, Debug)]
pub struct Handoff {
    /// Exact origin it may be picked up from.
    pub origin: String,
    /// S256 of the widget's verifier.
    pub challenge: String,
    /// Who signed in.
    pub organizer_key: String,
    /// Session made for the cookie, once it was picked up.
    pub session_hash: Option<String>,
    /// When it is too late.
    pub expires_at: Millis,
}

impl Store {
    /// Remembers a hand-off under the SHA-256 of its code.
    pub async fn insert_handoff(
        &self,
        code_hash: &str,
        handoff: &Handoff,
        now: Millis,
    ) -> Result<()> {
        sqlx::query("DELETE FROM handoff WHERE expires_at <= $1")
            .bind(now)
            .execute(&self.pool)
            .await?;
        sqlx::query(
            "INSERT INTO handoff (code_hash, origin, challenge, organizer_key, session_hash, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(code_hash)
        .bind(&handoff.origin)
        .bind(&handoff.challenge)
        .bind(&handoff.organizer_key)
        .bind(&handoff.session_hash)
        .bind(handoff.expires_at)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Remembers the window of a finished sign-in, in which a code to type may be shown. A second
    /// sign-in in the same window takes its place.
    pub async fn insert_window(
        &self,
        window_hash: &str,
        handoff: &Handoff,
        severed: bool,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO handoff (code_hash, origin, challenge, organizer_key, expires_at, severed) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (code_hash) DO UPDATE SET origin = excluded.origin, \
             organizer_key = excluded.organizer_key, expires_at = excluded.expires_at, \
             typed_hash = NULL, \
             severed = CASE WHEN handoff.severed = 1 THEN 1 ELSE excluded.severed END",
        )
        .bind(window_hash)
        .bind(&handoff.origin)
        .bind(&handoff.challenge)
        .bind(&handoff.organizer_key)
        .bind(handoff.expires_at)
        .bind(flag(severed))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The window, if it still waits. Where the widget has said that it was cut off, `typed_hash` is
    /// its code from now on, in the place of one that was shown before; the first is good until
    /// `until`, and so are those after it.
    pub async fn show_code(
        &self,
        window_hash: &str,
        typed_hash: &str,
        now: Millis,
        until: Millis,
    ) -> Result<Option<SeveredWindow>> {
        let row = sqlx::query(
            "SELECT origin, severed FROM handoff WHERE code_hash = $1 AND expires_at > $2",
        )
        .bind(window_hash)
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let window = SeveredWindow {
            origin: row.try_get("origin")?,
            said: row.try_get::<i64, _>("severed")? != 0,
        };
        if !window.said {
            return Ok(Some(window));
        }
        // Not a row of its own: whoever takes the hand-off meanwhile takes this one, and no code is
        // left behind them.
        let done = sqlx::query(
            "UPDATE handoff SET typed_hash = $2, \
             expires_at = CASE WHEN typed_hash IS NULL THEN $3 ELSE expires_at END \
             WHERE code_hash = $1 AND severed = 1 AND expires_at > $4",
        )
        .bind(window_hash)
        .bind(typed_hash)
        .bind(until)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok((done.rows_affected() == 1).then_some(window))
    }

    /// Takes a hand-off out together with all others of its sign-in: of those who come with any of
    /// its codes, however close together, one finds something. A ticket of the console is none.
    pub async fn take_handoff(&self, code_hash: &str) -> Result<Option<Handoff>> {
        let rows = sqlx::query(
            "DELETE FROM handoff WHERE origin <> $2 AND challenge IN ( \
               SELECT challenge FROM handoff \
               WHERE origin <> $2 AND (code_hash = $1 OR typed_hash = $1)) \
             RETURNING code_hash, typed_hash, origin, challenge, organizer_key, session_hash, \
             expires_at",
        )
        .bind(code_hash)
        .bind(CONSOLE)
        .fetch_all(&self.pool)
        .await?;
        for row in rows {
            let typed: Option<String> = row.try_get("typed_hash")?;
            if row.try_get::<String, _>("code_hash")? == code_hash
                || typed.as_deref() == Some(code_hash)
            {
                return Ok(Some(Handoff {
                    origin: row.try_get("origin")?,
                    challenge: row.try_get("challenge")?,
                    organizer_key: row.try_get("organizer_key")?,
                    session_hash: row.try_get("session_hash")?,
                    expires_at: row.try_get("expires_at")?,
                }));
            }
        }
        Ok(None)
    }

    /// Starts a session. A plain `INSERT`: an id that exists already must fail, not take over.
    pub async fn insert_session(
        &self,
        id_hash: &str,
        organizer_key: &str,
        now: Millis,
        bounds: Option<&SessionBounds>,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO session (id_hash, organizer_key, seen, created_at, last_seen_at, origin, \
             ends_at) VALUES ($1, $2, $3, $4, $4, $5, $6)",
        )
        .bind(id_hash)
        .bind(organizer_key)
        .bind(flag(false))
        .bind(now)
        .bind(bounds.map(|bounds| &bounds.origin))
        .bind(bounds.map(|bounds| bounds.ends_at))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A session that began after `created_after`, was used after `seen_after`, has not come to its own
    /// end and serves the page that calls, which is `origin`; marks it used. With the employee's grant.
    pub async fn touch_session(
        &self,
        id_hash: &str,
        origin: Option<&str>,
        now: Millis,
        created_after: Millis,
        seen_after: Millis,
    ) -> Result<Option<SessionRow>> {
        let mut connection = self.hasty.acquire().await?;
        let rows = sqlx::query(
            "UPDATE session SET last_seen_at = $2, seen = 1 \
             WHERE id_hash = $1 AND created_at > $3 AND last_seen_at > $4 \
             AND (ends_at IS NULL OR ends_at > $2) AND (origin IS NULL OR origin = $5) \
             RETURNING organizer_key, created_at, last_seen_at",
        )
        .bind(id_hash)
        .bind(now)
        .bind(created_after)
        .bind(seen_after)
        .bind(origin)
        .fetch_all(&mut *connection)
        .await?;
        let Some(row) = changed(rows) else {
            return Ok(None);
        };
        let organizer_key: String = row.try_get("organizer_key")?;
        let owner = Owner::Employee(organizer_key.clone());
        Ok(Some(SessionRow {
            organizer_key,
            created_at: row.try_get("created_at")?,
            last_seen_at: row.try_get("last_seen_at")?,
            grant: self.grant_over(&mut *connection, &owner).await?,
        }))
    }

    /// Ends a session nobody ever used; false if it was used or is gone.
    pub async fn delete_unseen_session(&self, id_hash: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM session WHERE id_hash = $1 AND seen = 0")
            .bind(id_hash)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a session.
    pub async fn delete_session(&self, id_hash: &str) -> Result<()> {
        sqlx::query("DELETE FROM session WHERE id_hash = $1")
            .bind(id_hash)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Sessions an employee still has.
    pub async fn count_sessions(&self, organizer_key: &str) -> Result<i64> {
        Ok(
            sqlx::query_scalar("SELECT COUNT(*) FROM session WHERE organizer_key = $1")
                .bind(organizer_key)
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// Forgets sessions nobody can use any more.
    pub async fn purge_sessions(
        &self,
        created_before: Millis,
        seen_before: Millis,
        now: Millis,
    ) -> Result<()> {
        sqlx::query(
            "DELETE FROM session WHERE created_at <= $1 OR last_seen_at <= $2 OR ends_at <= $3",
        )
        .bind(created_before)
        .bind(seen_before)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Starts an administrator's session.
    pub async fn insert_admin_session(&self, id_hash: &str, now: Millis) -> Result<()> {
        sqlx::query(
            "INSERT INTO admin_session (id_hash, created_at, last_seen_at) VALUES ($1, $2, $2)",
        )
        .bind(id_hash)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether an administrator's session exists that began after `created_after` and was used after
    /// `seen_after`; marks it used.
    pub async fn touch_admin_session(
        &self,
        id_hash: &str,
        now: Millis,
        created_after: Millis,
        seen_after: Millis,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE admin_session SET last_seen_at = $2 \
             WHERE id_hash = $1 AND created_at > $3 AND last_seen_at > $4",
        )
        .bind(id_hash)
        .bind(now)
        .bind(created_after)
        .bind(seen_after)
        .execute(&self.hasty)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets administrators' sessions nobody can use any more.
    pub async fn purge_admin_sessions(
        &self,
        created_before: Millis,
        seen_before: Millis,
    ) -> Result<()> {
        sqlx::query("DELETE FROM admin_session WHERE created_at <= $1 OR last_seen_at <= $2")
            .bind(created_before)
            .bind(seen_before)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends an administrator's session.
    pub async fn delete_admin_session(&self, id_hash: &str) -> Result<()> {
        sqlx::query("DELETE FROM admin_session WHERE id_hash = $1")
            .bind(id_hash)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
