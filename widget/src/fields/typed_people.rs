//! People who are typed or pasted and chosen from no list: taken, or held at the field.

use goto_microapps_api::Organizer;
use leptos::prelude::*;

use super::addresses::pieces;
use super::forgive;
use crate::app::{App, Who};
use crate::draft::{Spot, Wrong};
use crate::words::Word;

impl App {
    /// Whether somebody is typed who is neither chosen nor known to be nobody.
    pub(crate) fn has_typed(self) -> bool {
        let text = self
            .draft
            .with_untracked(|draft| draft.typed.trim().to_owned());
        !text.is_empty() && (text.contains('@') || text != self.told.get_value())
    }

    /// Takes the people whose addresses are typed. False when somebody is left whom nobody knows:
    /// then the field says so. Runs beside another one, and beside typing.
    pub(crate) async fn take_typed(self) -> bool {
        let mut unknown: Vec<String> = Vec::new();
        while let Some(address) = self.next_address(&unknown) {
            match self.find(&address).await {
                Err(word) => {
                    self.hold(word, &address);
                    return false;
                }
                Ok(None) => unknown.push(address),
                Ok(Some(person)) => self.take(&address, person),
            }
        }
        if !self.has_typed() {
            return true;
        }
        if unknown.is_empty() {
            let rest = self
                .draft
                .with_untracked(|draft| draft.typed.trim().to_owned());
            self.hold(Word::FieldCoTyped, &rest);
        } else {
            self.hold(Word::FieldCoNobody, &unknown.join(", "));
        }
        false
    }

    /// The first address in the field that is not among `unknown`.
    fn next_address(self, unknown: &[String]) -> Option<String> {
        let pieces = self.draft.with_untracked(|draft| pieces(&draft.typed));
        let mut addresses = pieces.into_iter().filter_map(|piece| piece.1);
        addresses.find(|address| !unknown.contains(address))
    }

    /// Who has the address: somebody to be added, somebody who is there already, or nobody.
    async fn find(self, address: &str) -> Result<Option<Option<Organizer>>, Word> {
        let has = |email: &str| email.eq_ignore_ascii_case(address);
        let is_there = self
            .draft
            .with_untracked(|draft| draft.people.iter().any(|one| has(&one.email)))
            || self
                .who
                .with_untracked(|who| matches!(who, Who::User(user) if has(&user.email)));
        if is_there {
            return Ok(Some(None));
        }
        match self.api.get_value().organizers(address).await {
            Ok(found) => Ok(found
                .organizers
                .into_iter()
                .find(|one| has(&one.email))
                .map(Some)),
            Err(failure) => {
                self.lost_session(&failure);
                Err(failure.word())
            }
        }
    }

    /// Adds somebody in the place of the address.
    fn take(self, address: &str, person: Option<Organizer>) {
        let name = person.as_ref().map(Organizer::known_as);
        self.edit(|draft| {
            let rest = pieces(&draft.typed).into_iter();
            let rest = rest.filter(|piece| piece.1.as_deref() != Some(address));
            draft.typed = rest.map(|piece| piece.0).collect::<Vec<_>>().join("; ");
            let is_new = |one: &Organizer| draft.people.iter().all(|other| other.key != one.key);
            draft.people.extend(person.filter(is_new));
        });
        if let Some(name) = name {
            self.say(self.fill(Word::PersonAdded, "name", &name));
        }
    }

    fn hold(self, word: Word, typed: &str) {
        forgive(self, Spot::CoOrganizers);
        self.say(self.fill(word, "typed", typed));
        self.wrong.update(|wrong| {
            wrong.push(Wrong {
                values: vec![typed.to_owned()],
                ..Wrong::new(Spot::CoOrganizers, word)
            });
        });
    }
}
