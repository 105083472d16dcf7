//! The kinds of faults.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Cleaner;
use crate::call::Call;
use crate::route::Route;

/// What goes wrong. "Before handling" nothing is done; "after" everything is done and only the
/// answer suffers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Waits before handling. Milliseconds in JSON.
    DelayBefore(#[serde(with = "millis")] Duration),
    /// Waits after handling, before answering. Milliseconds in JSON.
    DelayAfter(#[serde(with = "millis")] Duration),
    /// Answers this instead of handling.
    Instead(Answer),
    /// Handles, then answers this.
    AfterCommit(Answer),
    /// A gateway's HTML page with status 200 instead of handling.
    Html,
    /// Handles, then answers that page.
    HtmlAfterCommit,
    /// The call's own answer to a token that expired, instead of handling: 403 `InvalidToken` from
    /// GoToMeeting, 401 from admin and identity.
    InvalidToken,
    /// 429 instead of handling.
    TooManyRequests(RetryAfter),
    /// Closes the connection instead of handling.
    CutBefore,
    /// Handles, then closes the connection without an answer.
    CutAfterCommit,
    /// Handles, sends the headers and half the body, then closes the connection.
    Truncated,
    /// Handles and answers without the body.
    EmptyBody,
    /// Numbers and booleans as strings, strings of digits as numbers.
    WrongTypes,
    /// Leaves these fields out wherever they are; an empty list leaves out all that a client can do
    /// without.
    MissingFields(Vec<String>),
    /// Gives these fields this value, wherever they are: `results` null, a fractional `expires_in`,
    /// a `scope` that is an array.
    WithFields(Vec<(String, Value)>),
    /// Fields that GoTo spells in two ways, in another way than usual or in both.
    Spellings(Spelling),
    /// Rows among those of a list that no client can make anything of, or not of all their fields.
    OddRows,
    /// Subjects written with character references, as by something that cleans HTML.
    Entities(Cleaner),
    /// Nine-digit meeting ids as `331-536-871`, which only the oldest lists do.
    DashedIds,
    /// `createTime` filled, `passwordRequired` as text, `meetingType` capitalised, as an answer of
    /// 2012 had it.
    LikeIn2012,
    /// What is answered about a meeting that is gone, in place of 404.
    GoneAs(Gone),
    /// An identity without `userName`, with the address among `emails`.
    AddressInEmails,
    /// A page of users after the first begins this many rows early and leaves as many out at its
    /// end; the total does not tell.
    OverlappingPages(u32),
    /// A page of users after the first, as if this many people before it had been removed since.
    PeopleRemoved(u32),
    /// The same, as if so many had been added.
    PeopleAdded(u32),
}

/// How fields are spelt that GoTo spells in two ways (`meetingid` and `meetingId`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// The other way only.
    OtherOnly,
    /// Both, with the same value.
    Both,
    /// Both, and nothing in the usual one.
    UsualEmpty,
    /// Both, and nothing in the other one.
    OtherEmpty,
}

/// What is said about a meeting that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// 400.
    BadRequest,
    /// 410.
    Gone,
    /// 200 and an array of none.
    NoRows,
}

/// An answer that is not GoTo's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Body.
    #[serde(default)]
    pub body: String,
}

/// The `Retry-After` header of a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// No header.
    Absent,
    /// Seconds.
    Seconds(u32),
    /// An HTTP date this many seconds after the sandbox's clock.
    Date(u32),
}

impl FaultKind {
    /// A bare status instead of handling.
    pub fn status(status: u16) -> Self {
        Self::Instead(Answer::status(status))
    }

    /// Gives one field this value.
    pub fn field(name: &str, value: Value) -> Self {
        Self::WithFields(vec![(name.to_owned(), value)])
    }

    /// Whether it can happen to this request: pages have an order, and the first begins it.
    pub(super) fn concerns(&self, call: &Call) -> bool {
        match self {
            Self::OverlappingPages(_) | Self::PeopleRemoved(_) | Self::PeopleAdded(_) => {
                let offset = call.query().get("offset").map(str::parse::<u64>);
                call.route == Route::Users && matches!(offset, Some(Ok(1..)))
            }
            _ => true,
        }
    }

    /// Handles, then answers a bare status.
    pub fn status_after_commit(status: u16) -> Self {
        Self::AfterCommit(Answer::status(status))
    }
}

impl Answer {
    /// A status without headers or body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }
}

mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}
