//! How an answer is read: by names without case, row by row, and never by the letter.
//!
//! GoTo spells `meetingid` and `meetingId`, `joinURL` and `joinUrl`, sometimes both in one object;
//! a value may be null, empty or of another type than last time. The first value of a name that can
//! be read as what is wanted wins, and what cannot be read is as if it was not there.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::Value;

use super::Id;
use crate::goto::times::read_time;

/// An object of GoTo's. Where a name stands in several spellings, the one of today's documents
/// (`meetingId`) comes before the older one (`meetingid`).
#[derive(Default)]
pub(in crate::goto) struct Fields(BTreeMap<String, Vec<Value>>);

/// What can be read from an object of GoTo's.
pub(in crate::goto) trait FromGoto: Sized {
    /// `None` when it lacks what it is useless without.
    fn read(fields: &Fields) -> Option<Self>;
}

impl Fields {
    /// `None` for what is no object.
    pub(in crate::goto) fn of(value: Value) -> Option<Self> {
        let Value::Object(members) = value else {
            return None;
        };
        let mut fields = Self::default();
        for (name, value) in members {
            let name = name.to_ascii_lowercase();
            fields.0.entry(name).or_default().push(value);
        }
        Some(fields)
    }

    /// The first value of `name` that `read` can read.
    fn first<T>(&self, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let values = self.0.get(&name.to_ascii_lowercase())?;
        values.iter().find_map(read)
    }

    /// A key or id.
    pub(in crate::goto) fn id(&self, name: &str) -> Option<Id> {
        self.first(name, Id::of)
    }

    /// Keys: a list of them, or one; empty when there are none.
    pub(in crate::goto) fn ids(&self, name: &str) -> Vec<Id> {
        let read = |value: &Value| {
            let ids: Vec<Id> = match value {
                Value::Array(items) => items.iter().filter_map(Id::of).collect(),
                other => Id::of(other).into_iter().collect(),
            };
            (!ids.is_empty()).then_some(ids)
        };
        self.first(name, read).unwrap_or_default()
    }

    /// Text with something in it.
    pub(in crate::goto) fn text(&self, name: &str) -> Option<String> {
        self.first(name, |value| match value {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => None,
        })
    }

    /// Text that nobody else may see.
    pub(in crate::goto) fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(Into::into)
    }

    /// A flag: a bool, `"true"` or `1`.
    pub(in crate::goto) fn flag(&self, name: &str) -> Option<bool> {
        self.first(name, |value| match value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            Value::Number(number) => number.as_i64().map(|number| number != 0),
            _ => None,
        })
    }

    /// A whole number.
    pub(in crate::goto) fn count(&self, name: &str) -> Option<i64> {
        self.first(name, |value| match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        })
    }

    /// A length of time in whole seconds; the fraction is dropped.
    pub(in crate::goto) fn seconds(&self, name: &str) -> Option<u64> {
        let seconds = self.first(name, |value| match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        })?;
        let seconds = Duration::try_from_secs_f64(seconds);
        match seconds {
            Ok(seconds) => Some(seconds.as_secs()),
            // More than it can hold is long; less than nothing is none.
            Err(_) => self.first(name, |value| {
                let text = match value {
                    Value::Number(number) => number.to_string(),
                    Value::String(text) => text.trim().to_owned(),
                    _ => return None,
                };
                let is_positive = text.starts_with(|sign: char| sign.is_ascii_digit());
                is_positive.then_some(u64::from(u32::MAX))
            }),
        }
    }

    /// Words, in one text or in a list.
    pub(in crate::goto) fn words(&self, name: &str) -> Option<String> {
        self.text(name).or_else(|| {
            let items = self.list(name);
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            (!words.is_empty()).then(|| words.join(" "))
        })
    }

    /// An instant.
    pub(in crate::goto) fn time(&self, name: &str) -> Option<DateTime<Utc>> {
        self.first(name, |value| match value {
            Value::String(text) => read_time(text),
            _ => None,
        })
    }

    /// An object.
    pub(in crate::goto) fn object(&self, name: &str) -> Option<Self> {
        self.first(name, |value| Self::of(value.clone()))
    }

    /// Rows of a list; `None` where there is none, which is not the same as an empty one.
    pub(in crate::goto) fn array(&self, name: &str) -> Option<Vec<Value>> {
        self.first(name, |value| value.as_array().cloned())
    }

    /// Every object in it, under whatever name.
    pub(in crate::goto) fn objects(&self) -> impl Iterator<Item = Self> {
        let values = self.0.values().flatten();
        values.filter_map(|value| Self::of(value.clone()))
    }

    /// The members of a list. Null, nothing and what is no list are an empty one.
    pub(in crate::goto) fn list(&self, name: &str) -> Vec<Value> {
        let read = |value: &Value| match value {
            Value::Array(items) if !items.is_empty() => Some(items.clone()),
            _ => None,
        };
        self.first(name, read).unwrap_or_default()
    }
}

