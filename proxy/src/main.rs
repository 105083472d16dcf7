//! The command line of the proxy.

fn main() {}
