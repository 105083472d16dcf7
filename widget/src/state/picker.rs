//! The search of the co-organizers: what is asked, what came, what is chosen.

use goto_microapps_api::{Field, Organizer};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::form::Form;
use super::late;
use super::listbox::Listbox;
use super::session::SessionState;
use crate::browser::timers;
use crate::context::Widget;
use crate::failure::Failure;
use crate::words::Word;

/// Pause in typing after which a search starts.
const PAUSE_MS: i32 = 180;

/// What the list shows instead of, or under, the people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    Closed,
    Running,
    /// People, and who is missing among them because they are chosen.
    Found(Option<String>),
    /// Nothing to choose, and why.
    Empty(String),
    /// No answer; `true` when the sign-on at a gateway may have ended.
    Failed(bool),
}

#[derive(Clone, Copy)]
pub(crate) struct Picker {
    pub(crate) widget: Widget,
    pub(crate) session: SessionState,
    pub(crate) form: Form,
    pub(crate) search: RwSignal<Search>,
    pub(crate) options: RwSignal<Vec<Organizer>>,
    /// The text that asked for them.
    pub(crate) asked: RwSignal<String>,
    pub(crate) list: Listbox,
    /// Counts searches, so that an old answer is dropped.
    turn: StoredValue<u32>,
    /// Enter came before the answer.
    entered: StoredValue<bool>,
}

impl Picker {
    /// A search that has not begun.
    pub(crate) fn new(widget: Widget, session: SessionState, form: Form) -> Self {
        Self {
            widget,
            session,
            form,
            search: RwSignal::new(Search::Closed),
            options: RwSignal::new(Vec::new()),
            asked: RwSignal::new(String::new()),
            list: Listbox::new(widget, "people"),
            turn: StoredValue::new(0),
            entered: StoredValue::new(false),
        }
    }

    /// The text of the field.
    pub(crate) fn query(self) -> String {
        self.form.draft.read_untracked().typed.trim().to_owned()
    }

    /// Whether the people in the list are those that the text of the field asked for.
    pub(crate) fn is_current(self) -> bool {
        self.asked.get_untracked() == self.query()
    }

    pub(crate) fn type_text(self, text: String) {
        self.form.forgive(Field::CoOrganizers);
        self.form.edit(|draft| draft.typed = text);
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

    /// Takes the people whose addresses are typed.
    pub(crate) fn take_typed(self) {
        late::take_typed(self.form);
    }

    /// Searches once typing has paused.
    pub(crate) fn look(self, pause: i32) {
        *self.turn.write_value() += 1;
        let turn = self.turn.get_value();
        if !self.session.signed_in() {
            self.show(Vec::new(), Search::Empty(self.widget.t(Word::PeopleSignIn)));
            return;
        }
        let current = move || self.turn.try_get_value() == Some(turn);
        self.widget.spawn(async move {
            timers::sleep(pause).await;
            if !current() {
                return;
            }
            // People found before stay until the new ones are here: no flicker.
            if self.options.read_untracked().is_empty() {
                self.search.set(Search::Running);
            }
            let query = self.query();
            let answer = self.widget.api().organizers(&query).await;
            if !current() {
                return;
            }
            self.asked.set(query.clone());
            match answer {
                Err(failure) => {
                    self.session.lost(&failure);
                    self.form.told.set_value(query);
                    self.show(Vec::new(), Search::Failed(failure == Failure::SignOn));
                }
                Ok(found) => {
                    let chosen = self.form.draft.read_untracked().people.clone();
                    let is_chosen =
                        |person: &Organizer| chosen.iter().any(|other| other.key == person.key);
                    let (already, people): (Vec<_>, Vec<_>) =
                        found.organizers.into_iter().partition(is_chosen);
                    let already = (!already.is_empty()).then(|| {
                        let names: Vec<String> = already.iter().map(Organizer::known_as).collect();
                        self.widget
                            .fill(Word::PeopleAlready, "names", &names.join(", "))
                    });
                    let search = if people.is_empty() {
                        Search::Empty(already.unwrap_or_else(|| {
                            self.widget.t(match found.synced {
                                _ if found.yourself => Word::PeopleSelf,
                                true => Word::PeopleNone,
                                false => Word::PeopleUnsynced,
                            })
                        }))
                    } else {
                        Search::Found(already)
                    };
                    if matches!(search, Search::Empty(_)) {
                        self.form.told.set_value(query);
                    }
                    let first = people.first().cloned();
                    self.show(people, search);
                    if let Some(first) = first.filter(|_| self.entered.get_value()) {
                        self.pick(first);
                    }
                }
            }
        });
    }

    fn show(self, people: Vec<Organizer>, search: Search) {
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
            "Backspace" if self.form.draft.read_untracked().typed.is_empty() => {
                let last = self
                    .form
                    .draft
                    .read_untracked()
                    .people
                    .last()
                    .map(|person| person.key.clone());
                if let Some(key) = last {
                    self.remove(&key);
                }
            }
            _ => {}
        }
    }

    /// Takes the active option, or the first of those that the text asked for. Where the answer is
    /// still to come, so is who is taken.
    fn enter(self, open: bool) {
        let at = self.list.active.get_untracked().unwrap_or(0);
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

    pub(crate) fn pick(self, person: Organizer) {
        self.widget.say(
            self.widget
                .fill(Word::PersonAdded, "name", &person.known_as()),
        );
        self.form.edit(|draft| {
            draft.people.push(person);
            draft.typed.clear();
        });
        self.close();
        self.widget.focus("[data-field=co-organizers]");
    }

    pub(crate) fn remove(self, key: &str) {
        let draft = self.form.draft.read_untracked();
        let person = draft.people.iter().find(|person| person.key == key);
        let name = person.map(Organizer::known_as);
        drop(draft);
        self.form
            .edit(|draft| draft.people.retain(|person| person.key != key));
        self.widget.say(
            self.widget
                .fill(Word::PersonRemoved, "name", &name.unwrap_or_default()),
        );
        self.form.forgive(Field::CoOrganizers);
        self.widget.focus("[data-field=co-organizers]");
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
