//! The key ring against what is stored: whether each key opens what bears its name, and sealing
//! everything anew with the first one.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use sqlx::{AnyConnection, Row};

use super::sealed::{Place, Sealer};
use super::{Error, Result, SealError, Store};
use crate::clock::Millis;
use crate::config::KEYS_MAX;

/// Values sealed anew at once.
const BATCH: i64 = 200;

/// One sealed column, with the statements that need its name.
struct Column {
    table: &'static str,
    name: &'static str,
    /// A value sealed with one key.
    sample: &'static str,
    /// Values sealed with none of eight keys, behind a row.
    strange: &'static str,
    replace: &'static str,
}

/// `SUBSTR` and not `LIKE`: to SQLite's `LIKE` two ids that differ in case are one.
macro_rules! column {
    ($table:literal, $column:literal, $key:literal) => {
        Column {
            table: $table,
            name: $column,
            sample: concat!(
                "SELECT ",
                $key,
                " AS place, ",
                $column,
                " AS sealed FROM ",
                $table,
                " WHERE SUBSTR(",
                $column,
                ", 1, LENGTH($1)) = $1 LIMIT 1"
            ),
            strange: concat!(
                "SELECT ",
                $key,
                " AS place, ",
                $column,
                " AS sealed FROM ",
                $table,
                " WHERE SUBSTR(",
                $column,
                ", 1, LENGTH($1)) <> $1",
                " AND SUBSTR(",
                $column,
                ", 1, LENGTH($2)) <> $2",
                " AND SUBSTR(",
                $column,
                ", 1, LENGTH($3)) <> $3",
                " AND SUBSTR(",
                $column,
                ", 1, LENGTH($4)) <> $4",
                " AND SUBSTR(",
                $column,
                ", 1, LENGTH($5)) <> $5",
                " AND SUBSTR(",
                $column,
                ", 1, LENGTH($6)) <> $6",
                " AND SUBSTR(",
                $column,
                ", 1, LENGTH($7)) <> $7",
                " AND SUBSTR(",
                $column,
                ", 1, LENGTH($8)) <> $8",
                " AND ",
                $key,
                " > $9 ORDER BY ",
                $key,
                " LIMIT $10"
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
const COLUMNS: [Column; 10] = [
    column!("oauth_grant", "access_token", "owner"),
    column!("oauth_grant", "refresh_token", "owner"),
    column!("sign_in_transaction", "verifier", "state_hash"),
    column!("sign_in_transaction", "tokens", "state_hash"),
    column!("meeting", "join_url", "id"),
    column!("meeting", "phone", "id"),
    column!("meeting", "participants", "id"),
    column!("create_intent", "participants", "id"),
    column!("edit_intent", "new_participants", "id"),
    column!("my_meetings", "listed", "organizer_key"),
];

/// What [`Store::rekey`] did, and what follows for the ring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rekeyed {
    /// Values that are sealed with the first key now and were not before.
    pub sealed: u64,
    /// Id of the first key.
    pub first: String,
    /// Ids of keys that nothing is sealed with and nobody seals with any more.
    pub removable: Vec<String>,
    /// Values that no key of the ring opens, by the key id they bear.
    pub unopened: BTreeMap<String, u64>,
    /// Ids of keys that a running proxy still seals with.
    pub in_use: Vec<String>,
}

fn key_of(sealed: &str) -> String {
    sealed.split('.').nth(1).unwrap_or_default().to_owned()
}

/// Values of a column that are sealed with none of `ids`: where, and what.
async fn strange(
    connection: &mut AnyConnection,
    column: &Column,
    ids: &[&str],
    behind: &str,
    limit: i64,
) -> Result<Vec<(String, String)>> {
    let mut query = sqlx::query(column.strange);
    for index in 0..KEYS_MAX {
        // A ring that is shorter names its last key again.
        let id = ids.get(index).or(ids.last()).copied().unwrap_or_default();
        query = query.bind(format!("1.{id}."));
    }
    let rows = query
        .bind(behind.to_owned())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("place")?, row.try_get("sealed")?)))
        .collect()
}

