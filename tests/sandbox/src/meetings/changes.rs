//! Create, update, delete.

use serde_json::json;

use super::model::Meeting;
use super::phone::call_info;
use super::{body, caller, no_such_meeting};
use crate::call::Call;
use crate::oauth::Caller;
use crate::pipeline::Made;
use crate::reply::{self, Handled, Refusal};
use crate::world::{State, World};

/// Participants of the licence that everybody has.
pub(super) const MAX_PARTICIPANTS: u32 = 26;

/// `POST /meetings`: 201 and an array of one. Every call makes a meeting, however alike.
pub(crate) fn create(world: &World, call: &Call) -> Handled {
    let caller = caller(world, call)?;
    if !caller.person.can_host() {
        let message = "The user has no GoToMeeting licence";
        return Err(reply::meeting_error(403, "OrganizerNotLicensed", message).into());
    }
    let now = world.clock.now();
    let mut state = world.lock();
    let account = &caller.person.account;
    let content = body::read(&call.body, &state.people, account, now);
    let content = content.map_err(|problem| invalid(&problem))?;
    let join_host = &world.options.join_host;
    let meeting = state
        .meetings
        .create(content, &caller.person.key, join_host, now);
    let answer = json!([{
        "joinURL": meeting.join_url,
        "meetingid": meeting.id,
        "maxParticipants": MAX_PARTICIPANTS,
        "uniqueMeetingId": meeting.unique_id,
        "conferenceCallInfo": call_info(meeting),
    }]);
    let mut response = reply::json(201, &answer);
    response.extensions_mut().insert(Made(meeting.id));
    Ok(response)
}

/// `PUT /meetings/{meetingId}`: replaces everything, so that co-organizers left out are gone.
pub(crate) fn update(world: &World, call: &Call) -> Handled {
    let caller = caller(world, call)?;
    let mut state = world.lock();
    let account = &caller.person.account;
    let content = body::read(&call.body, &state.people, account, world.clock.now());
    let meeting = own(&mut state, call, &caller)?;
    meeting.change(content.map_err(|problem| invalid(&problem))?);
    Ok(reply::empty(204))
}

/// `DELETE /meetings/{meetingId}`
pub(crate) fn delete(world: &World, call: &Call) -> Handled {
    let caller = caller(world, call)?;
    let mut state = world.lock();
    own(&mut state, call, &caller)?.deleted = true;
    Ok(reply::empty(204))
}

/// The meeting in the path, if it is the caller's: co-organizers may host but not change it.
fn own<'a>(state: &'a mut State, call: &Call, caller: &Caller) -> Result<&'a mut Meeting, Refusal> {
    let meeting = state.meetings.alive(call.id());
    let meeting = meeting.filter(|meeting| meeting.organizer == caller.person.key);
    meeting.ok_or_else(no_such_meeting)
}

fn invalid(problem: &str) -> Refusal {
    reply::meeting_error(400, "InvalidRequest", problem).into()
}
