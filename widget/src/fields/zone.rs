//! The time zone: a combobox over what the proxy knows zones by.

use goto_microapps_api::{Field, ZoneHit, format};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::hits::marked;
use super::when::zone_city;
use super::{input, label};
use crate::browser::keys;
use crate::browser::text::{has_focus, select, typed};
use crate::components::{El, combobox, el, list_box, nothing, option};
use crate::moment;
use crate::state::State;
use crate::state::zone_field::ZoneField;
use crate::words::Word;

/// The field.
pub(crate) fn view() -> AnyView {
    let State { widget, form, .. } = State::expect();
    let zone = ZoneField::new(widget, form);
    let is_open = move || zone.is_open.get();
    let text = move || match zone.typed() {
        Some(typed) => typed,
        None => shown(&form.draft.read().zone),
    };
    let offset = move || {
        let draft = form.draft.read();
        if zone.typed().is_some() || !moment::is_zone(&draft.zone) {
            return String::new();
        }
        let wall = draft.start_wall();
        let start = wall.and_then(|wall| moment::instant(&draft.zone, wall, draft.start_fold));
        let offset = moment::offset(&draft.zone, start.unwrap_or_else(moment::now));
        let offset = format::utc_offset(draft.counted.map_or(offset, |(_, offset)| offset));
        // Where the field says nothing else.
        if shown(&draft.zone) == offset {
            return String::new();
        }
        offset
    };
    let input = input(Field::TimeZone, "text")
        .attr("dir", "auto")
        .live("data-zone", move || Some(form.draft.read().zone.clone()))
        .value(text)
        .on("input", move |event| {
            zone.type_text(typed(&event), has_focus(&event));
        })
        .on("click", move |event| {
            zone.open();
            // Typing replaces it, as after the Tab key.
            select(&event);
        })
        .on("change", move |_| zone.settle())
        .on("blur", move |_| zone.leave())
        .on("keydown", move |event| {
            if let (Some(key), Some(event)) = (keys::pressed(&event), event.dyn_ref()) {
                zone.key(&key, event);
            }
        });
    let rows = move || {
        if !is_open() {
            return nothing();
        }
        let caption = caption().view();
        let query = zone.asked.get_untracked();
        let hits = zone.hits.get().into_iter().enumerate();
        let rows = hits.map(|(at, hit)| zone.row(at, &hit, &query).view());
        core::iter::once(caption)
            .chain(rows)
            .collect_view()
            .into_any()
    };
    el("div")
        .class("cell zone")
        .child(label(Field::TimeZone, Word::TimeZone))
        .child(
            el("div")
                .class("value")
                .child(combobox(input, zone.list, is_open))
                .child(
                    el("span")
                        .class("hint")
                        .attr("dir", "auto")
                        .live_text(offset),
                ),
        )
        .child(list_box(
            zone.list,
            widget.t(Word::TimeZone),
            is_open,
            false,
            rows,
        ))
        .view()
}

/// A zone as its field shows it; what is none as it was typed.
fn shown(zone: &str) -> String {
    if moment::is_zone(zone) {
        zone_city(zone)
    } else {
        zone.to_owned()
    }
}

/// `When it is 14:00 in Paris`: nobody plans by the time it is now.
fn caption() -> El {
    let State { widget, form, .. } = State::expect();
    let draft = form.draft.read_untracked();
    let time = draft.start_wall().map_or_else(String::new, |wall| {
        moment::wall_time(&widget.locale(), wall)
    });
    let text = widget.fill(Word::ZonesWhen, "place", &shown(&draft.zone));
    el("li")
        .class("note")
        .attr("role", "presentation")
        .text(crate::words::fill(&text, "time", &time))
}

impl ZoneField {
    fn row(self, at: usize, hit: &ZoneHit, query: &str) -> El {
        let State { widget, .. } = State::expect();
        let there = self.start() / 60_000 + hit.offset;
        let name = hit.name.clone();
        option(self.list, at)
            .attr("data-zone", &*hit.name)
            .child(marked(&hit.place, query))
            .child(
                el("span")
                    .class("clock")
                    .text(moment::wall_time(&widget.locale(), there)),
            )
            .child(el("span").class("muted").text(&hit.time))
            .child(
                el("span")
                    .class("muted")
                    .text(format::utc_offset(hit.offset)),
            )
            .on("click", move |_| self.choose(name.clone()))
    }
}
