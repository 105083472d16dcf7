//! The clipboard, to and from.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
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
            && let Some(both) = flavours(text, html).and_then(|both| item(&both))
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

/// Puts on the clipboard what `fetched` will be, the [flavours] of a text. To be called inside the press:
/// WebKit has forgotten it when the text is there. `None` where the browser takes no promise.
pub(crate) fn copy_promised(fetched: &Promise) -> Option<Promise> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok()?;
    let clipboard: web_sys::Clipboard = clipboard.dyn_into().ok()?;
    let promised = Object::new();
    for kind in KINDS {
        let fetched = fetched.clone();
        let flavour = future_to_promise(async move {
            let flavours = JsFuture::from(fetched).await?;
            Reflect::get(&flavours, &kind.into())
        });
        let _ = Reflect::set(&promised, &kind.into(), &flavour);
        // Chromium looks at the first only, and a promise that fails unseen is an error of the page.
        let seen = JsFuture::from(flavour);
        spawn_local(async { drop(seen.await) });
    }
    Some(clipboard.write(&Array::of1(&item(&promised)?)))
}

/// Types of a text in the order of [`flavours`].
const KINDS: [&str; 2] = ["text/plain", "text/html"];

/// A text in two flavours, of which whoever pastes takes the one they can.
pub(crate) fn flavours(text: &str, html: &str) -> Option<Object> {
    let flavours = Object::new();
    for (kind, text) in KINDS.into_iter().zip([text, html]) {
        let _ = Reflect::set(&flavours, &kind.into(), &blob(text, kind)?.into());
    }
    Some(flavours)
}

fn item(flavours: &Object) -> Option<JsValue> {
    // Not in every browser, and the glue would throw on a name that is not there.
    let class = Reflect::get(&window(), &"ClipboardItem".into()).ok()?;
    let class: Function = class.dyn_into().ok()?;
    Reflect::construct(&class, &Array::of1(flavours)).ok()
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
