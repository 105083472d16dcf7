//! Answers, and the shape of errors in each family of calls.

use axum::body::Body;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::faults::RetryAfter;
use crate::random;
use crate::route::Api;

/// What a handler comes to.
pub(crate) type Handled = Result<Response, Refusal>;

/// An answer that ends a handler early. Boxed, as every caller passes it on.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Response>);

impl From<Response> for Refusal {
    fn from(answer: Response) -> Self {
        Self(Box::new(answer))
    }
}

impl Refusal {
    pub(crate) fn answer(self) -> Response {
        *self.0
    }
}

/// A status without a body; one that does not exist becomes 500.
pub(crate) fn empty(status: u16) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

pub(crate) fn json(status: u16, value: &Value) -> Response {
    with_body(status, "application/json", value.to_string())
}

pub(crate) fn html(status: u16, page: String) -> Response {
    with_body(status, "text/html; charset=utf-8", page)
}

fn with_body(status: u16, kind: &'static str, body: String) -> Response {
    let mut response = empty(status);
    *response.body_mut() = Body::from(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Adds a header; one that HTTP does not allow is left out.
pub(crate) fn add_header(response: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
        response.headers_mut().append(name, value);
    }
}

/// GoTo's gateway: paths it does not have, the meter.
pub(crate) fn gateway(status: u16, message: &str) -> Response {
    json(status, &json!({ "message": message }))
}

/// A path or method that does not exist. Below the APIs it is the gateway's confusing 403.
pub(crate) fn no_such_path(path: &str) -> Response {
    let api = ["/G2M/", "/admin/", "/identity/"];
    if !api.iter().any(|prefix| path.starts_with(prefix)) {
        return gateway(404, "Not Found");
    }
    let mut response = gateway(403, "Missing Authentication Token");
    add_header(
        &mut response,
        "x-amzn-errortype",
        "MissingAuthenticationTokenException",
    );
    response
}

pub(crate) fn too_many_requests(retry_after: RetryAfter, now: DateTime<Utc>) -> Response {
    let mut response = gateway(429, "Too Many Requests");
    let value = match retry_after {
        RetryAfter::Absent => return response,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => (now + TimeDelta::seconds(seconds.into()))
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string(),
    };
    add_header(&mut response, RETRY_AFTER.as_str(), &value);
    response
}

/// An error of the GoToMeeting API.
pub(crate) fn meeting_error(status: u16, code: &str, message: &str) -> Response {
    json(status, &json!({ "int_err_code": code, "msg": message }))
}

/// An error of the admin API.
pub(crate) fn admin_error(status: u16, code: &str, message: &str) -> Response {
    let error = json!({ "code": code, "message": message });
    let incident = random::hex(16);
    json(
        status,
        &json!({ "incidentId": incident, "errors": [error] }),
    )
}

/// A token that is missing, lacks the Admin Center scope, or whose owner lacks the role: the admin
/// API makes no difference.
pub(crate) fn not_authenticated() -> Response {
    admin_error(
        401,
        "not.authenticated",
        "The request is not authenticated.",
    )
}

/// What a family answers to a token that cannot be used.
pub(crate) fn invalid_token(api: Option<Api>) -> Response {
    match api {
        Some(Api::Admin) => not_authenticated(),
        Some(Api::Identity) => {
            let mut response = empty(401);
            add_header(
                &mut response,
                WWW_AUTHENTICATE.as_str(),
                "Bearer realm=\"identity\", error=\"invalid_token\", \
                 error_description=\"The access token is invalid or has expired\"",
            );
            response
        }
        Some(Api::Meetings) | None => meeting_error(403, "InvalidToken", "Invalid token passed"),
    }
}
