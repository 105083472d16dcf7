//! Everything that reads what somebody else wrote, with what each promises about what it accepts.
//!
//! For `cargo fuzz-parsers` and its test, not for use: each reader panics where it breaks its
//! promise, and says whether there was anything in the input that it could accept.

use crate::organizers::{Directory, fold, words};
use crate::store::OrganizerRow;
use crate::{goto, http, random, signin};

/// Reads one input and checks what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Parser {
    /// Also the name of its file in `tests/corpus`.
    pub name: &'static str,
    /// Whether the input was accepted; panics on a broken promise.
    pub read: fn(&[u8]) -> bool,
}

/// All of them.
pub const PARSERS: &[Parser] = &[
    parser("authorizations", http::fuzzing::authorizations),
    parser("callback_queries", http::fuzzing::callback_queries),
    parser("cookies", http::fuzzing::cookies),
    parser("directories", directories),
    parser("form_bodies", http::form_fuzzing::form_bodies),
    parser("goto_answers", goto::fuzzing::answers),
    parser("goto_refusals", goto::fuzzing::refusals),
    parser("goto_times", goto::fuzzing::times),
    parser("goto_tokens", goto::fuzzing::tokens),
    parser("idempotency_keys", http::fuzzing::idempotency_keys),
    parser("new_meetings", http::fuzzing::new_meetings),
    parser("origin_settings", http::fuzzing::origin_settings),
    parser("origins", http::fuzzing::origins),
    parser("portal_tokens", signin::sso::fuzzing::portal_tokens),
    parser("retry_after", goto::fuzzing::retry_after),
    parser("return_urls", http::form_fuzzing::return_urls),
    parser("search_words", search_words),
    parser("typed_codes", typed_codes),
];

const fn parser(name: &'static str, read: fn(&[u8]) -> bool) -> Parser {
    Parser { name, read }
}

/// A query in the first line, a person in each other one: name, tab, e-mail.
///
/// Who is found is who a plain scan of everybody finds.
fn directories(input: &[u8]) -> bool {
    const LIMIT: usize = 8;
    let text = String::from_utf8_lossy(input);
    let mut lines = text.split('\n');
    let query = lines.next().unwrap_or_default();
    let people: Vec<OrganizerRow> = lines
        .enumerate()
        .map(|(index, line)| {
            let (name, email) = line.split_once('\t').unwrap_or((line, ""));
            OrganizerRow {
                // No text folds to a key, so that no query is one.
                key: format!("\n{index}"),
                name: name.to_owned(),
                email: email.to_owned(),
                group: String::new(),
                can_host: true,
            }
        })
        .collect();
    let folded = fold(query);
    assert_eq!(fold(&folded), folded, "folded twice");
    assert!(
        !folded.contains(['\n', '\t']),
        "what parts the arena must not be in a text"
    );
    assert_eq!(fold(&query.to_lowercase()), folded, "case does not matter");
    let words = words(query);
    let wanted = |row: &OrganizerRow| {
        let text = format!("\n{}\t{}\n", fold(&row.name), fold(&row.email));
        !words.is_empty() && words.iter().all(|word| text.contains(word))
    };
    let mut expected: Vec<String> = people
        .iter()
        .filter(|row| wanted(row))
        .map(|row| row.key.clone())
        .collect();
    let found = Directory::new(&people).search(query, LIMIT);
    assert_eq!(found.len(), expected.len().min(LIMIT), "everybody is found");
    for organizer in &found {
        let place = expected.iter().position(|key| *key == organizer.key);
        expected.swap_remove(place.expect("somebody who was asked for, once"));
    }
    !found.is_empty()
}

/// What is typed into the search, once and again and again: few words, and few signs.
fn search_words(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    for times in [1, 100] {
        let words = words(&text.repeat(times));
        let signs: usize = words.iter().map(|word| word.chars().count()).sum();
        assert!(words.len() <= 8 && signs <= 100, "{words:?}");
        assert!(words.iter().all(|word| !word.is_empty()));
    }
    !words(&text).is_empty()
}

/// A code is read as one of ours, and the same however often it is read.
fn typed_codes(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else {
        return false;
    };
    let Some(code) = random::read_typed_code(text) else {
        return false;
    };
    assert_eq!(code.len(), 9);
    assert_eq!(code.as_bytes()[4], b'-');
    assert!(
        code.bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_digit() || byte.is_ascii_uppercase()),
        "{code}"
    );
    assert!(!code.contains(['I', 'L', 'O', 'U']), "{code}");
    assert_eq!(random::read_typed_code(&code).as_ref(), Some(&code));
    true
}
