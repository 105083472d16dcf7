//! Everything the proxy says to GoTo, and the only module that may.
//!
//! Owns the transport (over the way out that `outbound` gives), the upstream limit, the
//! breaker, the wire types and the reading of GoTo's answers. Whatever comes back is read leniently, row
//! by row and field by field: GoTo answers with arrays of one, names in two spellings, times with a
//! bare dot and keys that no number type holds.

mod breaker;
mod client;
mod errors;
#[cfg(feature = "fuzzing")]
#[path = "../../../tests/fuzz/promises/goto_answers.rs"]
pub(crate) mod fuzzing;
mod hosts;
mod licence;
mod limiter;
mod meeting_calls;
pub mod oauth;
mod times;
mod transport;
mod wire;

pub use client::{Goto, UserPage};
pub use errors::{Error, Family, Sent};
pub use hosts::{is_own_page, own_pages};
pub use limiter::{Busy, Caller, Class, Limiter, Permit};
pub use times::read_time;
pub use wire::{
    GotoMeeting, GotoUser, HostAddress, Id, Identity, MeetingCreated, NewGotoMeeting, Upcoming,
    is_same_subject,
};
