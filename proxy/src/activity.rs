//! The 24-hour support log: who did what, with which outcome. Never a token, a code, a join URL or
//! a body; the rows are short sentences made here.

use std::time::Duration;

use crate::clock::{Clock, Millis, millis_of};
use crate::config;
use crate::store::{ActivityRow, Result, Store};

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
}

impl Activity {
    /// A log over the store.
    pub fn new(settings: &config::ActivityLog, store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            default: settings.enabled,
            retention: settings.retention,
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
            at: self.clock.millis(),
            kind: kind.to_owned(),
            actor: actor.map(str::to_owned),
            outcome: outcome.to_owned(),
            detail: detail.chars().take(DETAIL_MAX).collect(),
        };
        let written = match self.is_on().await {
            Ok(true) => self.store.insert_activity(&row).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            tracing::warn!(%error, "the support log could not be written");
        }
    }

    /// Lines young enough to be kept, oldest first.
    pub async fn lines(&self) -> Result<Vec<ActivityRow>> {
        self.store.activity(self.horizon()).await
    }

    /// Drops what is too old.
    pub async fn purge(&self) -> Result<()> {
        self.store.purge_activity(self.horizon()).await
    }

    fn horizon(&self) -> Millis {
        self.clock.millis() - millis_of(self.retention)
    }
}
