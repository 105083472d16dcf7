//! Password: a switch. GoTo's API takes no password; it asks the organizer at the start.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::components::{El, el};
use crate::state::State;
use crate::words::Word;

/// The field.
pub(crate) fn view() -> El {
    let State { widget, form, .. } = State::expect();
    el("label")
        .class("switch")
        .child(
            el("input")
                .attr("type", "checkbox")
                .attr("role", "switch")
                .attr("data-field", "password")
                .attr("aria-labelledby", "password-label")
                .attr("aria-describedby", "password-note")
                .property("checked", move || form.draft.read().password)
                .on("change", move |event| {
                    let input: Option<HtmlInputElement> =
                        event.target().and_then(|target| target.dyn_into().ok());
                    let on = input.is_some_and(|input| input.checked());
                    form.edit(|draft| draft.password = on);
                }),
        )
        .child(
            el("strong")
                .attr("id", "password-label")
                .text(widget.t(Word::Password)),
        )
        .child(
            el("span")
                .class("help")
                .attr("id", "password-note")
                .text(widget.t(Word::PasswordHelp)),
        )
}
