//! The time zone: typed or chosen, an IANA name or a city.

use goto_microapps_api::Field;
use leptos::prelude::*;

use super::{input, label, note};
use crate::browser::text::typed;
use crate::components::el;
use crate::moment;
use crate::state::State;
use crate::state::message::Message;
use crate::words::Word;

/// The field; `open` keeps it on the page.
pub(crate) fn view(open: RwSignal<bool>) -> AnyView {
    let State { widget, form, .. } = State::expect();
    el("div")
        .class("field zone-field")
        .child(label(Field::TimeZone, Word::TimeZone))
        .child(
            input(Field::TimeZone, "text")
                .attr("list", "zones")
                .attr("autocomplete", "off")
                .attr("autocapitalize", "off")
                .attr("spellcheck", "false")
                .value(move || form.draft.read().zone.clone())
                .on("change", move |event| {
                    let typed = typed(&event);
                    let found = moment::find_zone(&typed);
                    form.wrong.update(|wrong| {
                        wrong.retain(|wrong| wrong.field != Field::TimeZone);
                        if found.is_none() && !moment::may_be_zone(&typed) {
                            wrong.push(Message::new(Field::TimeZone, Word::FieldTimeZone));
                        }
                    });
                    form.forgive(Field::Start);
                    form.forgive(Field::End);
                    // Stays open when it is no guess any more: the focus is in it.
                    open.set(true);
                    let zone = found.unwrap_or(typed);
                    let now = moment::is_zone(&zone).then(|| moment::now_wall(&zone));
                    form.edit(|draft| draft.take_zone(zone, now));
                }),
        )
        .child(
            el("datalist").attr("id", "zones").children(
                moment::zones()
                    .into_iter()
                    .map(|zone| el("option").attr("value", zone)),
            ),
        )
        .child(
            el("p")
                .class("help")
                .attr("data-part-text", "guess")
                .hidden(move || !form.draft.read().guessed)
                .text(widget.t(Word::TimeZoneGuess)),
        )
        .child(note(Field::TimeZone, Some(Word::TimeZoneHelp)))
        .view()
}
