//! Lists: bare arrays without pages, ids and counts as strings.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::model::Meeting;
use super::phone::call_info;
use super::times::read;
use super::{caller, subject_of};
use crate::call::Call;
use crate::oauth::Caller;
use crate::options::Times;
use crate::person::Person;
use crate::reply::{self, Handled, Refusal};
use crate::world::World;

/// `GET /upcomingMeetings` and the same below `/organizers/{organizerKey}`: what has not ended.
pub(crate) fn upcoming(world: &World, call: &Call) -> Handled {
    let organizer = organizer(world, call)?;
    let now = world.clock.now();
    let times = world.options.times;
    let rows = rows(
        world,
        &organizer,
        |meeting| meeting.end > now,
        |meeting| {
            let mut row = common(meeting, &organizer, times);
            row["status"] = meeting.status(now).into();
            row["passwordRequired"] = meeting.password_required.into();
            row
        },
    );
    Ok(reply::json(200, &rows))
}

/// `GET /historicalMeetings` and the same below `/organizers/{organizerKey}`: what started in the
/// range and has ended, one session for each. What nobody started never took place.
pub(crate) fn historical(world: &World, call: &Call) -> Handled {
    let organizer = organizer(world, call)?;
    let range = range(call)?;
    let now = world.clock.now();
    let times = world.options.times;
    let past = |meeting: &Meeting| {
        let session = meeting.session(now);
        session.is_some_and(|session| range.contains(&session.start))
    };
    let rows = rows(world, &organizer, past, |meeting| {
        let mut row = common(meeting, &organizer, times);
        if let Some(session) = meeting.session(now) {
            row["startTime"] = times.written(session.start).into();
            row["endTime"] = times.written(session.end).into();
            row["duration"] = session.minutes().to_string().into();
            row["numAttendees"] = "1".into();
            row["sessionId"] = session.id.to_string().into();
        }
        row
    });
    Ok(reply::json(200, &rows))
}

/// The caller, or the organizer named in the path.
pub(super) fn organizer(world: &World, call: &Call) -> Result<Person, Refusal> {
    let caller: Caller = caller(world, call)?;
    match &call.id {
        Some(key) => subject_of(world, &caller, key),
        None => Ok(caller.person),
    }
}

/// The range of a query, both ends needed.
pub(super) fn range(call: &Call) -> Result<RangeInclusive<DateTime<Utc>>, Refusal> {
    let query = call.query();
    let date = |name: &str| query.get(name).and_then(read);
    match (date("startDate"), date("endDate")) {
        (Some(from), Some(to)) => Ok(from..=to),
        _ => {
            let message = "startDate and endDate are required";
            Err(reply::meeting_error(400, "InvalidRequest", message).into())
        }
    }
}

pub(super) fn rows(
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

fn common(meeting: &Meeting, organizer: &Person, times: Times) -> Value {
    json!({
        "meetingId": meeting.id.to_string(),
        "subject": meeting.subject,
        "meetingType": meeting.kind,
        "conferenceCallInfo": call_info(meeting),
        "startTime": times.written(meeting.start),
        "endTime": times.written(meeting.end),
        "organizerKey": organizer.key,
        "accountKey": organizer.account,
        "email": organizer.email,
        "firstName": organizer.first_name,
        "lastName": organizer.last_name,
        "locale": organizer.locale,
    })
}
