//! An input with a list to choose from: the combobox pattern of the ARIA Authoring Practices Guide.
//! What the list shows comes with the module of what is shown later.

use leptos::prelude::*;

use super::later::{Later, Module, Part};
use super::{El, el, nothing};
use crate::state::State;
use crate::state::listbox::Listbox;
use crate::words::Word;

/// Makes `input` the box of `list`.
pub(crate) fn combobox(
    input: El,
    list: Listbox,
    is_open: impl Fn() -> bool + Send + Copy + 'static,
) -> El {
    input
        .attr("role", "combobox")
        .attr("aria-autocomplete", "list")
        .attr("aria-controls", list.id())
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .attr("spellcheck", "false")
        .flag("aria-expanded", is_open)
        .live("aria-activedescendant", move || {
            let active = list.active.get()?;
            is_open().then(|| list.option_id(active))
        })
}

/// What is shown under the box while it is open: `options`, and under them what is `said` of them.
pub(crate) fn suggestions(
    list: Listbox,
    label: String,
    is_open: impl Fn() -> bool + Send + Copy + 'static,
    (options, said): (Part, Option<Part>),
) -> El {
    let later = Later::expect();
    let rows = move || match later.module.get() {
        Module::There(view) => view(options),
        _ => nothing(),
    };
    list_box(list, label, is_open, said.is_some(), rows).region(move || {
        match (later.module.get(), said) {
            (Module::There(_), None) => nothing(),
            (Module::There(view), Some(said)) => view(said),
            (Module::Missing(_), _) => later.part(options),
            (Module::Awaited, _) => searching().view(),
        }
    })
}

/// The list itself, with its `rows`; `speaks` when something else than options can be in it.
pub(crate) fn list_box(
    list: Listbox,
    label: String,
    is_open: impl Fn() -> bool + Send + Copy + 'static,
    speaks: bool,
    rows: impl FnMut() -> AnyView + Send + 'static,
) -> El {
    // Where nothing but options can be in it, a closed one is no list.
    let is_list = move || speaks || is_open();
    let rows = el("ul")
        .attr("id", list.id())
        .live("role", move || is_list().then(|| "listbox".to_owned()))
        .live("aria-label", move || is_list().then(|| label.clone()))
        .region(rows);
    el("div")
        .class("list")
        .attr("part", "list")
        .hidden(move || !is_open())
        // Keeps the focus in the input while the list is used with a pointer.
        .on("mousedown", |event| event.prevent_default())
        .child(rows)
}

/// One option, to be filled.
pub(crate) fn option(list: Listbox, at: usize) -> El {
    el("li")
        .class("option")
        .attr("role", "option")
        .attr("id", list.option_id(at))
        .flag("aria-selected", move || list.active.get() == Some(at))
}

/// Options are on their way.
pub(crate) fn searching() -> El {
    let State { widget, .. } = State::expect();
    el("div")
        .class("note")
        .child(el("span").class("spinner"))
        .text(widget.t(Word::PeopleSearching))
}
