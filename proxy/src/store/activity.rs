//! Rows of the support log.

use serde::Serialize;
use sqlx::Row;

use super::{Result, Store, flag};
use crate::clock::Millis;

/// One line of the support log, already redacted.
#[derive(Clone, Debug, Serialize)]
pub struct ActivityRow {
    /// Name of the row; given when it is written.
    #[serde(skip)]
    pub id: String,
    /// Milliseconds since the epoch.
    pub at: Millis,
    /// What happened, for example `meeting.create`.
    pub kind: String,
    /// E-mail of who did it, if anybody.
    pub actor: Option<String>,
    /// `ok` or a code.
    pub outcome: String,
    /// More, in words.
    pub detail: String,
}

impl Store {
    /// Adds a line, unless the setting `switch` says that there is no log: `on` or `off`; `default`
    /// counts while it says neither.
    pub async fn insert_activity(
        &self,
        row: &ActivityRow,
        switch: &str,
        default: bool,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO activity (id, at, kind, actor, outcome, detail) \
             SELECT $1, $2, $3, $4, $5, $6 \
             WHERE CASE (SELECT value FROM setting WHERE name = $7) \
             WHEN 'on' THEN 1 WHEN 'off' THEN 0 ELSE $8 END = 1",
        )
        .bind(crate::random::name())
        .bind(row.at)
        .bind(&row.kind)
        .bind(&row.actor)
        .bind(&row.outcome)
        .bind(&row.detail)
        .bind(switch)
        .bind(flag(default))
        .execute(&self.hasty)
        .await?;
        Ok(())
    }

    /// At most `most` lines after the one of that time and id, oldest first.
    pub async fn activity(&self, after: Millis, id: &str, most: i64) -> Result<Vec<ActivityRow>> {
        let rows = sqlx::query(
            "SELECT id, at, kind, actor, outcome, detail FROM activity \
             WHERE at >= $1 AND (at > $1 OR id > $2) ORDER BY at, id LIMIT $3",
        )
        .bind(after)
        .bind(id)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ActivityRow {
                    id: row.try_get("id")?,
                    at: row.try_get("at")?,
                    kind: row.try_get("kind")?,
                    actor: row.try_get("actor")?,
                    outcome: row.try_get("outcome")?,
                    detail: row.try_get("detail")?,
                })
            })
            .collect()
    }

    /// Drops lines up to `until`.
    pub async fn purge_activity(&self, until: Millis) -> Result<()> {
        sqlx::query("DELETE FROM activity WHERE at <= $1")
            .bind(until)
            .execute(&self.hasty)
            .await?;
        Ok(())
    }
}
