//! problem+json (RFC 9457): every refusal of the proxy, said once.

use std::any::Any;
use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use goto_microapps_api::{Code, FieldError, Problem, Readings};

use crate::goto::Error as GotoError;
use crate::meetings::{CreateError, DetailsError, EditError};
use crate::signin::{HandoffError, TokenRefused};
use crate::store;
use crate::tokens;

/// A refusal on its way out; [`super::finish`] writes the body, which carries the request's id.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    readings: Option<Box<Readings>>,
    retry_after: Option<u32>,
    /// Where the code's own says too little.
    status: Option<StatusCode>,
    /// Page that opened the window in which this is shown, and waits to hear.
    opener: Option<String>,
}

/// Status and title of a code.
fn kind(code: Code) -> (StatusCode, &'static str) {
    match code {
        Code::SignInRequired => (StatusCode::UNAUTHORIZED, "Sign in"),
        Code::ReconnectRequired => (StatusCode::UNAUTHORIZED, "Sign in again"),
        Code::SignOnExpired => (StatusCode::UNAUTHORIZED, "Sign-on expired"),
        Code::SignOnUnverified => (
            StatusCode::UNAUTHORIZED,
            "Sign-on without a verified address",
        ),
        Code::SignOnRefused => (StatusCode::UNAUTHORIZED, "Sign-on refused"),
        Code::HandoffRefused => (StatusCode::FORBIDDEN, "Sign-in code refused"),
        Code::SomebodyElse => (StatusCode::FORBIDDEN, "Signed in as somebody else"),
        Code::OriginRefused => (StatusCode::FORBIDDEN, "Origin refused"),
        Code::InvalidMeeting => (StatusCode::UNPROCESSABLE_ENTITY, "Invalid meeting"),
        Code::TimeZoneDiffers => (StatusCode::CONFLICT, "Time zone differs"),
        Code::MalformedRequest => (StatusCode::BAD_REQUEST, "Malformed request"),
        Code::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Body too large"),
        Code::UnsupportedMediaType => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type")
        }
        Code::MeetingNotFound => (StatusCode::NOT_FOUND, "Meeting not found"),
        Code::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        Code::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        Code::IdempotencyMismatch => (StatusCode::UNPROCESSABLE_ENTITY, "Idempotency key reused"),
        Code::IdempotencyKeyRequired => (StatusCode::BAD_REQUEST, "Idempotency key required"),
        Code::MeetingUnconfirmed => (StatusCode::CONFLICT, "Meeting unconfirmed"),
        Code::GotoRefused => (StatusCode::UNPROCESSABLE_ENTITY, "GoTo refuses"),
        Code::GotoForbidden => (StatusCode::FORBIDDEN, "GoTo forbids"),
        Code::QueueExpired => (StatusCode::CONFLICT, "Not sent in time"),
        Code::QueueConsentLost => (StatusCode::CONFLICT, "Consent lost while waiting"),
        Code::GotoUnreachable => (StatusCode::BAD_GATEWAY, "GoTo unreachable"),
        Code::GotoSlow => (StatusCode::GATEWAY_TIMEOUT, "GoTo slow"),
        Code::GotoFailed => (StatusCode::BAD_GATEWAY, "GoTo failed"),
        Code::GotoUnreadable => (StatusCode::BAD_GATEWAY, "GoTo unreadable"),
        Code::CancelWaiting => (StatusCode::CONFLICT, "Cancellation waiting"),
        Code::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Busy"),
        Code::NotReady => (StatusCode::SERVICE_UNAVAILABLE, "Not ready"),
        Code::Internal | Code::Other => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
    }
}

/// What an employee is told of a token that is not believed.
pub(super) fn sign_on_code(why: TokenRefused) -> Code {
    match why {
        TokenRefused::Expired => Code::SignOnExpired,
        TokenRefused::NotVerified => Code::SignOnUnverified,
        _ => Code::SignOnRefused,
    }
}

