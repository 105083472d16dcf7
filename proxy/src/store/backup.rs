//! A backup: one file, the same for both databases, made while proxies run.
//!
//! Lines of JSON: a head, for each table its name with its columns and then one array a row, and a
//! foot with the count and the SHA-256 of everything before it. Read in one transaction, so all of
//! it is of one moment. What is sealed stays sealed. Sessions, hand-offs, sign-ins under way and the
//! support log are not in it: the first three must not come back, and the last lives a day.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{AssertSqlSafe, Column, Row, ValueRef};

use super::{Result, Store, schema};
use crate::clock::Millis;

/// What the first line says it is.
const FORMAT: &str = "goto-microapps backup";
/// Grows when older versions could not read it.
const EDITION: u32 = 1;

/// Tables of a backup.
pub const KEPT: [&str; 10] = [
    "setting",
    "oauth_grant",
    "upstream_slot",
    "organizer",
    "sync_run",
    "create_intent",
    "meeting",
    "change_intent",
    "edit_intent",
    "recent_colleague",
];

/// Tables that are not in it: what must not come back, and what is of the moment.
pub const LEFT_OUT: [&str; 11] = [
    "session",
    "admin_session",
    "handoff",
    "console_ticket",
    "sign_in_transaction",
    "lease",
    "replica",
    "upstream_pause",
    "activity",
    "my_meetings",
    "start_ticket",
];

/// Why a backup cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Store(#[from] super::Error),
    /// The file.
    #[error("{}: {error}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// From the system.
        error: std::io::Error,
    },
    /// It is there already.
    #[error("{}: exists already; a backup never replaces a file", .0.display())]
    Exists(PathBuf),
    /// Not a backup, or not a whole one.
    #[error("{}: {why}; nothing was restored", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is something in the database already.
    #[error(
        "store.url: the database is not empty, and a backup is only restored into an empty one: move the SQLite file away (with the ones beside it that end in -wal and -shm), or name a new database made with createdb; nothing was restored"
    )]
    NotEmpty,
}

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Head {
    format: String,
    edition: u32,
    /// Milliseconds since the epoch.
    pub(super) taken_at: Millis,
    /// The newest migration of the database it was taken of.
    pub(super) migration: i64,
}

/// The line above the rows of a table.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TableHead {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
struct Foot {
    rows: u64,
    sha256: String,
}

/// What is in a backup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// When it was taken, milliseconds since the epoch.
    pub taken_at: Millis,
    /// Rows of all tables.
    pub rows: u64,
}

/// One line of a backup that is being read.
pub(super) enum Line {
    Table(TableHead),
    Row(Vec<Value>),
}

/// A file that is written, with what is needed for its foot.
struct Writer<'f> {
    path: &'f Path,
    file: BufWriter<std::fs::File>,
    hash: Sha256,
    rows: u64,
}

impl Writer<'_> {
    fn line(&mut self, line: &impl Serialize) -> std::result::Result<(), BackupError> {
        let failed = |error| BackupError::File {
            file: self.path.to_owned(),
            error,
        };
        let mut bytes = serde_json::to_vec(line).map_err(|error| failed(error.into()))?;
        bytes.push(b'\n');
        self.hash.update(&bytes);
        self.file.write_all(&bytes).map_err(failed)
    }
}

fn hexadecimal(hash: Sha256) -> String {
    use std::fmt::Write;
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn value(row: &AnyRow, index: usize) -> Result<Value> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().kind();
    Ok(match kind {
        AnyTypeInfoKind::BigInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::SmallInt => {
            row.try_get::<i64, _>(index)?.into()
        }
        _ => row.try_get::<String, _>(index)?.into(),
    })
}

impl Store {
    /// Writes a backup to a new file that nobody else may read, and reads it again to see that it is
    /// whole.
    ///
    /// # Errors
    /// [`BackupError`]; then there is no such file.
    pub async fn backup(
        &self,
        file: &Path,
        now: Millis,
    ) -> std::result::Result<Contents, BackupError> {
        if file.exists() {
            return Err(BackupError::Exists(file.to_owned()));
        }
        let part = super::files::beside(file, ".part");
        let failed = |error| BackupError::File {
            file: file.to_owned(),
            error,
        };
        let written = self.write_backup(&part, now).await;
        let written = written.and_then(|()| verify(&part));
        match written {
            Ok((_, contents)) => {
                std::fs::rename(&part, file).map_err(failed)?;
                Ok(contents)
            }
            Err(error) => {
                // What was begun is of no use to anybody.
                let _ = std::fs::remove_file(&part);
                Err(error)
            }
        }
    }

