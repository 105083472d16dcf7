//! The fields of *Create meeting*, and what they share: label, help, error.

mod addresses;
pub(crate) mod co_organizers;
mod hits;
pub(crate) mod password;
mod picker;
pub(crate) mod subject;
pub(crate) mod summary;
mod typed_people;
pub(crate) mod when;

use js_sys::{JsString, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Event;

use crate::app::App;
use crate::components::{El, Icon, el, icon, nothing};
use crate::draft::Spot;
use crate::host;
use crate::words::Word;

/// Text of the input an event came from.
pub(crate) fn typed(event: &Event) -> String {
    event
        .target()
        .and_then(|target| Reflect::get(&target, &"value".into()).ok())
        .and_then(|value| value.dyn_into::<JsString>().ok())
        .map(|value| host::whole(&value))
        .unwrap_or_default()
}

/// Whether `spot` is wrong.
fn is_wrong(app: App, spot: Spot) -> bool {
    app.wrong
        .with(|wrong| wrong.iter().any(|wrong| wrong.spot == spot))
}

/// Takes the message of `spot` back: it is being corrected.
fn forgive(app: App, spot: Spot) {
    if app
        .wrong
        .with_untracked(|wrong| wrong.iter().any(|wrong| wrong.spot == spot))
    {
        app.wrong
            .update(|wrong| wrong.retain(|wrong| wrong.spot != spot));
    }
}

/// An input wired to its label, its note and its error.
fn input(app: App, spot: Spot, kind: &'static str) -> El {
    el("input")
        .class("input")
        .attr("part", "field")
        .attr("type", kind)
        .attr("id", spot.name())
        .attr("data-field", spot.name())
        .attr("aria-describedby", note_id(spot))
        .live("aria-invalid", move || {
            is_wrong(app, spot).then(|| "true".to_owned())
        })
}

fn note_id(spot: Spot) -> String {
    [spot.name(), "-note"].concat()
}

fn label(app: App, spot: Spot, word: Word) -> El {
    el("label")
        .class("label")
        .attr("for", spot.name())
        .child(el("span").text(app.t(word)))
}

/// The place under a field: its error, or else its help.
fn note(app: App, spot: Spot, help: Option<Word>) -> El {
    el("div").attr("id", note_id(spot)).region(move || {
        let text = app.wrong.with(|wrong| {
            let wrong = wrong.iter().find(|wrong| wrong.spot == spot)?;
            Some(app.fill(wrong.word, "typed", &wrong.values.join(", ")))
        });
        match (text, help) {
            (Some(text), _) => el("p")
                .class("error")
                .attr("data-error-for", spot.name())
                .child(icon(Icon::Warning))
                .child(el("span").text(text))
                .view(),
            (None, Some(help)) => el("p").class("help").text(app.t(help)).view(),
            (None, None) => nothing(),
        }
    })
}
