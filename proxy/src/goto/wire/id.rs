//! Keys and ids.

use serde_json::Value;

/// Longest that is read. Keys of 26 digits were seen.
const DIGITS_MAX: usize = 40;

/// A key or id of GoTo: digits only, whether it comes as `331536871`, `"331536871"` or
/// `"331-536-871"`, and more of them than any number type holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// Reads what somebody wrote: dashes and spaces are dropped.
    pub fn read(text: &str) -> Option<Self> {
        let is_between = |sign: char| {
            // Hyphens and dashes of every length, the minus sign.
            sign.is_whitespace() || matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        };
        let digits: String = text.chars().filter(|sign| !is_between(*sign)).collect();
        let is_id = digits.len() <= DIGITS_MAX
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && digits.bytes().any(|byte| byte != b'0');
        is_id.then_some(Self(digits))
    }

    /// Reads a value: text or a whole number.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::read(text),
            Value::Number(number) => {
                let number = number.to_string();
                let whole = match number.split_once('.') {
                    Some((whole, rest)) if rest.bytes().all(|byte| byte == b'0') => whole,
                    _ => &number,
                };
                let digits = whole.bytes().all(|byte| byte.is_ascii_digit());
                digits.then(|| Self::read(whole)).flatten()
            }
            _ => None,
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits.
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digits_however_they_are_written() {
        let long = "12345678901234567890123456";
        for (json, expected) in [
            ("331536871", Some("331536871")),
            ("\"331536871\"", Some("331536871")),
            ("\"331-536-871\"", Some("331536871")),
            ("\"331 536 871\"", Some("331536871")),
            ("\" 331\u{2011}536\u{2013}871\u{a0}\"", Some("331536871")),
            ("331536871.0", Some("331536871")),
            (long, Some(long)),
            ("0", None),
            ("\"0\"", None),
            ("\"\"", None),
            ("\"-\"", None),
            ("-5", None),
            ("1.5", None),
            ("1e9", None),
            ("\"12a\"", None),
            ("\"../1\"", None),
            ("true", None),
            ("null", None),
            ("[1]", None),
        ] {
            let value = serde_json::from_str(json).unwrap();
            let read = Id::of(&value);
            assert_eq!(read.as_ref().map(Id::as_str), expected, "{json}");
        }
        assert_eq!(Id::read(&"1".repeat(41)), None);
    }
}
