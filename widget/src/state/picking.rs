//! What is done in a field of people: typed, searched, chosen with the keys.

use goto_microapps_api::form::is_address;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::late::{self, Job};
use super::picker::{ON_PRESS, Picker, Search};
use crate::words::Word;

/// Pause in typing after which a search starts.
const PAUSE_MS: i32 = 180;

impl Picker {
    pub(crate) fn type_text(self, text: String) {
        self.form.forgive(self.field);
        self.form
            .edit(|draft| *draft.typed_people_mut(self.field) = text);
        self.list.active.set(None);
        self.entered.set_value(false);
        let text = self.query();
        if !text.contains('@') || !text.contains([';', ',', '<', ' ']) {
            if text.is_empty() {
                self.close();
            } else {
                self.look(PAUSE_MS);
            }
        } else if text.ends_with([';', ',']) {
            self.close();
            self.take_typed();
        } else {
            self.close();
        }
    }

    /// The box was pressed: whoever was chosen lately is offered.
    pub(crate) fn press(self) {
        let is_closed = self.search.get_untracked() == Search::Closed;
        if is_closed && !self.is_guests() && self.query().is_empty() && self.session.signed_in() {
            self.look(ON_PRESS);
        }
    }

    /// Forgets whom the employee has chosen lately.
    pub(crate) fn forget_recent(self) {
        late::spawn(self.widget, Job::ForgetRecent(self));
    }

    /// Takes the people whose addresses are typed.
    pub(crate) fn take_typed(self) {
        late::spawn(self.widget, Job::TakeTyped(self.form, self.field));
    }

    /// Searches once typing has paused.
    pub(crate) fn look(self, pause: i32) {
        *self.turn.write_value() += 1;
        let turn = self.turn.get_value();
        if !self.session.signed_in() {
            // Whoever has an address takes part: nobody needs to be found.
            if self.is_guests() {
                return;
            }
            self.show(Vec::new(), Search::Empty(self.widget.t(Word::PeopleSignIn)));
            return;
        }
        late::spawn(self.widget, Job::Search(self, turn, pause));
    }

    pub(crate) fn key(self, key: &str, event: &KeyboardEvent) {
        let open = self.search.get_untracked() != Search::Closed;
        match key {
            "ArrowDown" | "ArrowUp" => {
                event.prevent_default();
                if !open {
                    self.look(0);
                } else if !event.alt_key() && self.is_current() {
                    self.list
                        .step(self.options.read_untracked().len(), key == "ArrowDown");
                }
            }
            "Enter" => {
                event.prevent_default();
                self.enter(open);
            }
            "Escape" if open => {
                event.stop_propagation();
                self.close();
            }
            "Escape" => self.type_text(String::new()),
            "Home" | "End" | "ArrowLeft" | "ArrowRight" => self.list.active.set(None),
            "Backspace" => {
                let draft = self.form.draft.read_untracked();
                let is_empty = draft.typed_people(self.field).is_empty();
                let last = draft.chosen(self.field).last().filter(|_| is_empty);
                let key = last.map(|person| person.key.clone());
                drop(draft);
                if let Some(key) = key {
                    self.remove(&key);
                }
            }
            _ => {}
        }
    }

    /// Takes the active option, or the first of those that the text asked for. Where the answer is
    /// still to come, so is who is taken.
    fn enter(self, open: bool) {
        let active = self.list.active.get_untracked();
        // A whole address is meant as it stands, whoever else's begins like it.
        if self.is_guests() && active.is_none() && is_address(&self.query()) {
            self.close();
            self.take_typed();
            return;
        }
        let at = active.unwrap_or(0);
        let person = self
            .options
            .read_untracked()
            .get(at)
            .cloned()
            .filter(|_| open && self.is_current());
        if let Some(person) = person {
            self.pick(person);
        } else if self.query().contains('@') {
            self.take_typed();
        } else {
            self.entered.set_value(!self.is_current());
        }
    }
}
