//! Serde over the browser's own JSON.
//!
//! The browser parses; what it parsed is read as a tree, which is what lets a row or a field that
//! does not fit cost no more than itself (`goto_microapps_api::lenient`). Reads and writes what our
//! wire and our storage are made of: structs, lists, texts, flags, whole numbers, names of variants.
//! Nothing says why something does not fit: nobody would read it. `serde_json` in its place is 28 KB
//! more of the module, and reads no row by itself.

mod tree;
mod writer;

use core::fmt;

use js_sys::JSON;
use serde::de::DeserializeOwned;
use serde::{Serialize, de, ser};
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

/// The name of a variant, as it is written.
pub(crate) fn name(variant: &impl Serialize) -> String {
    to_text(variant).trim_matches('"').to_owned()
}

/// It does not fit.
#[derive(Debug)]
pub(crate) struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl core::error::Error for Misfit {}

// Every way to say why is overridden: the words of serde's own would be in the module.
impl de::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

impl ser::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}
