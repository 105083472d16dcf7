//! The real proxy over HTTP against the real sandbox. One binary, because linking is what takes
//! long; one module per concern.

mod api_guard;
mod cancelling;
mod clock_steps;
mod console;
mod create;
mod databases;
mod details;
mod directory;
mod editing;
mod form_outcomes;
mod headers;
mod hosting;
mod inbound;
mod invitations;
mod languages;
mod limiter;
mod lost_answers;
mod membership;
mod my_meetings;
mod odd_answers;
mod pauses;
mod plain_pages;
mod queued;
mod recent_colleagues;
mod replicas;
mod restores;
mod secrets;
mod sessions;
mod sign_in;
mod sso;
mod steps;
mod strangers;
mod tokens;
mod way_out;
mod zones;
