//! Co-organizers: an ARIA APG combobox with list autocomplete, chosen people as chips before it.
//!
//! The focus stays in the input; the active option is told by `aria-activedescendant`.

use goto_microapps_api::{Organizer, User};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::hits::{self, hits};
use super::{forgive, input, label, note, summary, typed};
use crate::app::{App, Who};
use crate::draft::Spot;
use crate::failure::Failure;
use crate::host;
use crate::pages::renewal;
use crate::view::{El, Icon, el, icon, nothing};
use crate::words::Word;

/// Pause in typing after which a search starts.
const PAUSE_MS: i32 = 180;

/// What the list shows instead of, or under, the people.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Search {
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
struct Picker {
    app: App,
    query: RwSignal<String>,
    search: RwSignal<Search>,
    options: RwSignal<Vec<Organizer>>,
    active: RwSignal<Option<usize>>,
    /// Counts searches, so that an old answer is dropped.
    turn: StoredValue<u32>,
}

/// The field.
pub(crate) fn view(app: App) -> El {
    let picker = Picker {
        app,
        query: RwSignal::new(String::new()),
        search: RwSignal::new(Search::Closed),
        options: RwSignal::new(Vec::new()),
        active: RwSignal::new(None),
        turn: StoredValue::new(0),
    };
    el("div")
        .class("field")
        .child(
            label(app, Spot::CoOrganizers, Word::CoOrganizers)
                .child(el("span").class("muted").text(app.t(Word::Optional))),
        )
        .child(
            el("div")
                .class("anchor")
                .child(
                    el("div")
                        .class("people")
                        .attr("part", "field")
                        .child(picker.chips())
                        .child(picker.input())
                        .on("click", move |_| app.focus("[data-field=co-organizers]")),
                )
                .child(picker.list()),
        )
        .child(note(app, Spot::CoOrganizers, Some(Word::PeopleHelp)))
}

impl Picker {
    fn is_open(self) -> bool {
        self.search.get() != Search::Closed
    }

    fn chips(self) -> El {
        let app = self.app;
        let people = Memo::new(move |_| app.draft.with(|draft| draft.people.clone()));
        el("ul")
            .attr("aria-label", app.t(Word::PeopleChosen))
            .region(move || {
                let unknown: Vec<String> = app.wrong.with(|wrong| {
                    let wrong = wrong
                        .iter()
                        .filter(|wrong| wrong.spot == Spot::CoOrganizers);
                    wrong.flat_map(|wrong| wrong.values.clone()).collect()
                });
                let chips: Vec<AnyView> = people
                    .get()
                    .into_iter()
                    .map(|person| self.chip(person, &unknown).view())
                    .collect();
                chips.into_any()
            })
    }

    fn chip(self, person: Organizer, unknown: &[String]) -> El {
        let wrong = unknown.contains(&person.key);
        let remove = self
            .app
            .fill(Word::PersonRemove, "name", &person.known_as());
        el("li")
            .class(if wrong { "person wrong" } else { "person" })
            .attr("part", "chip")
            .attr("data-chip", person.key.as_str())
            .child(summary::person(&person))
            .child(
                el("button")
                    .attr("type", "button")
                    .attr("aria-label", remove)
                    .child(icon(Icon::Cross))
                    .on("click", move |event| {
                        event.stop_propagation();
                        self.remove(&person.key);
                    }),
            )
    }

