//! The share sheet of the device.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::window;

fn sheet() -> Option<Function> {
    let share = Reflect::get(&window().navigator(), &"share".into()).ok()?;
    share.dyn_into().ok()
}

/// Whether the device has one.
pub(crate) fn is_there() -> bool {
    sheet().is_some()
}

/// Offers a text to other programs of the device; false when the browser does not let us.
pub(crate) async fn share(title: &str, text: &str) -> bool {
    let data = Object::new();
    for (name, value) in [("title", title), ("text", text)] {
        let _ = Reflect::set(&data, &name.into(), &value.into());
    }
    let shared = sheet().and_then(|share| share.call1(&window().navigator(), &data).ok());
    let Some(shared) = shared.and_then(|shared| shared.dyn_into::<Promise>().ok()) else {
        return false;
    };
    match JsFuture::from(shared).await {
        Ok(_) => true,
        // Closed by its person: that is an answer.
        Err(error) => {
            let name = Reflect::get(&error, &"name".into()).unwrap_or(JsValue::NULL);
            name == "AbortError"
        }
    }
}
