//! An employee's next meetings, and what may be done with each.

use serde::{Deserialize, Serialize};

use crate::Cancellation;
use crate::names::named;

/// Answer of `GET /app/api/meetings`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyMeetings {
    /// By their start; those whose start cannot be read come last.
    #[serde(deserialize_with = "crate::lenient::rows")]
    pub meetings: Vec<ListedMeeting>,
    /// When GoTo said so, RFC 3339, UTC.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub read_at: String,
}

/// One of an employee's next meetings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedMeeting {
    /// GoTo's meeting id.
    pub id: String,
    /// As text; empty where GoTo says none.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub subject: String,
    /// RFC 3339, UTC; `None` when GoTo's time could not be read.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub start: Option<String>,
    /// RFC 3339, UTC; `None` when GoTo's time could not be read.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub end: Option<String>,
    /// Whole minutes from start to end.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub minutes: Option<u32>,
    /// Made by this proxy, which knows the whole form of it.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub made_here: bool,
    /// It takes place now.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub running: bool,
    /// The order to cancel it, while one is open.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub cancellation: Option<Cancellation>,
    /// What may be done with it now. What only a newer proxy knows is left out.
    #[serde(default, deserialize_with = "crate::lenient::rows_if_any")]
    pub can: Vec<Ability>,
}

named! {
    /// What may be done with a meeting.
    pub enum Ability {
        /// Start it as its host.
        Start = "start",
        /// Cancel it.
        Cancel = "cancel",
        /// Make it another: it was made here.
        Edit = "edit",
    }
}

/// Answer of `POST /app/api/meetings/{id}/start`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartTicket {
    /// Good once, for a minute: the field `ticket` of a form that is sent to `/app/start` in a window
    /// of its own. Never in an address.
    pub ticket: String,
}
