//! `[organizers]`: the "All organizers" sync.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::problems::Problems;
use super::setting::Setting;

/// The "All organizers" sync.
#[derive(Clone, Debug)]
pub struct Organizers {
    /// Time between full syncs; `None` leaves it to the administrator's button.
    pub sync_every: Option<Duration>,
    /// GoTo user filter sent with the sync, for example `email eq "a@b.example"`.
    pub filter: Option<String>,
    /// Who of the account can be found and chosen.
    pub offer: Offer,
    /// Largest part of the directory that may vanish in one sync without being forced, percent.
    pub max_shrink_percent: u8,
}

/// Who of the account can be found and chosen as a co-organizer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offer {
    /// Who is active at GoTo and has a licence for meetings, or of whom GoTo says neither.
    #[default]
    Licensed,
    /// Everybody.
    All,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Raw {
    sync: Setting,
    filter: Setting,
    offer: Setting,
    max_shrink_percent: Setting,
}

impl Raw {
    pub(super) fn validate(&self, p: &mut Problems) -> Organizers {
        let sync_every = sync_every(&self.sync, p);
        let filter = self.filter.text(p);
        let offer = offer(&self.offer, p);
        let max_shrink = self.max_shrink_percent.number(p, 20, 0..=100);
        Organizers {
            sync_every,
            filter,
            offer,
            max_shrink_percent: u8::try_from(max_shrink).unwrap_or(100),
        }
    }
}

fn offer(setting: &Setting, p: &mut Problems) -> Offer {
    match setting.text(p).as_deref() {
        None | Some("licensed") => Offer::Licensed,
        Some("all") => Offer::All,
        Some(other) => {
            p.mistake(
                setting,
                format!("is `{other}`"),
                "write \"licensed\" for people who are active and have a licence for meetings, or \"all\" for everybody of the account",
            );
            Offer::Licensed
        }
    }
}

fn sync_every(setting: &Setting, p: &mut Problems) -> Option<Duration> {
    let text = setting.text_or(p, "hourly");
    let hours = match text.as_str() {
        "hourly" => 1,
        "daily" => 24,
        "manual" => return None,
        other => match other.strip_suffix('h').and_then(|n| n.parse::<u64>().ok()) {
            Some(hours @ 1..=168) => hours,
            _ => {
                p.mistake(
                    setting,
                    format!("is `{other}`"),
                    "write \"hourly\", \"daily\", \"manual\", or hours such as \"6h\"",
                );
                return None;
            }
        },
    };
    Some(Duration::from_secs(hours * 3600))
}
