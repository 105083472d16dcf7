//! The calls of meetings.

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::client::{Goto, accepted};
use super::errors::{Error, Family};
use super::limiter::{Caller, Permit};
use super::transport::Answer;
use super::wire::{is_empty_list, one, rows};
use super::{GotoMeeting, HostAddress, Id, MeetingCreated, NewGotoMeeting, Upcoming, is_own_page};

/// Longest address of a host that is passed on, bytes: it carries a token of some kilobytes.
const ADDRESS_MAX: usize = 8 << 10;

impl Goto {
    /// Creates a meeting. Sent once, whatever happens, over a connection of its own.
    pub async fn create_meeting(
        &self,
        caller: &Caller,
        permit: Permit,
        token: &SecretString,
        meeting: &NewGotoMeeting,
    ) -> Result<MeetingCreated, Error> {
        let url = self.url(&["G2M", "rest", "meetings"]);
        let request = self
            .transport()
            .fresh_request(Method::POST, url)
            .bearer_auth(token.expose_secret())
            .json(meeting);
        let answer = self
            .carry(caller, Family::G2m, Some(permit), request)
            .await?;
        let answer = accepted(Family::G2m, answer)?;
        one(&answer.body).ok_or(Error::Unreadable {
            status: answer.status,
            why: "created meeting",
        })
    }

    /// Makes a meeting another. Sent once, whatever happens, over a connection of its own. GoTo wants
    /// every field of it.
    pub async fn update_meeting(
        &self,
        caller: &Caller,
        permit: Permit,
        token: &SecretString,
        id: &Id,
        meeting: &NewGotoMeeting,
    ) -> Result<(), Error> {
        let url = self.url(&["G2M", "rest", "meetings", id.as_str()]);
        let request = self
            .transport()
            .fresh_request(Method::PUT, url)
            .bearer_auth(token.expose_secret())
            .json(meeting);
        let answer = self
            .carry(caller, Family::G2m, Some(permit), request)
            .await?;
        changed(answer)
    }

    /// Deletes a meeting. Sent once, whatever happens, over a connection of its own.
    pub async fn delete_meeting(
        &self,
        caller: &Caller,
        permit: Permit,
        token: &SecretString,
        id: &Id,
    ) -> Result<(), Error> {
        let url = self.url(&["G2M", "rest", "meetings", id.as_str()]);
        let request = self
            .transport()
            .fresh_request(Method::DELETE, url)
            .bearer_auth(token.expose_secret());
        let answer = self
            .carry(caller, Family::G2m, Some(permit), request)
            .await?;
        changed(answer)
    }

    /// Reads one meeting. The answer may lack its id, but it is not another's.
    pub async fn meeting(
        &self,
        caller: &Caller,
        token: &SecretString,
        id: &Id,
    ) -> Result<GotoMeeting, Error> {
        let url = self.url(&["G2M", "rest", "meetings", id.as_str()]);
        let answer = match self.get(caller, Family::G2m, token, url).await {
            // The id is digits, so there is nothing else that could be wrong with the request.
            Err(Error::Refused {
                status: 400 | 410, ..
            }) => return Err(Error::NotFound),
            other => other?,
        };
        if is_empty_list(&answer.body) {
            return Err(Error::NotFound);
        }
        one::<GotoMeeting>(&answer.body)
            .filter(|meeting| meeting.id.as_ref().is_none_or(|said| said == id))
            .ok_or(Error::Unreadable {
                status: answer.status,
                why: "meeting",
            })
    }

    /// Where the token's owner hosts a meeting; only ever a page of GoTo's own.
    pub async fn host_address(
        &self,
        caller: &Caller,
        token: &SecretString,
        id: &Id,
    ) -> Result<HostAddress, Error> {
        let url = self.url(&["G2M", "rest", "meetings", id.as_str(), "start"]);
        let answer = match self.get(caller, Family::G2m, token, url).await {
            // As of a read: the id is digits.
            Err(Error::Refused {
                status: 400 | 410, ..
            }) => return Err(Error::NotFound),
            other => other?,
        };
        let address = one::<HostAddress>(&answer.body).filter(|address| {
            let address = address.0.expose_secret();
            address.len() <= ADDRESS_MAX && Url::parse(address).is_ok_and(|url| is_own_page(&url))
        });
        address.ok_or(Error::Unreadable {
            status: answer.status,
            why: "where a meeting is hosted",
        })
    }

    /// The token owner's upcoming meetings. Those below `organizers/{organizerKey}` are for
    /// administrators only.
    pub async fn upcoming_meetings(
        &self,
        caller: &Caller,
        token: &SecretString,
    ) -> Result<Vec<Upcoming>, Error> {
        let url = self.url(&["G2M", "rest", "upcomingMeetings"]);
        let answer = self.get(caller, Family::G2m, token, url).await?;
        rows(&answer.body).ok_or(Error::Unreadable {
            status: answer.status,
            why: "upcoming meetings",
        })
    }
}

/// A change that was made: GoTo says so without a word. A page in place of that is somebody else's, and
/// says nothing of the meeting.
fn changed(answer: Answer) -> Result<(), Error> {
    let answer = accepted(Family::G2m, answer)?;
    if answer.cut || !answer.body.trim_ascii().is_empty() {
        return Err(Error::Unreadable {
            status: answer.status,
            why: "change of a meeting",
        });
    }
    Ok(())
}
