//! Search over everybody, in memory: accents and case folded, prefix before word before substring.
//!
//! One arena holds every folded name and e-mail, scans with `memmem` find the matches, so there is
//! no index to keep in step. `cargo bench -p goto-microapps --bench directory` measures it.

use std::sync::Arc;

use goto_microapps_api::Organizer;
use memchr::memmem;

use super::directory::{Directory, END};
use super::fold::words;

/// A word with this many hits is common.
const COMMON: usize = 2_000;

impl Directory {
    /// The best `limit` matches of all words of `query`; the first word that is typed decides the
    /// rank, the directory's order among equals: first whose name or e-mail begins with the whole
    /// query, then those that begin with its first word, then those with a word that does, then
    /// those where it stands inside a word.
    ///
    /// An organizer key is a query as well, and names one person.
    pub fn search(&self, query: &str, limit: usize) -> Vec<Organizer> {
        if let Some(person) = self.get(query.trim()).filter(|person| person.is_offered) {
            return vec![person.into()];
        }
        let words = words(query);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((first, others)) = words.split_first() else {
            return Vec::new();
        };
        let mut found = Found {
            directory: self,
            others,
            limit,
            people: Vec::new(),
        };
        for beginning in [words.join(" ").as_str(), first] {
            if !found.is_full() {
                found.add_fields(beginning);
            }
        }
        if !found.is_full() {
            if others.is_empty() {
                found.add_anywhere(first);
            } else {
                found.add_with_all(first, self.rarest(&words));
            }
        }
        let people = found.people.into_iter();
        people.map(|index| self.entry(index).into()).collect()
    }

    /// The word that is worth scanning for.
    fn rarest<'w>(&self, words: &[&'w str]) -> &'w str {
        let hits = |word: &&&str| {
            let hits = memmem::find_iter(self.arena.as_bytes(), word.as_bytes());
            hits.take(COMMON).count()
        };
        words.iter().min_by_key(hits).copied().unwrap_or_default()
    }
}

/// [`Directory::search`] off the async workers: one among many people takes milliseconds, in which
/// nobody else would be answered.
pub async fn find(directory: Arc<Directory>, query: String, limit: usize) -> Vec<Organizer> {
    let search = tokio::task::spawn_blocking(move || directory.search(&query, limit));
    match search.await {
        Ok(found) => found,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only while the proxy stops.
            Err(_) => Vec::new(),
        },
    }
}

/// What a search has found so far, the best first.
struct Found<'a> {
    directory: &'a Directory,
    /// Words beside the first; all must be there.
    others: &'a [&'a str],
    limit: usize,
    people: Vec<usize>,
}

impl Found<'_> {
    fn is_full(&self) -> bool {
        self.people.len() >= self.limit
    }

    fn matches(&self, index: usize) -> bool {
        let text = self.directory.text_of(index);
        self.others.iter().all(|word| text.contains(word))
    }

    /// Adds whose name or e-mail begins with `beginning`.
    fn add_fields(&mut self, beginning: &str) {
        let arena = self.directory.arena.as_bytes();
        let mut fresh = Vec::new();
        for separator in [char::from(END), '\t'] {
            let needle = format!("{separator}{beginning}");
            let mut room = self.limit;
            for at in memmem::find_iter(arena, needle.as_bytes()) {
                let index = self.directory.person_at(at + 1);
                if !self.people.contains(&index) && self.matches(index) {
                    fresh.push(index);
                    room -= 1;
                    if room == 0 {
                        break;
                    }
                }
            }
        }
        fresh.sort_unstable();
        fresh.dedup();
        self.add(fresh);
    }

    /// Adds who has `word` at the beginning of a word, then who has it inside one.
    fn add_anywhere(&mut self, word: &str) {
        let arena = &self.directory.arena;
        let room = self.limit - self.people.len();
        let (mut beginning, mut inside) = (Vec::new(), Vec::new());
        for at in memmem::find_iter(arena.as_bytes(), word.as_bytes()) {
            // Most hits of a common part end here: their kind is full.
            let kind = if begins_word(arena, at, word) {
                &mut beginning
            } else {
                &mut inside
            };
            if kind.len() >= room {
                continue;
            }
            let index = self.directory.person_at(at);
            if kind.last() != Some(&index) && !self.people.contains(&index) {
                kind.push(index);
            }
            if beginning.len() >= room {
                break;
            }
        }
        inside.retain(|index| !beginning.contains(index));
        self.add(beginning);
        self.add(inside);
    }

    /// The same for several words: who has all of them, found by the `rarest`, ranked by where
    /// `first` stands.
    fn add_with_all(&mut self, first: &str, rarest: &str) {
        let arena = &self.directory.arena;
        let room = self.limit - self.people.len();
        let (mut beginning, mut inside) = (Vec::new(), Vec::new());
        let mut seen_until = 0;
        for at in memmem::find_iter(arena.as_bytes(), rarest.as_bytes()) {
            if at < seen_until {
                continue;
            }
            let index = self.directory.person_at(at);
            let text = self.directory.text_of(index);
            seen_until = self.directory.starts[index] + text.len();
            if !text.contains(first) || !self.matches(index) || self.people.contains(&index) {
                continue;
            }
            let mut hits = memmem::find_iter(text.as_bytes(), first.as_bytes());
            let kind = if hits.any(|at| begins_word(text, at, first)) {
                &mut beginning
            } else {
                &mut inside
            };
            if kind.len() < room {
                kind.push(index);
            }
            if beginning.len() >= room {
                break;
            }
        }
        self.add(beginning);
        self.add(inside);
    }

    fn add(&mut self, people: Vec<usize>) {
        let room = self.limit - self.people.len();
        self.people.extend(people.into_iter().take(room));
    }
}

