//! The two grammars of `filter`.
//!
//! ```text
//! (email="(?i)elodie.*") & (firstName="Élodie")      regular expressions, & and |
//! email eq "elodie.martin@corp.example" or …         SCIM: eq, co, sw, and, or
//! ```

use regex::Regex;

use super::users::value_of;
use crate::person::Person;

/// A filter, as alternatives of conditions that all hold: `and` binds stronger than `or`.
#[derive(Debug)]
pub(super) struct Filter(Vec<Vec<Condition>>);

#[derive(Debug)]
struct Condition {
    field: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    /// The whole value matches.
    Matches(Regex),
    Equals(String),
    Contains(String),
    StartsWith(String),
}

impl Filter {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.trim();
        let mut alternatives = vec![Vec::new()];
        loop {
            let (condition, after) = condition(rest)?;
            if let Some(all) = alternatives.last_mut() {
                all.push(condition);
            }
            rest = after.trim_start();
            if rest.is_empty() {
                return Ok(Self(alternatives));
            }
            if let Some(after) = word(rest, &["&", "and"]) {
                rest = after;
            } else if let Some(after) = word(rest, &["|", "or"]) {
                alternatives.push(Vec::new());
                rest = after;
            } else {
                return Err(unreadable(rest));
            }
        }
    }

    pub(super) fn takes(&self, person: &Person) -> bool {
        let holds = |condition: &Condition| {
            value_of(person, &condition.field).is_some_and(|value| condition.test.holds(value))
        };
        self.0.iter().any(|all| all.iter().all(holds))
    }
}

impl Test {
    fn holds(&self, value: &str) -> bool {
        match self {
            Self::Matches(regex) => regex.is_match(value),
            // SCIM strings compare without case unless declared otherwise.
            Self::Equals(wanted) => value.to_lowercase() == *wanted,
            Self::Contains(wanted) => value.to_lowercase().contains(wanted),
            Self::StartsWith(wanted) => value.to_lowercase().starts_with(wanted),
        }
    }
}

/// Reads `(field="regex")` or `field eq "text"`, with or without parentheses.
fn condition(text: &str) -> Result<(Condition, &str), String> {
    let (inner, closes) = match text.strip_prefix('(') {
        Some(inner) => (inner.trim_start(), true),
        None => (text, false),
    };
    let end = inner.find(|character: char| !character.is_ascii_alphanumeric());
    let (field, after) = inner.split_at(end.ok_or_else(|| unreadable(text))?);
    let after = after.trim_start();
    let (test, mut rest) = match after.strip_prefix('=') {
        Some(after) => {
            let (value, rest) = quoted(after.trim_start())?;
            let whole = Regex::new(&format!("^(?:{value})$"));
            (Test::Matches(whole.map_err(|_| unreadable(after))?), rest)
        }
        None => scim(after)?,
    };
    if closes {
        let trimmed = rest.trim_start().strip_prefix(')');
        rest = trimmed.ok_or_else(|| unreadable(rest))?;
    }
    if field.is_empty() {
        return Err(unreadable(text));
    }
    let field = field.to_owned();
    Ok((Condition { field, test }, rest))
}

fn scim(text: &str) -> Result<(Test, &str), String> {
    let operator = ["eq", "co", "sw"]
        .into_iter()
        .find_map(|operator| Some((operator, word(text, &[operator])?)));
    let (operator, after) = operator.ok_or_else(|| unreadable(text))?;
    let (value, rest) = quoted(after)?;
    let value = value.to_lowercase();
    let test = match operator {
        "eq" => Test::Equals(value),
        "co" => Test::Contains(value),
        _ => Test::StartsWith(value),
    };
    Ok((test, rest))
}

/// What follows one of these words; a word of letters ends with a space.
fn word<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| {
        let head = text.get(..word.len())?;
        let after = text[word.len()..].trim_start();
        let spaced = text[word.len()..].starts_with(' ');
        let symbol = !word.starts_with(|first: char| first.is_ascii_alphabetic());
        (head.eq_ignore_ascii_case(word) && (symbol || spaced)).then_some(after)
    })
}

fn quoted(text: &str) -> Result<(&str, &str), String> {
    let value = text.strip_prefix('"');
    let split = value.and_then(|value| value.split_once('"'));
    split.ok_or_else(|| unreadable(text))
}

fn unreadable(rest: &str) -> String {
    format!("filter: cannot be read from: {rest}")
}
