//! JSON, as much of it as the widget needs.
//!
//! `serde_json` would be a sixth of the whole module. Reads any JSON text (numbers become whole
//! numbers: nothing on our wire has a fraction) and writes objects of texts, flags and lists.

/// Deeper nesting than this is nothing we ever asked for.
const DEPTH: u8 = 32;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without its fraction.
    Number(i64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// An object, in the order written.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The member `name`, `Null` where there is none.
    pub(crate) fn get(&self, name: &str) -> &Value {
        match self {
            Self::Map(members) => members
                .iter()
                .find(|(key, _)| key == name)
                .map_or(&Self::Null, |(_, value)| value),
            _ => &Self::Null,
        }
    }

    /// The text member `name`.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).as_text()
    }

    /// The member `name` as text of its own.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// Whether the member `name` is `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        *self.get(name) == Self::Bool(true)
    }

    /// The whole number `name`, where it is one and not negative.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        match self.get(name) {
            Self::Number(number) => u32::try_from(*number).ok(),
            _ => None,
        }
    }

    /// The whole number `name`, also a negative one.
    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The members of the list `name`; empty where there is none.
    pub(crate) fn list(&self, name: &str) -> &[Value] {
        match self.get(name) {
            Self::List(values) => values,
            _ => &[],
        }
    }

    /// The texts of the list `name`.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.get(name).clone().into_texts()
    }

    /// The texts of this list; empty where it is none.
    pub(crate) fn into_texts(self) -> Vec<String> {
        let Self::List(values) = self else {
            return Vec::new();
        };
        let text = |value| match value {
            Self::Text(text) => Some(text),
            _ => None,
        };
        values.into_iter().filter_map(text).collect()
    }

    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads JSON text; `None` when it is not JSON.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(DEPTH)?;
    reader.space();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.text[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn value(&mut self, depth: u8) -> Option<Value> {
        self.space();
        match self.peek()? {
            b'n' => self.word("null", Value::Null),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'"' => self.string().map(Value::Text),
            b'[' => {
                let depth = depth.checked_sub(1)?;
                let mut values = Vec::new();
                self.members(b'[', b']', |reader| {
                    values.push(reader.value(depth)?);
                    Some(())
                })?;
                Some(Value::List(values))
            }
            b'{' => {
                let depth = depth.checked_sub(1)?;
                let mut members = Vec::new();
                self.members(b'{', b'}', |reader| {
                    reader.space();
                    let key = reader.string()?;
                    reader.space();
                    reader.take(b':')?;
                    members.push((key, reader.value(depth)?));
                    Some(())
                })?;
                Some(Value::Map(members))
            }
            _ => self.number(),
        }
    }

    fn members(
        &mut self,
        open: u8,
        close: u8,
        mut member: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.take(open)?;
        self.space();
        if self.take(close).is_some() {
            return Some(());
        }
        loop {
            member(self)?;
            self.space();
            if self.take(close).is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    fn digits(&mut self) -> Option<i64> {
        let mut number = 0_i64;
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number
                .saturating_mul(10)
                .saturating_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        (self.at > start).then_some(number)
    }

    fn number(&mut self) -> Option<Value> {
        let negative = self.take(b'-').is_some();
        let number = self.digits()?;
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _sign = self.take(b'-').or_else(|| self.take(b'+'));
            self.digits()?;
        }
        Some(Value::Number(if negative { -number } else { number }))
    }

    fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let stop = rest.find(['"', '\\'])?;
            text.push_str(&rest[..stop]);
            self.at += stop + 1;
            if rest.as_bytes()[stop] == b'"' {
                return Some(text);
            }
            let escape = self.peek()?;
            self.at += 1;
            text.push(match escape {
                b'"' | b'\\' | b'/' => char::from(escape),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode()?,
                _ => return None,
            });
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xD800..0xDC00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        if self.word("\\u", Value::Null).is_some() {
            let second = self.hex()?;
            if (0xDC00..0xE000).contains(&second) {
                return char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            }
        }
        self.at = before;
        Some(char::REPLACEMENT_CHARACTER)
    }
}

