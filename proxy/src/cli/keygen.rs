//! `goto-microapps keygen`.

use std::process::ExitCode;

use secrecy::ExposeSecret;

use super::say;

pub(super) fn keygen() -> ExitCode {
    // Named by the day, so that a ring tells the order of its keys, and at random, so that two keys
    // of one day are told apart.
    let today = goto_microapps::clock::Clock::system()
        .now()
        .format("%y%m%d");
    let key = goto_microapps::store::sealed::new_key(&format!("k{today}"));
    say(key.expose_secret());
    ExitCode::SUCCESS
}
