//! The meeting in words beside the form: the moment, and the zone it is in.

use goto_microapps_api::form::Draft;
use goto_microapps_api::{Field, Organizer, User};
use leptos::prelude::*;

use crate::components::{El, Later, Part, el, nothing};
use crate::moment::{self, Period};
use crate::state::State;
use crate::state::session::Who;
use crate::words::Word;

/// The panel.
pub(crate) fn view() -> El {
    let State { widget, form, .. } = State::expect();
    let text = move |part: fn(&Period) -> String| {
        move || {
            words(&widget.locale(), &form.draft.read())
                .as_ref()
                .map(part)
                .unwrap_or_default()
        }
    };
    let subject = move || {
        let draft = form.draft.read();
        match draft.subject.trim() {
            "" => widget.t(Word::NewMeeting),
            subject => subject.to_owned(),
        }
    };
    let (later, open) = (Later::expect(), RwSignal::new(false));
    let shown = Memo::new(move |_| is_open(open));
    el("div")
        .class("summary")
        .attr("part", "summary")
        .child(el("p").class("title").live_text(subject))
        .child(
            el("p")
                .class("day")
                .live_text(text(|period| period.day.clone())),
        )
        .child(
            el("p")
                .class("range")
                .attr("dir", "auto")
                .live_text(text(|period| period.range.clone())),
        )
        .child(
            el("p")
                .class("place")
                .child(
                    el("span")
                        .attr("dir", "auto")
                        .live_text(text(Period::place)),
                )
                .child(
                    el("span")
                        .class("muted zone")
                        .live_text(text(|period| period.zone.clone())),
                ),
        )
        .child(
            el("button")
                .class("link inline")
                .attr("type", "button")
                .attr("data-action", "change-time-zone")
                .flag("aria-expanded", move || shown.get())
                .text(widget.t(Word::ChangeTimeZone))
                .on("click", move |_| {
                    open.update(|open| *open = !*open);
                    if open.get_untracked() {
                        widget.focus("[data-field=time-zone]");
                    }
                }),
        )
        .region(move || {
            if shown.get() {
                later.part(Part::TimeZone(open))
            } else {
                nothing()
            }
        })
        .child(people())
}

fn is_open(open: RwSignal<bool>) -> bool {
    let State { form, .. } = State::expect();
    open.get() || form.is_wrong(Field::TimeZone) || form.draft.read().guessed
}

fn words(lang: &str, draft: &Draft) -> Option<Period> {
    if let Some((_, offset)) = draft.counted {
        let walls = (draft.start_wall()?, draft.end_wall()?);
        return moment::wall_period(lang, &draft.zone, walls, offset);
    }
    let start = moment::instant(&draft.zone, draft.start_wall()?, draft.start_fold)?;
    let end = moment::instant(&draft.zone, draft.end_wall()?, draft.end_fold)?;
    moment::period(lang, &draft.zone, start, end)
}

/// Who will be there to start it; only where there is room.
fn people() -> El {
    let State {
        widget,
        form,
        session,
        ..
    } = State::expect();
    let me = move || match session.who.get() {
        Who::User(User { name, .. }) => name,
        _ => String::new(),
    };
    el("dl")
        .class("wide-only small")
        .child(
            el("div")
                .hidden(move || !session.signed_in())
                .child(el("dt").class("muted").text(widget.t(Word::Organizer)))
                .child(el("dd").live_text(me)),
        )
        .child(
            el("div")
                .hidden(move || form.draft.read().people.is_empty())
                .child(el("dt").class("muted").text(widget.t(Word::CoOrganizers)))
                .child(el("dd").region(move || {
                    let people = form.draft.read().people.clone();
                    let lines: Vec<AnyView> = people.iter().map(|one| person(one).view()).collect();
                    lines.into_any()
                })),
        )
}

/// A co-organizer, with the address where the name does not say who it is.
pub(super) fn person(person: &Organizer) -> El {
    let name = el("div").attr("translate", "no").text(person.name.as_str());
    if person.namesake {
        name.text(" ")
            .child(el("span").class("email").text(person.email.as_str()))
    } else {
        name
    }
}
