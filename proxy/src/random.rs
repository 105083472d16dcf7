//! Random identifiers and their hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngExt;
use sha2::{Digest, Sha256};

/// 256 random bits as 43 URL-safe characters: session ids, states, codes, verifiers.
pub(crate) fn token() -> String {
    let bytes: [u8; 32] = rand::rng().random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// 96 random bits as 16 URL-safe characters, for names that are not secrets.
pub(crate) fn name() -> String {
    let bytes: [u8; 12] = rand::rng().random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 as URL-safe text: what is stored instead of a session id, and the S256 of PKCE
/// (RFC 7636 section 4.2).
pub(crate) fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// True for text of the form [`token`] makes. Anything else is refused before it is hashed.
pub(crate) fn looks_like_token(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ() {
        assert!(looks_like_token(&token()));
        assert_ne!(token(), token());
        assert!(looks_like_token(&sha256("x")));
        assert!(!looks_like_token("x"));
    }
}
