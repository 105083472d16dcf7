//! The search of a field of people: what is asked, what came, who is chosen.

use goto_microapps_api::{Field, Organizer};
use leptos::prelude::*;

use super::form::Form;
use super::listbox::Listbox;
use super::message::selector;
use super::session::SessionState;
use crate::context::Widget;
use crate::words::Word;

/// What the list shows instead of, or under, the people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    Closed,
    Running,
    /// Those chosen lately: nothing is typed.
    Recent,
    /// People, and who is missing among them because they are chosen.
    Found(Option<String>),
    /// Nothing to choose, and why.
    Empty(String),
    /// No answer; `true` when the sign-on at a gateway may have ended.
    Failed(bool),
}

/// In the place of a pause: the box was pressed and nothing typed.
pub(super) const ON_PRESS: i32 = -1;

#[derive(Clone, Copy)]
pub(crate) struct Picker {
    pub(crate) widget: Widget,
    pub(crate) session: SessionState,
    pub(crate) form: Form,
    /// Co-organizers or participants.
    pub(crate) field: Field,
    pub(crate) search: RwSignal<Search>,
    pub(crate) options: RwSignal<Vec<Organizer>>,
    /// The text that asked for them.
    pub(crate) asked: RwSignal<String>,
    pub(crate) list: Listbox,
    /// Counts searches, so that an old answer is dropped.
    pub(super) turn: StoredValue<u32>,
    /// Enter came before the answer.
    pub(super) entered: StoredValue<bool>,
}

impl Picker {
    /// A search that has not begun.
    pub(crate) fn new(
        widget: Widget,
        session: SessionState,
        form: Form,
        (field, name): (Field, &'static str),
    ) -> Self {
        Self {
            widget,
            session,
            form,
            field,
            search: RwSignal::new(Search::Closed),
            options: RwSignal::new(Vec::new()),
            asked: RwSignal::new(String::new()),
            list: Listbox::new(widget, name),
            turn: StoredValue::new(0),
            entered: StoredValue::new(false),
        }
    }

    /// The text of the field.
    pub(crate) fn query(self) -> String {
        let draft = self.form.draft.read_untracked();
        draft.typed_people(self.field).trim().to_owned()
    }

    pub(super) fn is_guests(self) -> bool {
        self.field == Field::Participants
    }

    /// Whether the people in the list are those that the text of the field asked for.
    pub(crate) fn is_current(self) -> bool {
        self.asked.get_untracked() == self.query()
    }

    /// Whether nothing else was searched since.
    pub(super) fn is_turn(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    pub(super) fn show(self, people: Vec<Organizer>, search: Search) {
        self.widget.say(match &search {
            Search::Empty(text) => text.clone(),
            Search::Failed(signed_off) => self.widget.t(failed(*signed_off)),
            _ => self.widget.count(Word::PeopleFound, people.len()),
        });
        self.list.active.set(None);
        self.options.set(people);
        self.search.set(search);
    }

    pub(crate) fn close(self) {
        *self.turn.write_value() += 1;
        self.search.set(Search::Closed);
        self.options.set(Vec::new());
        self.list.active.set(None);
        self.entered.set_value(false);
    }

    pub(crate) fn pick(self, mut person: Organizer) {
        if self.is_guests() {
            person.key.clone_from(&person.email);
        }
        self.widget.say(
            self.widget
                .fill(Word::PersonAdded, "name", &person.known_as()),
        );
        self.form.edit(|draft| {
            draft.chosen_mut(self.field).push(person);
            draft.typed_people_mut(self.field).clear();
        });
        self.close();
        self.widget.focus(selector(self.field));
    }

    pub(crate) fn remove(self, key: &str) {
        let draft = self.form.draft.read_untracked();
        let mut people = draft.chosen(self.field).iter();
        let person = people.find(|person| person.key == key);
        let name = person.map(Organizer::known_as);
        drop(draft);
        self.form.edit(|draft| {
            let people = draft.chosen_mut(self.field);
            people.retain(|person| person.key != key);
        });
        self.widget.say(
            self.widget
                .fill(Word::PersonRemoved, "name", &name.unwrap_or_default()),
        );
        self.form.forgive(self.field);
        self.widget.focus(selector(self.field));
    }
}

/// What to say of a search without an answer.
pub(crate) fn failed(signed_off: bool) -> Word {
    if signed_off {
        Word::CodeSignOn
    } else {
        Word::PeopleFailed
    }
}
