//! The proxy of the GoToMeeting micro-apps.
//!
//! Owns every secret: the OAuth clients, the tokens, the sessions. Browsers get HTML, the widget's
//! files and a small JSON API; GoTo gets requests within an exact limit. `docs` of each module say
//! what it owns and what it must not do.

pub mod clock;
pub mod config;
pub mod goto;
mod random;
pub mod store;
