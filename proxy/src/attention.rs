//! What only the administrator can cure, as it was last seen: for the log, and for the console of
//! every replica.
//!
//! One line for each kind, however often it happens and whoever makes it happen: strangers can
//! neither fill the store nor the log. The words are ours; what somebody else wrote is cut short
//! before it comes here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Millis};
use crate::store::{self, Store};

/// Written again at the earliest after this, milliseconds.
const PAUSE: Millis = 60_000;
/// Shown for so long, milliseconds: what does not happen any more was cured.
const SHOWN: Millis = 24 * 3_600_000;
/// What the names of the values in the store begin with.
const PREFIX: &str = "attention:";

/// Something to look at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// When it last happened, give or take a minute.
    pub at: Millis,
    /// What, and the cure.
    pub text: String,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Attention {
    store: Store,
    clock: Clock,
    written: Arc<Mutex<HashMap<&'static str, Millis>>>,
}

impl Attention {
    /// Over the store.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            written: Arc::default(),
        }
    }

    /// It happened. A store that is away never stops what this tells of.
    pub async fn note(&self, kind: &'static str, text: &str) {
        let now = self.clock.millis();
        {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            let before = written.get(kind);
            if before.is_some_and(|at| (0..PAUSE).contains(&(now - at))) {
                return;
            }
            written.insert(kind, now);
        }
        tracing::warn!(kind, "{text}");
        let line = Line {
            at: now,
            text: text.to_owned(),
        };
        let name = format!("{PREFIX}{kind}");
        if let Err(error) = self.store.set_json_setting(&name, &line).await {
            tracing::warn!(%error, "the console cannot be told");
        }
    }

    /// What happened lately, the newest first.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn lines(&self) -> Result<Vec<Line>, store::Error> {
        let after = self.clock.millis() - SHOWN;
        let mut lines: Vec<Line> = self.store.json_settings_like(PREFIX).await?;
        lines.retain(|line| line.at > after);
        lines.sort_by_key(|line| std::cmp::Reverse(line.at));
        Ok(lines)
    }
}
