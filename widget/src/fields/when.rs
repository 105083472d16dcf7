//! *When*: day, start, end and zone in one slip, with the questions two clocks a year raise.

use goto_microapps_api::form::wall;
use goto_microapps_api::{Field, format};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{days, input, label, note};
use crate::browser::keys;
use crate::browser::text::{has_focus, select, typed};
use crate::components::{El, Later, Module, Part, button, combobox, el, suggestions};
use crate::moment;
use crate::state::State;
use crate::words::{Word, fill};

/// The fields.
pub(crate) fn view() -> El {
    let State { widget, form, .. } = State::expect();
    let later = Later::expect();
    let next_day = el("p")
        .class("help")
        .hidden(move || !form.draft.read().ends_next_day())
        .live_text(move || {
            let end = form.draft.read().end_wall().unwrap_or_default();
            let day = moment::wall_day(&widget.locale(), end);
            widget.fill(Word::NextDay, "day", &day)
        });
    el("div")
        .class("field")
        .attr("role", "group")
        .attr("aria-labelledby", "when")
        .child(
            el("div")
                .class("label")
                .child(el("span").attr("id", "when").text(widget.t(Word::When)))
                .child(
                    button("meet-now", "link inline", Word::MeetNow)
                        .on("click", move |_| form.meet_now()),
                ),
        )
        .child(
            el("div").class("slip").child(days::view()).child(
                el("div")
                    .class("cells")
                    .child(time(Field::Start, Word::StartTime))
                    .child(time(Field::End, Word::EndTime))
                    .region(move || match later.module.get() {
                        Module::There(view) => view(Part::TimeZone),
                        _ => zone_at_rest().view(),
                    }),
            ),
        )
        .child(
            el("div")
                .class("notes")
                .child(note(Field::Date, None))
                .child(note(Field::Start, None))
                .region(move || later.part(Part::Choices(Field::Start)))
                .child(note(Field::End, None))
                .region(move || later.part(Part::Choices(Field::End)))
                .child(next_day)
                .child(
                    el("p")
                        .class("help")
                        .attr("data-part-text", "guess")
                        .hidden(move || !form.draft.read().guessed)
                        .text(widget.t(Word::TimeZoneGuess)),
                )
                .child(note(Field::TimeZone, None)),
        )
}

/// The time zone until its field is there.
fn zone_at_rest() -> El {
    let State { widget, form, .. } = State::expect();
    el("div")
        .class("cell zone")
        .child(
            el("span")
                .class("label")
                .child(el("span").text(widget.t(Word::TimeZone))),
        )
        .child(
            el("div")
                .class("value")
                .child(el("span").live_text(move || zone_city(&form.draft.read().zone))),
        )
}

/// The place a zone is named after; of one that is no place the offset.
pub(super) fn zone_city(zone: &str) -> String {
    match format::city(zone) {
        city if city.is_empty() => format::utc_offset(moment::offset(zone, moment::now())),
        city => city,
    }
}

fn time(field: Field, word: Word) -> El {
    let state = State::expect();
    let State { widget, form, .. } = state;
    let time = state.time(field);
    let input = input(field, "text")
        .attr("aria-required", "true")
        .attr("dir", "auto")
        .live("data-clock", move || {
            time.time(&form.draft.read()).map(wall::clock_text)
        })
        .value(move || time.text())
        .on("input", move |event| {
            time.type_text(typed(&event), has_focus(&event));
        })
        .on("click", move |event| {
            time.open();
            // Typing replaces it, as after the Tab key.
            select(&event);
        })
        .on("blur", move |_| time.leave())
        .on("keydown", move |event| {
            if let (Some(key), Some(event)) = (keys::pressed(&event), event.dyn_ref()) {
                time.key(&key, event);
            }
        });
    let is_open = move || time.is_open.get();
    let minutes = move || {
        let minutes = form.draft.read().minutes();
        minutes.filter(|_| field == Field::End)
    };
    el("div")
        .class("cell")
        .child(label(field, word))
        .child(
            el("div")
                .class("value")
                .child(combobox(input, time.list, is_open))
                .child(
                    el("span")
                        .class("hint")
                        .attr("dir", "auto")
                        .live("data-duration", move || {
                            minutes().map(|minutes| minutes.to_string())
                        })
                        .live_text(move || minutes().map(length).unwrap_or_default()),
                ),
        )
        .child(suggestions(
            time.list,
            widget.t(word),
            is_open,
            (Part::Times(field), None),
        ))
}

/// A length as people say it.
pub(super) fn length(minutes: i64) -> String {
    let State { widget, .. } = State::expect();
    let (hours, rest) = ((minutes / 60).to_string(), (minutes % 60).to_string());
    match (minutes / 60, minutes % 60) {
        (0, _) => widget.fill(Word::Minutes, "minutes", &rest),
        (_, 0) => widget.fill(Word::Hours, "hours", &hours),
        _ => fill(
            &widget.fill(Word::HoursMinutes, "hours", &hours),
            "minutes",
            &rest,
        ),
    }
}
