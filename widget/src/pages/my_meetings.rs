//! *My meetings*: the employee's next ones, to be started, shown or cancelled.

use goto_microapps_api::{Ability, CancelState, Cancellation};
use leptos::prelude::*;

use super::sign_in::sign_in_button;
use super::signing_in;
use super::{another, bones, row_copy, sharing};
use crate::components::{El, Icon, button, button_with, el, failure, icon, nothing};
use crate::moment::{self, Period};
use crate::state::State;
use crate::state::my_meetings::{Listing, MyMeetings, Order, Row};
use crate::state::navigation::Shown;
use crate::state::session::Who;
use crate::words::{Word, for_cancel};

/// A meeting is soon when it begins within so many milliseconds: *Start* is the next step then.
const SOON: i64 = 15 * 60_000;

/// The page.
pub(crate) fn view() -> AnyView {
    let State {
        widget, session, ..
    } = State::expect();
    let list = MyMeetings::new();
    el("div")
        .region(move || match session.who.get() {
            Who::Unknown => bones().view(),
            Who::Nobody => el("div")
                .class("page")
                .child(el("p").text(widget.t(Word::MyMeetingsSignIn)))
                .region(signing_in::view)
                .child(el("div").class("actions").child(sign_in_button()))
                .view(),
            Who::Failed(why) => failure(&why, why.word(), Some(State::load)).view(),
            Who::User(_) => {
                // Whoever it is now: the list is theirs.
                list.ask(false);
                el("div")
                    .class("page")
                    .region(move || match list.listing.get() {
                        Listing::Asking => bones().view(),
                        Listing::Failed(why) => failure(&why, why.word(), None)
                            .child(el("div").class("choices").child(refresh(list, Word::Retry)))
                            .view(),
                        Listing::There(rows) => days(list, rows).view(),
                    })
                    .child(
                        el("div")
                            .class("actions end")
                            .child(another())
                            .child(refresh(list, Word::MyMeetingsRefresh)),
                    )
                    .view()
            }
        })
        .view()
}

fn refresh(list: MyMeetings, word: Word) -> El {
    button("refresh", "link", word).on("click", move |_| list.ask(true))
}

/// The meetings under their days.
fn days(list: MyMeetings, rows: Vec<Row>) -> El {
    let State { widget, form, .. } = State::expect();
    if rows.is_empty() {
        return el("p").class("muted").text(widget.t(Word::MyMeetingsNone));
    }
    let zone = form.draft.with_untracked(|draft| draft.zone.clone());
    let (mut page, mut day) = (el("div").class("agenda"), String::new());
    let mut group: Vec<El> = Vec::new();
    let mut soon = false;
    for row in rows {
        let period = period(&widget.locale(), &zone, &row);
        let heading = period
            .as_ref()
            .map_or_else(|| widget.t(Word::TimeUnknown), |period| period.day.clone());
        if heading != day {
            page = flush(page, &mut group);
            page = page.child(el("h3").class("day").text(&heading));
            day = heading;
        }
        // One filled button on a page: for the first that begins.
        let is_next = !soon && is_soon(&row);
        soon |= is_next;
        group.push(entry(list, row, period.as_ref(), is_next));
    }
    flush(page, &mut group)
}

fn flush(page: El, group: &mut Vec<El>) -> El {
    if group.is_empty() {
        return page;
    }
    page.child(el("ul").class("rows").children(group.drain(..)))
}

fn period(lang: &str, zone: &str, row: &Row) -> Option<Period> {
    let start = moment::parse(row.meeting.start.as_deref()?)?;
    let end = moment::parse(row.meeting.end.as_deref()?)?;
    moment::period_somewhere(lang, zone, start, end)
}

fn is_soon(row: &Row) -> bool {
    let start = row.meeting.start.as_deref().and_then(moment::parse);
    row.meeting.running || start.is_some_and(|start| start - moment::now() < SOON)
}

fn entry(list: MyMeetings, row: Row, period: Option<&Period>, is_next: bool) -> El {
    let State { widget, .. } = State::expect();
    let mut time = el("div").class("time").attr("dir", "auto");
    if let Some(period) = period {
        time = time.child(el("span").class("range").text(&period.range));
    }
    let mut what = el("div").class("about").child(subject(&row));
    if row.meeting.running {
        what = what.child(
            el("p")
                .class("small ok")
                .text(widget.t(Word::MyMeetingsRunning)),
        );
    }
    let id = row.meeting.id.clone();
    el("li")
        .attr("data-meeting", &id)
        .attr("tabindex", "-1")
        .child(time)
        .child(what)
        .region(move || under(list, &row, is_next))
}

/// What it is about; a press shows its details.
fn subject(row: &Row) -> El {
    let state = State::expect();
    let (id, subject) = (row.meeting.id.clone(), row.meeting.subject.trim());
    let line = el("button")
        .class("link inline subject")
        .attr("type", "button")
        .attr("id", subject_id(row))
        .attr("data-action", "view-details")
        .on("click", move |_| state.open(id.clone()));
    if subject.is_empty() {
        return line.text(state.widget.t(Word::NoSubject));
    }
    line.attr("translate", "no")
        .attr("dir", "auto")
        .text(subject)
}

