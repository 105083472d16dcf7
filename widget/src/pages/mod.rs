//! The pages, and the pieces more than one of them shows.

mod create_meeting;
mod door;
mod edit_link;
mod edit_meeting;
mod frame;
mod meeting_details;
mod my_meetings;
mod new_meeting;
mod outcome;
mod row_copy;
mod sharing;
mod sign_in;
mod signing_in;
mod waiting_cancels;

pub(crate) use frame::view;

use goto_microapps_api::Meeting;
use leptos::prelude::*;

use crate::components::{El, button, copy_button, el};
use crate::moment::{self, Period};
use crate::state::State;
use crate::words::{Word, fill};

/// When the meeting is, in words; `None` when GoTo's times could not be read.
fn period(meeting: &Meeting) -> Option<Period> {
    let State { widget, form, .. } = State::expect();
    let start = moment::parse(meeting.start.as_deref()?)?;
    let end = moment::parse(meeting.end.as_deref()?)?;
    let lang = widget.locale();
    let draft = form.draft.read_untracked();
    if let Some((_, offset)) = draft.counted.filter(|counted| counted.0 == start) {
        // Made by the server's reading: that is what it must be told in.
        let wall = |ms: i64| ms / 60_000 + offset;
        return moment::wall_period(&lang, &draft.zone, (wall(start), wall(end)), offset);
    }
    moment::period_somewhere(&lang, &draft.zone, start, end)
}

/// Subject and moment, the head of both pages that show a meeting.
fn what(meeting: &Meeting) -> El {
    let State { widget, .. } = State::expect();
    let when = el("p").class("when");
    el("div")
        .class("what")
        .child(
            el("h3")
                .attr("data-part-text", "subject")
                .attr("translate", "no")
                .text(meeting.subject.as_str()),
        )
        .child(match period(meeting) {
            None => when.text(widget.t(Word::TimeUnknown)),
            Some(period) => when
                .attr("data-part-text", "when")
                .text(fill(
                    &widget.fill(Word::DayAndTimes, "day", &period.day),
                    "times",
                    "",
                ))
                .child(
                    el("span")
                        .class("range")
                        .attr("dir", "auto")
                        .text(&*period.range),
                )
                .text(" ")
                .child(
                    el("span")
                        .class("muted")
                        .attr("dir", "auto")
                        .text(period.place()),
                ),
        })
}

/// The join link as a field to copy from.
fn link_field(meeting: &Meeting) -> El {
    copy_field(
        ("link", "[data-field=link]"),
        Word::Link,
        ("copy-link", Word::CopyLink),
        &meeting.join_url,
    )
}

/// A field `name` to copy `text` from, with the button that does it.
fn copy_field(
    (name, selector): (&'static str, &'static str),
    label: Word,
    (action, word): (&'static str, Word),
    text: &str,
) -> El {
    let State { widget, .. } = State::expect();
    let shown = text.to_owned();
    el("div")
        .class("copy")
        .child(
            el("input")
                .class("input")
                .attr("part", "field")
                .attr("readonly", "")
                .attr("aria-label", widget.t(label))
                .attr("data-field", name)
                .attr("translate", "no")
                .value(move || shown.clone()),
        )
        .child(copy_button(
            (action, "button"),
            word,
            (text.to_owned(), String::new()),
            (selector, RwSignal::new(false)),
        ))
}

/// Bones of what is being fetched.
fn bones() -> El {
    let State { widget, .. } = State::expect();
    el("div")
        .class("page")
        .attr("aria-busy", "true")
        .child(el("span").class("spoken").text(widget.t(Word::Loading)))
        .child(el("div").class("bone title"))
        .child(el("div").class("bone short"))
        .child(el("div").class("bone"))
        .child(el("div").class("bone short"))
}

/// *Create another meeting*.
fn another() -> El {
    let state = State::expect();
    button("create-another", "link", Word::CreateAnother).on("click", move |_| state.start_over())
}
