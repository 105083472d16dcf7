//! How far a create has come, what it waits for and what may be ordered of it.

use goto_microapps_api::{Code, ConfirmingCause, Reading};

use crate::words::Word;

/// What a create is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing.
    Idle,
    /// Waiting for the proxy.
    Busy,
    /// The proxy looks for the meeting.
    Confirming(ConfirmingCause),
    /// Only the employee can tell; `true` when the meeting was looked for and not found.
    Unconfirmed(bool),
    /// Not known, and not to be known before the employee has signed in.
    Unknown(Code),
    /// Device and server count the times differently.
    Differs(Difference),
    /// Posting again once [`Submission::left`] is over.
    Waiting(Obstacle),
    /// Definitely not created.
    Failed(Code),
}

/// How device and server count the first of the two times that they count differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// That time on the wall.
    pub(crate) wall: i64,
    /// Minutes ahead of UTC, as the device counts.
    pub(crate) device: i64,
    /// As the server counts.
    pub(crate) server: i64,
    /// The start as the server counts it, epoch milliseconds, and its offset in minutes.
    pub(super) start: (i64, i64),
}

/// What keeps a create from getting through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// Others before it.
    Crowd,
    /// Others before it, and the proxy sends it when its turn has come.
    Queue,
    /// The proxy cannot be reached.
    Offline,
    /// Something between answers for the proxy.
    Gateway,
    /// The employee's sign-on at a gateway may have ended.
    SignOn,
}

/// What may be ordered of a create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// *Create meeting*: checks, then posts.
    Create,
    /// Goes on with the reading of the times that the employee chose.
    Choose(Reading),
    /// Posts again what the tab remembers; what somebody else ordered is left alone.
    Resume,
    /// *Check again*.
    CheckAgain,
    /// *Create anyway*: the employee has looked and takes the risk of a second meeting.
    CreateAnyway,
    /// *Do not send it*, while it waits for its turn.
    Withdraw,
}

impl Obstacle {
    /// Title and text of what a create waits for.
    pub(crate) fn words(self) -> [Word; 2] {
        match self {
            Self::Crowd => [Word::Busy, Word::BusyWait],
            Self::Queue => [Word::Busy, Word::QueuedText],
            Self::Offline => [Word::Offline, Word::OfflineWait],
            Self::Gateway => [Word::Gateway, Word::GatewayWait],
            Self::SignOn => [Word::SignOn, Word::SignOnWait],
        }
    }
}
