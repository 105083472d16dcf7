//! Sealed columns: XChaCha20-Poly1305 with a random nonce, bound to their row.
//!
//! A sealed value reads `1.<key id>.<base64 of nonce and ciphertext>`; table, column, row and key
//! id are the associated data, so a value moved to another row does not open.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};

use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

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
    ring: Vec<Key>,
    /// Which of them seals: the first that every running proxy knows.
    first: AtomicUsize,
}

struct Key {
    id: String,
    /// Id and fingerprint: tells two keys of one id apart, and says nothing about either.
    name: String,
    cipher: XChaCha20Poly1305,
}

impl Sealer {
    /// The first key seals, all open.
    pub fn new(keys: &[SealingKey]) -> Self {
        let ring = keys
            .iter()
            .filter_map(|key| {
                let bytes = STANDARD.decode(key.key.expose_secret()).ok()?;
                Some(Key {
                    id: key.id.clone(),
                    name: format!("{}#{}", key.id, fingerprint(&bytes)),
                    cipher: XChaCha20Poly1305::new_from_slice(&bytes).ok()?,
                })
            })
            .collect();
        Self {
            ring,
            first: AtomicUsize::new(0),
        }
    }

    /// Ids of the keys, the first of the configuration first.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.ring.iter().map(|key| key.id.as_str())
    }

    /// Ids with fingerprints, in the same order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.ring.iter().map(|key| key.name.as_str())
    }

    /// Name of the key that seals now.
    pub(super) fn seals_with(&self) -> &str {
        self.sealing().map_or("", |key| &key.name)
    }

    /// Seals from now on with the first key of which `is_known` says that everybody has it; with the
    /// first of all when there is none.
    pub(super) fn seal_with_first(&self, is_known: impl Fn(&str) -> bool) {
        let first = self.ring.iter().position(|key| is_known(&key.name));
        self.first.store(first.unwrap_or(0), Ordering::Relaxed);
    }

    fn sealing(&self) -> Option<&Key> {
        self.ring.get(self.first.load(Ordering::Relaxed))
    }

    /// Seals `plain` for `place`.
    pub fn seal(&self, place: Place<'_>, plain: &SecretString) -> Result<String, SealError> {
        let key = self.sealing().ok_or(SealError::UnknownKey)?;
        let nonce = XNonce::generate();
        let aad = associated(place, &key.id);
        let payload = Payload {
            msg: plain.expose_secret().as_bytes(),
            aad: aad.as_bytes(),
        };
        let sealed = key
            .cipher
            .encrypt(&nonce, payload)
            .map_err(|_| SealError::Malformed)?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("1.{}.{}", key.id, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what [`Sealer::seal`] made for the same place. Every key of the named id is tried: keys
    /// made before ids were unique may share one.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<SecretString, SealError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some("1"), Some(id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SealError::Malformed);
        };
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| SealError::Malformed)?;
        let (nonce, body) = bytes.split_at_checked(24).ok_or(SealError::Malformed)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| SealError::Malformed)?;
        let aad = associated(place, id);
        let mut refused = SealError::UnknownKey;
        for key in self.ring.iter().filter(|key| key.id == id) {
            let payload = Payload {
                msg: body,
                aad: aad.as_bytes(),
            };
            refused = SealError::Forged;
            if let Ok(plain) = key.cipher.decrypt(&nonce, payload) {
                return String::from_utf8(plain)
                    .map(SecretString::from)
                    .map_err(|_| SealError::Forged);
            }
        }
        Err(refused)
    }
}

/// The first 48 bits of a hash of the key. A key is 256 random bits: nothing can be tried against it.
fn fingerprint(key: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"goto-microapps key fingerprint");
    hash.update(key);
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..6])
}

fn associated(place: Place<'_>, key: &str) -> String {
    format!("{}/{}/{}/{key}", place.table, place.column, place.row)
}

/// Lower case, and none that is mistaken for another.
const ID_DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A fresh random key as `store.keys` takes it. Its id begins with `prefix` and is like no other.
pub fn new_key(prefix: &str) -> SecretString {
    // Ids are at most 16 letters, digits and hyphens long; these are 40 random bits.
    let random: [u8; 8] = rand::RngExt::random(&mut rand::rng());
    let digits = random
        .iter()
        .map(|byte| char::from(ID_DIGITS[usize::from(byte % 32)]));
    let id: String = prefix.chars().take(7).chain(['-']).chain(digits).collect();
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
    fn security_22_a_hundred_thousand_nonces_are_all_different() {
        let sealer = ring(&["a"]);
        let nonces: std::collections::HashSet<String> = (0..100_000)
            .map(|_| {
                let sealed = sealer.seal(HERE, &"x".into()).unwrap();
                // 24 bytes are 32 characters.
                sealed.rsplit('.').next().unwrap()[..32].to_owned()
            })
            .collect();
        assert_eq!(nonces.len(), 100_000);
    }

    #[test]
    fn seals_with_the_first_key_that_everybody_knows() {
        let sealer = ring(&["new", "old"]);
        let seals_with = |sealer: &Sealer| sealer.seals_with().split('#').next().map(str::to_owned);
        assert_eq!(seals_with(&sealer).as_deref(), Some("new"));
        let old = sealer.names().nth(1).unwrap().to_owned();
        sealer.seal_with_first(|name| name == old);
        assert_eq!(seals_with(&sealer).as_deref(), Some("old"));
        assert!(
            sealer
                .seal(HERE, &"x".into())
                .unwrap()
                .starts_with("1.old.")
        );
        // Nobody else knows any of ours: then nothing is gained by an older one.
        sealer.seal_with_first(|_| false);
        assert_eq!(seals_with(&sealer).as_deref(), Some("new"));
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
