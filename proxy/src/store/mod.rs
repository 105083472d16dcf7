//! All the SQL, and nothing but SQL and sealing.
//!
//! One URL picks SQLite or PostgreSQL; text and migrations are the same for both (sqlx `Any`:
//! `$n` placeholders, `ON CONFLICT`, `RETURNING`, `BIGINT` and `TEXT` only). Callers pass the time
//! in; only the upstream slots ask PostgreSQL's clock, because their replicas must agree.

mod activity;
pub mod backup;
mod connect;
mod cure;
mod files;
mod grants;
mod inspect;
mod intents;
mod journal;
mod leases;
mod organizers;
mod rekey;
mod replicas;
mod restore;
mod schema;
pub mod sealed;
mod sessions;
mod settings;
mod slots;
mod transactions;

use std::fs::File;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, Connection, Executor};

use crate::clock::{Clock, Millis};
use connect::Synchronous;
use schema::Whose;

pub use activity::ActivityRow;
pub use grants::{Grant, GrantRow, Identity, Owner, Subject};
pub use inspect::Inspection;
pub use intents::{Intent, IntentChange, IntentState, MeetingRow, NewIntent};
pub use organizers::{OrganizerRow, RunState, SyncRun};
pub use rekey::Rekeyed;
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
    /// A key of the ring has the name of the one that is needed, and is another.
    #[error(
        "store.keys: stored values were sealed with another key of that name than `{0}`; put the earlier key of that name back as one more line behind (both are tried), run `goto-microapps rekey`, and remove it then"
    )]
    KeyReplaced(String),
    /// A running proxy could not open what would be sealed.
    #[error(
        "store.keys: {proxies} running {} not know the key `{key}` yet: restart with this configuration first; nothing was changed. One that has died counts for five minutes",
        if *.proxies == 1 { "proxy does" } else { "proxies do" }
    )]
    KeyUnknown {
        /// Its id.
        key: String,
        /// How many.
        proxies: usize,
    },
    /// Tables of another program; some of their names.
    #[error("it holds tables of another program (`{0}`); nothing was written")]
    Anothers(String),
    /// A migration this version does not know, and that it may not live with.
    #[error("it was migrated by a newer version (migration {0}); nothing was written")]
    Newer(i64),
    /// Each transaction gets another server.
    #[error(
        "a connection pooler in transaction mode, such as PgBouncer, stands in front of PostgreSQL"
    )]
    Pooler,
    /// A pooler that does not take a connection as it is.
    #[error(
        "a connection pooler, such as PgBouncer, stands in front of PostgreSQL and refuses: {0}"
    )]
    PoolerRefuses(String),
    /// What was written is not read.
    #[error("reads come from another server than writes")]
    Split,
    /// A copy of a SQLite file without its `-wal`.
    #[error(
        "it was copied without its journal (the file beside it that ends in -wal): what was written last is missing"
    )]
    JournalMissing,
    /// There is no SQLite file, and none can be made.
    #[error("it is not there, and cannot be made: {0}")]
    NoPlace(std::io::Error),
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
    /// The file, on SQLite.
    file: Option<PathBuf>,
    /// Held while this process has the file for itself.
    lock: Arc<OnceLock<File>>,
    sqlite: bool,
    /// Names this proxy among those that run.
    id: Arc<str>,
    /// Whether it told of itself.
    present: Arc<AtomicBool>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the database, creates it if it is a SQLite file, and migrates it.
    pub async fn open(settings: &crate::config::Store, clock: &Clock) -> Result<Self> {
        Self::open_at(Place::of(settings)?, settings, clock).await
    }

    /// The same, also a SQLite file whose journal is missing: for a backup of what is left.
    pub async fn open_incomplete(settings: &crate::config::Store, clock: &Clock) -> Result<Self> {
        let mut place = Place::of(settings)?;
        place.incomplete = true;
        Self::open_at(place, settings, clock).await
    }

    async fn open_at(place: Place, settings: &crate::config::Store, clock: &Clock) -> Result<Self> {
        let sealer = Sealer::new(&settings.keys);
        // One connection before the pool: a pool that gets none only says that it waited in vain.
        let began = tokio::time::Instant::now();
        while let Err(error) = place.make_ready(&sealer).await {
            if !place.sqlite || !is_locked(&error) || began.elapsed() > START_PATIENCE {
                return Err(error);
            }
            tokio::time::sleep(START_PAUSE).await;
        }
        let Place {
            options,
            sqlite,
            file,
            ..
        } = place;
        let (pool, hasty) = if sqlite {
            // One connection, so that its short commits queue up here and not by sleeping on a lock.
            (
                connect::sqlite_pool(&options, 4, Synchronous::Full).await?,
                connect::sqlite_pool(&options, 1, Synchronous::Normal).await?,
            )
        } else {
            let pool = connect::postgres_pool(&options, 12).await?;
            (pool.clone(), pool)
        };
        let store = Self {
            pool,
            hasty,
            sealer: Arc::new(sealer),
            slot_clock: if sqlite || !clock.is_system() {
                SlotClock::Host(clock.clone())
            } else {
                SlotClock::Server
            },
            file,
            lock: Arc::default(),
            sqlite,
            id: crate::random::name().into(),
            present: Arc::default(),
        };
        store.choose_key(clock.millis()).await?;
        Ok(store)
    }

    /// Makes this a running proxy, not a tool beside one: the others count on it from now on.
    pub async fn join(&self, now: Millis) -> Result<()> {
        if !self.take_file() {
            tracing::warn!(
                "store.url: another process uses this SQLite file; run one proxy on it, or give several a PostgreSQL database"
            );
        } else if self.sqlite && self.file.is_some() {
            self.forget_others().await?;
        }
        self.beat(now).await?;
        self.renew_journal().await
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.leave().await;
        self.settle_journal().await;
        self.hasty.close().await;
        self.pool.close().await;
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.sqlite
    }
}

