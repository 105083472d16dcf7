//! Making a meeting another one.

use serde::{Deserialize, Serialize};

use crate::names::named;
use crate::{Meeting, NewMeeting, Organizer, SeenMeeting, StopReason};

/// Answer of `GET /app/api/meetings/{id}/edit`: a meeting that was made here, as it is at GoTo now, with
/// what its form needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditableMeeting {
    /// The meeting.
    pub meeting: Meeting,
    /// Its co-organizers with their keys.
    #[serde(default, deserialize_with = "crate::lenient::rows_if_any")]
    pub co_organizers: Vec<Organizer>,
}

/// Body of `POST /app/api/meetings/{id}/edit`, sent with an [`IDEMPOTENCY_KEY`](crate::IDEMPOTENCY_KEY)
/// as a create is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditMeeting {
    /// The meeting as the person saw it. What GoTo says by then must be the same, or nothing is sent.
    pub seen: SeenMeeting,
    /// What it is to become.
    pub meeting: NewMeeting,
}

/// Where a change stands: answer of `POST /app/api/meetings/{id}/edit`. While it is
/// [`EditState::Saving`] or [`EditState::Confirming`] the status is 202, and the same request asks again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// How far it has come.
    pub state: EditState,
    /// Of [`EditState::Saved`]: the meeting as it is now.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub meeting: Option<Meeting>,
    /// Of [`EditState::Stopped`]: why.
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
    /// How far a change of a meeting has come.
    pub enum EditState {
        /// About to be sent, or on its way to GoTo.
        Saving = "saving",
        /// GoTo has it.
        Saved = "saved",
        /// Certainly not changed, see the reason.
        Stopped = "stopped",
        /// GoTo's answer was lost: it is being looked for.
        Confirming = "confirming",
        /// It was looked for, and the meeting is not what it was to become: a person decides.
        Unconfirmed = "unconfirmed",
        /// A state that only a newer proxy knows.
        #[serde(other)]
        Other = "other",
    }
}
