//! What GoTo listed last of an employee's next meetings, sealed, for as long as it may be shown.

use secrecy::SecretString;
use sqlx::Row;

use super::sealed::Place;
use super::{Result, Store};
use crate::clock::Millis;

fn place(organizer_key: &str) -> Place<'_> {
    Place {
        table: "my_meetings",
        column: "listed",
        row: organizer_key,
    }
}

impl Store {
    /// A list that was read after `after` and not later than `now`, and when it was.
    pub async fn listing(
        &self,
        organizer_key: &str,
        after: Millis,
        now: Millis,
    ) -> Result<Option<(SecretString, Millis)>> {
        let row = sqlx::query(
            "SELECT listed, read_at FROM my_meetings WHERE organizer_key = $1 \
             AND listed IS NOT NULL AND read_at > $2 AND read_at <= $3",
        )
        .bind(organizer_key)
        .bind(after)
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let sealed: String = row.try_get("listed")?;
        let listed = self.sealer.open(place(organizer_key), &sealed)?;
        Ok(Some((listed, row.try_get("read_at")?)))
    }

    /// A look begins: of those under way, the last to begin keeps what it brings.
    pub async fn begin_listing(&self, organizer_key: &str, stamp: &str, now: Millis) -> Result<()> {
        sqlx::query(
            "INSERT INTO my_meetings (organizer_key, stamp, read_at) VALUES ($1, $2, $3) \
             ON CONFLICT (organizer_key) DO UPDATE SET stamp = excluded.stamp, listed = NULL, \
             read_at = excluded.read_at",
        )
        .bind(organizer_key)
        .bind(stamp)
        .bind(now)
        .execute(&self.hasty)
        .await?;
        Ok(())
    }

    /// Keeps what the look with this stamp brought; false where it was dropped meanwhile, or another
    /// look began, or the consent is gone.
    pub async fn keep_listing(
        &self,
        organizer_key: &str,
        stamp: &str,
        listed: &SecretString,
        now: Millis,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE my_meetings SET listed = $3, read_at = $4 \
             WHERE organizer_key = $1 AND stamp = $2 AND EXISTS ( \
               SELECT 1 FROM oauth_grant WHERE oauth_grant.owner = $5)",
        )
        .bind(organizer_key)
        .bind(stamp)
        .bind(self.sealer.seal(place(organizer_key), listed)?)
        .bind(now)
        .bind(super::Owner::Employee(organizer_key.to_owned()).to_string())
        .execute(&self.hasty)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Drops what was listed: it is no longer so, or nobody's to see.
    pub async fn drop_listing(&self, organizer_key: &str) -> Result<()> {
        sqlx::query("DELETE FROM my_meetings WHERE organizer_key = $1")
            .bind(organizer_key)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets lists that were read before `before`.
    pub async fn purge_listings(&self, before: Millis) -> Result<()> {
        sqlx::query("DELETE FROM my_meetings WHERE read_at <= $1")
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
