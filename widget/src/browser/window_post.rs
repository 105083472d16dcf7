//! A form that is sent in a window of its own, so that what it holds is in no address.

use js_sys::{Function, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Event, Window};

use super::window;

/// An empty window. Only a press may open one, and not what comes later; `None` where the browser
/// blocks it.
pub(crate) fn open() -> Option<Window> {
    window().open_with_url("").ok().flatten()
}

/// Sends `fields` to `action` out of the window that was opened. Where the page around forbids forms
/// that go elsewhere (Content Security Policy, `form-action`), it shows `plain` instead.
pub(crate) fn submit(opened: &Window, action: &str, fields: &[(&str, &str)], plain: &str) {
    // Where it goes must not reach this page.
    let _ = Reflect::set(opened, &"opener".into(), &JsValue::NULL);
    let Some(page) = opened.document() else {
        return;
    };
    let (location, address) = (opened.location(), plain.to_owned());
    // Goes with the page that it listens to: nobody knows how long the browser takes to say so.
    let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let directive = Reflect::get(&event, &"effectiveDirective".into()).ok();
        let directive = directive.and_then(|name| name.as_string());
        if directive.as_deref() == Some("form-action") {
            let _ = location.set_href(&address);
        }
    })
    .into_js_value();
    let _ =
        page.add_event_listener_with_callback("securitypolicyviolation", listener.unchecked_ref());
    if send(&page, action, fields).is_err() {
        let _ = opened.location().set_href(plain);
    }
}

fn send(page: &Document, action: &str, fields: &[(&str, &str)]) -> Result<(), JsValue> {
    let make = |tag: &str, attributes: &[(&str, &str)]| -> Result<Element, JsValue> {
        let element = page.create_element(tag)?;
        for (name, value) in attributes {
            element.set_attribute(name, value)?;
        }
        Ok(element)
    };
    let form = make("form", &[("method", "post"), ("action", action)])?;
    for (name, value) in fields {
        let field = [("type", "hidden"), ("name", *name), ("value", *value)];
        form.append_child(&*make("input", &field)?)?;
    }
    page.body().ok_or(JsValue::NULL)?.append_child(&form)?;
    let submit: Function = Reflect::get(&form, &"submit".into())?.dyn_into()?;
    submit.call0(&form).map(|_| ())
}
