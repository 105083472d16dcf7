//! Which page is shown, and which meeting on it.

use goto_microapps_api::Meeting;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The three pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    /// The form.
    CreateMeeting,
    /// Success.
    NewMeeting,
    /// The invitation.
    MeetingDetails,
}

impl Page {
    /// Name in attributes and `data-page`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreateMeeting => "create_meeting",
            Self::NewMeeting => "new_meeting",
            Self::MeetingDetails => "meeting_details",
        }
    }

    /// The page of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.replace('-', "_").as_str() {
            "create_meeting" => Some(Self::CreateMeeting),
            "new_meeting" => Some(Self::NewMeeting),
            "meeting_details" => Some(Self::MeetingDetails),
            _ => None,
        }
    }
}

/// The meeting of *New meeting* and *Meeting details*.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    /// None chosen.
    Nothing,
    /// Being fetched.
    Loading,
    /// Could not be fetched.
    Failed(Failure),
    /// Here it is.
    Meeting(Box<Meeting>),
}
