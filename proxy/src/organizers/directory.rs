//! Search over everybody, in memory: accents and case folded, prefix before word before substring.
//!
//! One arena holds every folded name and e-mail, a scan with `memmem` finds the matches; 100,000
//! people take about a millisecond, so there is no index to keep in step.

use std::collections::HashMap;

use goto_microapps_api::Organizer;
use memchr::memmem;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::store::OrganizerRow;

/// Ends a person's text in the arena; no folded text contains it.
const END: u8 = b'\n';

/// Everybody of one generation.
#[derive(Debug, Default)]
pub struct Directory {
    people: Vec<OrganizerRow>,
    /// `name\temail\n` of each person, folded.
    arena: String,
    /// Where each person's text begins.
    starts: Vec<usize>,
    by_key: HashMap<String, usize>,
    synced: bool,
}

/// Lower case, without accents, ligatures and typographic apostrophes told apart: what is compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{02BC}' | '`' => folded.push('\''),
            'ß' | 'ẞ' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
            'ı' => folded.push('i'),
            c if c.is_control() || c.is_whitespace() => folded.push(' '),
            c => folded.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c))),
        }
    }
    folded
}

impl Directory {
    /// A directory of `people`.
    pub fn new(mut people: Vec<OrganizerRow>) -> Self {
        people.sort_by_cached_key(|person| (fold(&person.name), person.email.clone()));
        let mut arena = String::new();
        let mut starts = Vec::with_capacity(people.len());
        let mut by_key = HashMap::with_capacity(people.len());
        for (index, person) in people.iter().enumerate() {
            starts.push(arena.len());
            arena.push_str(&fold(&person.name));
            arena.push('\t');
            arena.push_str(&fold(&person.email));
            arena.push(char::from(END));
            by_key.insert(person.key.clone(), index);
        }
        Self {
            people,
            arena,
            starts,
            by_key,
            synced: true,
        }
    }

    /// False until a sync was completed once.
    pub fn is_synced(&self) -> bool {
        self.synced
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The person with this key.
    pub fn get(&self, key: &str) -> Option<&OrganizerRow> {
        self.by_key.get(key).map(|index| &self.people[*index])
    }

    /// The best `limit` matches of all words of `query`; the first word that is typed decides the
    /// rank, the directory's order among equals.
    pub fn search(&self, query: &str, limit: usize) -> Vec<Organizer> {
        let folded = fold(query);
        let words: Vec<&str> = folded.split_whitespace().collect();
        let Some((first, _)) = words.split_first() else {
            return Vec::new();
        };
        let phrase = words.join(" ");
        // Rank 0 to 3, each in the directory's order; a full better rank makes worse ones useless.
        let mut ranked: [Vec<usize>; 4] = Default::default();
        let finder = memmem::Finder::new(first.as_bytes());
        let bytes = self.arena.as_bytes();
        let mut from = 0;
        while let Some(found) = finder.find(&bytes[from..]) {
            let at = from + found;
            let index = self.starts.partition_point(|start| *start <= at) - 1;
            let start = self.starts[index];
            let end = self.starts.get(index + 1).copied().unwrap_or(bytes.len());
            from = end;
            let text = &self.arena[start..end];
            if !words[1..].iter().all(|word| text.contains(word)) {
                continue;
            }
            let rank = rank(text, &phrase, first);
            if ranked[rank].len() < limit {
                ranked[rank].push(index);
            }
            if ranked[0].len() >= limit {
                break;
            }
        }
        ranked
            .iter()
            .flatten()
            .take(limit)
            .map(|index| {
                let person = &self.people[*index];
                Organizer {
                    key: person.key.clone(),
                    name: person.name.clone(),
                    email: person.email.clone(),
                }
            })
            .collect()
    }
}

/// 0: the name or e-mail begins with the whole query; 1: with its first word; 2: some word does;
/// 3: it stands inside a word.
fn rank(text: &str, phrase: &str, first: &str) -> usize {
    let fields = || text.split(['\t', char::from(END)]);
    if fields().any(|field| field.starts_with(phrase)) {
        0
    } else if fields().any(|field| field.starts_with(first)) {
        1
    } else if text
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word.starts_with(first))
    {
        2
    } else {
        3
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn directory(people: &[(&str, &str)]) -> Directory {
        let row = |(index, (name, email)): (usize, &(&str, &str))| OrganizerRow {
            key: index.to_string(),
            name: (*name).to_owned(),
            email: (*email).to_owned(),
        };
        Directory::new(people.iter().enumerate().map(row).collect())
    }

    fn names(directory: &Directory, query: &str) -> Vec<String> {
        directory
            .search(query, 8)
            .into_iter()
            .map(|person| person.name)
            .collect()
    }

    #[test]
    fn accents_case_and_apostrophes_do_not_matter() {
        let people = directory(&[
            ("Élodie Martin", "elodie.martin@corp.example"),
            ("Jürgen Groß", "j@corp.example"),
            ("Zoë O’Neill", "z@corp.example"),
            ("山田 太郎", "taro@corp.example"),
        ]);
        assert_eq!(names(&people, "elodie"), ["Élodie Martin"]);
        assert_eq!(names(&people, "ÉLODIE mar"), ["Élodie Martin"]);
        assert_eq!(names(&people, "gross"), ["Jürgen Groß"]);
        assert_eq!(names(&people, "o'neill"), ["Zoë O’Neill"]);
        assert_eq!(names(&people, "太郎"), ["山田 太郎"]);
        assert!(names(&people, "  ").is_empty());
    }

    #[test]
    fn prefix_comes_before_word_before_substring() {
        let people = directory(&[
            ("Susanna Best", "a@corp.example"),
            ("Bob Anna", "b@corp.example"),
            ("Anna Zola", "c@corp.example"),
        ]);
        assert_eq!(
            names(&people, "anna"),
            ["Anna Zola", "Bob Anna", "Susanna Best"]
        );
    }

    proptest! {
        #[test]
        fn whoever_is_in_is_found_by_any_part_of_the_name(
            people in prop::collection::vec("[a-zA-Zéèßø'’ -]{1,12}", 1..20),
            pick in any::<prop::sample::Index>(),
            from in 0usize..6,
        ) {
            let rows: Vec<(&str, &str)> = people.iter().map(|name| (name.as_str(), "x@y.example")).collect();
            let all = directory(&rows);
            let name = pick.get(&people);
            let query: String = name.chars().skip(from).collect();
            prop_assume!(!fold(&query).trim().is_empty());
            let found = all.search(&query, 50);
            prop_assert!(found.iter().any(|person| &person.name == name));
        }
    }
}
