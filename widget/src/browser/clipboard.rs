//! The clipboard, to and from.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, Event, HtmlElement, ShadowRoot};

use super::file::blob;
use super::window;

/// The text that is being pasted.
pub(crate) fn pasted(event: &Event) -> Option<String> {
    let event = event.dyn_ref::<ClipboardEvent>()?;
    event.clipboard_data()?.get_data("text/plain").ok()
}

/// Puts `text` on the clipboard, with the same as `html` beside it unless that is empty; false when
/// the browser does not let us.
pub(crate) async fn copy(host: &HtmlElement, root: &ShadowRoot, text: &str, html: &str) -> bool {
    // Missing, not merely refusing, on plain-HTTP pages.
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into())
        .ok()
        .and_then(|clipboard| clipboard.dyn_into::<web_sys::Clipboard>().ok());
    if let Some(clipboard) = clipboard {
        if !html.is_empty()
            && let Some(both) = both(text, html)
            && JsFuture::from(clipboard.write(&Array::of1(&both)))
                .await
                .is_ok()
        {
            return true;
        }
        if JsFuture::from(clipboard.write_text(text)).await.is_ok() {
            return true;
        }
    }
    copy_by_selection(host, root, text).unwrap_or(false)
}

/// A text in two flavours, of which whoever pastes takes the one they can.
fn both(text: &str, html: &str) -> Option<JsValue> {
    let flavours = Object::new();
    for (kind, text) in [("text/plain", text), ("text/html", html)] {
        let _ = Reflect::set(&flavours, &kind.into(), &blob(text, kind)?.into());
    }
    // Not in every browser, and the glue would throw on a name that is not there.
    let class = Reflect::get(&window(), &"ClipboardItem".into()).ok()?;
    let class: Function = class.dyn_into().ok()?;
    Reflect::construct(&class, &Array::of1(&flavours)).ok()
}

/// The old way: select the text of a field and run the `copy` command.
fn copy_by_selection(host: &HtmlElement, root: &ShadowRoot, text: &str) -> Option<bool> {
    let page = host.owner_document()?;
    let area: web_sys::HtmlTextAreaElement =
        page.create_element("textarea").ok()?.dyn_into().ok()?;
    let before = root.active_element();
    area.set_value(text);
    area.set_class_name("spoken");
    root.append_child(&area).ok()?;
    area.select();
    let command: Function = Reflect::get(&page, &"execCommand".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let done = command
        .call1(&page, &"copy".into())
        .unwrap_or(JsValue::FALSE);
    area.remove();
    if let Some(before) = before.and_then(|before| before.dyn_into::<HtmlElement>().ok()) {
        let _ = before.focus();
    }
    Some(done.is_truthy())
}
