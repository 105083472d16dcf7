//! Opening the database that `store.url` names, and closing it.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::{AnyConnection, Connection, Executor};

use super::connect::{self, Synchronous};
use super::schema::{self, DatabaseOwner};
use super::sealed::Sealer;
use super::{Error, Result, SlotClock, Store, files, journal, rekey};
use crate::clock::{Clock, Millis};

/// How long a start waits for a SQLite file that another process has to itself, and how long in
/// between two tries.
const START_PATIENCE: Duration = Duration::from_secs(5);
const START_PAUSE: Duration = Duration::from_millis(100);

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
        self.heartbeat(now).await?;
        self.renew_journal().await
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.leave().await;
        self.settle_journal().await;
        self.hasty.close().await;
        self.pool.close().await;
    }
}

/// Where `store.url` leads.
pub(super) struct Place {
    pub(super) options: AnyConnectOptions,
    pub(super) sqlite: bool,
    pub(super) file: Option<PathBuf>,
    /// Also a copy without its journal will do.
    pub(super) incomplete: bool,
}

impl Place {
    pub(super) fn of(settings: &crate::config::Store) -> Result<Self> {
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
    pub(super) async fn make_ready(&self, sealer: &Sealer) -> Result<()> {
        let sqlite = self.sqlite;
        let found = journal::FilesFound::at(self.file.as_deref());
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
    pub(super) fn make_file(&self) {
        let query = self.options.database_url.query().unwrap_or_default();
        let may = !query.contains("mode=rw") || query.contains("mode=rwc");
        if let Some(file) = self.file.as_ref().filter(|_| may) {
            files::make(file);
        }
    }

    /// Connects, and refuses what is not ours to write to.
    pub(super) async fn look(
        &self,
        found: journal::FilesFound,
    ) -> Result<(AnyConnection, DatabaseOwner)> {
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

    async fn look_at(
        &self,
        first: &mut AnyConnection,
        found: journal::FilesFound,
    ) -> Result<DatabaseOwner> {
        if self.sqlite {
            connect::prepare(first, Synchronous::Full).await?;
        }
        let whose = schema::whose(first, self.sqlite).await?;
        if let DatabaseOwner::AnotherProgram(tables) = whose {
            return Err(Error::Anothers(tables));
        }
        if self.sqlite && !self.incomplete {
            journal::check(first, found, whose == DatabaseOwner::Nobody).await?;
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
