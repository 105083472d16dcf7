//! Where the focus goes.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusEvent};

/// Whether the focus that leaves goes to what `selector` names.
pub(crate) fn goes_to(event: &Event, selector: &str) -> bool {
    let to = event
        .dyn_ref()
        .and_then(FocusEvent::related_target)
        .and_then(|to| to.dyn_into::<Element>().ok());
    to.is_some_and(|to| to.matches(selector).unwrap_or(false))
}
