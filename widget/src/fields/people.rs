//! A field of people, co-organizers or participants: an ARIA APG combobox with list autocomplete, chosen
//! people as chips before it.
//!
//! Who may be chosen is in [`super::people_list`].

use goto_microapps_api::{Field, Organizer};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{initials, input, label, note};
use crate::browser::text::typed;
use crate::browser::{clipboard, focus, keys};
use crate::components::{El, Icon, Part, combobox, el, icon, suggestions};
use crate::state::State;
use crate::state::message::selector;
use crate::state::picker::{Picker, Search};
use crate::words::Word;

/// The field.
pub(crate) fn view(field: Field) -> El {
    let picker = State::expect().picker(field);
    let (word, help) = match field {
        Field::Participants => (Word::Participants, Word::ParticipantsHelp),
        _ => (Word::CoOrganizers, Word::PeopleHelp),
    };
    el("div")
        .class("field")
        .child(
            label(field, word).child(
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
                        .child(picker.search())
                        .on("click", move |_| {
                            picker.widget.focus(selector(field));
                            picker.press();
                        }),
                )
                .child(suggestions(
                    picker.list,
                    picker.widget.t(word),
                    move || picker.is_open(),
                    (Part::People(field), Some(Part::PeopleSearch(field))),
                )),
        )
        .child(note(field, Some(help)))
}

impl Picker {
    fn is_open(self) -> bool {
        self.search.get() != Search::Closed
    }

    fn chips(self) -> El {
        let chosen = match self.field {
            Field::Participants => Word::Participants,
            _ => Word::PeopleChosen,
        };
        let people = Memo::new(move |_| self.form.draft.read().chosen(self.field).clone());
        el("ul")
            .attr("aria-label", self.widget.t(chosen))
            .region(move || {
                let wrong = self.form.wrong.read();
                let wrong = wrong.iter();
                let unknown: Vec<String> = wrong
                    .filter(|wrong| wrong.field == self.field)
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
            .children((self.field == Field::CoOrganizers).then(|| initials::mark(&person.name)))
            .child(named(&person))
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

    fn search(self) -> El {
        let input =
            input(self.field, "text")
                .class("")
                .attr("part", "")
                .live("placeholder", move || {
                    let is_empty = self.form.draft.read().chosen(self.field).is_empty();
                    is_empty.then(|| self.widget.t(Word::PeoplePlaceholder))
                });
        combobox(input, self.list, move || self.is_open())
            .value(move || self.form.draft.read().typed_people(self.field).clone())
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
            .on("blur", move |event| {
                // On the way to a button of the list, it stays open.
                if focus::goes_to(&event, "[data-action=forget-recent]") {
                    return;
                }
                self.close();
                let may_take = self.field == Field::Participants || self.session.signed_in();
                if may_take && !self.query().is_empty() {
                    self.take_typed();
                }
            })
    }
}

/// A person, with the address where the name does not say who it is.
fn named(person: &Organizer) -> El {
    let name = el("div").attr("translate", "no").text(person.name.as_str());
    if person.namesake {
        name.text(" ")
            .child(el("span").class("email").text(person.email.as_str()))
    } else {
        name
    }
}
