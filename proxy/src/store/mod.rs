//! All the SQL, and nothing but SQL and sealing.
//!
//! One URL picks SQLite or PostgreSQL; text and migrations are the same for both (sqlx `Any`:
//! `$n` placeholders, `ON CONFLICT`, `RETURNING`, `BIGINT` and `TEXT` only). Callers pass the time
//! in; only the upstream slots ask PostgreSQL's clock, because their replicas must agree.

mod activity;
mod cure;
mod files;
mod grants;
mod inspect;
mod intents;
mod leases;
mod organizers;
mod rekey;
pub mod sealed;
mod sessions;
mod settings;
mod slots;
mod transactions;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, Connection, Executor};

use crate::clock::{Clock, Millis};

pub use activity::ActivityRow;
pub use grants::{Grant, GrantRow, Identity, Owner, Subject};
pub use inspect::Inspection;
pub use intents::{Intent, IntentChange, IntentState, MeetingRow, NewIntent};
pub use organizers::{OrganizerRow, RunState, SyncRun};
pub use sealed::{SealError, Sealer};
pub use sessions::{Handoff, SessionRow};
use slots::SlotClock;
pub use slots::SlotTime;
pub use transactions::{ClientKind, Transaction};

/// A time further ahead than this was written before the clock was set back, milliseconds: nothing
/// is ever due that far ahead, and the clocks of replicas differ by less.
pub(crate) const SET_BACK: Millis = 5 * 60 * 1000;

/// How long a start waits for a SQLite file that another process has to itself, and how long in
/// between two tries.
const START_PATIENCE: Duration = Duration::from_secs(5);
const START_PAUSE: Duration = Duration::from_millis(100);

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or is away.
    #[error("store: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("store migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A sealed value cannot be opened.
    #[error("store: {0}")]
    Sealed(#[from] SealError),
    /// The ring lacks a key that stored values still need.
    #[error(
        "store.keys: the key `{0}` is missing, but stored values are sealed with it; put it back behind the first key, run `goto-microapps rekey`, and remove it then"
    )]
    KeyMissing(String),
    /// A row holds something this build does not know.
    #[error("store: unreadable row: {0}")]
    Row(String),
}

/// Result of a store call.
pub type Result<T> = std::result::Result<T, Error>;

/// The open store.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    /// For what a power cut may take: on SQLite its commits do not wait for the disk, and a process
    /// that dies still loses nothing. Upstream slots are such, because nothing is sent for a while
    /// after a boot; an intent is not, from the moment it is marked as sent. On PostgreSQL, where
    /// the server may restart without our noticing, this is the same as `pool`.
    hasty: AnyPool,
    sealer: Arc<Sealer>,
    slot_clock: SlotClock,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the database, creates it if it is a SQLite file, and migrates it.
    pub async fn open(settings: &crate::config::Store, clock: &Clock) -> Result<Self> {
        install_default_drivers();
        let url = settings.url.expose_secret();
        let sqlite = url.starts_with("sqlite:");
        let url = if sqlite && !url.contains('?') {
            format!("{url}?mode=rwc")
        } else {
            url.to_owned()
        };
        files::keep_to_owner(&url);
        let options = AnyConnectOptions::from_str(&url)?;
        // One connection before the pool: a pool that gets none only says that it waited in vain.
        let began = tokio::time::Instant::now();
        while let Err(error) = make_ready(&options, sqlite).await {
            if !sqlite || !is_locked(&error) || began.elapsed() > START_PATIENCE {
                return Err(error);
            }
            tokio::time::sleep(START_PAUSE).await;
        }
        let connect = async |most, synchronous: Option<Synchronous>| {
            AnyPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(Duration::from_secs(5))
                .after_connect(move |connection, _| Box::pin(prepare(connection, synchronous)))
                .connect_with(options.clone())
                .await
        };
        let (pool, hasty) = if sqlite {
            // One connection, so that its short commits queue up here and not by sleeping on a lock.
            (
                connect(4, Some(Synchronous::Full)).await?,
                connect(1, Some(Synchronous::Normal)).await?,
            )
        } else {
            let pool = connect(12, None).await?;
            (pool.clone(), pool)
        };
        let store = Self {
            pool,
            hasty,
            sealer: Arc::new(Sealer::new(&settings.keys)),
            slot_clock: if sqlite || !clock.is_system() {
                SlotClock::Host(clock.clone())
            } else {
                SlotClock::Server
            },
        };
        store.check_ring().await?;
        Ok(store)
    }

    /// Asks the database for nothing, to see whether it is there.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.hasty.close().await;
        self.pool.close().await;
    }
}

/// Brings the database to where the pool can use it.
async fn make_ready(options: &AnyConnectOptions, sqlite: bool) -> Result<()> {
    let mut first = AnyConnection::connect_with(options).await?;
    prepare(&mut first, sqlite.then_some(Synchronous::Full)).await?;
    if sqlite {
        // Stays with the file.
        first.execute("PRAGMA journal_mode = WAL").await?;
    }
    migrate(&mut first, sqlite).await?;
    // Nothing to delete, but a database that cannot be written says so here and not later.
    sqlx::query("DELETE FROM setting WHERE name = ''")
        .execute(&mut first)
        .await?;
    first.close().await?;
    Ok(())
}

/// Whether another process has a SQLite file to itself: it is changing it to WAL or recovering it,
/// for which SQLite does not wait (<https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode>).
fn is_locked(error: &Error) -> bool {
    let (Error::Database(error) | Error::Migration(sqlx::migrate::MigrateError::Execute(error))) =
        error
    else {
        return false;
    };
    let Some(error) = error.as_database_error() else {
        return false;
    };
    // SQLITE_BUSY in the lower byte, whatever is said beside it.
    error
        .code()
        .is_some_and(|code| code.parse::<u32>().is_ok_and(|code| code & 0xff == 5))
}

/// When SQLite syncs the disk (<https://sqlite.org/pragma.html#pragma_synchronous>).
#[derive(Clone, Copy, Debug)]
enum Synchronous {
    /// At each commit: what was committed survives a power cut.
    Full,
    /// From time to time, and in order: a power cut takes the latest commits.
    Normal,
}

/// Sets a connection up. PostgreSQL needs nothing.
async fn prepare(connection: &mut AnyConnection, sqlite: Option<Synchronous>) -> sqlx::Result<()> {
    let Some(synchronous) = sqlite else {
        return Ok(());
    };
    connection.execute("PRAGMA busy_timeout = 5000").await?;
    let synchronous = match synchronous {
        Synchronous::Full => "PRAGMA synchronous = FULL",
        Synchronous::Normal => "PRAGMA synchronous = NORMAL",
    };
    connection.execute(synchronous).await?;
    Ok(())
}

/// Brings the schema up to date, one process at a time.
async fn migrate(connection: &mut AnyConnection, sqlite: bool) -> Result<()> {
    let migrations = sqlx::migrate!("./migrations");
    if sqlite {
        // On PostgreSQL sqlx takes a lock of its own; on SQLite two processes that start together
        // would both find an empty file.
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        migrations.run_direct(None, &mut *tx, false).await?;
        tx.commit().await?;
    } else {
        migrations.run_direct(None, connection, false).await?;
    }
    Ok(())
}

fn flag(value: bool) -> i64 {
    i64::from(value)
}
