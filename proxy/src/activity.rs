//! The 24-hour support log: who did what, with which outcome. Never a token, a code, a join URL or
//! a body; the rows are short sentences made here.
//!
//! What anybody can make happen without being known is counted and written from time to time, one
//! line for all of a kind: a stranger must not be able to fill the log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::Stream;
use futures::stream::try_unfold;

use crate::clock::{Clock, Millis, date, millis_of};
use crate::config;
use crate::store::{ActivityRow, Result, Store};

/// Lines read at once.
const PAGE: i64 = 500;
/// Longest detail kept, characters.
const DETAIL_MAX: usize = 200;
/// Name of the setting with which the administrator turns the log off and on.
const SWITCH: &str = "activity_log";

/// See the module.
#[derive(Clone, Debug)]
pub struct Activity {
    store: Store,
    clock: Clock,
    default: bool,
    retention: Duration,
    counted: Arc<Mutex<BTreeMap<Happening, Tally>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// What anonymous callers did, and how it ended; all words of ours.
type Happening = (&'static str, &'static str, String);

#[derive(Clone, Copy, Debug)]
struct Tally {
    times: u64,
    first: Millis,
    last: Millis,
}

impl Activity {
    /// A log over the store.
    pub fn new(settings: &config::ActivityLog, store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            default: settings.enabled,
            retention: settings.retention,
            counted: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// Whether lines are kept: the administrator's switch, else the configuration.
    pub async fn is_on(&self) -> Result<bool> {
        Ok(match self.store.setting(SWITCH).await?.as_deref() {
            Some("on") => true,
            Some("off") => false,
            _ => self.default,
        })
    }

    /// Turns the log on or off, for all replicas.
    pub async fn switch(&self, on: bool) -> Result<()> {
        self.store
            .set_setting(SWITCH, if on { "on" } else { "off" })
            .await
    }

    /// Hours a line is kept.
    pub fn retention_hours(&self) -> u64 {
        self.retention.as_secs() / 3600
    }

    /// Adds a line if the log is on. A log that cannot be written never stops what it tells of.
    pub async fn note(&self, kind: &str, actor: Option<&str>, outcome: &str, detail: &str) {
        let row = ActivityRow {
            id: String::new(),
            at: self.clock.millis(),
            kind: kind.to_owned(),
            actor: actor.map(str::to_owned),
            outcome: outcome.to_owned(),
            detail: detail.chars().take(DETAIL_MAX).collect(),
        };
        if let Err(error) = self.write(&row).await {
            tracing::warn!(%error, "the support log could not be written");
        }
    }

    async fn write(&self, row: &ActivityRow) -> Result<()> {
        self.store.insert_activity(row, SWITCH, self.default).await
    }

    /// Counts what nobody known did.
    pub fn count(&self, kind: &'static str, outcome: &'static str, detail: &str) {
        let now = self.clock.millis();
        let happening = (kind, outcome, detail.chars().take(DETAIL_MAX).collect());
        let mut counted = self.counted();
        let fresh = Tally {
            times: 0,
            first: now,
            last: now,
        };
        let tally = counted.entry(happening).or_insert(fresh);
        tally.times += 1;
        tally.last = now;
    }

    fn counted(&self) -> MutexGuard<'_, BTreeMap<Happening, Tally>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what was counted since the last time.
    pub async fn flush(&self) -> Result<()> {
        // One at a time: whoever reads afterwards reads all of it.
        let _turn = self.turn.lock().await;
        loop {
            let next = self.counted().pop_first();
            let Some((happening, tally)) = next else {
                return Ok(());
            };
            let written = self.write(&row(&happening, tally)).await;
            if written.is_err() {
                // The next look writes it; what came meanwhile is added.
                let mut counted = self.counted();
                let entry = counted
                    .entry(happening)
                    .or_insert(Tally { times: 0, ..tally });
                entry.times += tally.times;
                entry.first = tally.first;
                return written;
            }
        }
    }

    /// Lines young enough to be kept, oldest first, read as they are asked for: the log may be
    /// larger than anybody wants in memory.
    pub async fn lines(&self) -> Result<impl Stream<Item = Result<Vec<ActivityRow>>> + use<>> {
        self.flush().await?;
        let (store, horizon) = (self.store.clone(), self.horizon());
        Ok(try_unfold((horizon + 1, String::new()), move |after| {
            let store = store.clone();
            async move {
                let rows = store.activity(after.0, &after.1, PAGE).await?;
                let next = rows.last().map(|row| (row.at, row.id.clone()));
                Ok(next.map(|next| (rows, next)))
            }
        }))
    }

    /// Drops what is too old.
    pub async fn purge(&self) -> Result<()> {
        self.store.purge_activity(self.horizon()).await
    }

    fn horizon(&self) -> Millis {
        self.clock.millis() - millis_of(self.retention)
    }
}

/// One line for all of a kind.
fn row((kind, outcome, detail): &Happening, tally: Tally) -> ActivityRow {
    let times = (tally.times > 1).then(|| {
        let since = date(tally.first).format("%H:%M:%S");
        format!("{} times since {since} UTC", tally.times)
    });
    let parts = [
        Some(detail.clone()).filter(|detail| !detail.is_empty()),
        times,
    ];
    ActivityRow {
        id: String::new(),
        at: tally.last,
        kind: (*kind).to_owned(),
        actor: None,
        outcome: (*outcome).to_owned(),
        detail: parts.into_iter().flatten().collect::<Vec<_>>().join(", "),
    }
}
