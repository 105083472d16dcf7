//! What employees write down: what they wanted, and the last word they heard about it.

use goto_microapps_api::{Code, EditMeeting, SeenMeeting, StopReason};
use tokio::time::Instant;

/// What somebody was told about one create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Nothing definite yet.
    Nothing,
    /// It exists, under this id.
    Created(String),
    /// Nobody knows: a person decides.
    Unconfirmed,
    /// It certainly does not exist; they gave up then.
    CertainlyNot(Code),
    /// They took it back while it waited, and it certainly was never sent.
    Withdrawn,
}

/// One idempotency key.
#[derive(Clone, Debug)]
pub struct Order {
    /// The key.
    pub key: String,
    /// The last word about it.
    pub told: Told,
    /// Whether they heard that it waits at the proxy for its turn.
    pub waited: bool,
}

impl Order {
    /// Whether they were told that it was never sent, though it once may have waited.
    pub fn is_dropped(&self) -> bool {
        matches!(
            self.told,
            Told::Withdrawn
                | Told::CertainlyNot(
                    Code::QueueExpired | Code::QueueConsentLost | Code::MeetingNotFound
                )
        )
    }
}

/// What a meeting is to become.
#[derive(Clone, Debug)]
pub enum Aim {
    /// Another one, whose subject is unlike all others.
    Edit(Box<EditMeeting>),
    /// None.
    Cancel(SeenMeeting),
}

/// What somebody was told about one change of a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// Nothing definite yet.
    Nothing,
    /// It was made.
    Done,
    /// It certainly was not, for this reason.
    Stopped(Option<StopReason>),
    /// They took it back, and it certainly was never sent.
    Withdrawn,
    /// Nobody knows: a person decides.
    Unconfirmed,
}

/// One change of a meeting that somebody ordered.
#[derive(Clone, Debug)]
pub struct Change {
    /// Id of the meeting.
    pub meeting: String,
    /// Idempotency key of an edit.
    pub key: String,
    /// What it is to become.
    pub aim: Aim,
    /// The last word about it.
    pub became: Became,
    /// When they mean to press *Undo*; `None` once they have, or never do.
    pub undo: Option<Instant>,
}

impl Change {
    /// Subject that an edit gives the meeting; `None` of a cancellation.
    pub fn new_subject(&self) -> Option<&str> {
        match &self.aim {
            Aim::Edit(edit) => Some(&edit.meeting.subject),
            Aim::Cancel(_) => None,
        }
    }
}

/// One meeting somebody wanted. A second order is *Create anyway*, a person's decision.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Unlike all others.
    pub subject: String,
    /// First to last.
    pub orders: Vec<Order>,
    /// What they did with the meeting, first to last. None follows one whose end they do not know.
    pub changes: Vec<Change>,
}

/// What an employee comes home with.
#[derive(Debug, Default)]
pub struct Diary {
    /// Everything they wanted.
    pub wishes: Vec<Wish>,
    /// What should not have been answered at all.
    pub surprises: Vec<String>,
    /// Answers that were asked for again.
    pub again: u64,
    /// Their session was gone.
    pub locked_out: bool,
}
