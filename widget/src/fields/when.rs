//! Date, start, end and duration, with the questions two clocks a year raise.

use goto_microapps_api::{Fold, LocalDateTime, must_be_chosen};
use leptos::prelude::*;

use super::{forgive, input, label, note, typed};
use crate::app::App;
use crate::browser::codec;
use crate::calendar::{self, Instants};
use crate::components::{El, el, nothing};
use crate::draft::{DURATIONS, Draft, Spot};
use crate::moment;
use crate::words::{Word, fill};

/// The fields.
pub(crate) fn view(app: App) -> El {
    let date = field(app, Spot::Date, Word::Date, "date", |draft| &draft.date);
    let start = field(app, Spot::Start, Word::StartTime, "time", |draft| {
        &draft.start
    });
    let end = field(app, Spot::End, Word::EndTime, "time", |draft| &draft.end);
    let next_day = el("p")
        .class("help")
        .hidden(move || !app.draft.with(Draft::ends_next_day))
        .live_text(move || {
            let end = app.draft.with(Draft::end_wall).unwrap_or_default();
            let day = moment::wall_day(&app.locale(), end);
            app.fill(Word::NextDay, "day", &day)
        });
    el("div").class("field moment").child(
        el("div")
            .class("times")
            .child(date)
            .child(start)
            .child(end)
            .child(
                el("div")
                    .class("wide notes")
                    .child(note(app, Spot::Date, None))
                    .child(note(app, Spot::Start, None))
                    .child(choices(app, Spot::Start))
                    .child(note(app, Spot::End, None))
                    .child(choices(app, Spot::End))
                    .child(next_day)
                    .child(durations(app)),
            ),
    )
}

fn field(app: App, spot: Spot, word: Word, kind: &'static str, text: fn(&Draft) -> &String) -> El {
    el("div")
        .class("field")
        .child(label(app, spot, word))
        .child(
            input(app, spot, kind)
                .attr("aria-required", "true")
                .value(move || app.draft.with(|draft| text(draft).clone()))
                .on("input", move |event| {
                    forgive(app, Spot::Date);
                    forgive(app, Spot::Start);
                    forgive(app, Spot::End);
                    let text = typed(&event);
                    app.edit(|draft| match spot {
                        Spot::Start => draft.type_start(text),
                        Spot::End => draft.type_end(text),
                        _ => {
                            draft.date = text;
                            draft.fresh = false;
                            draft.forget_folds();
                        }
                    });
                }),
        )
}

/// Lengths as chips: they move the end.
fn durations(app: App) -> El {
    el("div")
        .class("chips")
        .attr("role", "group")
        .attr("aria-label", app.t(Word::Duration))
        .children(DURATIONS.map(|minutes| {
            el("button")
                .class("chip")
                .attr("part", "chip")
                .attr("type", "button")
                .attr("data-duration", minutes.to_string())
                .flag("aria-pressed", move || {
                    app.draft.with(Draft::minutes) == Some(minutes)
                })
                .text(length(app, minutes))
                .on("click", move |_| {
                    forgive(app, Spot::End);
                    app.edit(|draft| draft.set_duration(minutes));
                })
        }))
}

fn length(app: App, minutes: i64) -> String {
    let (hours, rest) = ((minutes / 60).to_string(), (minutes % 60).to_string());
    match (minutes / 60, minutes % 60) {
        (0, _) => app.fill(Word::Minutes, "minutes", &rest),
        (_, 0) => app.fill(Word::Hours, "hours", &hours),
        _ => fill(
            &app.fill(Word::HoursMinutes, "hours", &hours),
            "minutes",
            &rest,
        ),
    }
}

/// What may be chosen when the clock skips or repeats a time.
fn choices(app: App, spot: Spot) -> El {
    let wall = move |draft: &Draft| match spot {
        Spot::Start => draft.start_wall(),
        _ => draft.end_wall(),
    };
    let twice = Memo::new(move |_| {
        // What the proxy says counts more than what the browser knows.
        let told = values(app, spot, |word| word == Word::FieldTimeAmbiguous);
        if let [first, second] = &told[..] {
            let offset = |text: &str| calendar::utc(text.parse().unwrap_or_default());
            return Some((offset(first), offset(second)));
        }
        app.draft
            .with(|draft| match moment::instants(&draft.zone, wall(draft)?) {
                Instants::Two(first, second) => Some((
                    calendar::utc(moment::offset(&draft.zone, first)),
                    calendar::utc(moment::offset(&draft.zone, second)),
                )),
                _ => None,
            })
    });
    let radios = move || match twice.get() {
        None => nothing(),
        Some((first, second)) => el("div")
            .class("choices")
            .attr("role", "radiogroup")
            .attr("aria-label", app.t(Word::FieldTimeAmbiguous))
            .child(radio(app, spot, Fold::Earlier, first))
            .child(radio(app, spot, Fold::Later, second))
            .view(),
    };
    let nearest = move || {
        let values = values(app, spot, |word| {
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
                    .filter_map(|value| nearest_time(app, spot, &value)),
            )
            .view()
    };
    el("div").region(nearest).region(radios)
}

/// What goes with the message of `spot`, if it is such a one.
fn values(app: App, spot: Spot, is: fn(Word) -> bool) -> Vec<String> {
    app.wrong.with(|wrong| {
        let mut wrong = wrong.iter();
        let found = wrong.find(|wrong| wrong.spot == spot && is(wrong.word));
        found.map(|wrong| wrong.values.clone()).unwrap_or_default()
    })
}

/// *Use 13:30*; of an end that is far away its day and what it makes of the meeting.
fn use_time(app: App, spot: Spot, wall: i64) -> String {
    let time = moment::wall_time(&app.locale(), wall);
    let start = app.draft.with_untracked(Draft::start_wall).unwrap_or(wall);
    let clock = |wall: i64| wall.rem_euclid(calendar::DAY);
    if spot != Spot::End || !must_be_chosen(clock(start), clock(wall)) {
        return app.fill(Word::UseTime, "time", &time);
    }
    let day = moment::wall_day(&app.locale(), wall);
    let text = fill(&app.fill(Word::UseLong, "day", &day), "time", &time);
    fill(&text, "length", &length(app, wall - start))
}

fn nearest_time(app: App, spot: Spot, value: &str) -> Option<El> {
    let time: LocalDateTime = value.get(..16)?.parse().ok()?;
    let wall = calendar::to_wall(time);
    let button = el("button")
        .class("chip")
        .attr("part", "chip")
        .attr("type", "button")
        .attr("data-time", value)
        .text(use_time(app, spot, wall))
        .on("click", move |_| {
            forgive(app, spot);
            app.edit(|draft| {
                if spot == Spot::Start {
                    draft.fresh = false;
                    draft.move_on(wall);
                } else {
                    draft.choose_end(wall);
                }
            });
            app.focus(if spot == Spot::Start {
                "[data-field=start]"
            } else {
                "[data-field=end]"
            });
        });
    Some(button)
}

fn radio(app: App, spot: Spot, fold: Fold, offset: String) -> El {
    let chosen = move |draft: &Draft| match spot {
        Spot::Start => draft.start_fold,
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
                .attr("name", [spot.name(), "-fold"].concat())
                .attr("data-fold", codec::name(&fold))
                .property("checked", move || app.draft.with(chosen) == Some(fold))
                .on("change", move |_| {
                    forgive(app, spot);
                    app.edit(|draft| match spot {
                        Spot::Start => draft.start_fold = Some(fold),
                        _ => draft.end_fold = Some(fold),
                    });
                }),
        )
        .text([app.t(word), " (".into(), offset, ")".into()].concat())
}
