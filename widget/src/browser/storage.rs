//! The memory of a tab, and that of the browser; quietly nothing where the page may not store.

use web_sys::Storage;

use super::window;

fn of_tab() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn of_browser() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn read(storage: Option<Storage>, key: &str) -> Option<String> {
    storage?.get_item(key).ok().flatten()
}

fn write(storage: Option<Storage>, key: &str, text: Option<&str>) {
    if let Some(storage) = storage {
        let _ = match text {
            Some(text) => storage.set_item(key, text),
            None => storage.remove_item(key),
        };
    }
}

/// Reads what the tab has stored under `key`.
pub(crate) fn stored(key: &str) -> Option<String> {
    read(of_tab(), key)
}

/// Stores `text` under `key` for this tab, or forgets the key.
pub(crate) fn store(key: &str, text: Option<&str>) {
    write(of_tab(), key, text);
}

/// Reads what the browser has kept under `key`.
pub(crate) fn kept(key: &str) -> Option<String> {
    read(of_browser(), key)
}

/// As [`store`], beyond the tab.
pub(crate) fn keep(key: &str, text: Option<&str>) {
    write(of_browser(), key, text);
}
