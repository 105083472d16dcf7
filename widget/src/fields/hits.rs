//! Where the words of a search stand in a text. What matches is the proxy's business: this only
//! shows it.

use crate::components::{El, el};
use js_sys::JsString;

/// A text with its hits in bold.
pub(super) fn marked(text: &str, query: &str) -> El {
    let parts = hits(text, query).into_iter();
    parts.fold(el("span"), |span, (is_hit, part)| {
        if is_hit {
            span.child(el("b").text(part))
        } else {
            span.text(part)
        }
    })
}

/// The parts of `text`, hits and the rest in turns. A word that begins a word there is marked at that
/// place, else where it stands inside one.
fn hits(text: &str, query: &str) -> Vec<(bool, String)> {
    parts(text, &marks(text, query, plain))
}

/// For each sign of `text`, whether it is of a hit.
fn marks(text: &str, query: &str, plain: impl Fn(char) -> String) -> Vec<bool> {
    // Letters to compare, each with the sign it comes from: one sign may be two letters, or none.
    let mut letters: Vec<(char, usize)> = Vec::new();
    let mut count = 0;
    for sign in text.chars() {
        letters.extend(plain(sign).chars().map(|letter| (letter, count)));
        count += 1;
    }
    let mut marks = vec![false; count];
    for word in query.split_whitespace() {
        let word: Vec<char> = word
            .chars()
            .flat_map(|sign| plain(sign).chars().collect::<Vec<_>>())
            .collect();
        if word.is_empty() {
            continue;
        }
        let places = || {
            letters
                .windows(word.len())
                .enumerate()
                .filter(|(_, window)| {
                    window
                        .iter()
                        .map(|letter| letter.0)
                        .eq(word.iter().copied())
                })
        };
        let begins = |at: &usize| *at == 0 || !letters[*at - 1].0.is_alphanumeric();
        let first = places().map(|place| place.0).find(begins);
        if let Some(at) = first.or_else(|| places().map(|place| place.0).next()) {
            let (from, to) = (letters[at].1, letters[at + word.len() - 1].1);
            marks[from..=to].fill(true);
            // Accents that are signs of their own belong to the letter before them.
            let after = letters
                .get(at + word.len())
                .map_or(count, |letter| letter.1);
            marks[to..after.max(to + 1)].fill(true);
        }
    }
    marks
}

/// `text` cut wherever a hit begins or ends.
fn parts(text: &str, marks: &[bool]) -> Vec<(bool, String)> {
    let mut parts: Vec<(bool, String)> = Vec::new();
    for (sign, mark) in text.chars().zip(marks) {
        match parts.last_mut() {
            Some((last, part)) if last == mark => part.push(sign),
            _ => parts.push((*mark, sign.into())),
        }
    }
    parts
}

/// A sign without case and accents, as the browser knows them: Rust's own tables would weigh 8 KB.
fn plain(sign: char) -> String {
    if sign.is_ascii() {
        return sign.to_ascii_lowercase().to_string();
    }
    // By way of upper case, where ß is two letters.
    let bare = JsString::from(sign).normalize("NFKD").to_upper_case();
    let bare = String::from(bare.to_lower_case());
    let letters = bare
        .chars()
        .filter(|letter| !('\u{300}'..='\u{36F}').contains(letter));
    letters.map(unadorned).collect()
}

/// Letters that Unicode does not take apart.
fn unadorned(letter: char) -> char {
    match letter {
        '’' | '‘' | 'ʼ' => '\'',
        'ø' => 'o',
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Stands for the browser's letters.
    fn bare(sign: char) -> String {
        let letters = sign.to_uppercase().flat_map(char::to_lowercase);
        letters
            .filter(|letter| *letter != '\u{301}')
            .map(|letter| match letter {
                'é' | 'è' | 'ë' => 'e',
                'ü' => 'u',
                other => unadorned(other),
            })
            .collect()
    }

    fn marked(text: &str, query: &str) -> String {
        let part = |(is_hit, part): &(bool, String)| {
            if *is_hit {
                format!("[{part}]")
            } else {
                part.clone()
            }
        };
        parts(text, &marks(text, query, bare))
            .iter()
            .map(part)
            .collect()
    }

    #[test]
    fn a_hit_is_marked_wherever_it_is() {
        for (text, query, expected) in [
            ("Élodie Dupont", "elo", "[Élo]die Dupont"),
            ("Jürgen Groß", "gro", "Jürgen [Gro]ß"),
            ("Jürgen Groß", "gross", "Jürgen [Groß]"),
            ("Zoë O’Neill", "NEILL", "Zoë O’[Neill]"),
            ("Zoë O’Neill", "o'n", "Zoë [O’N]eill"),
            // Words in any order, and inside words where they begin none.
            ("Élodie Martin", "mar elo", "[Élo]die [Mar]tin"),
            ("Anne", "nn", "A[nn]e"),
            ("Susanna Anna", "anna", "Susanna [Anna]"),
            (
                "elodie.martin2@corp.example",
                "martin2@c",
                "elodie.[martin2@c]orp.example",
            ),
            ("Jose\u{301} Garcia", "jose", "[Jose\u{301}] Garcia"),
            ("Anne", " ", "Anne"),
            ("Anne", "\u{301}", "Anne"),
            ("Anne", "bob", "Anne"),
            ("", "bob", ""),
        ] {
            assert_eq!(marked(text, query), expected, "{query}");
        }
    }

    proptest! {
        #[test]
        fn marking_loses_nothing(text in ".*", query in ".*") {
            let parts = parts(&text, &marks(&text, &query, bare));
            let whole: String = parts.iter().map(|part| part.1.as_str()).collect();
            prop_assert_eq!(&whole, &text);
            prop_assert!(parts.windows(2).all(|two| two[0].0 != two[1].0), "in turns");
        }
    }
}
