//! What the widget uses of the browser: one job each.

pub(crate) mod clipboard;
pub(crate) mod codec;
pub(crate) mod file;
pub(crate) mod focus;
pub(crate) mod keys;
pub(crate) mod panic;
pub(crate) mod pkce;
pub(crate) mod random;
pub(crate) mod share_sheet;
pub(crate) mod storage;
pub(crate) mod text;
pub(crate) mod timers;
pub(crate) mod window_post;

/// The page's window.
#[allow(clippy::expect_used)] // A widget without a window cannot have been mounted.
pub(crate) fn window() -> web_sys::Window {
    web_sys::window().expect("a window")
}
