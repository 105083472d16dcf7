//! `[session]`: lifetime of an employee's session.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::problems::Problems;
use super::setting::Setting;

/// Lifetime of an employee's session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Ends this long after the last request.
    pub idle: Duration,
    /// Ends this long after the sign-in, whatever happens.
    pub absolute: Duration,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    idle_hours: Setting,
    absolute_hours: Setting,
}

impl Raw {
    pub(super) fn validate(&self, p: &mut Problems) -> Session {
        let idle = self.idle_hours.number(p, 12, 1..=720);
        let absolute = self.absolute_hours.number(p, 24 * 14, 1..=24 * 90);
        Session {
            idle: Duration::from_secs(u64::from(idle) * 3600),
            absolute: Duration::from_secs(u64::from(absolute) * 3600),
        }
    }
}
