//! One meeting: its details, and the URL that starts it.

use serde_json::json;

use super::changes::MAX_PARTICIPANTS;
use super::model::Meeting;
use super::phone::call_info;
use super::{caller, no_such_meeting};
use crate::call::Call;
use crate::oauth::{Caller, jwt_shaped};
use crate::random;
use crate::reply::{self, Handled, Refusal};
use crate::world::{State, World};

/// `GET /meetings/{meetingId}`: an array of one, with ids as numbers and without the join URL.
pub(crate) fn get(world: &World, call: &Call) -> Handled {
    let caller = caller(world, call)?;
    let now = world.clock.now();
    let times = world.options.times;
    let mut state = world.lock();
    let meeting = hosted(&mut state, call, &caller)?;
    let answer = json!([{
        "meetingId": meeting.id,
        "meetingKey": meeting.id,
        "uniqueMeetingId": meeting.unique_id,
        "subject": meeting.subject,
        "meetingType": meeting.kind,
        "conferenceCallInfo": call_info(meeting),
        "startTime": times.written(meeting.start),
        "endTime": times.written(meeting.end),
        "createTime": times.created(meeting.created_at),
        "duration": meeting.minutes(),
        "status": meeting.status(now),
        "passwordRequired": meeting.password_required,
        "maxParticipants": MAX_PARTICIPANTS,
        "coorganizerKeys": meeting.coorganizers,
    }]);
    Ok(reply::json(200, &answer))
}

/// `GET /meetings/{meetingId}/start`: an object. Whoever has the URL hosts, without signing in.
pub(crate) fn start(world: &World, call: &Call) -> Handled {
    let caller = caller(world, call)?;
    let now = world.clock.now();
    let mut state = world.lock();
    let meeting = hosted(&mut state, call, &caller)?;
    meeting.begin(now);
    let claims = json!({
        "sub": caller.person.key,
        "aud": meeting.id.to_string(),
        "iat": now.timestamp(),
        "jti": random::hex(16),
    });
    let token = jwt_shaped(&claims, &format!("canary-host-{}", random::hex(128)));
    let host_url = format!(
        "https://{}/{}/host?authenticationToken={token}",
        world.options.join_host, meeting.id,
    );
    Ok(reply::json(200, &json!({ "hostURL": host_url })))
}

/// The meeting in the path, if the caller may host it.
fn hosted<'a>(
    state: &'a mut State,
    call: &Call,
    caller: &Caller,
) -> Result<&'a mut Meeting, Refusal> {
    let meeting = state.meetings.alive(call.id());
    let meeting = meeting.filter(|meeting| meeting.is_hosted_by(&caller.person.key));
    meeting.ok_or_else(no_such_meeting)
}
