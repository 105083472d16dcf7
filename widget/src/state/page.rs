//! The pages by name.

use serde::{Deserialize, Serialize};

/// The pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    /// The form.
    CreateMeeting,
    /// Success.
    NewMeeting,
    /// The invitation.
    MeetingDetails,
    /// The employee's next meetings.
    MyMeetings,
}

impl Page {
    /// Name in attributes and `data-page`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreateMeeting => "create_meeting",
            Self::NewMeeting => "new_meeting",
            Self::MeetingDetails => "meeting_details",
            Self::MyMeetings => "my_meetings",
        }
    }

    /// The page of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.replace('-', "_").as_str() {
            "create_meeting" => Some(Self::CreateMeeting),
            "new_meeting" => Some(Self::NewMeeting),
            "meeting_details" => Some(Self::MeetingDetails),
            "my_meetings" => Some(Self::MyMeetings),
            _ => None,
        }
    }
}
