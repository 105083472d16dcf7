//! Date, start, end and duration, with the questions two clocks a year raise.

use goto_microapps_api::form::Draft;
use goto_microapps_api::form::wall::{self, Instants};
use goto_microapps_api::{Field, Fold, LocalDateTime, format, must_be_chosen};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{input, label, note};
use crate::browser::keys;
use crate::browser::text::{has_focus, select, typed};
use crate::components::{El, Part, chip_row, combobox, el, nothing, suggestions};
use crate::moment;
use crate::state::State;
use crate::state::form::Form;
use crate::state::message::name;
use crate::words::{Word, fill};

/// Lengths offered beside the end time, in minutes.
const DURATIONS: [i64; 5] = [15, 30, 45, 60, 90];

/// The fields.
pub(crate) fn view() -> El {
    let State { widget, form, .. } = State::expect();
    let next_day = el("p")
        .class("help")
        .hidden(move || !form.draft.read().ends_next_day())
        .live_text(move || {
            let end = form.draft.read().end_wall().unwrap_or_default();
            let day = moment::wall_day(&widget.locale(), end);
            widget.fill(Word::NextDay, "day", &day)
        });
    el("div").class("field moment").child(
        el("div")
            .class("times")
            .child(days())
            .child(date())
            .child(time(Field::Start, Word::StartTime))
            .child(time(Field::End, Word::EndTime))
            .child(
                el("div")
                    .class("wide notes")
                    .child(note(Field::Date, None))
                    .child(note(Field::Start, None))
                    .child(choices(Field::Start))
                    .child(note(Field::End, None))
                    .child(choices(Field::End))
                    .child(next_day)
                    .child(durations()),
            ),
    )
}

fn date() -> El {
    let State { form, .. } = State::expect();
    el("div")
        .class("field date")
        .child(label(Field::Date, Word::Date))
        .child(
            input(Field::Date, "date")
                .attr("aria-required", "true")
                .value(move || form.draft.read().date.clone())
                .on("input", move |event| {
                    forgive(&form);
                    let text = typed(&event);
                    form.edit(|draft| draft.type_date(text));
                }),
        )
}

/// What is wrong with one of them may be so because of another.
fn forgive(form: &Form) {
    form.forgive(Field::Date);
    form.forgive(Field::Start);
    form.forgive(Field::End);
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
    let side = if field == Field::End {
        "field end"
    } else {
        "field"
    };
    el("div").class(side).child(label(field, word)).child(
        el("div")
            .class("anchor")
            .child(combobox(input, time.list, is_open))
            .child(suggestions(
                time.list,
                widget.t(word),
                is_open,
                (Part::Times(field), None),
            )),
    )
}

/// Days as chips: today, tomorrow, the two working days after that.
fn days() -> El {
    let State { widget, form, .. } = State::expect();
    let days =
        move || wall::next_days(moment::now_wall(&form.draft.read().zone).div_euclid(wall::DAY));
    let is_chosen = move |at: usize| {
        let day = days()[at];
        form.draft.read().day() == Some(day)
    };
    let chips = [0, 1, 2, 3].map(|at| {
        el("button")
            .attr("data-day", at.to_string())
            .live_text(move || moment::day_name(&widget.locale(), days()[at], at))
            .on("click", move |_| {
                let day = untrack(days)[at];
                forgive(&form);
                form.edit(|draft| draft.choose_day(day));
            })
    });
    chip_row(widget.t(Word::Date), is_chosen, chips).class("chips wide")
}

/// Lengths as chips: they move the end.
fn durations() -> El {
    let State { widget, form, .. } = State::expect();
    let is_chosen = move |at: usize| form.draft.read().minutes() == Some(DURATIONS[at]);
    let chips = DURATIONS.map(|minutes| {
        el("button")
            .attr("data-duration", minutes.to_string())
            .text(length(minutes))
            .on("click", move |_| {
                form.forgive(Field::End);
                form.edit(|draft| draft.set_duration(minutes));
            })
    });
    chip_row(widget.t(Word::Duration), is_chosen, chips)
}

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

/// What may be chosen when the clock skips or repeats a time.
fn choices(field: Field) -> El {
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
    el("div").region(nearest).region(radios)
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
            widget.focus(if field == Field::Start {
                "[data-field=start]"
            } else {
                "[data-field=end]"
            });
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
