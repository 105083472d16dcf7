//! `cargo measure`.
fn main() {}
