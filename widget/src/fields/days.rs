//! The day: today, tomorrow, the two working days after that, or another one.

use goto_microapps_api::Field;
use goto_microapps_api::form::wall;
use leptos::prelude::*;

use super::input;
use crate::browser::text::typed;
use crate::components::{El, Icon, chip_row, el, icon, nothing};
use crate::moment;
use crate::state::State;
use crate::words::Word;

/// How many days have a tile of their own.
const TILES: usize = 4;

/// The tiles.
pub(super) fn view() -> El {
    let State { widget, form, .. } = State::expect();
    let days =
        move || wall::next_days(moment::now_wall(&form.draft.read().zone).div_euclid(wall::DAY));
    let is_chosen = move |at: usize| form.draft.read().day() == Some(days()[at]);
    let tiles: [El; TILES] = core::array::from_fn(|at| {
        el("button")
            .class("tile")
            .attr("data-day", at.to_string())
            .child(el("b").live_text(move || moment::day_name(&widget.locale(), days()[at], at)))
            .child(el("span").live_text(move || moment::day_date(&widget.locale(), days()[at])))
            .on("click", move |_| {
                let day = untrack(days)[at];
                form.forgive_times();
                form.edit(|draft| draft.choose_day(day));
            })
    });
    // The day in the calendar, unless it is one of the tiles or none.
    let other = move || {
        let day = form.draft.read().day();
        day.filter(|day| !days().contains(day))
    };
    el("div")
        .class("days")
        .child(chip_row(widget.t(Word::Date), is_chosen, tiles))
        .child(another(other))
}

/// Any other day: the browser's own calendar, behind a tile like the others.
fn another(day: impl Fn() -> Option<i64> + Send + Copy + 'static) -> El {
    let State { widget, form, .. } = State::expect();
    let name = move || match day() {
        Some(day) => moment::day_name(&widget.locale(), day, TILES),
        None => widget.t(Word::OtherDay),
    };
    el("label")
        .class("tile")
        .flag("data-chosen", move || day().is_some())
        .child(el("b").live_text(name))
        .region(move || match day() {
            Some(day) => el("span")
                .text(moment::day_date(&widget.locale(), day))
                .view(),
            None if form.draft.read().day().is_some() => icon(Icon::Calendar),
            None => nothing(),
        })
        .child(
            input(Field::Date, "date")
                .class("over")
                .attr("aria-required", "true")
                .value(move || form.draft.read().date.clone())
                .on("input", move |event| {
                    form.forgive_times();
                    let text = typed(&event);
                    form.edit(|draft| draft.type_date(text));
                }),
        )
}
