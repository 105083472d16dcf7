//! A row of choices that is one stop of the Tab key: arrows go along it (toolbar pattern of the ARIA
//! Authoring Practices Guide).

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use super::{El, el};
use crate::browser::keys;

/// The `chips`, buttons to be; at most one of them is chosen.
pub(crate) fn chip_row<const COUNT: usize>(
    label: String,
    is_chosen: impl Fn(usize) -> bool + Send + Copy + 'static,
    chips: [El; COUNT],
) -> El {
    let mut at = 0;
    let chips = chips.map(|chip| {
        let this = at;
        at += 1;
        // Where none is chosen, the first one is the stop.
        let is_stop = move || match (0..COUNT).find(|at| is_chosen(*at)) {
            Some(chosen) => chosen == this,
            None => this == 0,
        };
        chip.attr("part", "chip")
            .attr("type", "button")
            .flag("aria-pressed", move || is_chosen(this))
            .live("tabindex", move || {
                Some(if is_stop() { "0" } else { "-1" }.to_owned())
            })
    });
    el("div")
        .class("row")
        .attr("role", "group")
        .attr("aria-label", label)
        .children(chips)
        .on("keydown", |event| {
            let key = keys::pressed(&event);
            if let Some(forward) = key.and_then(|key| direction(&key))
                && let Some(chip) = neighbour(&event, forward)
            {
                event.prevent_default();
                let _ = chip.focus();
            }
        })
}

fn direction(key: &str) -> Option<bool> {
    match key {
        "ArrowRight" | "ArrowDown" => Some(true),
        "ArrowLeft" | "ArrowUp" => Some(false),
        _ => None,
    }
}

/// The chip beside the one with the focus, going round.
fn neighbour(event: &Event, forward: bool) -> Option<HtmlElement> {
    let chip: Element = event.target()?.dyn_into().ok()?;
    let row = chip.parent_element()?;
    let beside = |chip: &Element| {
        if forward {
            chip.next_element_sibling()
                .or_else(|| row.first_element_child())
        } else {
            chip.previous_element_sibling()
                .or_else(|| row.last_element_child())
        }
    };
    let mut next = beside(&chip)?;
    // Where there is little room, some are not shown.
    while next.client_width() == 0 && next != chip {
        next = beside(&next)?;
    }
    next.dyn_into().ok()
}
