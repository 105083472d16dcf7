//! What the faults that were drawn do to one request.

use std::time::Duration;

use axum::body::Bytes;
use axum::response::Response;

use super::spoil::{
    address_in_emails, dashed, like_in_2012, only_essentials, respelt, swap_types, with, without,
};
use super::{Answer, FaultKind, Gone, entities, odd};
use crate::admin::Disorder;
use crate::reply;
use crate::route::Route;
use crate::world::World;

const GATEWAY_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head>\
    <body><h1>We will be right back</h1><p>Reference: 0.2f7b1c17</p></body></html>\n";

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) delay_before: Duration,
    pub(crate) delay_after: Duration,
    pub(crate) disorder: Disorder,
    end: Option<FaultKind>,
    spoiling: Vec<FaultKind>,
}

/// What to do before handling.
pub(crate) enum Before {
    Handle,
    Answer(Response),
    Cut,
}

/// How an answer leaves.
pub(crate) enum Leaving {
    Whole,
    Truncated,
    Cut,
}

impl Plan {
    /// Whether `kind` can still happen to a request to which all this happens already.
    pub(super) fn has_room_for(&self, kind: &FaultKind) -> bool {
        self.end.is_none() || !ends(kind)
    }

    pub(super) fn add(&mut self, kind: &FaultKind) {
        match kind {
            FaultKind::DelayBefore(by) => self.delay_before += *by,
            FaultKind::DelayAfter(by) => self.delay_after += *by,
            FaultKind::OverlappingPages(rows) => self.disorder.early += *rows as usize,
            FaultKind::PeopleRemoved(people) => self.disorder.removed += *people as usize,
            FaultKind::PeopleAdded(people) => self.disorder.added += *people as usize,
            kind if ends(kind) => self.end = Some(kind.clone()),
            kind => self.spoiling.push(kind.clone()),
        }
    }

    pub(crate) fn before(&self, world: &World, route: Route) -> Before {
        match &self.end {
            Some(FaultKind::CutBefore) => Before::Cut,
            Some(FaultKind::Instead(answer)) => Before::Answer(made(answer)),
            Some(FaultKind::Html) => Before::Answer(gateway_page()),
            Some(FaultKind::InvalidToken) => Before::Answer(reply::invalid_token(route.api())),
            Some(FaultKind::TooManyRequests(retry_after)) => {
                Before::Answer(reply::too_many_requests(*retry_after, world.clock.now()))
            }
            _ => Before::Handle,
        }
    }

    pub(crate) async fn after(&self, route: Route, answer: Response) -> (Response, Leaving) {
        match &self.end {
            Some(FaultKind::CutAfterCommit) => return (answer, Leaving::Cut),
            Some(FaultKind::AfterCommit(instead)) => return (made(instead), Leaving::Whole),
            Some(FaultKind::HtmlAfterCommit) => return (gateway_page(), Leaving::Whole),
            _ => {}
        }
        let mut answer = answer;
        for kind in &self.spoiling {
            answer = spoilt(kind, route, answer).await;
        }
        match &self.end {
            Some(FaultKind::Truncated) => (answer, Leaving::Truncated),
            _ => (answer, Leaving::Whole),
        }
    }
}

/// Whether it replaces or cuts the answer, of which one request takes one.
fn ends(kind: &FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Instead(_)
            | FaultKind::AfterCommit(_)
            | FaultKind::Html
            | FaultKind::HtmlAfterCommit
            | FaultKind::InvalidToken
            | FaultKind::TooManyRequests(_)
            | FaultKind::CutBefore
            | FaultKind::CutAfterCommit
            | FaultKind::Truncated
    )
}

fn made(answer: &Answer) -> Response {
    let mut response = reply::empty(answer.status);
    for (name, value) in &answer.headers {
        reply::add_header(&mut response, name, value);
    }
    *response.body_mut() = answer.body.clone().into();
    response
}

fn gateway_page() -> Response {
    reply::html(200, GATEWAY_PAGE.to_owned())
}

async fn spoilt(kind: &FaultKind, route: Route, answer: Response) -> Response {
    if let FaultKind::GoneAs(gone) = kind {
        return gone_as(*gone, answer);
    }
    let (head, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await;
    let bytes = bytes.unwrap_or_default();
    let changed = match kind {
        FaultKind::EmptyBody => Bytes::new(),
        FaultKind::WrongTypes => rewritten(bytes, swap_types),
        FaultKind::MissingFields(names) if names.is_empty() => {
            rewritten(bytes, |value| only_essentials(route, value))
        }
        FaultKind::MissingFields(names) => rewritten(bytes, |value| without(names, value)),
        FaultKind::WithFields(fields) => rewritten(bytes, |value| with(fields, value)),
        FaultKind::Spellings(spelling) => rewritten(bytes, |value| respelt(*spelling, value)),
        FaultKind::OddRows => rewritten(bytes, |value| odd::among(route, value)),
        FaultKind::Entities(cleaner) => rewritten(bytes, |value| entities::clean(*cleaner, value)),
        FaultKind::DashedIds => rewritten(bytes, dashed),
        FaultKind::LikeIn2012 => rewritten(bytes, like_in_2012),
        FaultKind::AddressInEmails => rewritten(bytes, address_in_emails),
        _ => bytes,
    };
    Response::from_parts(head, changed.into())
}

/// Another answer about a meeting that is gone; any other answer stays.
fn gone_as(gone: Gone, answer: Response) -> Response {
    if answer.status() != 404 {
        return answer;
    }
    let error = |status| reply::meeting_error(status, "MeetingNotFound", "Meeting not found");
    match gone {
        Gone::BadRequest => error(400),
        Gone::Gone => error(410),
        Gone::NoRows => reply::json(200, &serde_json::json!([])),
    }
}

fn rewritten(bytes: Bytes, change: impl FnOnce(serde_json::Value) -> serde_json::Value) -> Bytes {
    match serde_json::from_slice(&bytes) {
        Ok(value) => change(value).to_string().into(),
        Err(_) => bytes,
    }
}
