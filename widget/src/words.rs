//! The words of the widget, one JSON file per language under `widget/locales`.
//!
//! The build script makes [`Word`] of their keys: one that is missing has no name here, one that
//! nobody says is an error. The bundle drops the keys and sends the texts as lines in the same
//! order.

use goto_microapps_api::words;
pub(crate) use goto_microapps_api::words::{fill, listed};
use wasm_bindgen::prelude::*;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

goto_microapps_api::words_for_problems!(Word);

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = PluralRules, js_namespace = Intl)]
    type PluralRules;

    #[wasm_bindgen(constructor, js_class = PluralRules, js_namespace = Intl)]
    fn new(lang: &str) -> PluralRules;

    #[wasm_bindgen(method)]
    fn select(this: &PluralRules, number: u32) -> String;
}

/// One language: a line for each word.
pub(crate) struct Words(String);

impl Words {
    /// Takes the lines as they came.
    pub(crate) fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text of `word`.
    pub(crate) fn get(&self, word: Word) -> &str {
        self.0.split('\n').nth(word as usize).unwrap_or_default()
    }
}

/// The form of `text` that goes with a number.
#[allow(clippy::cast_possible_truncation)] // Nobody has so many of anything here.
pub(crate) fn plural<'a>(text: &'a str, lang: &str, number: usize) -> &'a str {
    words::plural(text, &PluralRules::new(lang).select(number as u32))
}
