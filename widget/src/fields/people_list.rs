//! Who may be chosen: the people whom a search found, or what became of it.

use goto_microapps_api::{Field, Organizer};
use leptos::prelude::*;

use super::hits::marked;
use super::initials;
use crate::components::{El, button, el, nothing, option, renewal, searching};
use crate::state::State;
use crate::state::picker::{Picker, Search, failed};
use crate::words::Word;

/// The people.
pub(crate) fn view(field: Field) -> AnyView {
    let picker = State::expect().picker(field);
    let rows = move || {
        let query = picker.asked.get_untracked();
        let people = picker.options.get().into_iter().enumerate();
        let rows: Vec<AnyView> = people
            .map(|(at, person)| picker.row(at, person, &query).view())
            .collect();
        rows.into_any()
    };
    rows.into_any()
}

impl Picker {
    fn row(self, at: usize, person: Organizer, query: &str) -> El {
        option(self.list, at)
            .attr("data-key", person.key.as_str())
            .attr("translate", "no")
            .child(initials::mark(&person.name))
            .child(
                el("span")
                    .class("who")
                    .child(marked(&person.name, query))
                    .children(
                        // Who has no name is known by the address.
                        (person.email != person.name)
                            .then(|| marked(&person.email, query).class("muted")),
                    )
                    .children((!person.group.is_empty()).then(|| {
                        el("span")
                            .class("muted group")
                            .attr("dir", "auto")
                            .text(&person.group)
                    })),
            )
            .on("click", move |_| self.pick(person.clone()))
    }
}

/// What is going on, for eyes; ears get it from the live region.
pub(crate) fn search(field: Field) -> AnyView {
    let state = State::expect();
    let (picker, widget) = (state.picker(field), state.widget);
    let said = move || match picker.search.get() {
        Search::Closed | Search::Found(None) => nothing(),
        Search::Running => searching().view(),
        Search::Empty(text) | Search::Found(Some(text)) => {
            el("div").class("note").text(text).view()
        }
        Search::Recent => el("div")
            .class("note")
            .text(widget.t(Word::PeopleRecent))
            .child(
                button("forget-recent", "link inline", Word::PeopleForget)
                    .on("click", move |_| picker.forget_recent())
                    .on("blur", move |_| picker.close()),
            )
            .view(),
        Search::Failed(signed_off) => el("div")
            .class("note")
            .text(widget.t(failed(signed_off)))
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
                    .text(widget.t(Word::Retry))
                    .on("click", move |_| picker.look(0)),
            )
            .view(),
    };
    el("div").region(said).view()
}
