//! Meetings: what may be asked for, at most one POST per intent, and reading them back.

mod details;
mod intent;
mod phone;
mod restored;
mod when;

pub use details::DetailsError;
pub use intent::{Answer, CreateError, Meetings};
pub use when::{Refused, check, times};
