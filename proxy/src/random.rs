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

/// Digits and letters that are not mistaken for one another when they are read and typed.
const TYPED: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 40 random bits to be typed, as `K7QF-2M9C`.
pub(crate) fn typed_code() -> String {
    let bytes: [u8; 8] = rand::rng().random();
    let mut code: String = bytes
        .iter()
        .map(|byte| char::from(TYPED[usize::from(byte & 31)]))
        .collect();
    code.insert(4, '-');
    code
}

/// A code as [`typed_code`] made it, from what somebody typed; `None` for what cannot be one.
pub(crate) fn read_typed_code(text: &str) -> Option<String> {
    if text.len() > 40 {
        return None;
    }
    let mut code = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        // Crockford's base 32 reads what looks alike.
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        if !c.is_ascii() || !TYPED.contains(&(c as u8)) {
            return None;
        }
        code.push(c);
    }
    (code.len() == 8).then(|| {
        code.insert(4, '-');
        code
    })
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

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = typed_code();
        assert_eq!(read_typed_code(&code), Some(code.clone()));
        let sloppy = format!("  {} ", code.to_lowercase().replace('-', " "));
        assert_eq!(read_typed_code(&sloppy), Some(code));
        assert_eq!(read_typed_code("oil1-0000").as_deref(), Some("0111-0000"));
        for text in [
            "",
            "K7QF-2M9",
            "K7QF-2M9CC",
            "K7QF-2M9U",
            "K7QF-2M9é",
            &"0".repeat(41),
        ] {
            assert_eq!(read_typed_code(text), None, "{text}");
        }
    }
}
