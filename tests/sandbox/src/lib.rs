//! A local GoTo: OAuth, identity, admin and GoToMeeting, with fault switches and a truth log.
//!
//! It behaves as GoTo's documentation and the experience of its clients say GoTo behaves, quirks
//! included, and shares no code with the proxy. Where GoTo is undocumented, [`Options`] choose.
//!
//! The pages of the sign-in window are plain forms: `button[name=email][value="…"]` chooses a
//! person, `button[name=decision]` with the value `allow` or `deny` decides, `input[name=q]`
//! searches.
//!
//! Everything a client must keep to itself that is made up here (secrets, codes, tokens, host URLs)
//! contains the word `canary`, so that a search finds a leak.

mod admin;
mod call;
mod clock;
mod control;
mod elsewhere;
mod faults;
mod hold;
mod identity;
mod log;
mod meetings;
mod meter;
mod names;
mod oauth;
mod options;
mod people;
mod person;
mod pipeline;
mod random;
mod reply;
mod route;
mod sandbox;
mod server;
mod visit;
mod windows;
mod world;

pub use faults::{Answer, Cleaner, Fault, FaultKind, Gone, RetryAfter, Spelling};
pub use hold::{Hold, Moment};
pub use log::{Authorization, Outcome, Received};
pub use meetings::Meeting;
pub use options::{Options, Pkce, Rotation, Times};
pub use person::Person;
pub use route::Route;
pub use sandbox::Sandbox;
pub use windows::max_in_window;

/// Key of the one account, as the admin portal's address shows it.
pub const ACCOUNT_KEY: &str = "7304198265500137428";
/// Key of the account of [`Sandbox::add_foreign_person`].
pub const FOREIGN_ACCOUNT_KEY: &str = "6127749013358820945";
/// OAuth client that reads the users, for an administrator's consent.
pub const SERVICE_CLIENT_ID: &str = "5c0b8f5e-3d57-4a0e-9a63-2f1c7e9d4b10";
/// Its secret.
pub const SERVICE_CLIENT_SECRET: &str = "canary-secret-service-Vq7LmZ2xTn84RkWc";
/// OAuth client with which employees sign in.
pub const EMPLOYEE_CLIENT_ID: &str = "e1a94c72-86bb-4d3f-b5d0-7708c2f6a9e3";
/// Its secret.
pub const EMPLOYEE_CLIENT_SECRET: &str = "canary-secret-employee-Hs93PdYb6JfUo1Xe";
