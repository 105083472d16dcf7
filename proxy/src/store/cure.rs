//! What an operator can do about a store that does not open.

use sqlx::migrate::MigrateError;

use super::Error;

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

    /// Whether only the administrator can mend it.
    pub fn is_configuration(&self) -> bool {
        !self.is_away() && !matches!(self, Self::Row(_))
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
            Self::Migration(MigrateError::VersionMissing(_)) => {
                "a newer version of goto-microapps made this database: run that version, or restore the backup from before it"
            }
            Self::KeyMissing(_) | Self::Sealed(_) => "put the missing key back into store.keys",
            _ => "look into the database's own log",
        }
    }
}

/// By SQLite's result code or PostgreSQL's SQLSTATE.
fn cure_of(code: &str) -> &'static str {
    match code {
        "8" | "1544" => {
            "let the proxy's user write the file and its folder, and leave mode=ro out of store.url"
        }
        "13" => "make room on the disk",
        "14" => "create the folder, and let the proxy's user write in it",
        "26" => "name another file in store.url: this one holds something else",
        "3D000" => "create the database with createdb, or correct its name in store.url",
        "28000" | "28P01" => "correct user and password in store.url",
        "42501" => "let the user of store.url create tables in the database",
        "25006" => "name the primary server in store.url: this one cannot be written",
        _ => "look into the database's own log",
    }
}
