//! What the widget uses of the browser: one job each.

pub(crate) mod clipboard;
pub(crate) mod codec;
pub(crate) mod keys;
pub(crate) mod panic;
pub(crate) mod pkce;
