//! What the faults that were drawn do to one request.

use std::time::Duration;

use axum::body::Bytes;
use axum::response::Response;

use super::spoil::{only_essentials, swap_types, without};
use super::{Answer, FaultKind};
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
        self.end.is_none() || delays(kind) || spoils(kind)
    }

    pub(super) fn add(&mut self, kind: &FaultKind) {
        match kind {
            FaultKind::DelayBefore(by) => self.delay_before += *by,
            FaultKind::DelayAfter(by) => self.delay_after += *by,
            kind if spoils(kind) => self.spoiling.push(kind.clone()),
            kind => self.end = Some(kind.clone()),
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

fn delays(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::DelayBefore(_) | FaultKind::DelayAfter(_))
}

fn spoils(kind: &FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::EmptyBody | FaultKind::WrongTypes | FaultKind::MissingFields(_)
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
        _ => bytes,
    };
    Response::from_parts(head, changed.into())
}

fn rewritten(bytes: Bytes, change: impl FnOnce(serde_json::Value) -> serde_json::Value) -> Bytes {
    match serde_json::from_slice(&bytes) {
        Ok(value) => change(value).to_string().into(),
        Err(_) => bytes,
    }
}