/// Where `store.url` leads.
struct Place {
    options: AnyConnectOptions,
    sqlite: bool,
    file: Option<PathBuf>,
    /// Also a copy without its journal will do.
    incomplete: bool,
}

impl Place {
    fn of(settings: &crate::config::Store) -> Result<Self> {
        install_default_drivers();
        let url = settings.url.expose_secret();
        let sqlite = url.starts_with("sqlite:");
        let file = crate::config::sqlite_file(url);
        let url = if sqlite && !url.contains('?') {
            format!("{url}?mode=rwc")
        } else {
            url.to_owned()
        };
        Ok(Self {
            options: AnyConnectOptions::from_str(&url)?,
            sqlite,
            file,
            incomplete: false,
        })
    }

    /// Brings the database to where the pool can use it.
    async fn make_ready(&self, sealer: &Sealer) -> Result<()> {
        let sqlite = self.sqlite;
        let found = journal::Found::at(self.file.as_deref());
        self.make_file();
        let (mut first, whose) = self.look(found).await?;
        if let Some(file) = &self.file {
            files::keep_to_owner(file);
        }
        let reads = if sqlite {
            None
        } else {
            Some(connect::server(&mut first).await?)
        };
        let mut tx = schema::begin(&mut first, sqlite).await?;
        schema::migrate(&mut tx, sqlite, &whose, None).await?;
        // Nothing to delete, but a database that cannot be written says so here and not later.
        sqlx::query("DELETE FROM setting WHERE name = ''")
            .execute(&mut *tx)
            .await?;
        if let Some(reads) = reads {
            connect::refuse_split(&mut tx, reads).await?;
        }
        rekey::check_ring(&mut tx, sealer).await?;
        tx.commit().await?;
        if sqlite {
            // Stays with the file. After the tables: a file with a journal and without tables is one
            // whose journal is missing.
            first.execute("PRAGMA journal_mode = WAL").await?;
        }
        first.close().await?;
        Ok(())
    }

    /// Makes a SQLite file that is not there, unless the URL says that it has to be.
    fn make_file(&self) {
        let query = self.options.database_url.query().unwrap_or_default();
        let may = !query.contains("mode=rw") || query.contains("mode=rwc");
        if let Some(file) = self.file.as_ref().filter(|_| may) {
            files::make(file);
        }
    }

    /// Connects, and refuses what is not ours to write to.
    async fn look(&self, found: journal::Found) -> Result<(AnyConnection, Whose)> {
        if !self.sqlite {
            connect::refuse_pooler(&self.options).await?;
        }
        let connected = AnyConnection::connect_with(&self.options).await;
        let mut first = connected.map_err(connect::named)?;
        let looked = self.look_at(&mut first, found).await;
        match looked {
            Ok(whose) => Ok((first, whose)),
            Err(error) => {
                // Orderly, so that SQLite leaves nothing beside a file that is not used.
                let _ = first.close().await;
                Err(error)
            }
        }
    }

    async fn look_at(&self, first: &mut AnyConnection, found: journal::Found) -> Result<Whose> {
        if self.sqlite {
            connect::prepare(first, Synchronous::Full).await?;
        }
        let whose = schema::whose(first, self.sqlite).await?;
        if let Whose::Anothers(tables) = whose {
            return Err(Error::Anothers(tables));
        }
        if self.sqlite && !self.incomplete {
            journal::check(first, found, whose == Whose::Nobodys).await?;
        }
        Ok(whose)
    }
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

/// What a statement with `RETURNING` changed. Its rows have to be fetched to their end: the commit
/// comes behind the last of them, and so does an error of the commit. Whoever takes the first row and
/// goes takes for done what was not kept, on a full disk for example.
fn changed<T>(rows: Vec<T>) -> Option<T> {
    rows.into_iter().next()
}

fn flag(value: bool) -> i64 {
    i64::from(value)
}
