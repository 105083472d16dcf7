//! The clipboard, to and from.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, Event, HtmlElement, ShadowRoot};

use super::window;

/// The text that is being pasted.
pub(crate) fn pasted(event: &Event) -> Option<String> {
    let event = event.dyn_ref::<ClipboardEvent>()?;
    event.clipboard_data()?.get_data("text/plain").ok()
}

/// Puts `text` on the clipboard; false when the browser does not let us.
pub(crate) async fn copy(host: &HtmlElement, root: &ShadowRoot, text: &str) -> bool {
    // Missing, not merely refusing, on plain-HTTP pages.
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into())
        .ok()
        .and_then(|clipboard| clipboard.dyn_into::<web_sys::Clipboard>().ok());
    if let Some(clipboard) = clipboard
        && JsFuture::from(clipboard.write_text(text)).await.is_ok()
    {
        return true;
    }
    copy_by_selection(host, root, text).unwrap_or(false)
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
