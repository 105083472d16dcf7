//! Who is signed in, and the hand-off of a session from the sign-in window to the widget.

use serde::{Deserialize, Serialize};

use crate::Code;
use crate::names::named;

/// Answer of `GET /app/api/session` and of the hand-off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// What the header of the widget shows.
    pub integration: Integration,
    /// The signed-in employee; `None` asks for a sign-in.
    #[serde(default)]
    pub user: Option<User>,
    /// Why the portal's token, which came with the question, names nobody. Asked without it, the
    /// answer may be another.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub sign_on: Option<Code>,
}

/// Name and icon the administrator gave the integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// Shown in the header.
    pub name: String,
    /// Path of the icon relative to the proxy's base URL; `None` shows the built-in one.
    #[serde(default, deserialize_with = "crate::lenient::field")]
    pub icon: Option<String>,
}

/// A signed-in employee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Organizer key at GoTo.
    pub key: String,
    /// Name to show.
    pub name: String,
    /// E-mail at GoTo.
    pub email: String,
}

named! {
    /// How the browser will carry the session.
    pub enum Carrier {
        /// A partitioned, HTTP-only cookie: tried first.
        Cookie = "cookie",
        /// `Authorization: Bearer`, kept in the widget's memory: where the browser refused the cookie.
        Bearer = "bearer",
    }
}

/// Body of `POST /app/api/session`: swaps the one-time code for a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandoffRequest {
    /// The code the sign-in window posted.
    pub code: String,
    /// What the S256 challenge of the sign-in was made from.
    pub verifier: String,
    /// A code taken as [`Carrier::Cookie`] may be taken once more as [`Carrier::Bearer`] while the
    /// cookie was never seen back.
    pub carrier: Carrier,
}

/// Body of `POST /app/api/sign-in/severed`: the sign-in window was cut off from its widget, so that it
/// has to show a code to type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeveredRequest {
    /// The S256 challenge that the sign-in began with.
    pub challenge: String,
}

/// Answer of `POST /app/api/session`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandoffResponse {
    /// The session that now exists.
    pub session: Session,
    /// Opaque session for `Authorization: Bearer`; only for [`Carrier::Bearer`].
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub bearer: Option<String>,
}

/// What the sign-in window posts to the exact origin that opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoffMessage {
    /// Always [`HandoffMessage::TYPE`].
    #[serde(rename = "type")]
    pub kind: String,
    /// How the sign-in ended.
    pub outcome: HandoffOutcome,
    /// One-time code, 60 s; only with [`HandoffOutcome::SignedIn`].
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub code: Option<String>,
    /// Seconds until the window tries again by itself; only with [`HandoffOutcome::Busy`].
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<u32>,
    /// What the window says, in the widget's language; with [`HandoffOutcome::Failed`] and
    /// [`HandoffOutcome::Busy`], where `{seconds}` stands for what is left of `retry_after`.
    #[serde(
        default,
        deserialize_with = "crate::lenient::field",
        skip_serializing_if = "Option::is_none"
    )]
    pub text: Option<String>,
}

impl HandoffMessage {
    /// Tells our messages from everybody else's.
    pub const TYPE: &'static str = "gotomeeting:sign-in";
}

named! {
    /// How a sign-in ended.
    pub enum HandoffOutcome {
        /// A code follows.
        SignedIn = "signed_in",
        /// The employee refused access at GoTo.
        Denied = "denied",
        /// GoTo has no time now; the window goes on by itself.
        Busy = "busy",
        /// Something went wrong, or what a newer proxy knows; the window says what.
        #[serde(other)]
        Failed = "failed",
    }
}
