//! The configuration file, the environment over it, and the raw settings that serde makes of both.
//!
//! The raw structs of the sections are made of [`Setting`](super::setting::Setting)s.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::problems::{Mistake, Problems};
use super::spelling::nearest;
use super::variables;

/// See the module, by dotted key.
#[derive(Debug, Default)]
pub(super) struct Sources(BTreeMap<String, Leaf>);

#[derive(Debug)]
struct Leaf {
    value: Value,
    /// The variable it came from.
    variable: Option<String>,
}

impl Sources {
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
            insert_at(&mut tree, key, leaf);
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

fn insert_at(tree: &mut Table, key: &str, leaf: Table) {
    match key.split_once('.') {
        Some((section, rest)) => {
            let inner = tree
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert_at(inner, rest, leaf);
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
