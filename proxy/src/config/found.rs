//! What was found under each key: the file, the environment over it, and the raw settings as serde
//! reads them.
//!
//! The raw structs of the sections are made of [`Setting`]s. Each knows its key and where its value
//! came from, so a section can complain about it without naming it again.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use toml::{Table, Value};

use super::problems::{Mistake, Problems};
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

impl Setting {
    /// `goto.account_id`.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The key, with the variable that set it if one did.
    pub(super) fn place(&self) -> String {
        if self.environment {
            format!("{}, set by {}", self.key, variables::name_of(&self.key))
        } else {
            self.key.clone()
        }
    }

    pub(super) fn is_set(&self) -> bool {
        self.value.is_some()
    }

    pub(super) fn is_from_environment(&self) -> bool {
        self.environment
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

/// Everything that was found, by dotted key.
#[derive(Debug, Default)]
pub(super) struct Found(BTreeMap<String, Leaf>);

#[derive(Debug)]
struct Leaf {
    value: Value,
    /// The variable it came from.
    variable: Option<String>,
}

impl Found {
    /// The file's keys, and over them the variables of the environment that are ours.
    pub(super) fn new(file: Table, environment: &[(String, String)]) -> Self {
        let mut leaves = BTreeMap::new();
        flatten(None, file, &mut leaves);
        for (name, value) in environment {
            // An empty variable is one that a template left empty: it takes nothing from the file.
            if let Some(key) = variables::key_of(name).filter(|_| !value.is_empty()) {
                let leaf = Leaf {
                    value: Value::String(value.clone()),
                    variable: Some(name.clone()),
                };
                leaves.insert(key, leaf);
            }
        }
        Self(leaves)
    }

    /// The raw settings, and a mistake for every key that is none.
    pub(super) fn raw<R: DeserializeOwned + Default + Serialize>(mut self, p: &mut Problems) -> R {
        let known = keys::<R>();
        let mut tree = Table::new();
        for key in &known {
            let mut leaf = Table::new();
            leaf.insert("key".to_owned(), Value::String(key.clone()));
            if let Some(found) = self.0.remove(key) {
                leaf.insert("value".to_owned(), found.value);
                let from_environment = found.variable.is_some();
                leaf.insert("environment".to_owned(), Value::Boolean(from_environment));
            }
            plant(&mut tree, key, leaf);
        }
        for (key, leaf) in self.0 {
            p.push(unknown(&key, leaf.variable, &known));
        }
        match Value::Table(tree).try_into() {
            Ok(raw) => raw,
            Err(error) => {
                p.push(Mistake {
                    key: "the configuration".to_owned(),
                    problem: format!("cannot be read: {error}"),
                    cure: "report this to the makers of goto-microapps".to_owned(),
                    in_environment: false,
                });
                R::default()
            }
        }
    }
}

/// Every key of the raw settings `R`.
pub(super) fn keys<R: Default + Serialize>() -> BTreeSet<String> {
    fn collect(before: Option<&str>, value: &serde_json::Value, keys: &mut BTreeSet<String>) {
        match value.as_object() {
            Some(section) => {
                for (name, value) in section {
                    let key = before.map_or(name.clone(), |before| format!("{before}.{name}"));
                    collect(Some(&key), value, keys);
                }
            }
            None => keys.extend(before.map(str::to_owned)),
        }
    }
    let mut keys = BTreeSet::new();
    if let Ok(value) = serde_json::to_value(R::default()) {
        collect(None, &value, &mut keys);
    }
    keys
}

fn flatten(before: Option<&str>, table: Table, leaves: &mut BTreeMap<String, Leaf>) {
    for (name, value) in table {
        let key = before.map_or(name.clone(), |before| format!("{before}.{name}"));
        if let Value::Table(table) = value {
            flatten(Some(&key), table, leaves);
        } else {
            let variable = None;
            leaves.insert(key, Leaf { value, variable });
        }
    }
}

fn plant(tree: &mut Table, key: &str, leaf: Table) {
    match key.split_once('.') {
        Some((section, rest)) => {
            let inner = tree
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                plant(inner, rest, leaf);
            }
        }
        None => {
            tree.insert(key.to_owned(), Value::Table(leaf));
        }
    }
}

fn unknown(key: &str, variable: Option<String>, known: &BTreeSet<String>) -> Mistake {
    let near = nearest(key, known);
    match variable {
        Some(variable) => Mistake {
            key: format!("{variable} in the environment"),
            problem: "names no setting".to_owned(),
            cure: match near {
                Some(near) => format!(
                    "did you mean {}? Remove the variable otherwise",
                    variables::name_of(near)
                ),
                None => "remove the variable".to_owned(),
            },
            in_environment: true,
        },
        None => Mistake {
            key: key.to_owned(),
            problem: "is not a setting".to_owned(),
            cure: match near {
                Some(near) => format!("did you mean {near}? Remove the key otherwise"),
                None => "remove it".to_owned(),
            },
            in_environment: false,
        },
    }
}

/// The known key that differs least, if it is close enough to be what was meant, else the longest
/// that the key begins with: `goto.requests` for `goto.requests_per_minute`.
pub(super) fn nearest<'k>(key: &str, known: &'k BTreeSet<String>) -> Option<&'k str> {
    let closest = known
        .iter()
        .map(|candidate| (distance(key, candidate), candidate.as_str()))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, candidate)| candidate);
    let beginning = || {
        let begins = known.iter().filter(|known| key.starts_with(known.as_str()));
        begins.max_by_key(|known| known.len()).map(String::as_str)
    };
    closest.or_else(beginning)
}

/// Levenshtein distance.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
