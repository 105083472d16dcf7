//! What GoTo deprecated but still answers: lists that spell things in yet other ways, and attendees.

use serde_json::{Value, json};

use super::changes::MAX_PARTICIPANTS;
use super::lists::{organizer, range, rows};
use super::model::{Meeting, Session};
use super::organizers::number;
use super::phone::{call_info, grouped};
use super::{caller, no_such_meeting};
use crate::call::Call;
use crate::options::Times;
use crate::person::Person;
use crate::reply::{self, Handled};
use crate::world::World;

/// `GET /meetings` and `GET /organizers/{organizerKey}/meetings`: with `scheduled=true` what is to
/// come, with `history=true` and two dates what took place.
pub(crate) fn old_list(world: &World, call: &Call) -> Handled {
    let person = organizer(world, call)?;
    let query = call.query();
    let asked = |name: &str| query.get(name).is_some_and(|value| value == "true");
    let now = world.clock.now();
    let times = world.options.times;
    let list = if asked("history") {
        let range = range(call)?;
        let session = |meeting: &Meeting| {
            let session = meeting.session(now);
            session.filter(|session| range.contains(&session.start))
        };
        rows(
            world,
            &person,
            |meeting| session(meeting).is_some(),
            |meeting| {
                session(meeting)
                    .map(|took| past(meeting, took, &person, times))
                    .into()
            },
        )
    } else if asked("scheduled") {
        let to_come = |meeting: &Meeting| meeting.end > now;
        rows(world, &person, to_come, |meeting| {
            json!({
                "meetingid": meeting.id,
                "uniqueMeetingId": meeting.unique_id,
                "subject": meeting.subject,
                "meetingType": meeting.kind,
                "conferenceCallInfo": call_info(meeting),
                "startTime": times.written(meeting.start),
                "endTime": times.written(meeting.end),
                "createTime": times.created(meeting.created_at),
                "status": meeting.status(now),
                "passwordRequired": meeting.password_required,
                "maxParticipants": MAX_PARTICIPANTS,
            })
        })
    } else {
        let message = "scheduled=true, or history=true with startDate and endDate, is required";
        return Err(reply::meeting_error(400, "InvalidRequest", message).into());
    };
    Ok(reply::json(200, &list))
}

/// Every key three times over, and the id once more with dashes.
fn past(meeting: &Meeting, took: Session, organizer: &Person, times: Times) -> Value {
    json!({
        "meetingId": meeting.id,
        "newMeetingId": grouped(meeting.id),
        "meetingKey": meeting.id,
        "meetingInstanceKey": took.id,
        "sessionId": took.id,
        "uniqueMeetingId": meeting.unique_id,
        "organizerkey": organizer.key,
        "organizerKey": organizer.key,
        "newOrganizerKey": organizer.key,
        "email": organizer.email,
        "firstName": organizer.first_name,
        "lastName": organizer.last_name,
        "groupName": "",
        "subject": meeting.subject,
        "meetingType": meeting.kind,
        "conferenceCallInfo": call_info(meeting),
        "date": times.oldest(took.start),
        "startTime": times.written(took.start),
        "endTime": times.written(took.end),
        "duration": took.minutes(),
        "numAttendees": 1,
        "status": "INACTIVE",
        "passwordRequired": meeting.password_required,
    })
}

/// `GET /meetings/{meetingId}/attendees`, for the organizer and administrators, and
/// `GET /organizers/{organizerKey}/attendees`, for administrators: a row for each attendee and
/// session. Whoever hosts is the one attendee here; `email` and the names are the organizer's.
pub(crate) fn attendees(world: &World, call: &Call) -> Handled {
    let now = world.clock.now();
    let times = world.options.times;
    let by_organizer = call.head.uri.path().contains("/organizers/");
    if by_organizer {
        let person = organizer(world, call)?;
        let range = range(call)?;
        let session = |meeting: &Meeting| {
            let session = meeting.session(now);
            session.filter(|session| range.contains(&session.start))
        };
        let rows = rows(
            world,
            &person,
            |meeting| session(meeting).is_some(),
            |meeting| {
                let row = session(meeting).map(|took| attendee(meeting, took, &person, times));
                let mut row = row.unwrap_or_default();
                row["newMeetingId"] = grouped(meeting.id).into();
                row
            },
        );
        return Ok(reply::json(200, &rows));
    }
    let caller = caller(world, call)?;
    let mut state = world.lock();
    let meeting = state.meetings.alive(call.id()).cloned();
    let meeting = meeting.ok_or_else(no_such_meeting)?;
    let organizer = state
        .people
        .in_account(&caller.person.account, &meeting.organizer);
    let organizer =
        organizer.filter(|organizer| organizer.key == caller.person.key || caller.person.admin);
    let organizer = organizer.ok_or_else(no_such_meeting)?;
    let row = meeting
        .session(now)
        .map(|took| attendee(&meeting, took, organizer, times));
    let rows: Vec<Value> = row.into_iter().collect();
    Ok(reply::json(200, &rows.into()))
}

fn attendee(meeting: &Meeting, took: Session, organizer: &Person, times: Times) -> Value {
    json!({
        "attendeeName": organizer.name,
        "attendeeEmail": organizer.email,
        "joinTime": times.written(took.start),
        "leaveTime": times.written(took.end),
        "duration": took.minutes(),
        "name": organizer.name,
        "subject": meeting.subject,
        "startTime": times.written(took.start),
        "endTime": times.written(took.end),
        "numAttendees": 1,
        "meetingId": meeting.id,
        "meetingInstanceKey": took.id,
        "meetingType": meeting.kind,
        "groupName": "",
        "conferenceCallInfo": call_info(meeting),
        "organizerkey": number(&organizer.key),
        "email": organizer.email,
        "firstName": organizer.first_name,
        "lastName": organizer.last_name,
    })
}
