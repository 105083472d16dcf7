//! Lists: bare arrays without pages, ids and counts as strings.

use serde_json::{Value, json};

use super::model::Meeting;
use super::phone::call_info;
use super::times::{read, written};
use super::{caller, forbidden};
use crate::ACCOUNT_KEY;
use crate::call::Call;
use crate::oauth::{Caller, IDENTITY};
use crate::person::Person;
use crate::reply::{self, Handled, Refusal};
use crate::world::World;

/// `GET /upcomingMeetings` and the same below `/organizers/{organizerKey}`: what has not ended.
pub(crate) fn upcoming(world: &World, call: &Call) -> Handled {
    let organizer = organizer(world, call)?;
    let now = world.clock.now();
    let rows = rows(
        world,
        &organizer,
        |meeting| meeting.end > now,
        |meeting| {
            let mut row = common(meeting, &organizer);
            row["status"] = "ACTIVE".into();
            row["passwordRequired"] = meeting.password_required.into();
            row
        },
    );
    Ok(reply::json(200, &rows))
}

/// `GET /historicalMeetings` and the same below `/organizers/{organizerKey}`: what started in the
/// range and has ended, one session for each.
pub(crate) fn historical(world: &World, call: &Call) -> Handled {
    let organizer = organizer(world, call)?;
    let query = call.query();
    let date = |name: &str| query.get(name).and_then(read);
    let (Some(from), Some(to)) = (date("startDate"), date("endDate")) else {
        let message = "startDate and endDate are required";
        return Err(reply::meeting_error(400, "InvalidRequest", message).into());
    };
    let now = world.clock.now();
    let past = |meeting: &Meeting| meeting.end <= now && (from..=to).contains(&meeting.start);
    let rows = rows(world, &organizer, past, |meeting| {
        let mut row = common(meeting, &organizer);
        row["duration"] = meeting.minutes().to_string().into();
        row["numAttendees"] = "1".into();
        row["sessionId"] = (meeting.unique_id + 1).to_string().into();
        row
    });
    Ok(reply::json(200, &rows))
}

/// The caller, or the organizer named in the path, whom only they and administrators may read.
fn organizer(world: &World, call: &Call) -> Result<Person, Refusal> {
    let caller: Caller = caller(world, call)?;
    let Some(key) = &call.id else {
        return Ok(caller.person);
    };
    if *key == caller.person.key {
        return Ok(caller.person);
    }
    if !(caller.person.admin && caller.may(IDENTITY)) {
        return Err(forbidden("The caller is not an administrator"));
    }
    let state = world.lock();
    let person = state.people.with_key(key);
    person
        .map(|person| Person::clone(person))
        .ok_or_else(|| reply::meeting_error(404, "NotFound", "Organizer not found").into())
}

fn rows(
    world: &World,
    organizer: &Person,
    wanted: impl Fn(&Meeting) -> bool,
    row: impl Fn(&Meeting) -> Value,
) -> Value {
    let state = world.lock();
    let mut meetings: Vec<&Meeting> = state
        .meetings
        .all()
        .filter(|meeting| !meeting.deleted && meeting.organizer == organizer.key)
        .filter(|meeting| wanted(meeting))
        .collect();
    meetings.sort_by_key(|meeting| meeting.start);
    meetings.into_iter().map(row).collect()
}

fn common(meeting: &Meeting, organizer: &Person) -> Value {
    json!({
        "meetingId": meeting.id.to_string(),
        "subject": meeting.subject,
        "meetingType": meeting.kind,
        "conferenceCallInfo": call_info(meeting),
        "startTime": written(meeting.start),
        "endTime": written(meeting.end),
        "organizerKey": organizer.key,
        "accountKey": ACCOUNT_KEY,
        "email": organizer.email,
        "firstName": organizer.first_name,
        "lastName": organizer.last_name,
        "locale": organizer.locale,
    })
}
