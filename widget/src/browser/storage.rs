//! The memory of a tab; quietly nothing where the page may not store.

use web_sys::Storage;

use super::window;

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Reads what was stored under `key`.
pub(crate) fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores `text` under `key`, or forgets the key.
pub(crate) fn store(key: &str, text: Option<&str>) {
    if let Some(storage) = storage() {
        let _ = match text {
            Some(text) => storage.set_item(key, text),
            None => storage.remove_item(key),
        };
    }
}
