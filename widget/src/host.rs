//! The element the page author wrote: its attributes, its events and the few browser services the
//! widget uses around it.

use js_sys::{JsString, Object, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use web_sys::{CustomEvent, CustomEventInit, HtmlElement, ShadowRoot, Window};

#[wasm_bindgen]
extern "C" {
    /// An element whose texts come as the page has them; those of `web-sys` are whole already.
    type Texts;

    #[wasm_bindgen(method, js_name = getAttribute)]
    fn text(this: &Texts, name: &str) -> Option<JsString>;
}

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

/// Where a widget lives.
pub(crate) struct Host {
    /// The custom element.
    pub(crate) element: HtmlElement,
    /// Its shadow root.
    pub(crate) root: ShadowRoot,
    /// Base URL of the proxy, ends in `/`.
    pub(crate) proxy: String,
    /// BCP 47 language of the words.
    pub(crate) lang: String,
    /// How the reader writes dates and times: the language with their region, where one is known.
    pub(crate) locale: String,
}

impl Host {
    /// An attribute the page author set; `None` when it is missing or empty.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.element
            .unchecked_ref::<Texts>()
            .text(name)
            .map(|value| whole(&value).trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// Tells the page, through a bubbling, composed event with one word of detail.
    pub(crate) fn tell(&self, name: &str, detail: Option<(&str, &str)>) {
        let init = CustomEventInit::new();
        init.set_bubbles(true);
        init.set_composed(true);
        if let Some((key, value)) = detail {
            let object = Object::new();
            let _ = Reflect::set(&object, &key.into(), &value.into());
            init.set_detail(&object);
        }
        let name = ["gotomeeting:", name].concat();
        if let Ok(event) = CustomEvent::new_with_event_init_dict(&name, &init) {
            let _ = self.element.dispatch_event(&event);
        }
    }

    /// Moves the focus to the first element of `selector`.
    pub(crate) fn focus(&self, selector: &str) {
        if let Ok(Some(element)) = self.root.query_selector(selector)
            && let Ok(element) = element.dyn_into::<HtmlElement>()
        {
            let _ = element.focus();
        }
    }
}

/// `lang` with the region the page or the reader's browser gives it: `en` becomes `en-GB`.
pub(crate) fn locale(element: &HtmlElement, lang: &str) -> String {
    let near = element.closest("[lang]").ok().flatten();
    let near = near.and_then(|near| near.get_attribute("lang"));
    let mine = window().navigator().languages();
    near.into_iter()
        .chain(mine.iter().filter_map(|tag| tag.as_string()))
        .find(|tag| {
            tag.strip_prefix(lang)
                .is_some_and(|rest| rest.starts_with('-'))
        })
        .unwrap_or_else(|| lang.to_owned())
}

/// The page's window.
#[allow(clippy::expect_used)] // A widget without a window cannot have been mounted.
pub(crate) fn window() -> Window {
    web_sys::window().expect("a window")
}

/// Resolves after `ms`.
pub(crate) async fn sleep(ms: i32) {
    let timer = Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    });
    let _ = JsFuture::from(timer).await;
}

/// Resolves when what was just rendered is in the page.
pub(crate) async fn rendered() {
    sleep(0).await;
}

/// Random bytes from the browser's generator.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

/// A random UUID (RFC 9562 version 4). Made here because `crypto.randomUUID` is missing on
/// plain-HTTP pages.
pub(crate) fn uuid() -> String {
    uuid_from(random())
}

fn uuid_from(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
    }
    text
}

/// This widget's tab-long memory; quietly nothing where the page may not store.
fn storage() -> Option<web_sys::Storage> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_version_4_uuids() {
        assert_eq!(
            uuid_from([0xff; 16]),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
        assert_eq!(uuid_from([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
