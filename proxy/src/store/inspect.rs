//! Looking at a database without changing it, for `check --online`.

use std::path::Path;
use std::str::FromStr;

use secrecy::ExposeSecret;
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::{AnyConnection, Connection};

use super::{Result, Synchronous, prepare};
use crate::config::{self, sqlite_file};

/// What a start would find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// There is nothing yet: a start makes the tables.
    pub empty: bool,
    /// Migrations a start would apply. They were tried, and taken back.
    pub pending: Vec<i64>,
}

impl super::Store {
    /// Opens the database as a start would and migrates it in a transaction that is taken back.
    /// Nothing stays written; a SQLite file that does not exist is not made.
    ///
    /// # Errors
    /// What a start would refuse; [`super::Error::cure`] says what to do.
    pub async fn inspect(settings: &config::Store) -> Result<Inspection> {
        install_default_drivers();
        let url = settings.url.expose_secret();
        let file = sqlite_file(url);
        if let Some(file) = &file
            && !file.exists()
        {
            let folder = file
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            if folder.is_none_or(Path::is_dir) {
                return Ok(Inspection {
                    empty: true,
                    ..Inspection::default()
                });
            }
        }
        let sqlite = file.is_some();
        let mut connection =
            AnyConnection::connect_with(&AnyConnectOptions::from_str(url)?).await?;
        prepare(&mut connection, sqlite.then_some(Synchronous::Full)).await?;
        // Without the table nothing was ever applied.
        let applied: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations")
            .fetch_all(&mut connection)
            .await
            .unwrap_or_default();
        let migrations = sqlx::migrate!("./migrations");
        let mut tx = if sqlite {
            connection.begin_with("BEGIN IMMEDIATE").await?
        } else {
            connection.begin().await?
        };
        let tried = migrations.run_direct(None, &mut *tx, false).await;
        tx.rollback().await?;
        connection.close().await?;
        tried?;
        let known = migrations.iter().map(|migration| migration.version);
        Ok(Inspection {
            empty: applied.is_empty(),
            pending: known.filter(|version| !applied.contains(version)).collect(),
        })
    }
}
