//! The real binary, as an operator meets it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backing_up;
mod checking;
mod databases;
mod environment;
mod making;
mod mistakes;
mod place;
mod rekeying;
mod secrets;
mod serving;
mod stores;
mod strangers;
mod time;
mod way_out;
