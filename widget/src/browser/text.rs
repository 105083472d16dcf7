//! Texts of the page, which may hold halves of surrogate pairs.

use js_sys::{JsString, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

/// The text without halves of surrogate pairs, which scripts and input methods may leave behind:
/// `String::from` would put U+FFFD in their place, and the other half may still come.
pub(crate) fn whole(text: &JsString) -> String {
    if text.is_valid_utf16() {
        return text.into();
    }
    char::decode_utf16(text.iter())
        .filter_map(Result::ok)
        .collect()
}

/// Text of the input an event came from.
pub(crate) fn typed(event: &Event) -> String {
    event
        .target()
        .and_then(|target| Reflect::get(&target, &"value".into()).ok())
        .and_then(|value| value.dyn_into::<JsString>().ok())
        .map(|value| whole(&value))
        .unwrap_or_default()
}

/// Whether somebody is in the input an event came from: scripts fill fields in as well.
pub(crate) fn has_focus(event: &Event) -> bool {
    let input = event.target().and_then(|target| target.dyn_into().ok());
    input.is_some_and(|input: Element| input.matches(":focus").unwrap_or_default())
}

/// Marks all of the text of the input an event came from.
pub(crate) fn select(event: &Event) {
    let input = event.target().and_then(|target| target.dyn_into().ok());
    if let Some(input) = input {
        let input: HtmlInputElement = input;
        input.select();
    }
}
