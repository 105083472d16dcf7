//! The times that may be chosen in a field; of an end how long the meeting is then.

use goto_microapps_api::Field;
use goto_microapps_api::form::wall::{self, DAY};
use leptos::prelude::*;

use super::when::length;
use crate::components::{El, el, nothing, option};
use crate::state::State;
use crate::state::time_field::TimeField;

/// The times.
pub(crate) fn view(field: TimeField) -> AnyView {
    let State { form, .. } = State::expect();
    let rows = move || {
        if !field.is_open.get() {
            return nothing();
        }
        let draft = form.draft.read();
        let start = wall::clock(&draft.start).filter(|_| field.field == Field::End);
        let times = field.offered(&draft).into_iter().enumerate();
        let rows: Vec<AnyView> = times
            .map(|(at, time)| row(field, at, time, start).view())
            .collect();
        rows.into_any()
    };
    rows.into_any()
}

fn row(field: TimeField, at: usize, time: i64, start: Option<i64>) -> El {
    option(field.list, at)
        .attr("data-clock", wall::clock_text(time))
        .child(el("span").text(field.written(time)))
        .children(start.map(|start| {
            el("span")
                .class("muted")
                .text(length((time - start).rem_euclid(DAY)))
        }))
        .on("click", move |_| field.choose(time))
}
