//! Initials, by which eyes tell people of a list apart.

use js_sys::JsString;

use crate::components::{El, el};

/// A round mark with somebody's initials, for eyes only: the name stands beside it. Not as text, so that
/// nobody copies or translates it.
pub(super) fn mark(name: &str) -> El {
    el("span")
        .class("initials")
        .attr("aria-hidden", "true")
        .attr("data-initials", initials(name))
}

/// The first sign of the first and of the last word, in capitals as the browser knows them.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(first);
    let text: String = words.next().into_iter().chain(words.next_back()).collect();
    JsString::from(text).normalize("NFC").to_upper_case().into()
}

/// The first sign of a word that is no punctuation, and not one that only turns the direction round.
fn first(word: &str) -> Option<char> {
    let is_seen = |sign: &char| {
        let is_mark = ('\u{2000}'..='\u{206F}').contains(sign);
        sign.is_ascii_alphanumeric() || !(sign.is_ascii() || is_mark)
    };
    word.chars().find(is_seen)
}
