//! `[activity_log]`: the 24-hour support log.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::problems::Problems;
use super::setting::Setting;

/// The 24-hour support log.
#[derive(Clone, Debug)]
pub struct ActivityLog {
    /// Whether anything is kept.
    pub enabled: bool,
    /// How long a row is kept.
    pub retention: Duration,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    enabled: Setting,
    retention_hours: Setting,
}

impl Raw {
    pub(super) fn validate(&self, p: &mut Problems) -> ActivityLog {
        let enabled = self.enabled.flag(p, true);
        let hours = self.retention_hours.number(p, 24, 1..=24);
        ActivityLog {
            enabled,
            retention: Duration::from_secs(u64::from(hours) * 3600),
        }
    }
}
