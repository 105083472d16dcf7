//! What will be created, in one line beside the button: when it is, and where that is the time.

use goto_microapps_api::Field;
use goto_microapps_api::form::Draft;
use leptos::prelude::*;

use super::when::zone_city;
use crate::components::{El, el};
use crate::moment;
use crate::state::State;
use crate::words::Word;

/// The line.
pub(crate) fn view() -> El {
    let State { widget, form, .. } = State::expect();
    let is_wrong = move || !form.wrong.read().is_empty();
    let line = move || {
        if is_wrong() {
            return widget.fill(Word::Correct, "fields", &wrong_fields());
        }
        line(&widget.locale(), &form.draft.read())
    };
    let place = move || {
        let draft = form.draft.read();
        let city = zone_city(&draft.zone);
        match for_reader(&draft) {
            Some(start) => {
                let time = moment::wall_time(&widget.locale(), start);
                [
                    &*city,
                    " (",
                    &*widget.fill(Word::ForYou, "time", &time),
                    ")",
                ]
                .concat()
            }
            None => city,
        }
    };
    el("p")
        .class("result")
        .attr("part", "summary")
        .flag("data-wrong", is_wrong)
        .child(
            el("strong")
                .class("range")
                .attr("dir", "auto")
                .live_text(line),
        )
        .child(
            el("span")
                .class("place muted")
                .child(el("bdi").live_text(place)),
        )
}

/// The names of the fields with mistakes.
fn wrong_fields() -> String {
    let State { widget, form, .. } = State::expect();
    let mut names: Vec<String> = Vec::new();
    for wrong in form.wrong.read().iter() {
        let name = widget.t(match wrong.field {
            Field::Subject => Word::Subject,
            Field::Date => Word::Date,
            Field::Start => Word::StartTime,
            Field::End => Word::EndTime,
            Field::TimeZone => Word::TimeZone,
            Field::CoOrganizers => Word::CoOrganizers,
            Field::Participants => Word::Participants,
        });
        if !names.contains(&name) {
            names.push(name);
        }
    }
    widget.listed(&names)
}

/// When the meeting of a form is.
pub(crate) fn line(lang: &str, draft: &Draft) -> String {
    words(lang, draft).unwrap_or_default()
}

/// The start on the reader's own clock, where that shows something else.
fn for_reader(draft: &Draft) -> Option<i64> {
    let (own, is_guess) = moment::own_zone();
    let wall = draft.start_wall()?;
    let start = match draft.counted {
        Some((_, offset)) => (wall - offset) * 60_000,
        None => moment::instant(&draft.zone, wall, draft.start_fold)?,
    };
    let here = start / 60_000 + moment::offset(&own, start);
    (!is_guess && here != wall).then_some(here)
}

fn words(lang: &str, draft: &Draft) -> Option<String> {
    if draft.counted.is_some() {
        let (start, end) = (draft.start_wall()?, draft.end_wall()?);
        return moment::line(lang, "UTC", start * 60_000, end * 60_000);
    }
    let start = moment::instant(&draft.zone, draft.start_wall()?, draft.start_fold)?;
    let end = moment::instant(&draft.zone, draft.end_wall()?, draft.end_fold)?;
    moment::line(lang, &draft.zone, start, end)
}
