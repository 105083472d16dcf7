//! What may be chosen in the place of a time that a clock does not show, shows twice, or that is far from
//! the other one.

use goto_microapps_api::form::Draft;
use goto_microapps_api::form::wall::{self, Instants};
use goto_microapps_api::{Field, Fold, LocalDateTime, format, must_be_chosen};
use leptos::prelude::*;

use super::when::length;
use crate::components::{El, el, nothing};
use crate::moment;
use crate::state::State;
use crate::state::message::{name, selector};
use crate::words::{Word, fill};

/// The choices.
pub(crate) fn view(field: Field) -> AnyView {
    let State { widget, form, .. } = State::expect();
    let wall = move |draft: &Draft| match field {
        Field::Start => draft.start_wall(),
        _ => draft.end_wall(),
    };
    let twice = Memo::new(move |_| {
        // What the proxy says counts more than what the browser knows.
        let told = values(field, |word| word == Word::FieldTimeAmbiguous);
        if let [first, second] = &told[..] {
            let offset = |text: &str| format::utc_offset(text.parse().unwrap_or_default());
            return Some((offset(first), offset(second)));
        }
        let draft = form.draft.read();
        let offset = |at| format::utc_offset(moment::offset(&draft.zone, at));
        match moment::instants(&draft.zone, wall(&draft)?) {
            Instants::Two(first, second) => Some((offset(first), offset(second))),
            _ => None,
        }
    });
    let radios = move || match twice.get() {
        None => nothing(),
        Some((first, second)) => el("div")
            .class("choices")
            .attr("role", "radiogroup")
            .attr("aria-label", widget.t(Word::FieldTimeAmbiguous))
            .child(radio(field, Fold::Earlier, first))
            .child(radio(field, Fold::Later, second))
            .view(),
    };
    let nearest = move || {
        let values = values(field, |word| {
            matches!(word, Word::FieldTimeSkipped | Word::FieldLong)
        });
        if values.is_empty() {
            return nothing();
        }
        el("div")
            .class("choices")
            .children(
                values
                    .into_iter()
                    .filter_map(|value| nearest_time(field, &value)),
            )
            .view()
    };
    el("div").region(nearest).region(radios).view()
}

/// What goes with the message of `field`, if it is such a one.
fn values(field: Field, is: fn(Word) -> bool) -> Vec<String> {
    let State { form, .. } = State::expect();
    let wrong = form.wrong.read();
    let found = wrong
        .iter()
        .find(|wrong| wrong.field == field && is(wrong.word));
    found.map(|wrong| wrong.values.clone()).unwrap_or_default()
}

/// *Use 13:30*; of an end that is far away its day and what it makes of the meeting.
fn use_time(field: Field, wall: i64) -> String {
    let State { widget, form, .. } = State::expect();
    let time = moment::wall_time(&widget.locale(), wall);
    let start = form.draft.read_untracked().start_wall().unwrap_or(wall);
    let clock = |wall: i64| wall.rem_euclid(wall::DAY);
    if field != Field::End || !must_be_chosen(clock(start), clock(wall)) {
        return widget.fill(Word::UseTime, "time", &time);
    }
    let day = moment::wall_day(&widget.locale(), wall);
    let text = fill(&widget.fill(Word::UseLong, "day", &day), "time", &time);
    fill(&text, "length", &length(wall - start))
}

fn nearest_time(field: Field, value: &str) -> Option<El> {
    let State { widget, form, .. } = State::expect();
    let time: LocalDateTime = value.get(..16)?.parse().ok()?;
    let wall = wall::to_wall(time);
    let button = el("button")
        .class("chip")
        .attr("part", "chip")
        .attr("type", "button")
        .attr("data-time", value)
        .text(use_time(field, wall))
        .on("click", move |_| {
            form.forgive(field);
            form.edit(|draft| {
                if field == Field::Start {
                    draft.fresh = false;
                    draft.move_on(wall);
                } else {
                    draft.choose_end(wall);
                }
            });
            widget.focus(selector(field));
        });
    Some(button)
}

fn radio(field: Field, fold: Fold, offset: String) -> El {
    let State { widget, form, .. } = State::expect();
    let chosen = move |draft: &Draft| match field {
        Field::Start => draft.start_fold,
        _ => draft.end_fold,
    };
    let word = match fold {
        Fold::Earlier => Word::FoldEarlier,
        Fold::Later => Word::FoldLater,
    };
    el("label")
        .class("chip")
        .attr("part", "chip")
        .child(
            el("input")
                .attr("type", "radio")
                .attr("name", [name(field), "-fold"].concat())
                .attr("data-fold", fold.as_str())
                .property("checked", move || chosen(&form.draft.read()) == Some(fold))
                .on("change", move |_| {
                    form.forgive(field);
                    form.edit(|draft| match field {
                        Field::Start => draft.start_fold = Some(fold),
                        _ => draft.end_fold = Some(fold),
                    });
                }),
        )
        .text([widget.t(word), " (".into(), offset, ")".into()].concat())
}