    fn input(self) -> El {
        input(self.app, Spot::CoOrganizers, "text")
            .class("")
            .attr("part", "")
            .attr("role", "combobox")
            .attr("aria-autocomplete", "list")
            .attr("aria-controls", "people-list")
            .attr("autocomplete", "off")
            .attr("autocapitalize", "off")
            .attr("spellcheck", "false")
            .attr("placeholder", self.app.t(Word::PeoplePlaceholder))
            .flag("aria-expanded", move || self.is_open())
            .live("aria-activedescendant", move || {
                let active = self.active.get()?;
                self.is_open().then(|| option_id(active))
            })
            .value(move || self.query.get())
            .on("input", move |event| {
                let query = typed(&event);
                self.query.set(query.clone());
                if query.trim().is_empty() {
                    self.close();
                } else {
                    self.look(PAUSE_MS);
                }
            })
            .on("keydown", move |event| {
                if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
                    self.key(event);
                }
            })
            .on("blur", move |_| self.close())
    }

    fn list(self) -> El {
        el("div")
            .class("list")
            .attr("part", "list")
            .hidden(move || !self.is_open())
            // Keeps the focus in the input while the list is used with a pointer.
            .on("mousedown", |event| event.prevent_default())
            .child(
                el("ul")
                    .attr("id", "people-list")
                    .attr("role", "listbox")
                    .attr("aria-label", self.app.t(Word::CoOrganizers))
                    .region(move || {
                        let query = self.query.get_untracked();
                        let options: Vec<AnyView> = self
                            .options
                            .get()
                            .into_iter()
                            .enumerate()
                            .map(|(at, person)| self.option(at, person, &query).view())
                            .collect();
                        options.into_any()
                    }),
            )
            .region(move || self.state())
    }

    fn option(self, at: usize, person: Organizer, query: &str) -> El {
        el("li")
            .class("option")
            .attr("role", "option")
            .attr("id", option_id(at))
            .attr("data-key", person.key.as_str())
            .flag("aria-selected", move || self.active.get() == Some(at))
            .child(marked(&person.name, query))
            .children(
                // Who has no name is known by the address.
                (person.email != person.name).then(|| marked(&person.email, query).class("muted")),
            )
            .on("click", move |_| self.pick(person.clone()))
    }

    /// What is going on, for eyes; ears get it from the live region.
    fn state(self) -> AnyView {
        let app = self.app;
        match self.search.get() {
            Search::Closed | Search::Found(None) => nothing(),
            Search::Running => el("div")
                .class("note")
                .child(el("span").class("spinner"))
                .text(app.t(Word::PeopleSearching))
                .view(),
            Search::Empty(text) | Search::Found(Some(text)) => {
                el("div").class("note").text(text).view()
            }
            Search::Failed(signed_off) => el("div")
                .class("note")
                .text(app.t(failed(signed_off)))
                .child(if signed_off {
                    renewal(app).class("link inline")
                } else {
                    el("span")
                })
                .child(
                    el("button")
                        .class("link inline")
                        .attr("type", "button")
                        .attr("tabindex", "-1")
                        .attr("data-action", "retry")
                        .text(app.t(Word::Retry))
                        .on("click", move |_| self.look(0)),
                )
                .view(),
        }
    }

    /// Searches once typing has paused.
    fn look(self, pause: i32) {
        let app = self.app;
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        if !app.signed_in() {
            self.show(Vec::new(), Search::Empty(app.t(Word::PeopleSignIn)));
            return;
        }
        let current = move || self.turn.try_get_value() == Some(turn);
        app.spawn(async move {
            host::sleep(pause).await;
            if !current() {
                return;
            }
            // People found before stay until the new ones are here: no flicker.
            if self.options.with_untracked(Vec::is_empty) {
                self.search.set(Search::Running);
            }
            let query = self.query.get_untracked();
            let answer = app.api.get_value().organizers(query.trim()).await;
            if !current() {
                return;
            }
            match answer {
                Err(failure) => {
                    app.lost_session(&failure);
                    self.show(Vec::new(), Search::Failed(failure == Failure::SignOn));
                }
                Ok(found) => {
                    let chosen = app.draft.with_untracked(|draft| draft.people.clone());
                    let is_chosen =
                        |person: &Organizer| chosen.iter().any(|other| other.key == person.key);
                    let (already, people): (Vec<_>, Vec<_>) =
                        found.organizers.into_iter().partition(is_chosen);
                    let already = (!already.is_empty()).then(|| {
                        let names: Vec<String> = already.iter().map(Organizer::known_as).collect();
                        app.fill(Word::PeopleAlready, "names", &names.join(", "))
                    });
                    let search = if people.is_empty() {
                        Search::Empty(already.unwrap_or_else(|| {
                            app.t(match found.synced {
                                _ if self.is_self(&query) => Word::PeopleSelf,
                                true => Word::PeopleNone,
                                false => Word::PeopleUnsynced,
                            })
                        }))
                    } else {
                        Search::Found(already)
                    };
                    self.show(people, search);
                }
            }
        });
    }

    /// Whether `query` is for the organizer, whom a search never gives.
    fn is_self(self, query: &str) -> bool {
        self.app.who.with_untracked(|who| match who {
            Who::User(User { name, email, .. }) => {
                hits::is_for(query, &[name.as_str(), email.as_str()])
            }
            _ => false,
        })
    }

    fn show(self, people: Vec<Organizer>, search: Search) {
        let app = self.app;
        app.say(match &search {
            Search::Empty(text) => text.clone(),
            Search::Failed(signed_off) => app.t(failed(*signed_off)),
            _ => app.count(Word::PeopleFound, people.len()),
        });
        self.active.set(None);
        self.options.set(people);
        self.search.set(search);
    }

    fn close(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.search.set(Search::Closed);
        self.options.set(Vec::new());
        self.active.set(None);
    }

    fn key(self, event: &KeyboardEvent) {
        if event.is_composing() {
            return;
        }
        let open = self.search.get_untracked() != Search::Closed;
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" => {
                event.prevent_default();
                if open && !event.alt_key() {
                    self.step(event.key() == "ArrowDown");
                } else if !open {
                    self.look(0);
                }
            }
            "Enter" => {
                event.prevent_default();
                let at = self.active.get_untracked().unwrap_or(0);
                let person = self
                    .options
                    .with_untracked(|people| people.get(at).cloned());
                if let Some(person) = person.filter(|_| open) {
                    self.pick(person);
                }
            }
            "Escape" if open => {
                event.stop_propagation();
                self.close();
            }
            "Escape" => self.query.set(String::new()),
            "Home" | "End" | "ArrowLeft" | "ArrowRight" => self.active.set(None),
            "Backspace" if self.query.with_untracked(String::is_empty) => {
                let last = self
                    .app
                    .draft
                    .with_untracked(|draft| draft.people.last().map(|person| person.key.clone()));
                if let Some(key) = last {
                    self.remove(&key);
                }
            }
            _ => {}
        }
    }

    fn step(self, down: bool) {
        let count = self.options.with_untracked(Vec::len);
        let next = step(self.active.get_untracked(), count, down);
        self.active.set(next);
        let Some(at) = next else { return };
        self.app.host.with_value(|host| {
            if let Some(option) = host.root.get_element_by_id(&option_id(at)) {
                let how = ScrollIntoViewOptions::new();
                how.set_block(ScrollLogicalPosition::Nearest);
                option.scroll_into_view_with_scroll_into_view_options(&how);
            }
        });
    }

    fn pick(self, person: Organizer) {
        self.app
            .say(self.app.fill(Word::PersonAdded, "name", &person.known_as()));
        self.app.edit(|draft| draft.people.push(person));
        self.query.set(String::new());
        self.close();
        self.app.focus("[data-field=co-organizers]");
    }

    fn remove(self, key: &str) {
        let app = self.app;
        let name = app.draft.with_untracked(|draft| {
            let person = draft.people.iter().find(|person| person.key == key);
            person.map(Organizer::known_as)
        });
        app.edit(|draft| draft.people.retain(|person| person.key != key));
        app.say(app.fill(Word::PersonRemoved, "name", &name.unwrap_or_default()));
        forgive(app, Spot::CoOrganizers);
        app.focus("[data-field=co-organizers]");
    }
}

fn failed(signed_off: bool) -> Word {
    if signed_off {
        Word::CodeSignOn
    } else {
        Word::PeopleFailed
    }
}

fn option_id(at: usize) -> String {
    ["people-", &at.to_string()].concat()
}

/// The option after (or before) `active` among `count`, going round through none.
fn step(active: Option<usize>, count: usize, down: bool) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match (active, down) {
        (None, true) => Some(0),
        (None, false) => Some(last),
        (Some(at), true) => Some(if at >= last { 0 } else { at + 1 }),
        (Some(at), false) => Some(if at == 0 { last } else { at - 1 }),
    }
}

/// A text with its hits in bold.
fn marked(text: &str, query: &str) -> El {
    hits(text, query)
        .into_iter()
        .fold(el("span"), |span, (is_hit, part)| {
            if is_hit {
                span.child(el("b").text(part))
            } else {
                span.text(part)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round() {
        assert_eq!(step(None, 3, true), Some(0));
        assert_eq!(step(None, 3, false), Some(2));
        assert_eq!(step(Some(2), 3, true), Some(0));
        assert_eq!(step(Some(0), 3, false), Some(2));
        assert_eq!(step(None, 0, true), None);
    }
}
