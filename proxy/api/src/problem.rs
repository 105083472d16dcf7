//! Errors on the wire: problem+json (RFC 9457) with a code the widget has words for.

use serde::{Deserialize, Serialize};

use crate::Readings;
use crate::form::FieldError;
use crate::names::named;

/// An RFC 9457 problem document. `title` and `detail` are English for logs and developers; the
/// widget shows its own words, chosen by `code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// URI that names the kind of problem; `about:blank` where the status says it all.
    #[serde(rename = "type", default, deserialize_with = "crate::lenient::field")]
    pub kind: String,
    /// Short summary of the kind.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub title: String,
    /// HTTP status.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub status: u16,
    /// What happened this time and what to do next.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub detail: String,
    /// What the widget looks at.
    pub code: Code,
    /// Which fields are wrong, for [`Code::InvalidMeeting`].
    #[serde(
        default,
        deserialize_with = "crate::lenient::rows_if_any",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub errors: Vec<FieldError>,
    /// How device and server count, for [`Code::TimeZoneDiffers`].
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub readings: Option<Readings>,
    /// Seconds to wait before trying again.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<u32>,
    /// Names this one request in the proxy's log.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub request_id: Option<String>,
}

named! {
    /// Every kind of problem the widget API can answer with.
    pub enum Code {
        /// No session, or it expired: sign in.
        SignInRequired = "sign_in_required",
        /// GoTo no longer accepts the employee's grant: sign in again.
        ReconnectRequired = "reconnect_required",
        /// The portal's token has expired: it names nobody any more, other ways to sign in are open.
        SignOnExpired = "sign_on_expired",
        /// The portal's token does not say that the address is verified.
        SignOnUnverified = "sign_on_unverified",
        /// The portal's token is not one that the proxy takes.
        SignOnRefused = "sign_on_refused",
        /// Signed in at GoTo as somebody else than single sign-on says.
        SomebodyElse = "somebody_else",
        /// The one-time code of the sign-in is unknown, used or too old.
        HandoffRefused = "handoff_refused",
        /// The page's origin is not on the allow-list.
        OriginRefused = "origin_refused",
        /// See `errors`.
        InvalidMeeting = "invalid_meeting",
        /// Device and server count the times differently, see `readings`: nothing was made. Send the
        /// same form with the same key again and say whose reading is right.
        TimeZoneDiffers = "time_zone_differs",
        /// Not JSON, not the expected shape.
        MalformedRequest = "malformed_request",
        /// The body is larger than the proxy takes.
        BodyTooLarge = "body_too_large",
        /// The body's content type is not JSON.
        UnsupportedMediaType = "unsupported_media_type",
        /// The meeting does not exist or belongs to somebody else: one neutral answer for both.
        MeetingNotFound = "meeting_not_found",
        /// The path does not exist.
        NotFound = "not_found",
        /// The method is not allowed on this path.
        MethodNotAllowed = "method_not_allowed",
        /// The same idempotency key came with another body.
        IdempotencyMismatch = "idempotency_mismatch",
        /// The idempotency key is missing or malformed.
        IdempotencyKeyRequired = "idempotency_key_required",
        /// The proxy cannot tell whether the meeting exists: check again, or create anyway.
        MeetingUnconfirmed = "meeting_unconfirmed",
        /// GoTo refused the meeting; `detail` is the proxy's wording of why.
        GotoRefused = "goto_refused",
        /// The employee may not do this at GoTo (no licence, no role).
        GotoForbidden = "goto_forbidden",
        /// Nothing reached GoTo: network or breaker.
        GotoUnreachable = "goto_unreachable",
        /// GoTo did not answer in time.
        GotoSlow = "goto_slow",
        /// GoTo answered with a server error.
        GotoFailed = "goto_failed",
        /// GoTo answered with something that is not its JSON.
        GotoUnreadable = "goto_unreadable",
        /// A cancellation waits to be sent: sign out again and say what becomes of it.
        CancelWaiting = "cancel_waiting",
        /// The shared request limit is used up: wait `retry_after`.
        Busy = "busy",
        /// A create waited for its turn, which did not come in time: it was not sent.
        QueueExpired = "queue_expired",
        /// The consent was lost while a create waited for its turn: it was not sent.
        QueueConsentLost = "queue_consent_lost",
        /// The administrator must look: the proxy is not connected or is wrongly configured.
        NotReady = "not_ready",
        /// A defect or an outage of the proxy itself.
        Internal = "internal",
        /// A code this build does not know.
        #[serde(other)]
        Other = "other",
    }
}

/// What an answer to a create proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// No request with this key has made a meeting.
    NothingMade,
    /// This request has made nothing; an earlier one with the same key may have.
    NothingSent,
    /// Nothing: the meeting may exist, and the key must be kept.
    Nothing,
}

impl Code {
    /// What a create that was answered so proves. A list of what proves something: an answer that
    /// is not on it, or not the proxy's at all, ends no create.
    pub const fn proof(self) -> Proof {
        match self {
            // Known from the record that the proxy keeps of the key.
            Self::InvalidMeeting
            | Self::TimeZoneDiffers
            | Self::MeetingNotFound
            | Self::GotoRefused
            | Self::GotoForbidden
            | Self::QueueExpired
            | Self::QueueConsentLost => Proof::NothingMade,
            // Turned away at the door.
            Self::SignInRequired
            | Self::ReconnectRequired
            | Self::SignOnExpired
            | Self::SignOnUnverified
            | Self::SignOnRefused
            | Self::SomebodyElse
            | Self::HandoffRefused
            | Self::OriginRefused
            | Self::MalformedRequest
            | Self::BodyTooLarge
            | Self::UnsupportedMediaType
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::IdempotencyKeyRequired
            | Self::CancelWaiting
            // Before anything left for GoTo.
            | Self::GotoUnreachable
            | Self::Busy
            | Self::NotReady => Proof::NothingSent,
            Self::IdempotencyMismatch
            | Self::MeetingUnconfirmed
            | Self::GotoSlow
            | Self::GotoFailed
            | Self::GotoUnreadable
            | Self::Internal
            | Self::Other => Proof::Nothing,
        }
    }
}

impl Code {
    /// Whether signing in by the window is what helps.
    pub const fn asks_for_sign_in(self) -> bool {
        matches!(
            self,
            Self::SignInRequired
                | Self::ReconnectRequired
                | Self::QueueConsentLost
                | Self::SignOnExpired
                | Self::SignOnUnverified
                | Self::SignOnRefused
        )
    }

    /// Whether the portal's token is to blame: without it the answer may be another.
    pub const fn is_of_sign_on(self) -> bool {
        matches!(
            self,
            Self::SignOnExpired | Self::SignOnUnverified | Self::SignOnRefused
        )
    }
}
