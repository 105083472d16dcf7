//! All the SQL, and nothing but SQL and sealing.
//!
//! One URL picks SQLite or PostgreSQL; text and migrations are the same for both (sqlx `Any`:
//! `$n` placeholders, `ON CONFLICT`, `RETURNING`, `BIGINT` and `TEXT` only). Callers pass the time
//! in; only the upstream slots ask PostgreSQL's clock, because their replicas must agree.

mod activity;
pub mod backup;
mod change_intents;
mod connect;
mod edits;
mod error;
mod files;
mod grants;
mod inspect;
mod intents;
mod journal;
mod leases;
mod listings;
mod meeting_changes;
mod open;
mod organizers;
mod pending_sign_ins;
mod queued_creates;
mod recent_colleagues;
mod rekey;
mod replicas;
mod restore;
mod schema;
pub mod sealed;
mod sessions;
mod settings;
mod slots;
mod start_tickets;
mod stored_meetings;
mod tickets;

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use sqlx::AnyPool;

use crate::clock::{Clock, Millis};

pub use activity::ActivityRow;
pub use change_intents::{
    ChangeIntent, ChangeKind, ChangeMove, ChangeState, EditedMeeting, MeetingSeen, NewChange,
};
pub use error::{Error, Result};
pub use grants::{Grant, GrantRow, Identity, Owner, Subject};
pub use inspect::Inspection;
pub use intents::{CreateRefusal, DropReason, Intent, IntentChange, IntentState, NewIntent};
pub use organizers::{OrganizerRow, RunState, SyncRun};
pub use pending_sign_ins::{ClientKind, PendingSignIn};
pub use rekey::Rekeyed;
pub use sealed::{SealError, Sealer};
pub use sessions::{Handoff, SessionBounds, SessionRow, SeveredWindow};
pub use slots::{SlotTime, Slots};
pub use start_tickets::StartTicket;
pub use stored_meetings::MeetingRow;

/// A time further ahead than this was written before the clock was set back, milliseconds: nothing
/// is ever due that far ahead, and the clocks of replicas differ by less.
pub(crate) const SET_BACK: Millis = 5 * 60 * 1000;

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

/// Where the time of the slots comes from. Never the wall clock of a host: a step of it would free
/// slots early.
#[derive(Clone, Debug)]
enum SlotClock {
    /// SQLite, one host: the time since its boot. Also every manual clock.
    Host(Clock),
    /// PostgreSQL: the server's clock, the one all replicas share.
    Server,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    pub(super) fn is_sqlite(&self) -> bool {
        self.sqlite
    }
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
