//! Waiting.

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

use super::window;

/// Resolves after `ms`.
pub(crate) async fn sleep(ms: i32) {
    let timer = Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    });
    let _ = JsFuture::from(timer).await;
}

/// Resolves after so many seconds.
pub(crate) async fn seconds(seconds: u32) {
    sleep(i32::try_from(seconds).unwrap_or(1) * 1000).await;
}

/// Resolves when what was just rendered is in the page.
pub(crate) async fn rendered() {
    sleep(0).await;
}
