//! The key ring against what is stored: which keys are still needed, and sealing everything anew
//! with the first one.

use sqlx::Row;

use super::sealed::Place;
use super::{Error, Result, Store};
use crate::config::KEYS_MAX;

/// Values sealed anew at once.
const BATCH: i64 = 200;

/// One sealed column, with the statements that need its name.
struct Column {
    table: &'static str,
    name: &'static str,
    /// Values sealed with none of eight keys.
    strange: &'static str,
    replace: &'static str,
}

macro_rules! column {
    ($table:literal, $column:literal, $key:literal) => {
        Column {
            table: $table,
            name: $column,
            strange: concat!(
                "SELECT ",
                $key,
                " AS place, ",
                $column,
                " AS sealed FROM ",
                $table,
                " WHERE ",
                $column,
                " NOT LIKE $1 AND ",
                $column,
                " NOT LIKE $2 AND ",
                $column,
                " NOT LIKE $3 AND ",
                $column,
                " NOT LIKE $4 AND ",
                $column,
                " NOT LIKE $5 AND ",
                $column,
                " NOT LIKE $6 AND ",
                $column,
                " NOT LIKE $7 AND ",
                $column,
                " NOT LIKE $8 LIMIT $9"
            ),
            replace: concat!(
                "UPDATE ",
                $table,
                " SET ",
                $column,
                " = $1 WHERE ",
                $key,
                " = $2 AND ",
                $column,
                " = $3"
            ),
        }
    };
}

/// Every sealed column there is.
const COLUMNS: [Column; 6] = [
    column!("oauth_grant", "access_token", "owner"),
    column!("oauth_grant", "refresh_token", "owner"),
    column!("sign_in_transaction", "verifier", "state_hash"),
    column!("sign_in_transaction", "tokens", "state_hash"),
    column!("meeting", "join_url", "id"),
    column!("meeting", "phone", "id"),
];

impl Store {
    /// Values of a column that are sealed with none of `keys`: where, and what.
    async fn strange(
        &self,
        column: &Column,
        keys: &[&str],
        limit: i64,
    ) -> Result<Vec<(String, String)>> {
        let mut query = sqlx::query(column.strange);
        for index in 0..KEYS_MAX {
            // A ring that is shorter names its last key again.
            let key = keys.get(index).or(keys.last()).copied().unwrap_or_default();
            query = query.bind(format!("1.{key}.%"));
        }
        let rows = query.bind(limit).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("place")?, row.try_get("sealed")?)))
            .collect()
    }

    /// Refuses a ring that lacks a key which stored values still need.
    pub(super) async fn check_ring(&self) -> Result<()> {
        let keys: Vec<&str> = self.sealer.keys().collect();
        for column in &COLUMNS {
            if let Some((_, sealed)) = self.strange(column, &keys, 1).await?.first() {
                let key = sealed.split('.').nth(1).unwrap_or_default().to_owned();
                return Err(Error::KeyMissing(key));
            }
        }
        Ok(())
    }

    /// Seals everything that was sealed with another key anew with the first one. Safe while the
    /// proxy runs: a value that changes meanwhile is left to whoever changed it. Returns how many.
    pub async fn rekey(&self) -> Result<u64> {
        let mut done = 0;
        let first: Vec<&str> = self.sealer.keys().take(1).collect();
        for column in &COLUMNS {
            loop {
                let strange = self.strange(column, &first, BATCH).await?;
                if strange.is_empty() {
                    break;
                }
                for (row, sealed) in strange {
                    let place = Place {
                        table: column.table,
                        column: column.name,
                        row: &row,
                    };
                    let plain = self.sealer.open(place, &sealed)?;
                    let replaced = sqlx::query(column.replace)
                        .bind(self.sealer.seal(place, &plain)?)
                        .bind(&row)
                        .bind(&sealed)
                        .execute(&self.pool)
                        .await?;
                    done += replaced.rows_affected();
                }
            }
        }
        Ok(done)
    }
}
