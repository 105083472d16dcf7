//! Why the store does not answer or open, and what an operator can do about it.

use std::io::ErrorKind;

use sqlx::migrate::MigrateError;

use super::sealed::SealError;

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or is away.
    #[error("store: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("store migration: {0}")]
    Migration(#[from] MigrateError),
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

impl Error {
    /// Whether the database does not answer, or not yet: it may be there in a while.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) => true,
            Self::Database(sqlx::Error::Database(error)) => {
                let code = error.code();
                let code = code.as_deref().unwrap_or_default();
                // Class 57P: starting, shutting down; class 53: out of connections; class 08.
                code.starts_with("57P") || code == "53300" || code.starts_with("08")
            }
            _ => false,
        }
    }

    /// Whether only the administrator can mend it, and no waiting does.
    pub fn is_configuration(&self) -> bool {
        match self {
            Self::Row(_) | Self::KeyUnknown { .. } | Self::NoPlace(_) => false,
            Self::Database(error) => !self.is_away() && !passes(error),
            Self::Migration(
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
            ) => !passes(error),
            _ => true,
        }
    }

    /// The cure, as a sentence without a full stop.
    pub fn cure(&self) -> &'static str {
        match self {
            Self::Database(sqlx::Error::Io(_)) => {
                "start the database server, or correct host and port in store.url"
            }
            Self::Database(sqlx::Error::Database(error)) => {
                cure_of(error.code().as_deref().unwrap_or_default())
            }
            Self::Newer(_) => {
                "a newer version of goto-microapps made this database: run that version, or restore the backup from before it"
            }
            Self::Anothers(_) => {
                "give goto-microapps a database of its own, and name that one in store.url"
            }
            Self::Pooler => {
                "name PostgreSQL itself in store.url, or let the pooler use pool_mode = session for this database"
            }
            Self::PoolerRefuses(_) => {
                "add `ignore_startup_parameters = extra_float_digits` to pgbouncer.ini and use pool_mode = session, or name PostgreSQL itself in store.url"
            }
            Self::Split => {
                "name the primary server itself in store.url, not a balancer that sends reads elsewhere"
            }
            Self::JournalMissing => {
                "bring the file that ends in -wal from the same copy, or restore a backup; if this file is all there is, run `goto-microapps backup FILE`, move it away and run `goto-microapps restore FILE`"
            }
            Self::NoPlace(error) => match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                    cure_of("13")
                }
                _ => cure_of("14"),
            },
            Self::KeyMissing(_)
            | Self::KeyReplaced(_)
            | Self::KeyUnknown { .. }
            | Self::Sealed(_) => "put the missing key back into store.keys",
            Self::Migration(
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
            ) => error
                .as_database_error()
                .map_or("look into the database's own log", |error| {
                    cure_of(error.code().as_deref().unwrap_or_default())
                }),
            _ => "look into the database's own log",
        }
    }
}

/// Whether a database's refusal may pass by itself: SQLite's for a file that is locked, cannot be
/// written or has no room, PostgreSQL's for a full disk and for a server that is not the primary.
fn passes(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    let code = code.as_deref().unwrap_or_default();
    // SQLSTATEs have five characters, SQLite's codes fewer; the kind is in their lower byte.
    matches!(code, "25006" | "53100")
        || (code.len() < 5
            && code
                .parse::<u32>()
                .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13)))
}

/// By SQLite's result code or PostgreSQL's SQLSTATE.
fn cure_of(code: &str) -> &'static str {
    match code {
        "8" | "1544" => {
            "let the proxy's user write the file and its folder, and leave mode=ro out of store.url"
        }
        "13" => "make room on the disk",
        "53100" => "make room on the disk of the database server",
        // Writing, syncing, growing the file.
        "10" | "778" | "1034" | "4874" => {
            "make room on the disk; if there is room, look into the system's log for faults of the disk"
        }
        "14" => "create the folder, and let the proxy's user write in it",
        "26" => "name another file in store.url: this one holds something else",
        "3D000" => "create the database with createdb, or correct its name in store.url",
        "28000" | "28P01" => "correct user and password in store.url",
        "3F000" => "create the schema that search_path names, or correct it in store.url",
        "42501" => "let the user of store.url create tables in the database",
        "25006" => "name the primary server in store.url: this one cannot be written",
        _ => "look into the database's own log",
    }
}
