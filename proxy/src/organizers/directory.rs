//! Everybody of the account, in memory. [`super::search`] finds people in it.

use std::collections::HashMap;

use goto_microapps_api::Organizer;

use super::fold::fold_onto;
use crate::config::Offer;
use crate::store::OrganizerRow;

/// Ends a person's text in the arena; no folded text contains it.
pub(super) const END: u8 = b'\n';

/// Everybody of one generation. Texts lie one after another in two strings: a person takes about
/// 160 bytes, and a replaced generation goes back to the system whole.
#[derive(Debug, Default)]
pub struct Directory {
    /// Key, name and e-mail of each person as GoTo wrote them.
    written: String,
    /// In the directory's order: by name.
    people: Vec<Place>,
    /// In the same order.
    marks: Vec<Marks>,
    /// A line end, then `name\temail\n` of each person, folded: a field begins after one of the two.
    /// Nothing of who is not offered, so that nobody finds them.
    pub(super) arena: String,
    /// Where each person's text begins in the arena.
    pub(super) starts: Vec<usize>,
    /// Indices of people, by organizer key.
    by_key: Vec<usize>,
    /// Names of the groups of the account.
    groups: Vec<String>,
    synced: bool,
}

/// Where in `written` one person is.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: usize,
    name: usize,
    email: usize,
    end: usize,
}

/// What else there is to know of one person.
#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    is_offered: bool,
    is_namesake: bool,
    /// Which group.
    group: u32,
}

/// One person of a [`Directory`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Organizer key.
    pub key: &'a str,
    /// Name to show.
    pub name: &'a str,
    /// E-mail.
    pub email: &'a str,
    /// Group of the account; empty where there is none, or but one for everybody.
    pub group: &'a str,
    /// Whether they can be chosen as a co-organizer.
    pub is_offered: bool,
    /// Whether somebody else has the same name.
    pub is_namesake: bool,
}

/// Takes people in any order, one by one, and makes a [`Directory`] of them.
#[derive(Debug, Default)]
pub struct Builder {
    offer: Offer,
    written: String,
    people: Vec<Place>,
    offered: Vec<bool>,
    /// The group of each person.
    grouped: Vec<u32>,
    groups: Vec<String>,
    /// Which of `groups` is called so.
    group_names: HashMap<String, u32>,
    folded: String,
    /// Where each person's text begins in `folded`.
    starts: Vec<usize>,
}

impl From<Entry<'_>> for Organizer {
    fn from(entry: Entry<'_>) -> Self {
        Self {
            key: entry.key.to_owned(),
            name: entry.name.to_owned(),
            email: entry.email.to_owned(),
            group: entry.group.to_owned(),
            namesake: entry.is_namesake,
        }
    }
}

impl Builder {
    /// A builder of a directory in which these can be chosen.
    pub fn new(offer: Offer) -> Self {
        Self {
            offer,
            ..Self::default()
        }
    }

    /// Adds one person.
    pub fn add(&mut self, person: &OrganizerRow) {
        let mut write = |text: &str| {
            let at = self.written.len();
            self.written.push_str(text);
            at
        };
        let (key, name, email) = (
            write(&person.key),
            write(&person.name),
            write(&person.email),
        );
        self.people.push(Place {
            key,
            name,
            email,
            end: self.written.len(),
        });
        self.offered
            .push(person.can_host || self.offer == Offer::All);
        let group = self.group(&person.group);
        self.grouped.push(group);
        self.starts.push(self.folded.len());
        fold_onto(&mut self.folded, &person.name);
        self.folded.push('\t');
        fold_onto(&mut self.folded, &person.email);
        self.folded.push(char::from(END));
    }

    /// A company has few groups, each said of many.
    fn group(&mut self, name: &str) -> u32 {
        if let Some(known) = self.group_names.get(name) {
            return *known;
        }
        let number = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.groups.push(name.to_owned());
        self.group_names.insert(name.to_owned(), number);
        number
    }

    /// The directory of everybody who was added.
    pub fn build(self) -> Directory {
        let folded = |index: usize| {
            let end = self.starts.get(index + 1).copied();
            &self.folded[self.starts[index]..end.unwrap_or(self.folded.len())]
        };
        let name = |index: &usize| folded(*index).split('\t').next();
        // By name, then by e-mail: a tab is less than anything a folded name has.
        let mut order: Vec<usize> = (0..self.people.len()).collect();
        order.sort_unstable_by_key(|index| folded(*index));
        let mut arena = String::with_capacity(self.folded.len() + 1);
        arena.push(char::from(END));
        let mut starts = Vec::with_capacity(order.len());
        let mut marks = Vec::with_capacity(order.len());
        for (at, index) in order.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| order.get(before));
            let mut neighbours = before.into_iter().chain(order.get(at + 1));
            let mark = Marks {
                is_offered: self.offered[*index],
                group: self.grouped[*index],
                is_namesake: neighbours.any(|other| name(other) == name(index)),
            };
            marks.push(mark);
            starts.push(arena.len());
            if mark.is_offered {
                arena.push_str(folded(*index));
            }
        }
        let people = order.iter().map(|index| self.people[*index]).collect();
        let mut written = self.written;
        written.shrink_to_fit();
        let mut directory = Directory {
            written,
            people,
            marks,
            arena,
            starts,
            by_key: Vec::new(),
            groups: self.groups,
            synced: true,
        };
        let mut by_key: Vec<usize> = (0..directory.len()).collect();
        by_key.sort_unstable_by_key(|index| directory.entry(*index).key);
        directory.by_key = by_key;
        directory
    }
}

impl Directory {
    /// A directory of `people`.
    pub fn new<'a>(people: impl IntoIterator<Item = &'a OrganizerRow>) -> Self {
        let mut builder = Builder::default();
        for person in people {
            builder.add(person);
        }
        builder.build()
    }

    /// False until a sync was completed once.
    pub fn is_synced(&self) -> bool {
        self.synced
    }

    /// How many people there are, offered or not.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// How many can be found and chosen.
    pub fn offered(&self) -> usize {
        self.marks.iter().filter(|mark| mark.is_offered).count()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The person of the account with this key, offered or not.
    pub fn get(&self, key: &str) -> Option<Entry<'_>> {
        let found = self
            .by_key
            .binary_search_by_key(&key, |index| self.entry(*index).key);
        found.ok().map(|at| self.entry(self.by_key[at]))
    }

    pub(super) fn entry(&self, index: usize) -> Entry<'_> {
        let place = self.people[index];
        let mark = self.marks[index];
        // What is true of everybody tells nobody apart.
        let group = match &self.groups[..] {
            [] | [_] => "",
            groups => groups.get(mark.group as usize).map_or("", String::as_str),
        };
        Entry {
            key: &self.written[place.key..place.name],
            name: &self.written[place.name..place.email],
            email: &self.written[place.email..place.end],
            group,
            is_offered: mark.is_offered,
            is_namesake: mark.is_namesake,
        }
    }

    /// Whose text byte `at` of the arena is in.
    pub(super) fn person_at(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at) - 1
    }

    pub(super) fn text_of(&self, index: usize) -> &str {
        let end = self.starts.get(index + 1).copied();
        &self.arena[self.starts[index]..end.unwrap_or(self.arena.len())]
    }
}
