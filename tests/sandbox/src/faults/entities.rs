//! Subjects as something writes them that cleans HTML.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What cleans, by what it leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cleaner {
    /// `&amp; &lt; &gt; &quot; &#39;`, and no other character touched.
    Markup,
    /// Every Latin-1 letter by its name (`&eacute;`) as well, the apostrophe as `&apos;`.
    Names,
    /// The same characters and all beyond ASCII by decimal number, `&#233;`.
    Decimal,
    /// The same by hexadecimal number, `&#xE9;`.
    Hexadecimal,
}

/// Names of U+00A0 to U+00FF in their order (HTML 4.01 section 24.2.1).
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg \
    macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 \
    iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute \
    Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml \
    Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml \
    igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute \
    ucirc uuml yacute thorn yuml";

/// Cleans every `subject`.
pub(super) fn clean(cleaner: Cleaner, value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| clean(cleaner, item)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(text) if name == "subject" => (name, cleaned(cleaner, &text).into()),
                other => (name, clean(cleaner, other)),
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other,
    }
}

fn cleaned(cleaner: Cleaner, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match reference(cleaner, character) {
            Some(reference) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "&{reference};");
            }
            None => out.push(character),
        }
    }
    out
}

fn reference(cleaner: Cleaner, character: char) -> Option<String> {
    let name = match character {
        '&' => Some("amp"),
        '<' => Some("lt"),
        '>' => Some("gt"),
        '"' => Some("quot"),
        _ => None,
    };
    let code = u32::from(character);
    match (cleaner, character) {
        (Cleaner::Names, '\'') => Some("apos".to_owned()),
        (Cleaner::Markup, '\'') => Some("#39".to_owned()),
        (Cleaner::Names, '\u{a0}'..='\u{ff}') => {
            let place = usize::try_from(code - 0xa0).ok()?;
            LATIN_1.split_whitespace().nth(place).map(str::to_owned)
        }
        (Cleaner::Markup | Cleaner::Names, _) => name.map(str::to_owned),
        (Cleaner::Decimal, _) if name.is_some() || character == '\'' || code > 0x7f => {
            Some(format!("#{code}"))
        }
        (Cleaner::Hexadecimal, _) if name.is_some() || character == '\'' || code > 0x7f => {
            Some(format!("#x{code:X}"))
        }
        _ => None,
    }
}
