//! Serde over the browser's own JSON.
//!
//! The browser parses; what it parsed is read as a tree, which is what lets a row or a field that
//! does not fit cost no more than itself (`goto_microapps_api::lenient`). Reads and writes what our
//! wire and our storage are made of: structs, lists, texts, flags, whole numbers, names of variants.
//! Nothing says why something does not fit: nobody would read it. `serde_json` in its place is 28 KB
//! more of the module, and reads no row by itself.

mod misfit;
mod tree;
mod writer;

use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use tree::Tree;
use writer::Writer;

/// What JSON text says; `None` where it is not JSON.
pub(crate) fn parse(text: &str) -> Option<JsValue> {
    JSON::parse(text).ok()
}

/// Reads JSON text; `None` where it is none or does not fit.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Option<T> {
    read(parse(text)?)
}

/// Reads what was parsed or came in a message; `None` where it does not fit.
pub(crate) fn read<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    T::deserialize(Tree(value)).ok()
}

/// Writes JSON text.
pub(crate) fn to_text(value: &impl Serialize) -> String {
    let mut text = String::new();
    let written = value.serialize(Writer(&mut text));
    debug_assert!(written.is_ok(), "a shape that is not ours");
    text
}
