//! Cancelling a meeting: ordered, taken back, sent, and what became of it.

use serde::{Deserialize, Serialize};

use crate::names::named;

/// A meeting as somebody sees it: body of `POST /app/api/meetings/{id}/cancel`. What GoTo says by
/// then must be the same, or nothing is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenMeeting {
    /// As text.
    #[serde(default)]
    pub subject: String,
    /// RFC 3339; `None` where the page showed none.
    #[serde(default)]
    pub start: Option<String>,
    /// RFC 3339; `None` where the page showed none.
    #[serde(default)]
    pub end: Option<String>,
}

/// Where a cancellation stands: answer of `GET` and `POST /app/api/meetings/{id}/cancel` and of
/// `POST /app/api/meetings/{id}/cancel/undo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// GoTo's meeting id.
    pub id: String,
    /// The meeting as it was when somebody ordered this.
    pub meeting: SeenMeeting,
    /// How far it has come.
    pub state: CancelState,
    /// Of [`CancelState::Waiting`]: whole seconds in which it can be taken back.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub seconds: Option<u32>,
    /// Of [`CancelState::Stopped`]: why.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub reason: Option<StopReason>,
    /// Of [`StopReason::Changed`]: what GoTo says of the meeting instead.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub found: Option<SeenMeeting>,
}

named! {
    /// How far a cancellation has come.
    pub enum CancelState {
        /// Not sent yet: it can be taken back.
        Waiting = "waiting",
        /// On its way to GoTo: it cannot be taken back any more.
        Sending = "sending",
        /// The meeting is gone.
        Cancelled = "cancelled",
        /// Taken back: nothing was sent.
        Withdrawn = "withdrawn",
        /// Certainly not cancelled, see the reason.
        Stopped = "stopped",
        /// GoTo's answer was lost: it is being looked for.
        Confirming = "confirming",
        /// It was looked for, and the meeting is still there: a person decides.
        Unconfirmed = "unconfirmed",
        /// A state that only a newer proxy knows.
        #[serde(other)]
        Other = "other",
    }
}

named! {
    /// Why nothing was cancelled, or changed.
    pub enum StopReason {
        /// The meeting is not any more what the person saw.
        Changed = "changed",
        /// It takes place now.
        Running = "running",
        /// What it was to become begins in the past by now.
        Past = "past",
        /// It stands for a series, which would go with it.
        Recurring = "recurring",
        /// It is not there any more, or not theirs.
        Gone = "gone",
        /// GoTo did not accept it.
        Refused = "refused",
        /// GoTo could not be asked for too long.
        Unreachable = "unreachable",
        /// There was no consent any more to do it with.
        SignedOut = "signed_out",
        /// A reason that only a newer proxy knows.
        #[serde(other)]
        Other = "other",
    }
}

named! {
    /// What becomes of cancellations that still wait, said with a sign-out as `?cancel=`.
    pub enum WaitingCancels {
        /// They are sent before.
        Send = "send",
        /// They are dropped.
        Drop = "drop",
    }
}