    async fn write_backup(&self, part: &Path, now: Millis) -> std::result::Result<(), BackupError> {
        let failed = |error| BackupError::File {
            file: part.to_owned(),
            error,
        };
        let begin = if self.is_sqlite() {
            "BEGIN"
        } else {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        };
        let database = |error: sqlx::Error| BackupError::Store(error.into());
        let mut tx = self.pool.begin_with(begin).await.map_err(database)?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let opened = super::files::private(&mut options)
            .open(part)
            .map_err(failed)?;
        let mut writer = Writer {
            path: part,
            file: BufWriter::new(opened),
            hash: Sha256::new(),
            rows: 0,
        };
        writer.line(&Head {
            format: FORMAT.to_owned(),
            edition: EDITION,
            taken_at: now,
            migration: schema::version(&mut tx).await?,
        })?;
        for table in KEPT {
            let query = format!("SELECT * FROM {table}");
            let mut rows = sqlx::query(AssertSqlSafe(query)).fetch(&mut *tx);
            let mut columns = 0;
            while let Some(row) = rows.try_next().await.map_err(database)? {
                if columns == 0 {
                    columns = row.columns().len();
                    writer.line(&TableHead {
                        table: table.to_owned(),
                        columns: row.columns().iter().map(|c| c.name().to_owned()).collect(),
                    })?;
                }
                let values = (0..columns).map(|index| value(&row, index));
                writer.line(&values.collect::<Result<Vec<_>>>()?)?;
                writer.rows += 1;
            }
        }
        tx.rollback().await.map_err(database)?;
        let foot = Foot {
            rows: writer.rows,
            sha256: hexadecimal(writer.hash.clone()),
        };
        writer.line(&foot)?;
        let file = writer
            .file
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)
    }
}

/// Reads a backup to its end and compares it with its foot.
pub(super) fn verify(file: &Path) -> std::result::Result<(Head, Contents), BackupError> {
    let mut rows = 0;
    let head = read(file, |line| {
        rows += u64::from(matches!(line, Line::Row(_)));
        Ok(())
    })?;
    let contents = Contents {
        taken_at: head.taken_at,
        rows,
    };
    Ok((head, contents))
}

/// Gives every line between head and foot to `each`, and refuses what is not whole.
pub(super) fn read(
    file: &Path,
    mut each: impl FnMut(Line) -> std::result::Result<(), BackupError>,
) -> std::result::Result<Head, BackupError> {
    let unreadable = |why: &str| BackupError::Unreadable {
        file: file.to_owned(),
        why: why.to_owned(),
    };
    let failed = |error| BackupError::File {
        file: file.to_owned(),
        error,
    };
    let mut reader = BufReader::new(std::fs::File::open(file).map_err(failed)?);
    let mut hash = Sha256::new();
    let mut head: Option<Head> = None;
    let mut rows = 0;
    let mut line = String::new();
    loop {
        line.clear();
        let size = reader
            .read_line(&mut line)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::InvalidData => unreadable("is not a backup of goto-microapps"),
                _ => failed(error),
            })?;
        if size == 0 {
            return Err(match head {
                Some(_) => unreadable("is cut off: its end is missing"),
                None => unreadable("is not a backup of goto-microapps"),
            });
        }
        if !line.ends_with('\n') && head.is_some() {
            return Err(unreadable("is cut off: its end is missing"));
        }
        if head.is_none() {
            let read: Head = serde_json::from_str(&line)
                .ok()
                .filter(|head: &Head| head.format == FORMAT)
                .ok_or_else(|| unreadable("is not a backup of goto-microapps"))?;
            if read.edition > EDITION {
                return Err(unreadable(
                    "was made by a newer version: restore it with that one",
                ));
            }
            head = Some(read);
        } else if let Ok(foot) = serde_json::from_str::<Foot>(&line) {
            let whole = foot.rows == rows && foot.sha256 == hexadecimal(hash.clone());
            line.clear();
            let nothing_behind = reader.read_line(&mut line).map_err(failed)? == 0;
            return match head {
                Some(head) if whole && nothing_behind => Ok(head),
                _ => Err(unreadable(
                    "was changed or damaged: its checksum does not fit",
                )),
            };
        } else {
            let broken = |_| unreadable("was changed or damaged: a line cannot be read");
            let is_row = line.starts_with('[');
            rows += u64::from(is_row);
            each(if is_row {
                Line::Row(serde_json::from_str(&line).map_err(broken)?)
            } else {
                Line::Table(serde_json::from_str(&line).map_err(broken)?)
            })?;
        }
        hash.update(line.as_bytes());
    }
}
