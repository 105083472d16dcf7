//! The fields of *Create meeting*, and what they share: label, help, error.

mod days;
mod hits;
mod initials;
pub(crate) mod password;
pub(crate) mod people;
pub(crate) mod people_list;
pub(crate) mod result;
pub(crate) mod subject;
pub(crate) mod times_list;
pub(crate) mod two_clocks;
pub(crate) mod when;
pub(crate) mod zone;

use goto_microapps_api::Field;
use leptos::prelude::*;

use crate::components::{El, Icon, el, icon, nothing};
use crate::state::State;
use crate::state::message::name;
use crate::words::Word;

/// An input wired to its label, its note and its error.
fn input(field: Field, kind: &'static str) -> El {
    let State { form, .. } = State::expect();
    el("input")
        .class("input")
        .attr("part", "field")
        .attr("type", kind)
        .attr("id", name(field))
        .attr("data-field", name(field))
        .attr("aria-describedby", note_id(field))
        .live("aria-invalid", move || {
            form.is_wrong(field).then(|| "true".to_owned())
        })
}

fn note_id(field: Field) -> String {
    [name(field), "-note"].concat()
}

fn label(field: Field, word: Word) -> El {
    let State { widget, .. } = State::expect();
    el("label")
        .class("label")
        .attr("for", name(field))
        .child(el("span").text(widget.t(word)))
}

/// The place under a field: its error, or else its help.
fn note(field: Field, help: Option<Word>) -> El {
    let State { widget, form, .. } = State::expect();
    el("div").attr("id", note_id(field)).region(move || {
        let wrong = form.wrong.read();
        let wrong = wrong.iter().find(|wrong| wrong.field == field);
        let text =
            wrong.map(|wrong| widget.fill(wrong.word, "typed", &widget.listed(&wrong.values)));
        match (text, help) {
            (Some(text), _) => el("p")
                .class("error")
                .attr("data-error-for", name(field))
                .child(icon(Icon::Warning))
                .child(el("span").text(text))
                .view(),
            (None, Some(help)) => el("p").class("help").text(widget.t(help)).view(),
            (None, None) => nothing(),
        }
    })
}