/// `[x]` or `x`: the first that can be read.
pub(in crate::goto) fn one<T: FromGoto>(body: &[u8]) -> Option<T> {
    match parse(body)? {
        Value::Array(items) => items.into_iter().find_map(read),
        value => read(value),
    }
}

/// A list, row by row: one that cannot be read hides itself only. `None` for what is no list.
pub(in crate::goto) fn rows<T: FromGoto>(body: &[u8]) -> Option<Vec<T>> {
    match parse(body)? {
        Value::Array(items) => Some(items.into_iter().filter_map(read).collect()),
        Value::Null => Some(Vec::new()),
        value => read(value).map(|row| vec![row]),
    }
}

/// An object, alone or in an array of one.
pub(in crate::goto) fn object(body: &[u8]) -> Option<Fields> {
    match parse(body)? {
        Value::Array(items) => items.into_iter().find_map(Fields::of),
        value => Fields::of(value),
    }
}

/// Whether it says that there is nothing: an empty list in the place of an array of one.
pub(in crate::goto) fn is_empty_list(body: &[u8]) -> bool {
    matches!(parse(body), Some(Value::Array(items)) if items.iter().all(Value::is_null))
}

fn read<T: FromGoto>(value: Value) -> Option<T> {
    T::read(&Fields::of(value)?)
}

/// JSON, also with a byte order mark, with bytes that are no UTF-8, or with half a letter: a text
/// that was cut between two UTF-16 units must not hide the others.
pub(in crate::goto) fn parse(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if let Ok(value) = serde_json::from_slice(body) {
        return Some(value);
    }
    serde_json::from_str(&whole_letters(&String::from_utf8_lossy(body))).ok()
}

/// JSON text with U+FFFD for each escape that is half a surrogate pair (RFC 8259 section 8.2).
fn whole_letters(text: &str) -> String {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let length = match unit(escape) {
            Some(0xD800..0xDC00) => match unit(&escape[6..]) {
                Some(0xDC00..0xE000) => 12,
                _ => 0,
            },
            Some(0xDC00..0xE000) => 0,
            Some(_) => 6,
            // Two signs, so that an escaped backslash escapes nothing.
            None => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        if length == 0 {
            whole.push_str("\\ufffd");
            rest = &escape[6..];
        } else {
            whole.push_str(&escape[..length]);
            rest = &escape[length..];
        }
    }
    whole.push_str(rest);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        object(json.as_bytes()).unwrap()
    }

    #[test]
    fn the_first_value_that_can_be_read_wins_in_whatever_spelling() {
        let fields = fields(
            r#"{"meetingid":"","meetingId":[],"MeetingID":" 331-536-871 ","joinURL":null,"joinUrl":"x",
                "passwordRequired":"","passwordrequired":"True","startTime":"","starttime":"2026-12-01T09:00:00Z",
                "coorganizerKeys":[],"coorganizerkeys":[1,null,"2-3",{},"x"],"total":null,"Total":"7"}"#,
        );
        assert_eq!(fields.id("meetingId").unwrap().as_str(), "331536871");
        assert_eq!(fields.text("joinURL").as_deref(), Some("x"));
        assert_eq!(fields.flag("passwordRequired"), Some(true));
        assert!(fields.time("startTime").is_some());
        let keys = fields.ids("coorganizerKeys");
        assert_eq!(keys.iter().map(Id::as_str).collect::<Vec<_>>(), ["1", "23"]);
        assert_eq!(fields.count("total"), Some(7));
        assert_eq!(fields.flag("nothing"), None);
        assert!(fields.list("nothing").is_empty());
    }

    #[test]
    fn half_a_letter_becomes_a_replacement_character_and_the_rest_stays() {
        for (json, expected) in [
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""a\ude0a b""#, "a\u{fffd} b"),
            (r#""\ud83d\ude0a\ud83d\n""#, "😊\u{fffd}\n"),
            (r#""\ud83d\ud83d\ude0a""#, "\u{fffd}😊"),
            (r#""\\ud83d \ud83dx""#, "\\ud83d \u{fffd}x"),
        ] {
            let read = parse(json.as_bytes());
            assert_eq!(read, Some(Value::from(expected)), "{json}");
        }
        assert_eq!(parse(b"\"a\xff\""), Some(Value::from("a\u{fffd}")));
        assert_eq!(parse(b"\xef\xbb\xbf[]"), Some(Value::Array(Vec::new())));
        for not_json in ["", "\\", "\"\\ud83d", "\"\\u\"", "<html>"] {
            assert_eq!(parse(not_json.as_bytes()), None, "{not_json}");
        }
    }

    #[test]
    fn nothing_is_told_from_something_unreadable() {
        assert!(is_empty_list(b"[]") && is_empty_list(b"[null]"));
        assert!(!is_empty_list(b"null") && !is_empty_list(b"[{}]") && !is_empty_list(b"<html>"));
    }
}
