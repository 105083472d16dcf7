//! What a meeting is shared with.

use serde::{Deserialize, Serialize};

/// Answer of `GET /app/api/meetings/{id}/invitation?lang=&time_zone=`: everything that is handed on
/// once a meeting stands, in the language and the time zone of who asks. Made from what the proxy
/// has kept of the meeting.
///
/// What has no time is in no calendar: where GoTo's times cannot be read, [`Self::calendar_file`],
/// [`Self::outlook`] and [`Self::google`] are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Invitation {
    /// Subject line of a mail.
    pub subject: String,
    /// The invitation, lines ended by LF.
    pub text: String,
    /// The same as a piece of HTML without scripts and styles.
    pub html: String,
    /// An iCalendar file (RFC 5545).
    #[serde(
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub calendar_file: Option<String>,
    /// What that file is called.
    pub file_name: String,
    /// Adds it to a calendar of Outlook in the browser.
    #[serde(
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub outlook: Option<String>,
    /// Adds it to a calendar of Google.
    #[serde(
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub google: Option<String>,
    /// Begins a mail to whoever is invited, at most 1,900 characters (RFC 6068).
    pub mailto: String,
    /// Their addresses to copy, with commas between them, where that mail has no room for them.
    #[serde(
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub addresses: Option<String>,
}
