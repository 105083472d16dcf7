//! The fields of *Create meeting*, and what they share: label, help, error.

pub(crate) mod co_organizers;
mod hits;
pub(crate) mod password;
mod picker;
pub(crate) mod subject;
pub(crate) mod summary;
pub(crate) mod when;

use leptos::prelude::*;

use crate::components::{El, Icon, el, icon, nothing};
use crate::state::State;
use crate::state::draft::Spot;
use crate::words::Word;

/// An input wired to its label, its note and its error.
fn input(spot: Spot, kind: &'static str) -> El {
    let State { form, .. } = State::expect();
    el("input")
        .class("input")
        .attr("part", "field")
        .attr("type", kind)
        .attr("id", spot.name())
        .attr("data-field", spot.name())
        .attr("aria-describedby", note_id(spot))
        .live("aria-invalid", move || {
            form.is_wrong(spot).then(|| "true".to_owned())
        })
}

fn note_id(spot: Spot) -> String {
    [spot.name(), "-note"].concat()
}

fn label(spot: Spot, word: Word) -> El {
    let State { widget, .. } = State::expect();
    el("label")
        .class("label")
        .attr("for", spot.name())
        .child(el("span").text(widget.t(word)))
}

/// The place under a field: its error, or else its help.
fn note(spot: Spot, help: Option<Word>) -> El {
    let State { widget, form, .. } = State::expect();
    el("div").attr("id", note_id(spot)).region(move || {
        let wrong = form.wrong.read();
        let wrong = wrong.iter().find(|wrong| wrong.spot == spot);
        let text = wrong.map(|wrong| widget.fill(wrong.word, "typed", &wrong.values.join(", ")));
        match (text, help) {
            (Some(text), _) => el("p")
                .class("error")
                .attr("data-error-for", spot.name())
                .child(icon(Icon::Warning))
                .child(el("span").text(text))
                .view(),
            (None, Some(help)) => el("p").class("help").text(widget.t(help)).view(),
            (None, None) => nothing(),
        }
    })
}
