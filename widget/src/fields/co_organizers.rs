//! Co-organizers: an ARIA APG combobox with list autocomplete, chosen people as chips before it.
//!
//! The focus stays in the input; the active option is told by `aria-activedescendant`.

use goto_microapps_api::{Field, Organizer};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::hits::hits;
use super::picker::{Picker, Search, failed, option_id};
use super::{input, label, note, summary};
use crate::browser::text::typed;
use crate::browser::{clipboard, keys};
use crate::components::{El, Icon, el, icon, nothing, renewal};
use crate::words::Word;

/// The field.
pub(crate) fn view() -> El {
    let picker = Picker::new();
    el("div")
        .class("field")
        .child(
            label(Field::CoOrganizers, Word::CoOrganizers).child(
                el("span")
                    .class("muted")
                    .text(picker.widget.t(Word::Optional)),
            ),
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
                        .on("click", move |_| {
                            picker.widget.focus("[data-field=co-organizers]");
                        }),
                )
                .child(picker.list()),
        )
        .child(note(Field::CoOrganizers, Some(Word::PeopleHelp)))
}

impl Picker {
    fn is_open(self) -> bool {
        self.search.get() != Search::Closed
    }

    fn chips(self) -> El {
        let people = Memo::new(move |_| self.form.draft.read().people.clone());
        el("ul")
            .attr("aria-label", self.widget.t(Word::PeopleChosen))
            .region(move || {
                let wrong = self.form.wrong.read();
                let wrong = wrong.iter();
                let unknown: Vec<String> = wrong
                    .filter(|wrong| wrong.field == Field::CoOrganizers)
                    .flat_map(|wrong| wrong.values.clone())
                    .collect();
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
            .widget
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
        input(Field::CoOrganizers, "text")
            .class("")
            .attr("part", "")
            .attr("role", "combobox")
            .attr("aria-autocomplete", "list")
            .attr("aria-controls", "people-list")
            .attr("autocomplete", "off")
            .attr("autocapitalize", "off")
            .attr("spellcheck", "false")
            .attr("placeholder", self.widget.t(Word::PeoplePlaceholder))
            .flag("aria-expanded", move || self.is_open())
            .live("aria-activedescendant", move || {
                let active = self.active.get()?;
                self.is_open().then(|| option_id(active))
            })
            .value(move || self.form.draft.read().typed.clone())
            .on("input", move |event| self.type_text(typed(&event)))
            .on("paste", move |event| {
                // An input of one line would run the addresses of several into each other.
                if let Some(text) = clipboard::pasted(&event).filter(|text| text.contains('@')) {
                    event.prevent_default();
                    let before = self.query();
                    self.type_text([&*before, " ", &text, ";"].concat());
                }
            })
            .on("keydown", move |event| {
                if let (Some(key), Some(event)) = (keys::pressed(&event), event.dyn_ref()) {
                    self.key(&key, event);
                }
            })
            .on("blur", move |_| {
                self.close();
                if self.session.signed_in() && !self.query().is_empty() {
                    self.widget.spawn(async move {
                        self.form.take_typed().await;
                    });
                }
            })
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
                    .attr("aria-label", self.widget.t(Word::CoOrganizers))
                    .region(move || {
                        let query = self.asked.get_untracked();
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
            .attr("translate", "no")
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
        match self.search.get() {
            Search::Closed | Search::Found(None) => nothing(),
            Search::Running => el("div")
                .class("note")
                .child(el("span").class("spinner"))
                .text(self.widget.t(Word::PeopleSearching))
                .view(),
            Search::Empty(text) | Search::Found(Some(text)) => {
                el("div").class("note").text(text).view()
            }
            Search::Failed(signed_off) => el("div")
                .class("note")
                .text(self.widget.t(failed(signed_off)))
                .child(if signed_off {
                    renewal().class("link inline")
                } else {
                    el("span")
                })
                .child(
                    el("button")
                        .class("link inline")
                        .attr("type", "button")
                        .attr("tabindex", "-1")
                        .attr("data-action", "retry")
                        .text(self.widget.t(Word::Retry))
                        .on("click", move |_| self.look(0)),
                )
                .view(),
        }
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