/// Writes an object, member by member.
pub(crate) struct Object(String);

impl Object {
    /// An empty object.
    pub(crate) fn new() -> Self {
        Self(String::from("{"))
    }

    /// Adds text.
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.raw(name, &quote(value))
    }

    /// Adds text where there is some.
    pub(crate) fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds a flag.
    pub(crate) fn flag(self, name: &str, value: bool) -> Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    /// Adds a number where there is one.
    pub(crate) fn number(self, name: &str, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.raw(name, &value.to_string()),
            None => self,
        }
    }

    /// Adds a list of values that are JSON already.
    pub(crate) fn list(self, name: &str, values: impl Iterator<Item = String>) -> Self {
        let mut list = String::from("[");
        for value in values {
            if list.len() > 1 {
                list.push(',');
            }
            list.push_str(&value);
        }
        list.push(']');
        self.raw(name, &list)
    }

    /// The finished text.
    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    /// Adds a value that is JSON already.
    pub(crate) fn raw(mut self, name: &str, value: &str) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&quote(name));
        self.0.push(':');
        self.0.push_str(value);
        self
    }
}

/// `text` as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for sign in text.chars() {
        match sign {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(sign);
            }
            '\0'..='\u{1f}' => {
                let hex = |digit: u32| char::from_digit(digit, 16).unwrap_or('0');
                quoted.push_str("\\u00");
                quoted.push(hex(sign as u32 >> 4));
                quoted.push(hex(sign as u32 & 15));
            }
            _ => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
        match (ours, theirs) {
            (Value::Null, serde_json::Value::Null) => true,
            (Value::Bool(a), serde_json::Value::Bool(b)) => a == b,
            (Value::Number(a), serde_json::Value::Number(b)) => b.as_i64() == Some(*a),
            (Value::Text(a), serde_json::Value::String(b)) => a == b,
            (Value::List(a), serde_json::Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (Value::Map(a), serde_json::Value::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(key, a)| same(a, &b[key]))
            }
            _ => false,
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            (-1_000_000_000_000_i64..1_000_000_000_000).prop_map(Into::into),
            ".*".prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map(".*", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_what_serde_writes(json in any_json()) {
            for text in [json.to_string(), serde_json::to_string_pretty(&json).unwrap()] {
                prop_assert!(same(&parse(&text).unwrap(), &json), "{text}");
            }
        }

        #[test]
        fn serde_reads_what_we_quote(text in any::<String>()) {
            let back: String = serde_json::from_str(&quote(&text)).unwrap();
            prop_assert_eq!(back, text);
        }

        #[test]
        fn never_panics(text in "[\\[\\]{}\",:\\\\u0-9a-fé😀 ]{0,40}") {
            let ours = parse(&text);
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
                prop_assert!(ours.is_some());
            }
        }
    }

    #[test]
    fn reads_escapes_and_numbers() {
        let text = r#" {"a":"é\u00e9\ud83d\ude00\ud800\n","b":[1,-2.5,3e2],"c":null} "#;
        let value = parse(text).unwrap();
        assert_eq!(value.text("a"), Some("éé😀\u{fffd}\n"));
        assert_eq!(value.list("b").len(), 3);
        assert_eq!(*value.get("c"), Value::Null);
    }

    #[test]
    fn refuses_what_is_not_json() {
        for text in [
            "", "{", "[1,]", "{\"a\"}", "nul", "\"\\x\"", "1 2", "<html>",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"[".repeat(100_000)), None);
    }

    #[test]
    fn writes_objects() {
        let text = Object::new()
            .text("a", "\"\u{1}")
            .maybe("b", None)
            .flag("c", true)
            .list("d", ["1".to_owned(), quote("x")].into_iter())
            .end();
        assert_eq!(text, r#"{"a":"\"\u0001","c":true,"d":[1,"x"]}"#);
    }
}
