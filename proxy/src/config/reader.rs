//! Reads keys out of the merged file and environment and collects every mistake on the way.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;

use config::{Config, Environment, File, FileFormat, Map, Value, ValueKind};

/// One thing wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Key, as in the file: `goto.account_id`.
    pub key: String,
    /// What is wrong, with the value as found unless it is a secret.
    pub problem: String,
    /// What to write instead.
    pub cure: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    cure: {}", self.key, self.problem, self.cure)
    }
}

/// See the module.
pub(super) struct Reader {
    /// Leaves by dotted key; taken out as they are read, so that what remains is unknown.
    leaves: BTreeMap<String, Value>,
    known: Vec<&'static str>,
    mistakes: Vec<Mistake>,
    warnings: Vec<String>,
}

impl Reader {
    pub(super) fn open(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut builder = Config::builder();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|error| {
                vec![Mistake {
                    key: path.display().to_string(),
                    problem: format!("cannot be read: {error}"),
                    cure: "give the path of the configuration with --config, and read permission to the proxy's user".into(),
                }]
            })?;
            if let Err(error) = text.parse::<toml::Table>() {
                return Err(vec![not_toml(path, &text, &error)]);
            }
            builder = builder.add_source(File::from_str(&text, FileFormat::Toml));
        }
        let environment: Map<String, String> = environment
            .into_iter()
            .filter(|(name, _)| name.to_uppercase().starts_with(super::ENVIRONMENT_PREFIX))
            .collect();
        builder = builder.add_source(
            Environment::with_prefix(super::ENVIRONMENT_PREFIX)
                .prefix_separator("__")
                .separator("__")
                .source(Some(environment)),
        );
        let merged = builder
            .build()
            .and_then(Config::try_deserialize::<Map<String, Value>>);
        let merged = merged.map_err(|error| {
            vec![Mistake {
                key: super::ENVIRONMENT_PREFIX.into(),
                problem: format!("the environment does not fit the file: {error}"),
                cure: "name variables as GOTO_MICROAPPS__SECTION__KEY".into(),
            }]
        })?;
        let mut leaves = BTreeMap::new();
        for (key, value) in merged {
            flatten(key, value, &mut leaves);
        }
        Ok(Self {
            leaves,
            known: Vec::new(),
            mistakes: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// Every key that was asked for so far.
    pub(super) fn known(&self) -> &[&'static str] {
        &self.known
    }

    /// Records a mistake.
    pub(super) fn mistake(
        &mut self,
        key: &str,
        problem: impl Into<String>,
        cure: impl Into<String>,
    ) {
        self.mistakes.push(Mistake {
            key: key.into(),
            problem: problem.into(),
            cure: cure.into(),
        });
    }

    /// How many mistakes there are so far.
    pub(super) fn mistakes(&self) -> usize {
        self.mistakes.len()
    }

    pub(super) fn warning(&mut self, text: String) {
        self.warnings.push(text);
    }

    pub(super) fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.leaves.remove(key)
    }

    /// Text, if the key is there; an empty one counts as absent.
    pub(super) fn text_or_empty(&mut self, key: &'static str) -> Option<String> {
        let value = self.take(key)?;
        match value.into_string() {
            Ok(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Err(_) => {
                self.mistake(key, "is not a text", "put the value in quotation marks");
                None
            }
        }
    }

    /// Text that must be there.
    pub(super) fn text(&mut self, key: &'static str, cure: &str) -> Option<String> {
        let before = self.mistakes.len();
        let text = self.text_or_empty(key);
        if text.is_none() && self.mistakes.len() == before {
            self.mistake(key, "is missing", cure);
        }
        text
    }

    /// Texts: a TOML list, or one text with commas (the environment has no lists).
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let value = self.take(key)?;
        let split = |text: String| -> Vec<String> {
            text.split([',', ' '])
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let texts = match value.kind {
            ValueKind::Array(items) => items
                .into_iter()
                .map(Value::into_string)
                .collect::<Result<Vec<_>, _>>(),
            _ => value.into_string().map(split),
        };
        if texts.is_err() {
            self.mistake(
                key,
                "is not a list of texts",
                "write it as [\"first\", \"second\"]",
            );
        }
        texts.ok()
    }

    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> Option<bool> {
        let Some(value) = self.take(key) else {
            return Some(default);
        };
        let shown = value.to_string();
        let flag = value.into_bool();
        if flag.is_err() {
            self.mistake(key, format!("is `{shown}`"), "write true or false");
        }
        flag.ok()
    }

    pub(super) fn number(
        &mut self,
        key: &'static str,
        default: u32,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let Some(value) = self.take(key) else {
            return Some(default);
        };
        let shown = value.to_string();
        let number = value.into_int().ok().and_then(|n| u32::try_from(n).ok());
        let number = number.filter(|n| range.contains(n));
        if number.is_none() {
            let (from, to) = range.into_inner();
            self.mistake(
                key,
                format!("is `{shown}`"),
                format!("write a whole number from {from} to {to}; {default} is the default"),
            );
        }
        number
    }

    pub(super) fn address(&mut self, key: &'static str, default: &str) -> Option<SocketAddr> {
        let text = self
            .text_or_empty(key)
            .unwrap_or_else(|| default.to_owned());
        let address = text.parse().ok();
        if address.is_none() {
            self.mistake(
                key,
                format!("is `{text}`"),
                format!("write an IP address and a port, for example {default}"),
            );
        }
        address
    }

    /// The settings, or every mistake including the keys nobody asked for.
    pub(super) fn finish<T>(mut self, settings: Option<T>) -> Result<T, Vec<Mistake>> {
        let unknown: Vec<String> = self.leaves.keys().cloned().collect();
        for key in unknown {
            let cure = match nearest(&key, &self.known) {
                Some(near) => format!("did you mean {near}? Remove the key otherwise"),
                None => "remove it".into(),
            };
            self.mistake(&key, "is not a setting", cure);
        }
        match settings {
            Some(settings) if self.mistakes.is_empty() => Ok(settings),
            _ => Err(self.mistakes),
        }
    }
}

/// Says where, but does not show the line, as the parser would: it may hold a secret.
fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> Mistake {
    let before = error.span().and_then(|span| text.get(..span.start));
    let place = before.map_or_else(String::new, |before| {
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!(", line {line}, column {column}")
    });
    Mistake {
        key: format!("{}{place}", path.display()),
        problem: format!("is not valid TOML: {}", error.message()),
        cure: "correct this line; texts stand in quotation marks, lists in square brackets".into(),
    }
}

fn flatten(key: String, value: Value, leaves: &mut BTreeMap<String, Value>) {
    if let ValueKind::Table(table) = value.kind {
        for (name, value) in table {
            flatten(format!("{key}.{name}"), value, leaves);
        }
    } else {
        leaves.insert(key, value);
    }
}

/// The known key that differs least, if it is close enough to be what was meant, else the longest
/// that the key begins with: `goto.requests` for `goto.requests_per_minute`.
fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    let closest = known
        .iter()
        .map(|candidate| (distance(key, candidate), *candidate))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, candidate)| candidate);
    let beginning = || {
        let begins = known
            .iter()
            .filter(|candidate| key.starts_with(**candidate));
        begins.max_by_key(|candidate| candidate.len()).copied()
    };
    closest.or_else(beginning)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
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
