//! Keys: which of them an input method takes, and which stay with a field.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

/// What Safari and older browsers give for a key that an input method takes (UI Events, section
/// 8.3.1).
const COMPOSING: u32 = 229;

/// The key of an event, unless an input method is composing with it.
pub(crate) fn pressed(event: &Event) -> Option<String> {
    let event = event.dyn_ref::<KeyboardEvent>()?;
    (!event.is_composing() && event.key_code() != COMPOSING).then(|| event.key())
}

/// Keeps what is typed in a field from the page around the widget, whose own shortcuts are not meant:
/// seen from there, the target is an element like any other. Leaving a field, closing what it is in
/// and the page's commands stay the page's.
pub(crate) fn keep_inside(event: &Event) {
    let in_field = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|element| element.local_name() == "input");
    if in_field && event.dyn_ref().is_some_and(is_typing) {
        event.stop_propagation();
    }
}

fn is_typing(event: &KeyboardEvent) -> bool {
    let key = event.key();
    // AltGr is both on some systems.
    let is_command = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
    match key.as_str() {
        "Escape" | "Tab" | "Control" | "Meta" | "Alt" | "Shift" => false,
        // What edits a text, also on the page's own clipboard and history.
        key if is_command && key.len() == 1 => matches!(
            key,
            "a" | "c" | "v" | "x" | "y" | "z" | "A" | "C" | "V" | "X" | "Y" | "Z"
        ),
        key => !(key.len() > 1 && key.starts_with('F')),
    }
}
