//! The proxy of the GoToMeeting micro-apps.
//!
//! Owns every secret: the OAuth clients, the tokens, the sessions. Browsers get HTML, the widget's
//! files and a small JSON API; GoTo gets requests within an exact limit. Each module's first lines
//! say what it owns and what it must not do.

pub mod activity;
mod admin_sessions;
pub mod attention;
pub mod clock;
pub mod config;
mod email;
/// What the readers of foreign text promise. The files are those of the fuzzer, compiled here because
/// nobody else may see the readers.
#[cfg(feature = "fuzzing")]
#[path = "../../tests/fuzz/promises/mod.rs"]
pub mod fuzzing;
pub mod goto;
mod http;
pub mod meetings;
mod metrics;
pub mod organizers;
pub mod outbound;
pub mod panics;
pub mod proxy;
mod random;
pub mod service_account;
pub mod signin;
mod start;
pub mod store;
pub mod tokens;
mod when;
mod words;
pub mod zone_search;
pub mod zones;
