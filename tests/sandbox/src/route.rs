//! Which call of GoTo a request is.

use http::Method;
use serde::{Deserialize, Serialize};

/// A call, as faults, holds and the truth log name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Everything a program calls: all but [`Route::Authorize`]. Only for asking; no request is it.
    Any,
    /// Every call of GoToMeeting, below `/G2M/rest`. Only for asking, as the next two.
    MeetingsApi,
    /// Every call of the Admin Center, below `/admin/rest`.
    AdminApi,
    /// Every call below `/identity`.
    IdentityApi,
    /// `/oauth/authorize`, a person in a browser.
    Authorize,
    /// `POST /oauth/token`
    Token,
    /// `POST /oauth/revoke`
    Revoke,
    /// `/oauth/v2/authorize` and `/oauth/v2/token`, switched off by GoTo in 2025.
    Retired,
    /// `GET /identity/v1/Users/me`
    Me,
    /// `GET /admin/rest/v1/me`
    AdminMe,
    /// `GET /admin/rest/v1/accounts/{accountKey}/users`
    Users,
    /// `POST /G2M/rest/meetings`
    CreateMeeting,
    /// `GET /G2M/rest/meetings/{meetingId}`
    GetMeeting,
    /// `PUT /G2M/rest/meetings/{meetingId}`
    UpdateMeeting,
    /// `DELETE /G2M/rest/meetings/{meetingId}`
    DeleteMeeting,
    /// `GET /G2M/rest/meetings/{meetingId}/start`
    StartMeeting,
    /// `GET /G2M/rest/upcomingMeetings` and `GET /G2M/rest/organizers/{key}/upcomingMeetings`
    Upcoming,
    /// `GET /G2M/rest/historicalMeetings` and the same below `organizers/{key}`
    Historical,
    /// The deprecated `GET /G2M/rest/meetings` and `GET /G2M/rest/organizers/{key}/meetings`
    OldList,
    /// `GET /G2M/rest/meetings/{meetingId}/attendees` and
    /// `GET /G2M/rest/organizers/{key}/attendees`
    Attendees,
    /// `GET /G2M/rest/organizers` and `GET /G2M/rest/organizers/{key}`
    Organizer,
    /// A path or method GoTo does not have.
    Unknown,
}

/// A family of calls with one meter and one style of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Api {
    Meetings,
    Admin,
    Identity,
}

impl Route {
    /// The call, and the id in its path.
    pub(crate) fn of(method: &Method, path: &str) -> (Self, Option<String>) {
        let get = method == Method::GET;
        let post = method == Method::POST;
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let (route, id) = match parts.as_slice() {
            ["oauth", "authorize"] if get || post => (Self::Authorize, None),
            ["oauth", "token"] if post => (Self::Token, None),
            ["oauth", "revoke"] if post => (Self::Revoke, None),
            ["oauth", "v2", "authorize" | "token"] => (Self::Retired, None),
            ["identity", "v1", "Users", "me"] if get => (Self::Me, None),
            ["admin", "rest", "v1", "me"] if get => (Self::AdminMe, None),
            ["admin", "rest", "v1", "accounts", account, "users"] if get => {
                (Self::Users, Some(*account))
            }
            ["G2M", "rest", rest @ ..] => Self::of_meetings(method, rest),
            _ => (Self::Unknown, None),
        };
        (route, id.map(decoded))
    }

    fn of_meetings<'a>(method: &Method, rest: &[&'a str]) -> (Self, Option<&'a str>) {
        match (method.as_str(), rest) {
            ("POST", ["meetings"]) => (Self::CreateMeeting, None),
            ("GET", ["meetings", id]) => (Self::GetMeeting, Some(*id)),
            ("PUT", ["meetings", id]) => (Self::UpdateMeeting, Some(*id)),
            ("DELETE", ["meetings", id]) => (Self::DeleteMeeting, Some(*id)),
            ("GET", ["meetings", id, "start"]) => (Self::StartMeeting, Some(*id)),
            ("GET", ["upcomingMeetings"]) => (Self::Upcoming, None),
            ("GET", ["organizers", key, "upcomingMeetings"]) => (Self::Upcoming, Some(*key)),
            ("GET", ["historicalMeetings"]) => (Self::Historical, None),
            ("GET", ["organizers", key, "historicalMeetings"]) => (Self::Historical, Some(*key)),
            ("GET", ["meetings"]) => (Self::OldList, None),
            ("GET", ["organizers", key, "meetings"]) => (Self::OldList, Some(*key)),
            ("GET", ["meetings", id, "attendees"]) => (Self::Attendees, Some(*id)),
            ("GET", ["organizers", key, "attendees"]) => (Self::Attendees, Some(*key)),
            ("GET", ["organizers"]) => (Self::Organizer, None),
            ("GET", ["organizers", key]) => (Self::Organizer, Some(*key)),
            _ => (Self::Unknown, None),
        }
    }

    /// Whether a fault, hold or question about `self` concerns a request of `route`.
    pub(crate) fn covers(self, route: Self) -> bool {
        match self {
            Self::Any => route != Self::Authorize,
            Self::MeetingsApi => route.api() == Some(Api::Meetings),
            Self::AdminApi => route.api() == Some(Api::Admin),
            Self::IdentityApi => route.api() == Some(Api::Identity),
            one => one == route,
        }
    }

    pub(crate) fn api(self) -> Option<Api> {
        match self {
            Self::Me | Self::IdentityApi => Some(Api::Identity),
            Self::AdminMe | Self::Users | Self::AdminApi => Some(Api::Admin),
            Self::MeetingsApi
            | Self::CreateMeeting
            | Self::GetMeeting
            | Self::UpdateMeeting
            | Self::DeleteMeeting
            | Self::StartMeeting
            | Self::Upcoming
            | Self::Historical
            | Self::OldList
            | Self::Attendees
            | Self::Organizer => Some(Api::Meetings),
            Self::Any
            | Self::Authorize
            | Self::Token
            | Self::Revoke
            | Self::Retired
            | Self::Unknown => None,
        }
    }
}

fn decoded(segment: &str) -> String {
    // The form decoder is the one at hand; what has a meaning in forms means itself in a path.
    let escaped = segment.replace('+', "%2B").replace('&', "%26");
    url::form_urlencoded::parse(format!("x={escaped}").as_bytes())
        .map(|(_, value)| value.into_owned())
        .next()
        .unwrap_or_default()
}
