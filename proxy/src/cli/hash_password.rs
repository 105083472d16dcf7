//! `goto-microapps hash-password`.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;

use super::{complain, say};

/// Shortest password taken, characters (NIST SP 800-63B section 3.1.1).
const SHORTEST: usize = 12;

pub(super) fn hash_password() -> ExitCode {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        complain("Type the administrator's password (it is shown) and press Enter:");
    }
    let mut password = String::new();
    if let Err(error) = stdin.lock().read_line(&mut password) {
        complain(&format!("the password cannot be read: {error}"));
        return ExitCode::FAILURE;
    }
    let password = password.trim_end_matches(['\r', '\n']);
    if password.chars().count() < SHORTEST {
        complain(&format!("Too short: use at least {SHORTEST} characters."));
        return ExitCode::FAILURE;
    }
    match Argon2::default().hash_password(password.as_bytes()) {
        Ok(hash) => {
            say(&hash.to_string());
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("the password cannot be hashed: {error}"));
            ExitCode::FAILURE
        }
    }
}
