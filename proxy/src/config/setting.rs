//! One key of the configuration, with the ways its value can be read.
//!
//! A setting knows its key and where its value came from, so a section can complain about it without
//! naming it again.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize, Serializer};
use toml::Value;

use super::problems::{Located, Problems};
use super::variables;

/// One key, set or not.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Setting {
    key: String,
    value: Option<Value>,
    environment: bool,
}

impl Serialize for Setting {
    /// A leaf: the keys there are, are read from the raw settings written out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl Located for Setting {
    fn place(&self) -> String {
        if self.environment {
            format!("{}, set by {}", self.key, variables::name_of(&self.key))
        } else {
            self.key.clone()
        }
    }

    fn is_from_environment(&self) -> bool {
        self.environment
    }
}

impl Setting {
    /// `goto.account_id`.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn is_set(&self) -> bool {
        self.value.is_some()
    }

    /// As if it had not been there.
    pub(super) fn forget(&mut self) {
        self.value = None;
        self.environment = false;
    }

    /// Text exactly as written. A number stands for its digits.
    pub(super) fn exact(&self, p: &mut Problems) -> Option<String> {
        match self.value.as_ref()? {
            Value::String(text) => Some(text.clone()),
            value @ (Value::Integer(_) | Value::Float(_) | Value::Boolean(_)) => {
                Some(value.to_string())
            }
            _ => {
                p.mistake(self, "is not a text", "put the value in quotation marks");
                None
            }
        }
    }

    /// Text, if the key is there; an empty one counts as absent.
    pub(super) fn text(&self, p: &mut Problems) -> Option<String> {
        let text = self.exact(p)?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Text, or the default.
    pub(super) fn text_or(&self, p: &mut Problems, default: &str) -> String {
        self.text(p).unwrap_or_else(|| default.to_owned())
    }

    /// Text that must be there.
    pub(super) fn required(&self, p: &mut Problems, cure: &str) -> Option<String> {
        let before = p.count();
        let text = self.text(p);
        if text.is_none() && p.count() == before {
            p.mistake(self, "is missing", cure);
        }
        text
    }

    /// Texts: a TOML list, or one text with commas (the environment has no lists). None where the
    /// key is not set.
    pub(super) fn texts(&self, p: &mut Problems) -> Vec<String> {
        let split = |text: &str| -> Vec<String> {
            text.split([',', ' '])
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let texts = match &self.value {
            None => Some(Vec::new()),
            Some(Value::String(text)) => Some(split(text)),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect(),
            Some(_) => None,
        };
        if texts.is_none() {
            p.mistake(
                self,
                "is not a list of texts",
                "write it as [\"first\", \"second\"]",
            );
        }
        texts.unwrap_or_default()
    }

    pub(super) fn flag(&self, p: &mut Problems, default: bool) -> bool {
        let flag = match &self.value {
            None => Some(default),
            Some(Value::Boolean(flag)) => Some(*flag),
            Some(Value::String(text)) => match text.trim().to_lowercase().as_str() {
                "true" | "on" | "yes" | "1" => Some(true),
                "false" | "off" | "no" | "0" => Some(false),
                _ => None,
            },
            Some(_) => None,
        };
        if flag.is_none() {
            p.mistake(
                self,
                format!("is `{}`", self.shown()),
                "write true or false",
            );
        }
        flag.unwrap_or(default)
    }

    pub(super) fn number(&self, p: &mut Problems, default: u32, range: RangeInclusive<u32>) -> u32 {
        let number = match &self.value {
            None => return default,
            Some(Value::Integer(number)) => u32::try_from(*number).ok(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (from, to) = range.into_inner();
            p.mistake(
                self,
                format!("is `{}`", self.shown()),
                format!("write a whole number from {from} to {to}; {default} is the default"),
            );
        }
        number.unwrap_or(default)
    }

    pub(super) fn address(&self, p: &mut Problems, default: SocketAddr) -> SocketAddr {
        let Some(text) = self.text(p) else {
            return default;
        };
        text.parse().unwrap_or_else(|_| {
            p.mistake(
                self,
                format!("is `{text}`"),
                format!("write an IP address and a port, for example {default}"),
            );
            default
        })
    }

    /// The value as it stands, for a complaint.
    fn shown(&self) -> String {
        match &self.value {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        }
    }
}
