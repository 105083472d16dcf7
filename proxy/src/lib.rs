//! The proxy of the GoToMeeting micro-apps.
//!
//! Owns every secret: the OAuth clients, the tokens, the sessions. Browsers get HTML, the widget's
//! files and a small JSON API; GoTo gets requests within an exact limit. Each module's first lines
//! say what it owns and what it must not do.

pub mod activity;
pub mod attention;
pub mod clock;
pub mod config;
mod console;
mod email;
#[doc(hidden)]
pub mod foreign;
pub mod goto;
mod http;
pub mod meetings;
mod meters;
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
pub mod zones;