impl ApiError {
    pub(crate) fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            readings: None,
            retry_after: None,
            status: None,
            opener: None,
        }
    }

    /// The same, told to the page that opened the window as well.
    pub(super) fn telling(mut self, opener: Option<String>) -> Self {
        self.opener = opener;
        self
    }

    /// The page that opened the window.
    pub(super) fn opener(&self) -> Option<&str> {
        self.opener.as_deref()
    }

    /// The same with another status.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn not_found() -> Self {
        Self::new(Code::NotFound, "there is nothing at this path")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            Code::MethodNotAllowed,
            "this path does not take this method",
        )
    }

    pub(super) fn sign_in_required() -> Self {
        Self::new(Code::SignInRequired, "no session, or it ended: sign in")
    }

    /// The portal's token is not believed. Other ways in are open.
    pub(super) fn sign_on(why: TokenRefused) -> Self {
        Self::new(sign_on_code(why), why.to_string())
    }

    fn busy(retry_after: u32) -> Self {
        let mut refusal = Self::new(
            Code::Busy,
            "the shared limit of requests to GoTo is used up; nothing was sent",
        );
        refusal.retry_after = Some(retry_after);
        refusal
    }

    /// The proxy protects itself; nothing was done.
    pub(super) fn overloaded(retry_after: u32, detail: &'static str) -> Self {
        let mut refusal = Self::new(Code::Busy, detail);
        refusal.retry_after = Some(retry_after);
        refusal
    }

    /// The document as sent.
    pub(super) fn document(&self, request_id: &str) -> Problem {
        let (status, title) = kind(self.code);
        let title = self
            .status
            .and_then(|status| status.canonical_reason())
            .unwrap_or(title);
        let status = self.status.unwrap_or(status);
        Problem {
            kind: "about:blank".into(),
            title: title.into(),
            status: status.as_u16(),
            detail: self.detail.clone().into_owned(),
            code: self.code,
            errors: self.errors.clone(),
            readings: self.readings.as_deref().cloned(),
            retry_after: self.retry_after,
            request_id: Some(request_id.to_owned()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status.unwrap_or(kind(self.code).0);
        let mut response = status.into_response();
        if let Some(seconds) = self.retry_after {
            let value = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// A defect: the text of a panic may quote anything, so only its place in the code is logged (by
/// [`crate::panics::report`]) and none of it is sent.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::from(Broken).into_response()
}

/// Something of the proxy itself that the caller can only wait for.
struct Broken;

impl From<Broken> for ApiError {
    fn from(_: Broken) -> Self {
        Self::new(
            Code::Internal,
            "the proxy could not do this; its log names the cause under the request id",
        )
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        tracing::error!(%error, "store");
        Broken.into()
    }
}

impl From<tokio::task::JoinError> for ApiError {
    fn from(_: tokio::task::JoinError) -> Self {
        tracing::error!("a task panicked");
        Broken.into()
    }
}

impl From<GotoError> for ApiError {
    fn from(error: GotoError) -> Self {
        let (code, detail) = match &error {
            GotoError::Busy { retry_after } | GotoError::RateLimited { retry_after } => {
                return Self::busy(*retry_after);
            }
            GotoError::NoStore => {
                tracing::error!("the upstream limit cannot be checked");
                return Broken.into();
            }
            GotoError::InvalidToken => (
                Code::ReconnectRequired,
                "GoTo does not accept the consent any more",
            ),
            GotoError::Unreachable => (Code::GotoUnreachable, "no connection to GoTo"),
            GotoError::Slow => (Code::GotoSlow, "GoTo did not answer in time"),
            GotoError::Server { .. } => (Code::GotoFailed, "GoTo reported a failure of its own"),
            GotoError::Unreadable { .. } => (Code::GotoUnreadable, "GoTo's answer is not readable"),
            GotoError::Forbidden { .. } => (
                Code::GotoForbidden,
                "GoTo does not let this person do that: a GoToMeeting licence or role is missing",
            ),
            GotoError::NotFound | GotoError::Refused { .. } => {
                tracing::warn!(%error, "GoTo refused a request");
                let detail = error.to_string();
                return Self::new(Code::GotoRefused, detail);
            }
        };
        tracing::warn!(%error, "GoTo");
        Self::new(code, detail)
    }
}

impl From<tokens::Error> for ApiError {
    fn from(error: tokens::Error) -> Self {
        match error {
            tokens::Error::NoGrant => Self::new(
                Code::ReconnectRequired,
                "GoTo does not accept the consent any more: sign in again",
            ),
            tokens::Error::Goto(error) => error.into(),
            tokens::Error::Misconfigured(_) => not_ready(),
            tokens::Error::Store(error) => error.into(),
        }
    }
}

fn not_ready() -> ApiError {
    ApiError::new(
        Code::NotReady,
        "GoTo does not accept the proxy's OAuth client: the administrator must correct [goto.employees]",
    )
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Invalid(errors) => Self {
                errors,
                ..Self::new(Code::InvalidMeeting, "correct the fields named in errors")
            },
            CreateError::Differs(readings) => Self {
                readings: Some(readings),
                ..Self::new(
                    Code::TimeZoneDiffers,
                    "device and server count the times differently: send the form again with the same key and \"reading\": \"device\" or \"server\"",
                )
            },
            CreateError::Mismatch => Self::new(
                Code::IdempotencyMismatch,
                "this idempotency key came with another meeting before",
            ),
            CreateError::UnknownKey => Self::new(
                Code::MeetingNotFound,
                "nothing was created with this idempotency key",
            ),
            CreateError::NeedsUser => Self::new(
                Code::MeetingUnconfirmed,
                "GoTo's answer was lost and the meeting was not found: check again, or create it with a new key",
            ),
            CreateError::Goto(error) => error.into(),
            CreateError::Reconnect => tokens::Error::NoGrant.into(),
            CreateError::QueueExpired => Self::new(
                Code::QueueExpired,
                "the request limit was used up for five minutes; nothing was sent: create it again with a new key",
            ),
            CreateError::QueueConsentLost => Self::new(
                Code::QueueConsentLost,
                "GoTo no longer accepts the consent; nothing was sent: sign in and create it with a new key",
            ),
            CreateError::Misconfigured => not_ready(),
            CreateError::Broken => Broken.into(),
            CreateError::Store(error) => error.into(),
        }
    }
}

impl From<DetailsError> for ApiError {
    fn from(error: DetailsError) -> Self {
        match error {
            DetailsError::NotFound => Self::new(
                Code::MeetingNotFound,
                "the meeting does not exist or belongs to somebody else",
            ),
            DetailsError::Tokens(error) => error.into(),
            DetailsError::Store(error) => error.into(),
        }
    }
}

impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Form(error) => error.into(),
            EditError::Meeting(error) => error.into(),
            EditError::Cancelling => Self::new(
                Code::CancelWaiting,
                "the meeting is about to be cancelled: take that back first",
            ),
            EditError::Changing => Self::busy(2),
        }
    }
}

impl From<HandoffError> for ApiError {
    fn from(error: HandoffError) -> Self {
        match error {
            HandoffError::Refused => Self::new(
                Code::HandoffRefused,
                "the code is unknown, used or too old: sign in again",
            ),
            HandoffError::Store(error) => error.into(),
        }
    }
}