/// Refuses a ring that lacks a key which stored values still need, or has another one under its
/// name: one value of each column and key is opened.
pub(super) async fn check_ring(connection: &mut AnyConnection, sealer: &Sealer) -> Result<()> {
    let ids: Vec<&str> = sealer.ids().collect();
    for column in &COLUMNS {
        let found = strange(connection, column, &ids, "", 1).await?;
        if let Some((_, sealed)) = found.first() {
            return Err(Error::KeyMissing(key_of(sealed)));
        }
        for id in &ids {
            let sample = sqlx::query(column.sample)
                .bind(format!("1.{id}."))
                .fetch_optional(&mut *connection)
                .await?;
            let Some(sample) = sample else { continue };
            let (row, sealed): (String, String) =
                (sample.try_get("place")?, sample.try_get("sealed")?);
            if sealer.open(column.place(&row), &sealed).is_err() {
                return Err(Error::KeyReplaced((*id).to_owned()));
            }
        }
    }
    Ok(())
}

impl Column {
    fn place<'a>(&'a self, row: &'a str) -> Place<'a> {
        Place {
            table: self.table,
            column: self.name,
            row,
        }
    }
}

impl Store {
    /// Seals everything that was sealed with another key anew with the first one. Safe while the
    /// proxy runs: a value that changes meanwhile is left to whoever changed it.
    ///
    /// # Errors
    /// [`Error::KeyUnknown`] while a running proxy does not know the first key: it could not open
    /// what is sealed with it. Then nothing is changed.
    pub async fn rekey(&self, now: Millis) -> Result<Rekeyed> {
        let running = self.running(now).await?;
        let Some((first, name)) = self.sealer.ids().zip(self.sealer.names()).next() else {
            return Err(SealError::UnknownKey.into());
        };
        let ignorant = running.iter().filter(|other| !other.knows(name)).count();
        if ignorant > 0 {
            return Err(Error::KeyUnknown {
                key: first.to_owned(),
                proxies: ignorant,
            });
        }
        let mut rekeyed = Rekeyed {
            first: first.to_owned(),
            ..Rekeyed::default()
        };
        // This process seals for nobody else, and everybody knows the first key.
        self.sealer.seal_with_first(|known| known == name);
        let mut connection = self.pool.acquire().await?;
        for column in &COLUMNS {
            self.rekey_column(&mut connection, column, &mut rekeyed)
                .await?;
        }
        // A second key under the first one's name: what it sealed bears the name already.
        let keys: Vec<(&str, &str)> = self.sealer.ids().zip(self.sealer.names()).skip(1).collect();
        let used: BTreeSet<&str> = running
            .iter()
            .map(|other| other.seals_with.as_str())
            .collect();
        for (id, name) in keys {
            if used.contains(name) {
                rekeyed.in_use.push(id.to_owned());
            } else if id != first
                && !rekeyed.unopened.contains_key(id)
                && !rekeyed.removable.iter().any(|known| known == id)
            {
                rekeyed.removable.push(id.to_owned());
            }
        }
        Ok(rekeyed)
    }

    async fn rekey_column(
        &self,
        connection: &mut AnyConnection,
        column: &Column,
        rekeyed: &mut Rekeyed,
    ) -> Result<()> {
        let first = rekeyed.first.clone();
        let mut behind = String::new();
        loop {
            let found = strange(connection, column, &[&first], &behind, BATCH).await?;
            let Some((last, _)) = found.last() else {
                return Ok(());
            };
            behind.clone_from(last);
            for (row, sealed) in found {
                let place = column.place(&row);
                let Ok(plain) = self.sealer.open(place, &sealed) else {
                    *rekeyed.unopened.entry(key_of(&sealed)).or_default() += 1;
                    continue;
                };
                rekeyed.sealed += self
                    .replace(connection, column, &row, &sealed, &plain)
                    .await?;
            }
        }
    }

    async fn replace(
        &self,
        connection: &mut AnyConnection,
        column: &Column,
        row: &str,
        sealed: &str,
        plain: &SecretString,
    ) -> Result<u64> {
        let replaced = sqlx::query(column.replace)
            .bind(self.sealer.seal(column.place(row), plain)?)
            .bind(row.to_owned())
            .bind(sealed.to_owned())
            .execute(connection)
            .await?;
        Ok(replaced.rows_affected())
    }
}
