//! People who are typed or pasted and chosen from no list: taken, or held at the field.

use goto_microapps_api::form::{Draft, is_address, pieces};
use goto_microapps_api::{Field, Organizer};
use leptos::prelude::*;

use super::form::Form;
use super::message::Message;
use crate::words::Word;

impl Form {
    /// Whether somebody is typed who is neither chosen nor known to be nobody.
    pub(crate) fn has_typed(self) -> bool {
        let draft = self.draft.read_untracked();
        self.has_typed_name() || !draft.typed_participants.trim().is_empty()
    }

    fn has_typed_name(self) -> bool {
        let draft = self.draft.read_untracked();
        let text = draft.typed.trim();
        !text.is_empty() && (text.contains('@') || text != self.told.get_value())
    }

    /// Takes the people whose addresses are typed. False when somebody is left whom nobody knows, or
    /// a name that is somebody's: then the field says so. Runs beside another one, and beside typing.
    pub(crate) async fn take_typed(self, field: Field) -> bool {
        if field == Field::Participants {
            self.take_participants()
        } else {
            self.take_co_organizers().await
        }
    }

    /// Everybody may take part who has an address.
    fn take_participants(self) -> bool {
        let field = Field::Participants;
        let mut left: Vec<String> = Vec::new();
        let typed = self.draft.read_untracked().typed_participants.clone();
        for (piece, address) in pieces(&typed) {
            match address.filter(|address| is_address(address)) {
                Some(address) => self.edit(|draft| {
                    if draft
                        .participants
                        .iter()
                        .all(|one| !has(&one.email, &address))
                    {
                        draft.participants.push(Organizer::of_address(address));
                    }
                }),
                None => left.push(piece),
            }
        }
        let left = left.join("; ");
        let is_all = left.is_empty();
        self.edit(|draft| draft.typed_participants.clone_from(&left));
        if !is_all {
            self.hold(field, Word::FieldNotAnAddress, &left);
        }
        is_all
    }

    async fn take_co_organizers(self) -> bool {
        let mut unknown: Vec<String> = Vec::new();
        loop {
            let (text, is_address) = match self.next_address(&unknown) {
                Some(address) if self.is_there(&address) => {
                    self.take(&address, None);
                    continue;
                }
                Some(address) => (address, true),
                // Who is faster than the list waits for what it would have said.
                None if unknown.is_empty() && self.has_typed_name() => {
                    let name = |draft: &Draft| draft.typed.trim().to_owned();
                    (name(&self.draft.read_untracked()), false)
                }
                None => break,
            };
            let found = match self.widget.api().organizers(&text).await {
                Ok(found) => found.organizers,
                Err(failure) => {
                    self.session.lost(&failure);
                    if is_address {
                        self.hold(Field::CoOrganizers, failure.word(), &text);
                        return false;
                    }
                    Vec::new()
                }
            };
            if is_address {
                match found.into_iter().find(|one| has(&one.email, &text)) {
                    Some(person) => self.take(&text, Some(person)),
                    None => unknown.push(text),
                }
            } else if self.are_chosen(&found) {
                self.told.set_value(text);
            } else {
                self.hold(Field::CoOrganizers, Word::FieldCoTyped, &text);
                return false;
            }
        }
        if unknown.is_empty() {
            return true;
        }
        self.hold(
            Field::CoOrganizers,
            Word::FieldCoNobody,
            &self.widget.listed(&unknown),
        );
        false
    }

    /// Adds the co-organizers that the page author named, by key or e-mail, with commas between
    /// them; only where nobody is chosen yet.
    pub(crate) async fn invite(self, wanted: String) {
        let untouched = self.draft.read_untracked().people.is_empty();
        if wanted.is_empty() || !untouched {
            return;
        }
        for name in wanted
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let found = self.widget.api().organizers(name).await;
            let same =
                |person: &Organizer| person.key == name || person.email.eq_ignore_ascii_case(name);
            let known = found
                .ok()
                .and_then(|found| found.organizers.into_iter().find(same));
            let digits = name.bytes().all(|byte| byte.is_ascii_digit());
            let person = known.or_else(|| digits.then(|| Organizer::of_key(name.to_owned())));
            if let Some(person) = person {
                let mut draft = self.draft.write();
                if draft.people.iter().all(|other| other.key != person.key) {
                    draft.people.push(person);
                }
            }
        }
    }

    /// The first address in the field that is not among `unknown`.
    fn next_address(self, unknown: &[String]) -> Option<String> {
        let pieces = pieces(&self.draft.read_untracked().typed);
        let mut addresses = pieces.into_iter().filter_map(|piece| piece.1);
        addresses.find(|address| !unknown.contains(address))
    }

    /// Whether who has the address is chosen already, or creates the meeting.
    fn is_there(self, address: &str) -> bool {
        self.draft
            .read_untracked()
            .people
            .iter()
            .any(|one| has(&one.email, address))
            || self.session.with_user(|user| has(&user.email, address)) == Some(true)
    }

    fn are_chosen(self, people: &[Organizer]) -> bool {
        let draft = self.draft.read_untracked();
        people.iter().all(|one| draft.people.contains(one))
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
            self.widget
                .say(self.widget.fill(Word::PersonAdded, "name", &name));
        }
    }

    pub(super) fn hold(self, field: Field, word: Word, typed: &str) {
        self.forgive(field);
        self.widget.say(self.widget.fill(word, "typed", typed));
        self.wrong.write().push(Message {
            values: vec![typed.to_owned()],
            ..Message::new(field, word)
        });
    }
}

fn has(email: &str, address: &str) -> bool {
    email.eq_ignore_ascii_case(address)
}
