//! The times that may be chosen in a field; of an end how long the meeting is then.

use goto_microapps_api::Field;
use goto_microapps_api::form::wall::{self, DAY};
use leptos::prelude::*;

use super::when::length;
use crate::components::{El, el, nothing, option};
use crate::state::State;
use crate::state::time_field::TimeField;
use crate::words::Word;

/// The times.
pub(crate) fn view(field: Field) -> AnyView {
    let state = State::expect();
    let State { form, .. } = state;
    let time_field = state.time(field);
    let rows = move || {
        if !time_field.is_open.get() {
            return nothing();
        }
        let draft = form.draft.read();
        let start = wall::clock(&draft.start).filter(|_| field == Field::End);
        let usual = time_field.usual(&draft);
        let times = time_field.offered(&draft).into_iter().enumerate();
        let rows: Vec<AnyView> = times
            .map(|(at, time)| {
                let is_usual = usual.contains(&time);
                time_field.row(at, time, (start, is_usual)).view()
            })
            .collect();
        rows.into_any()
    };
    rows.into_any()
}

impl TimeField {
    fn row(self, at: usize, time: i64, (start, is_usual): (Option<i64>, bool)) -> El {
        let State { widget, .. } = State::expect();
        let usual = is_usual.then(|| {
            el("span")
                .class("muted usual")
                .text(widget.t(Word::TimeUsual))
        });
        option(self.list, at)
            .attr("data-clock", wall::clock_text(time))
            .child(el("span").text(self.written(time)))
            .children(start.map(|start| {
                el("span")
                    .class("muted")
                    .attr("dir", "auto")
                    .text(length((time - start).rem_euclid(DAY)))
            }))
            .children(usual)
            .on("click", move |_| self.choose(time))
    }
}
