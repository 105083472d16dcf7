//! The way of every request: log, meter, holds, faults, handler, faults, log.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use chrono::{DateTime, Utc};
use http::Request;
use http::header::CONTENT_LENGTH;
use http::request::Parts;

use crate::admin::Disorder;
use crate::call::Call;
use crate::faults::{Before, Leaving, Plan, RetryAfter};
use crate::hold::Moment;
use crate::log::{Authorization, Outcome, Received};
use crate::reply::Refusal;
use crate::route::Route;
use crate::world::World;
use crate::{admin, identity, meetings, oauth, reply};

/// Larger than anything GoTo documents, small enough to keep in a log.
const LARGEST_BODY: usize = 1 << 20;

/// What a handler puts into the extensions of its answer to have it in the truth log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made(pub(crate) u64);

/// How the connection has to end this exchange.
#[derive(Debug)]
pub(crate) enum Sent {
    /// Send all of it.
    Whole(Response),
    /// Send the headers and this half of the body, then close.
    Half(Response, Bytes),
    /// Close.
    Nothing,
}

/// Does all that GoTo does for a request.
pub(crate) async fn process(world: Arc<World>, request: Request<Body>) -> Sent {
    let (head, body) = request.into_parts();
    let (route, id) = Route::of(&head.method, head.uri.path());
    let arrival = arrive(&world, &head, route);
    let taken = arrival.taken;
    let body = to_bytes(body, LARGEST_BODY).await;
    let sequence = note(&world, &head, route, arrival, body.as_ref().ok());
    let sent = match body {
        Err(_) => Sent::Nothing,
        Ok(_) if !taken => Sent::Whole(over_limit(&world)),
        Ok(body) => {
            let call = Call {
                route,
                id,
                head,
                body,
                disorder: Disorder::default(),
            };
            run(&world, call, sequence).await
        }
    };
    note_outcome(&world, sequence, &sent);
    sent
}

/// What is known when the head of a request was read.
struct Arrival {
    arrived: Duration,
    at: DateTime<Utc>,
    authorization: Authorization,
    /// Whether it is within the limit.
    taken: bool,
}

fn arrive(world: &World, head: &Parts, route: Route) -> Arrival {
    let mut state = world.lock();
    // Read under the lock, so that the meter sees time go forward only.
    let arrived = world.elapsed();
    let at = world.clock.now();
    let per_second = world.options.requests_per_second;
    let api = route.api();
    Arrival {
        arrived,
        at,
        authorization: oauth::describe(&state, &head.headers, at),
        taken: api.is_none_or(|api| state.meter.takes(api, arrived, per_second)),
    }
}

/// Writes a request into the log once it is there as a whole, or as much of it as came.
fn note(world: &World, head: &Parts, route: Route, arrival: Arrival, body: Option<&Bytes>) -> u64 {
    let text = |name: &str| {
        let value = head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let body = body.map(|body| String::from_utf8_lossy(body).into_owned());
    let sequence = world.lock().log.add(Received {
        sequence: 0,
        arrived: arrival.arrived,
        at: arrival.at,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        route,
        authorization: arrival.authorization,
        content_type: text("content-type"),
        user_agent: text("user-agent"),
        body: body.unwrap_or_default(),
        handled: false,
        outcome: Outcome::Pending,
        meeting: None,
        ended: None,
    });
    world.changed.notify_waiters();
    sequence
}

fn note_handled(world: &World, sequence: u64, answer: &Response) {
    if let Some(entry) = world.lock().log.entry(sequence) {
        entry.handled = true;
        entry.meeting = answer.extensions().get().map(|Made(meeting)| *meeting);
    }
    world.changed.notify_waiters();
}

fn note_outcome(world: &World, sequence: u64, sent: &Sent) {
    let ended = world.elapsed();
    if let Some(entry) = world.lock().log.entry(sequence) {
        entry.outcome = match sent {
            Sent::Whole(answer) => Outcome::Answered(answer.status().as_u16()),
            Sent::Half(answer, _) => Outcome::Truncated(answer.status().as_u16()),
            Sent::Nothing => Outcome::Cut,
        };
        entry.ended = Some(ended);
    }
    world.changed.notify_waiters();
}

fn over_limit(world: &World) -> Response {
    let retry_after = if world.options.retry_after {
        RetryAfter::Seconds(1)
    } else {
        RetryAfter::Absent
    };
    reply::too_many_requests(retry_after, world.clock.now())
}

async fn run(world: &World, mut call: Call, sequence: u64) -> Sent {
    wait(world, call.route, Moment::Before).await;
    let plan = world.lock().faults.draw(&call);
    call.disorder = plan.disorder;
    pause(world.options.latency + plan.delay_before).await;
    let answer = match plan.before(world, call.route) {
        Before::Cut => return Sent::Nothing,
        Before::Answer(answer) => answer,
        Before::Handle => {
            let answer = handle(world, &call);
            note_handled(world, sequence, &answer);
            answer
        }
    };
    wait(world, call.route, Moment::After).await;
    pause(plan.delay_after).await;
    leave(&plan, call.route, answer).await
}

fn handle(world: &World, call: &Call) -> Response {
    let handled = match call.route {
        Route::Authorize => oauth::authorize(world, call),
        Route::Token => oauth::token(world, call),
        Route::Revoke => oauth::revoke(world, call),
        Route::Retired => Ok(oauth::retired()),
        Route::Me => identity::me(world, call),
        Route::AdminMe => admin::me(world, call),
        Route::Users => admin::users(world, call),
        Route::CreateMeeting => meetings::create(world, call),
        Route::GetMeeting => meetings::get(world, call),
        Route::UpdateMeeting => meetings::update(world, call),
        Route::DeleteMeeting => meetings::delete(world, call),
        Route::StartMeeting => meetings::start(world, call),
        Route::Upcoming => meetings::upcoming(world, call),
        Route::Historical => meetings::historical(world, call),
        Route::OldList => meetings::old_list(world, call),
        Route::Attendees => meetings::attendees(world, call),
        Route::Organizer => meetings::organizer(world, call),
        Route::Any | Route::MeetingsApi | Route::AdminApi | Route::IdentityApi | Route::Unknown => {
            Ok(reply::no_such_path(call.head.uri.path()))
        }
    };
    handled.unwrap_or_else(Refusal::answer)
}

async fn wait(world: &World, route: Route, moment: Moment) {
    let gates = world.lock().holds.gates(route, moment);
    for mut gate in gates {
        // Nothing is ever sent: an error says that the hold is gone.
        while gate.changed().await.is_ok() {}
    }
}

async fn pause(by: Duration) {
    if !by.is_zero() {
        tokio::time::sleep(by).await;
    }
}

async fn leave(plan: &Plan, route: Route, answer: Response) -> Sent {
    let (answer, leaving) = plan.after(route, answer).await;
    match leaving {
        Leaving::Whole => Sent::Whole(answer),
        Leaving::Cut => Sent::Nothing,
        Leaving::Truncated => halved(answer).await,
    }
}

/// An answer without a body has no half; nothing of it is sent.
async fn halved(answer: Response) -> Sent {
    let (mut head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if body.is_empty() {
        return Sent::Nothing;
    }
    head.headers.insert(CONTENT_LENGTH, body.len().into());
    let half = body.slice(..body.len() / 2);
    Sent::Half(Response::from_parts(head, Body::empty()), half)
}