/// Whether `word`, which stands at byte `at` of `text`, begins a word there.
fn begins_word(text: &str, at: usize, word: &str) -> bool {
    let before = text[..at].chars().next_back();
    !before.is_some_and(char::is_alphanumeric) && word.starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Offer;
    use crate::organizers::{Builder, fold};
    use crate::store::OrganizerRow;
    use proptest::prelude::*;

    fn directory(people: &[(&str, &str)]) -> Directory {
        let row = |(index, (name, email)): (usize, &(&str, &str))| OrganizerRow {
            key: index.to_string(),
            name: (*name).to_owned(),
            email: (*email).to_owned(),
            group: String::new(),
            can_host: true,
        };
        let rows: Vec<OrganizerRow> = people.iter().enumerate().map(row).collect();
        Directory::new(&rows)
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
        let greek = directory(&[("Γιάννης Μάρκος", "g@corp.example")]);
        assert_eq!(names(&greek, "ΓΙΑΝΝΗΣ ΜΑΡΚΟΣ").len(), 1);
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

    #[test]
    fn every_word_must_be_there_in_any_order() {
        let people = directory(&[
            ("Anna Zola", "a@corp.example"),
            ("Zoë Annan", "z@corp.example"),
            ("Anna Berg", "b@corp.example"),
        ]);
        assert_eq!(names(&people, "zo an"), ["Zoë Annan", "Anna Zola"]);
        assert_eq!(names(&people, "anna corp berg"), ["Anna Berg"]);
        assert!(names(&people, "anna nobody").is_empty());
    }

    #[test]
    fn a_group_is_told_where_there_is_more_than_one() {
        let groups = |groups: [&str; 3]| {
            let row = |(index, group): (usize, &&str)| OrganizerRow {
                key: index.to_string(),
                name: format!("Anna {index}"),
                email: format!("{index}@corp.example"),
                group: (*group).to_owned(),
                can_host: true,
            };
            let rows: Vec<OrganizerRow> = groups.iter().enumerate().map(row).collect();
            let found = Directory::new(&rows).search("anna", 8).into_iter();
            found.map(|person| person.group).collect::<Vec<_>>()
        };
        assert_eq!(
            groups(["Legal", "Sales", "Legal"]),
            ["Legal", "Sales", "Legal"]
        );
        assert_eq!(groups(["Legal", "", "Legal"]), ["Legal", "", "Legal"]);
        assert_eq!(groups(["Everybody"; 3]), [""; 3]);
        assert_eq!(groups([""; 3]), [""; 3]);
    }

    #[test]
    fn who_is_not_offered_is_known_but_not_found() {
        let row = |key: &str, name: &str, can_host| OrganizerRow {
            key: key.into(),
            name: name.into(),
            email: format!("{key}@corp.example"),
            group: String::new(),
            can_host,
        };
        let rows = [
            row("1", "Anna Berg", false),
            row("2", "Anna Berg", true),
            row("3", "Anna Zola", false),
            row("4", "Aaron Anna", true),
            row("5", "Zoë Anna", false),
        ];
        let found = |offer, query| {
            let mut builder = Builder::new(offer);
            for row in &rows {
                builder.add(row);
            }
            let directory = builder.build();
            let known = rows.iter().all(|row| {
                let entry = directory.get(&row.key).expect("known");
                entry.name == row.name && entry.is_offered == (row.can_host || offer == Offer::All)
            });
            assert!(known);
            let found = directory.search(query, 8).into_iter();
            found.map(|person| person.key).collect::<Vec<_>>()
        };
        assert_eq!(found(Offer::Licensed, "anna"), ["2", "4"]);
        assert_eq!(found(Offer::Licensed, "anna corp"), ["2", "4"]);
        assert_eq!(found(Offer::Licensed, "3"), [""; 0], "by key either");
        assert_eq!(found(Offer::Licensed, "3@corp"), [""; 0]);
        assert_eq!(found(Offer::All, "anna"), ["1", "2", "3", "4", "5"]);
        assert_eq!(found(Offer::All, "3"), ["3"]);
    }

    #[test]
    fn namesakes_are_told() {
        let people = directory(&[
            ("Élodie Martin", "b@corp.example"),
            ("Elodie Martin", "a@corp.example"),
            ("Elodie Martins", "c@corp.example"),
        ]);
        let told: Vec<(String, bool)> = people
            .search("elodie", 8)
            .into_iter()
            .map(|person| (person.email, person.namesake))
            .collect();
        let told: Vec<(&str, bool)> = told
            .iter()
            .map(|(email, told)| (email.as_str(), *told))
            .collect();
        assert_eq!(
            told,
            [
                ("a@corp.example", true),
                ("b@corp.example", true),
                ("c@corp.example", false)
            ]
        );
    }

    /// While the only thread for such work is taken, a search waits and others are answered.
    #[test]
    fn security_52_a_search_runs_off_the_async_workers() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        runtime.block_on(async {
            let (release, taken) = std::sync::mpsc::channel::<()>();
            let taking = tokio::task::spawn_blocking(move || taken.recv());
            let people = Arc::new(directory(&[("Anna Berg", "b@corp.example")]));
            let search = find(people, "anna".into(), 8);
            tokio::pin!(search);
            assert!(futures::poll!(&mut search).is_pending());
            assert_eq!(std::future::ready("another route").await, "another route");
            release.send(()).unwrap();
            taking.await.unwrap().unwrap();
            assert_eq!(search.await.len(), 1);
        });
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
