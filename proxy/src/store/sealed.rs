//! Sealed columns: XChaCha20-Poly1305 with a random nonce, bound to their row.
//!
//! A sealed value reads `1.<key id>.<base64 of nonce and ciphertext>`; table, column, row and key
//! id are the associated data, so a value moved to another row does not open.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};

use crate::config::SealingKey;

/// Why a sealed value does not open. Says nothing about its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not of the sealed form.
    #[error("a sealed value is malformed")]
    Malformed,
    /// The key it names is not in the ring.
    #[error(
        "a value was sealed with a key that is not in store.keys; put the old key back behind the new one"
    )]
    UnknownKey,
    /// Tampered with, moved to another row, or the wrong key under a known id.
    #[error("a sealed value does not open with its key")]
    Forged,
}

/// Where a value lives.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Table.
    pub table: &'a str,
    /// Column.
    pub column: &'a str,
    /// Primary key of the row.
    pub row: &'a str,
}

/// The key ring.
pub struct Sealer {
    ring: Vec<(String, XChaCha20Poly1305)>,
}

impl Sealer {
    /// The first key seals, all open.
    pub fn new(keys: &[SealingKey]) -> Self {
        let ring = keys
            .iter()
            .filter_map(|key| {
                let bytes = STANDARD.decode(key.key.expose_secret()).ok()?;
                Some((
                    key.id.clone(),
                    XChaCha20Poly1305::new_from_slice(&bytes).ok()?,
                ))
            })
            .collect();
        Self { ring }
    }

    /// Ids of the keys, the one that seals first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.ring.iter().map(|(id, _)| id.as_str())
    }

    /// Seals `plain` for `place`.
    pub fn seal(&self, place: Place<'_>, plain: &SecretString) -> Result<String, SealError> {
        let (id, cipher) = self.ring.first().ok_or(SealError::UnknownKey)?;
        let nonce = XNonce::generate();
        let aad = associated(place, id);
        let payload = Payload {
            msg: plain.expose_secret().as_bytes(),
            aad: aad.as_bytes(),
        };
        let sealed = cipher
            .encrypt(&nonce, payload)
            .map_err(|_| SealError::Malformed)?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("1.{id}.{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what [`Sealer::seal`] made for the same place.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<SecretString, SealError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some("1"), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SealError::Malformed);
        };
        let (_, cipher) = self
            .ring
            .iter()
            .find(|(known, _)| known == id)
            .ok_or(SealError::UnknownKey)?;
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| SealError::Malformed)?;
        let (nonce, body) = bytes.split_at_checked(24).ok_or(SealError::Malformed)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| SealError::Malformed)?;
        let aad = associated(place, id);
        let plain = cipher
            .decrypt(
                &nonce,
                Payload {
                    msg: body,
                    aad: aad.as_bytes(),
                },
            )
            .map_err(|_| SealError::Forged)?;
        String::from_utf8(plain)
            .map(SecretString::from)
            .map_err(|_| SealError::Forged)
    }
}

fn associated(place: Place<'_>, key: &str) -> String {
    format!("{}/{}/{}/{key}", place.table, place.column, place.row)
}

/// A fresh random key as `store.keys` takes it.
pub fn new_key(id: &str) -> SecretString {
    let bytes: [u8; 32] = rand::RngExt::random(&mut rand::rng());
    SecretString::from(format!("{id}:{}", STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(ids: &[&str]) -> Sealer {
        let keys: Vec<SealingKey> = ids
            .iter()
            .map(|id| SealingKey {
                id: (*id).to_owned(),
                key: STANDARD.encode([id.as_bytes()[0]; 32]).into(),
            })
            .collect();
        Sealer::new(&keys)
    }

    const HERE: Place<'_> = Place {
        table: "oauth_grant",
        column: "access_token",
        row: "employee:1",
    };

    #[test]
    fn opens_only_in_its_own_row() {
        let sealer = ring(&["a"]);
        let sealed = sealer.seal(HERE, &"canary".into()).unwrap();
        assert!(!sealed.contains("canary"));
        assert_eq!(
            sealer.open(HERE, &sealed).unwrap().expose_secret(),
            "canary"
        );
        let row = "employee:2";
        let column = "refresh_token";
        let table = "meeting";
        for elsewhere in [
            Place { row, ..HERE },
            Place { column, ..HERE },
            Place { table, ..HERE },
        ] {
            assert_eq!(
                sealer.open(elsewhere, &sealed).unwrap_err(),
                SealError::Forged,
                "{elsewhere:?}"
            );
        }
    }

    #[test]
    fn opens_only_under_the_name_of_its_key() {
        // Two names of one key.
        let sealer = ring(&["a", "ab"]);
        let sealed = sealer.seal(HERE, &"canary".into()).unwrap();
        let renamed = sealed.replacen("1.a.", "1.ab.", 1);
        assert_eq!(sealer.open(HERE, &renamed).unwrap_err(), SealError::Forged);
    }

    #[test]
    fn any_key_of_the_ring_opens_and_a_missing_one_is_named() {
        let sealed = ring(&["a"]).seal(HERE, &"canary".into()).unwrap();
        assert!(ring(&["b", "a"]).open(HERE, &sealed).is_ok());
        assert_eq!(
            ring(&["b"]).open(HERE, &sealed).unwrap_err(),
            SealError::UnknownKey
        );
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let sealer = ring(&["a"]);
        let sealed = sealer.seal(HERE, &"canary".into()).unwrap();
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            // The last character carries spare bits, so a change there may decode to the same bytes.
            if at + 1 < sealed.len() {
                assert!(sealer.open(HERE, &forged).is_err(), "byte {at}");
            }
        }
    }
}