fn subject_id(row: &Row) -> String {
    ["meeting-", &*row.meeting.id].concat()
}

/// A button of a row: what it is about is the row's subject.
fn about(row: &Row, mark: Icon, action: &'static str, class: &'static str, word: Word) -> El {
    button_with(mark, action, class, word).attr("aria-describedby", subject_id(row))
}

/// What may be done, or what becomes of the order to cancel it.
fn under(list: MyMeetings, row: &Row, is_next: bool) -> AnyView {
    let State { widget, .. } = State::expect();
    let note = |text: String| {
        el("p")
            .class("small muted")
            .attr("data-part-text", "order")
            .text(text)
    };
    match row.order.get() {
        Order::None => choices(list, row, is_next).view(),
        Order::Sent => el("p").child(el("span").class("spinner")).view(),
        Order::Failed(word) => el("div")
            .class("order")
            .child(note(widget.t(word)))
            .child(choices(list, row, is_next))
            .view(),
        Order::Taken(order) => match order.state {
            CancelState::Waiting => waiting(list, row),
            CancelState::Sending | CancelState::Confirming | CancelState::Other => {
                note(widget.t(Word::CancelConfirming)).view()
            }
            CancelState::Cancelled => cancelled(row).view(),
            CancelState::Withdrawn => el("div")
                .class("order")
                .child(note(widget.t(Word::CancelWithdrawn)))
                .child(choices(list, row, is_next))
                .view(),
            CancelState::Stopped => el("div")
                .class("order")
                .child(note(stopped(&order)))
                .child(refresh(list, Word::MyMeetingsRefresh))
                .view(),
            CancelState::Unconfirmed => el("div")
                .class("order")
                .child(note(widget.t(Word::CancelUnconfirmedText)))
                .child(choices(list, row, is_next))
                .view(),
        },
    }
}

fn choices(list: MyMeetings, row: &Row, is_next: bool) -> El {
    let can = |ability| row.meeting.can.contains(&ability);
    let mut choices = el("div").class("choices");
    if can(Ability::Start) {
        let class = if is_next { "button primary" } else { "link" };
        let start = about(row, Icon::Camera, "start", class, Word::RowStart);
        let row = row.clone();
        choices = choices.child(start.on("click", move |_| list.start(&row)));
    }
    let copy = el("button")
        .class("link")
        .attr("type", "button")
        .attr("data-action", "copy-row")
        .attr("aria-describedby", subject_id(row))
        .child(icon(Icon::Copy));
    let [copy, ways] = row_copy::view(row, copy);
    choices = choices.child(copy);
    if can(Ability::Edit) {
        let edit = about(row, Icon::Pencil, "edit-meeting", "link", Word::RowEdit);
        let (state, row) = (State::expect(), row.clone());
        choices = choices.child(edit.on("click", move |_| list.edit(&state, &row)));
    }
    if can(Ability::Cancel) {
        let cancel = about(row, Icon::Cross, "cancel-meeting", "link", Word::RowCancel);
        let row = row.clone();
        choices = choices.child(cancel.on("click", move |_| list.cancel(&row)));
    }
    choices.child(ways)
}

fn waiting(list: MyMeetings, row: &Row) -> AnyView {
    let State { widget, .. } = State::expect();
    let left = row.left;
    let undo = about(row, Icon::Undo, "undo", "button", Word::CancelUndo);
    let row = row.clone();
    el("div")
        .class("order")
        .child(
            el("p")
                .class("small")
                .attr("data-part-text", "order")
                .live_text(move || {
                    let left = left.get().to_string();
                    widget.fill(Word::CancelSoon, "seconds", &left)
                }),
        )
        .child(undo.on("click", move |_| list.undo(&row)))
        .view()
}

/// It is gone: nobody knows yet.
fn cancelled(row: &Row) -> El {
    let State { widget, form, .. } = State::expect();
    let notice = RwSignal::new(Shown::Loading);
    let id = row.meeting.id.clone();
    let zone = form.draft.with_untracked(|draft| draft.zone.clone());
    widget.spawn(async move {
        let lang = widget.lang();
        let answer = widget.api().invitation(&id, true, (&lang, &zone)).await;
        let _ = notice.try_set(match answer {
            Ok(text) => Shown::Invitation(text.into()),
            Err(failure) => Shown::Failed(failure),
        });
    });
    el("div")
        .class("order")
        .child(
            el("p")
                .class("small")
                .attr("data-part-text", "order")
                .child(el("strong").text(widget.t(Word::Cancelled)))
                .text(widget.t(Word::CancelledText)),
        )
        .region(move || match notice.get() {
            Shown::Invitation(text) => sharing::offers("button", Word::CancellationNotice, &text),
            Shown::Failed(why) => el("p")
                .class("small muted")
                .text(widget.t(why.word()))
                .view(),
            _ => nothing(),
        })
}

fn stopped(order: &Cancellation) -> String {
    let State { widget, .. } = State::expect();
    let why = widget.t(for_cancel(order.reason));
    [widget.t(Word::CancelStopped), ". ".into(), why].concat()
}
