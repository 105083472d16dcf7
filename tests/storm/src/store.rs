//! The proxy's store, looked at from outside: what it says about each create, and where negative
//! controls interfere.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context;
use goto_microapps_harness::postgres::Postgres;
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Row};
use tempfile::TempDir;

use crate::options::StoreKind;

/// How long a statement of ours may wait for a database that is down.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where files live in memory, on Linux.
const MEMORY: &str = "/dev/shm";

/// A directory whose writes are quick: a process that is killed loses nothing the kernel has, and
/// nobody cuts the power here.
fn in_memory() -> std::io::Result<TempDir> {
    tempfile::tempdir_in(MEMORY).or_else(|_| tempfile::tempdir())
}

/// A database for one storm.
#[derive(Debug)]
pub struct Database {
    /// For `store.url`.
    pub url: String,
    /// The server, where there is one.
    pub server: Option<std::sync::Arc<Postgres>>,
    _directory: Option<TempDir>,
}

/// A create as the proxy stored it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// State, as the column has it.
    pub state: String,
    /// The meeting, once known.
    pub meeting: Option<String>,
    /// Whether it waits for its turn, and is sent without being asked for again.
    pub waits: bool,
    /// Why it was never sent, where it once waited.
    pub dropped: Option<String>,
}

/// An order to change a meeting, as the proxy stored it.
#[derive(Clone, Debug)]
pub struct StoredChange {
    /// Id of the meeting.
    pub meeting: String,
    /// Subject that an edit gives it; `None` of a cancellation.
    pub new_subject: Option<String>,
    /// State, as the column has it.
    pub state: String,
}

impl Database {
    /// An empty one.
    ///
    /// # Errors
    /// When PostgreSQL does not start.
    pub fn start(kind: StoreKind) -> anyhow::Result<Self> {
        match kind {
            StoreKind::Sqlite => {
                let directory = in_memory()?;
                Ok(Self {
                    url: format!("sqlite://{}", directory.path().join("store.db").display()),
                    server: None,
                    _directory: Some(directory),
                })
            }
            StoreKind::Postgres => {
                let server = Postgres::start()?;
                Ok(Self {
                    url: server.database()?,
                    server: Some(std::sync::Arc::new(server)),
                    _directory: None,
                })
            }
        }
    }

    /// Whether it is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.server.is_none()
    }

    /// Connections beside those of the proxies.
    ///
    /// # Errors
    /// When it is away.
    pub async fn pool(&self) -> anyhow::Result<AnyPool> {
        sqlx::any::install_default_drivers();
        Ok(AnyPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(PATIENCE)
            .connect(&self.url)
            .await?)
    }

    /// Every create by its idempotency key.
    ///
    /// # Errors
    /// When it is away.
    pub async fn creates(&self) -> anyhow::Result<HashMap<String, Stored>> {
        let pool = self.pool().await.context("the store after the storm")?;
        let rows = sqlx::query("SELECT * FROM create_intent")
            .fetch_all(&pool)
            .await?;
        let creates = rows.iter().map(|row| {
            let state: String = row.try_get("state")?;
            let queued_at: Option<i64> = row.try_get("queued_at")?;
            Ok((
                row.try_get("idem_key")?,
                Stored {
                    waits: state == "new" && queued_at.is_some(),
                    state,
                    meeting: row.try_get("meeting_id")?,
                    dropped: row.try_get("dropped")?,
                },
            ))
        });
        let creates = creates.collect::<Result<_, sqlx::Error>>()?;
        pool.close().await;
        Ok(creates)
    }

    /// Every order to change a meeting.
    ///
    /// # Errors
    /// When it is away.
    pub async fn changes(&self) -> anyhow::Result<Vec<StoredChange>> {
        let pool = self.pool().await?;
        let rows = sqlx::query(
            "SELECT meeting_id, state, new_subject FROM edit_intent \
             UNION ALL SELECT meeting_id, state, NULL FROM change_intent",
        )
        .fetch_all(&pool)
        .await?;
        let changes = rows.iter().map(|row| {
            Ok(StoredChange {
                meeting: row.try_get("meeting_id")?,
                new_subject: row.try_get("new_subject")?,
                state: row.try_get("state")?,
            })
        });
        let changes = changes.collect::<Result<_, sqlx::Error>>()?;
        pool.close().await;
        Ok(changes)
    }

    /// Whose consents it holds for lost.
    ///
    /// # Errors
    /// When it is away.
    pub async fn lost_consents(&self) -> anyhow::Result<Vec<String>> {
        let pool = self.pool().await?;
        let owners = sqlx::query_scalar("SELECT owner FROM oauth_grant WHERE lost = 1")
            .fetch_all(&pool)
            .await?;
        pool.close().await;
        Ok(owners)
    }

    /// Ids of the meetings it says were created here.
    ///
    /// # Errors
    /// When it is away.
    pub async fn meetings(&self) -> anyhow::Result<Vec<String>> {
        let pool = self.pool().await?;
        let ids = sqlx::query_scalar("SELECT id FROM meeting")
            .fetch_all(&pool)
            .await?;
        pool.close().await;
        Ok(ids)
    }
}
