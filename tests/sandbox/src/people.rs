//! The users of the account, and the few people of another.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;

use crate::FOREIGN_ACCOUNT_KEY;
use crate::person::{Named, Person, address, key};

/// Numbers of keys that no generated organizer reaches.
const STAFF: usize = 10_000_000;
const ADDED: usize = 20_000_000;
const FOREIGN: usize = 30_000_000;

/// See the module. Those of the account in the order in which the admin API lists them: organizers, the one without a
/// licence, the administrator.
#[derive(Debug)]
pub(crate) struct People {
    seed: u64,
    organizers: Vec<Arc<Person>>,
    staff: [Arc<Person>; 2],
    /// People of other accounts, in no list of this one.
    foreign: Vec<Arc<Person>>,
    /// How many were ever added, which makes keys unlike.
    added: usize,
    by_email: HashMap<String, Arc<Person>>,
    by_key: HashMap<String, Arc<Person>>,
}

impl People {
    pub(crate) fn new(organizers: usize, seed: u64) -> Self {
        let member = |number: usize, first: &str, last: &str, local: &str| {
            let named = Named {
                key: key(STAFF + number, seed),
                email: address(local),
                first: first.to_owned(),
                last: last.to_owned(),
            };
            Person::new(named, number)
        };
        let mut unlicensed = member(0, "Noor", "Haddad", "noor.haddad");
        unlicensed.license(false);
        // A dedicated service account: all rights, no licence spent on it.
        let mut admin = member(1, "GoTo", "Administrator", "admin");
        admin.license(false);
        admin.admin = true;
        let mut people = Self {
            seed,
            organizers: Vec::new(),
            staff: [Arc::new(unlicensed), Arc::new(admin)],
            foreign: Vec::new(),
            added: 0,
            by_email: HashMap::new(),
            by_key: HashMap::new(),
        };
        for member in people.staff.clone() {
            people.index(member);
        }
        people.resize(organizers);
        people
    }

    fn index(&mut self, person: Arc<Person>) {
        self.by_key.insert(person.key.clone(), Arc::clone(&person));
        self.by_email.insert(person.email.clone(), person);
    }

    /// Makes it `count` organizers: drops the last, or makes up more. The same people come back
    /// when the number does.
    pub(crate) fn resize(&mut self, count: usize) {
        while self.organizers.len() > count {
            if let Some(gone) = self.organizers.pop() {
                self.by_email.remove(&gone.email);
                self.by_key.remove(&gone.key);
            }
        }
        let last = self
            .organizers
            .iter()
            .filter_map(|person| person.index)
            .max();
        let mut next = last.map_or(0, |index| index + 1);
        while self.organizers.len() < count {
            let person = Arc::new(Person::generated(next, self.seed));
            next += 1;
            if !self.by_email.contains_key(&person.email) {
                self.organizers.push(Arc::clone(&person));
                self.index(person);
            }
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.organizers.iter().chain(&self.staff)
    }

    pub(crate) fn foreign(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.foreign.iter()
    }

    pub(crate) fn organizers(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.organizers.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.organizers.len() + self.staff.len()
    }

    pub(crate) fn unlicensed(&self) -> &Arc<Person> {
        &self.staff[0]
    }

    pub(crate) fn admin(&self) -> &Arc<Person> {
        &self.staff[1]
    }

    pub(crate) fn with_email(&self, email: &str) -> Option<&Arc<Person>> {
        self.by_email.get(&email.to_ascii_lowercase())
    }

    pub(crate) fn with_key(&self, key: &str) -> Option<&Arc<Person>> {
        self.by_key.get(key)
    }

    /// Somebody of this account.
    pub(crate) fn in_account(&self, account: &str, key: &str) -> Option<&Arc<Person>> {
        let person = self.with_key(key);
        person.filter(|person| person.account == account)
    }

    /// Adds an organizer at the end.
    pub(crate) fn add(&mut self, email: &str, first: &str, last: &str) -> anyhow::Result<Person> {
        let email = email.to_ascii_lowercase();
        anyhow::ensure!(self.with_email(&email).is_none(), "{email} exists already");
        let named = Named {
            key: key(ADDED + self.added, self.seed),
            email,
            first: first.to_owned(),
            last: last.to_owned(),
        };
        let person = Arc::new(Person::new(named, self.added));
        self.added += 1;
        self.organizers.push(Arc::clone(&person));
        self.index(Arc::clone(&person));
        Ok(Person::clone(&person))
    }

    /// Adds a licensed person of another account.
    pub(crate) fn add_foreign(
        &mut self,
        email: &str,
        first: &str,
        last: &str,
    ) -> anyhow::Result<Person> {
        let email = email.to_ascii_lowercase();
        anyhow::ensure!(self.with_email(&email).is_none(), "{email} exists already");
        let named = Named {
            key: key(FOREIGN + self.added, self.seed),
            email,
            first: first.to_owned(),
            last: last.to_owned(),
        };
        let mut person = Person::new(named, self.added);
        FOREIGN_ACCOUNT_KEY.clone_into(&mut person.account);
        let person = Arc::new(person);
        self.added += 1;
        self.foreign.push(Arc::clone(&person));
        self.index(Arc::clone(&person));
        Ok(Person::clone(&person))
    }

    /// Changes somebody; the key stays.
    pub(crate) fn change(
        &mut self,
        email: &str,
        change: impl FnOnce(&mut Person),
    ) -> anyhow::Result<Person> {
        let old = Arc::clone(self.with_email(email).with_context(|| unknown(email))?);
        let mut person = Person::clone(&old);
        change(&mut person);
        let new = Arc::new(person);
        let mut places = self
            .organizers
            .iter_mut()
            .chain(&mut self.staff)
            .chain(&mut self.foreign);
        if let Some(place) = places.find(|place| place.key == old.key) {
            *place = Arc::clone(&new);
        }
        self.by_email.remove(&old.email);
        self.index(Arc::clone(&new));
        Ok(Person::clone(&new))
    }

    /// Removes an organizer.
    pub(crate) fn remove(&mut self, email: &str) -> anyhow::Result<()> {
        let email = email.to_ascii_lowercase();
        let mut organizers = self.organizers.iter();
        let place = organizers.position(|person| person.email == email);
        let gone = self
            .organizers
            .remove(place.with_context(|| unknown(&email))?);
        self.by_email.remove(&gone.email);
        self.by_key.remove(&gone.key);
        Ok(())
    }
}

fn unknown(email: &str) -> String {
    format!("nobody of the account has the address {email}")
}
