//! The door to the views after the first touch, and what stands in the place of a page meanwhile.

use std::pin::Pin;

use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::{
    bones, edit_meeting, meeting_details, my_meetings, new_meeting, outcome, signing_in,
    waiting_cancels,
};
use crate::components::{El, Later, Module, Part, View, button, el, failure, nothing};
use crate::failure::Failure;
use crate::fields::{people_list, times_list, two_clocks, zone};
use crate::state::State;
use crate::state::page::Page;
use crate::words::Word;

/// What this answers, and what only that needs, is compiled into the module.
#[wasm_split(later, fallible)]
#[allow(clippy::unnecessary_wraps)] // What fails is to get there.
fn views() -> Result<View, Failure> {
    Ok(|part| match part {
        Part::Page(Page::CreateMeeting) => nothing(),
        Part::Page(Page::NewMeeting) => new_meeting::view(),
        Part::Page(Page::MeetingDetails) => meeting_details::view(),
        Part::Page(Page::MyMeetings) => my_meetings::view(),
        Part::Outcome(stage) => outcome::view(stage),
        Part::Editing => edit_meeting::view(),
        Part::SignIn => signing_in::view(),
        Part::WaitingCancels => waiting_cancels::view(),
        Part::People(field) => people_list::view(field),
        Part::PeopleSearch(field) => people_list::search(field),
        Part::TimeZone => zone::view(),
        Part::Choices(field) => two_clocks::view(field),
        Part::Times(field) => times_list::view(field),
    })
}

/// Asks for them.
pub(super) fn open() -> Pin<Box<dyn Future<Output = Result<View, Failure>>>> {
    Box::pin(views())
}

/// The page, its bones while it is on its way, or why it does not come.
pub(super) fn view(later: Later, page: Page) -> AnyView {
    match later.module.get() {
        Module::There(view) => view(Part::Page(page)),
        Module::Missing(why) => {
            let again = button("retry", "button", Word::Retry);
            let again = again.on("click", move |_| later.fetch());
            let choices = el("div")
                .class("choices")
                .child(again)
                .child(plain_page(page));
            let alert = failure(&why, why.word(), None).child(choices);
            el("div").class("page").child(alert).view()
        }
        Module::Awaited => bones().view(),
    }
}

/// The same on a page of the proxy's own, which needs no module.
fn plain_page(page: Page) -> El {
    let State {
        widget, navigation, ..
    } = State::expect();
    let id = navigation.meeting_id.get_untracked();
    let (path, word) = if page == Page::MyMeetings || id.is_empty() {
        ("form/meetings".to_owned(), Word::MyMeetings)
    } else {
        (["form/meetings/", &*id].concat(), Word::ViewDetails)
    };
    el("a")
        .class("button")
        .attr("part", "button")
        .attr("data-action", "plain-page")
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .attr("href", widget.read().host.page(&path))
        .text(widget.t(word))
        .child(el("span").class("spoken").text(widget.t(Word::NewWindow)))
}
