//! Values nobody can guess. From the system, never from the seed.

use std::fmt::Write;

use rand::RngExt;

/// This many random bytes as hexadecimal text.
pub(crate) fn hex(bytes: usize) -> String {
    let mut generator = rand::rng();
    let mut text = String::with_capacity(bytes * 2);
    for _ in 0..bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{:02x}", generator.random::<u8>());
    }
    text
}

/// A number in the half-open range.
pub(crate) fn number(range: std::ops::Range<u64>) -> u64 {
    rand::rng().random_range(range)
}
