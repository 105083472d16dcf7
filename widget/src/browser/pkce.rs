//! The secret of a sign-in and what is told of it (RFC 7636).
//!
//! Made here because `crypto.subtle` is missing on plain-HTTP intranet pages.

use sha2::{Digest as _, Sha256};

/// The verifier of these random bytes, and its S256 challenge.
pub(crate) fn verifier(random: [u8; 32]) -> (String, String) {
    let verifier = base64url(&random);
    let challenge = digest(&verifier);
    (verifier, challenge)
}

/// Base64 for addresses, without padding (RFC 4648, section 5). The `base64` crate would be 1.8 KB of
/// the module.
fn base64url(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for sign in 0..=group.len() {
            let index = bits >> (18 - 6 * sign) & 63;
            text.push(char::from(SIGNS[index as usize]));
        }
    }
    text
}

/// SHA-256 of a text, for addresses.
pub(crate) fn digest(text: &str) -> String {
    base64url(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_of_rfc_7636() {
        assert_eq!(
            digest("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(verifier([0xff; 32]).0.len(), 43);
    }

    #[test]
    fn base64url_of_every_remainder() {
        assert_eq!(base64url(b""), "");
        assert_eq!(base64url(b"f"), "Zg");
        assert_eq!(base64url(b"fo"), "Zm8");
        assert_eq!(base64url(b"foo"), "Zm9v");
        assert_eq!(base64url(&[0xff, 0xef, 0xff]), "_-__");
    }
}
