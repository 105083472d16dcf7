//! What the widget uses of the browser: one job each.

pub(crate) mod codec;
pub(crate) mod pkce;
