//! What the times of the plain form mean, and what is asked about them.

use chrono::{DateTime, SecondsFormat, Utc};
use goto_microapps_api::words::fill;
use goto_microapps_api::{minutes_until, nearer_ends};

use super::Frame;
use super::draft::Draft;
use super::when::{self, When};
use crate::http::Employees;
use crate::http::pages::Word;
use crate::meetings::{check, times};
use crate::zones::Zones;

/// Length that is proposed in the place of one that nobody meant, minutes.
const USUAL: i64 = 30;

/// What the times of a draft mean.
pub(super) struct Moment {
    pub(super) when: When,
    /// The instants, as the form sends them back.
    pub(super) shown: String,
    pub(super) next_day: bool,
}

impl Moment {
    pub(super) fn of(zones: &Zones, frame: &Frame, draft: &Draft) -> Option<Self> {
        let (start, end) = times(zones, &draft.meeting()).filter(|_| !draft.is_slip())?;
        let zone = zones.find(&draft.time_zone)?;
        let clocks = draft.clocks();
        Some(Self {
            when: when::told(start, end, &zone, frame.texts.language()),
            shown: shown(start, end),
            next_day: clocks.is_some_and(|(start, end)| end < start),
        })
    }
}

fn shown(start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    [start, end]
        .map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
        .join("/")
}

/// Ends to choose from where two times make a meeting longer than people mean: value and words.
pub(super) fn ends(frame: &Frame, draft: &Draft) -> Vec<(String, String)> {
    let (start, end) = draft.clocks().unwrap_or_default();
    let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let nearer = nearer_ends(start, end, USUAL).into_iter().map(|end| {
        let words = fill(frame.t(Word::UseTime), "time", &clock(end));
        (clock(end), words)
    });
    let minutes = minutes_until(start, end);
    let day = draft
        .meeting()
        .end
        .get(..10)
        .and_then(|day| day.parse().ok());
    let day = day.map(|day| when::day(day, frame.texts.language()));
    let hours = (minutes / 60).to_string();
    let length = fill(frame.t(Word::HoursMinutes), "hours", &hours);
    let length = fill(&length, "minutes", &format!("{:02}", minutes % 60));
    let long = fill(frame.t(Word::UseLong), "day", &day.unwrap_or_default());
    let long = fill(&fill(&long, "time", &clock(end)), "length", &length);
    nearer.chain([(minutes.to_string(), long)]).collect()
}

/// Whether the employee has not seen yet which instants their times mean. These pages cannot ask
/// the device how it counts, so what the proxy counts is shown before anything is made of it.
pub(super) fn is_unseen(employees: &Employees, frame: &Frame, draft: &Draft) -> bool {
    let moment = Moment::of(&employees.zones, frame, draft);
    let good = check(&employees.zones, &draft.meeting(), employees.clock.now()).is_ok();
    good && moment.is_some_and(|moment| moment.shown != draft.shown)
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
