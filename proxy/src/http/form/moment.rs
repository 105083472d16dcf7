//! What the times of the plain form mean.

use chrono::{DateTime, SecondsFormat, Utc};

use super::Frame;
use super::sent::Sent;
use crate::http::Employees;
use crate::meetings::{check, times};
use crate::when::{self, When};
use crate::zones::Zones;

/// What the times of a form mean.
pub(super) struct Moment {
    pub(super) when: When,
    /// The instants, as the form sends them back.
    pub(super) shown: String,
    pub(super) next_day: bool,
}

impl Moment {
    pub(super) fn of(zones: &Zones, frame: &Frame, sent: &Sent) -> Option<Self> {
        let draft = &sent.draft;
        let (start, end) = times(zones, &sent.meeting()).filter(|_| !draft.is_slip())?;
        let zone = zones.find(&draft.zone)?;
        Some(Self {
            when: when::told(start, end, &zone, frame.texts.language()),
            shown: shown(start, end),
            next_day: draft.ends_next_day(),
        })
    }
}

fn shown(start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    [start, end]
        .map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
        .join("/")
}

/// Whether the employee has not seen yet which instants their times mean. These pages cannot ask
/// the device how it counts, so what the proxy counts is shown before anything is made of it.
pub(super) fn is_unseen(employees: &Employees, frame: &Frame, sent: &Sent) -> bool {
    let moment = Moment::of(&employees.zones, frame, sent);
    let good = check(&employees.zones, &sent.meeting(), employees.clock.now()).is_ok();
    good && moment.is_some_and(|moment| moment.shown != sent.shown)
}

/// Zones people look for: places, and UTC.
pub(super) fn zones(zones: &Zones) -> Vec<String> {
    let mut names = zones.names();
    names.retain(|name| {
        let region = name.split('/').next().unwrap_or_default();
        name.contains('/') && region != "Etc" && region != "US" || name == "UTC"
    });
    names
}
