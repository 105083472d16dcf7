//! The frame around the pages. No router: a few pages, one signal.

use goto_microapps_api::Code;
use leptos::prelude::*;

use super::{create_meeting, door};
use crate::browser::keys;
use crate::components::{El, Icon, Later, Part, button, el, failure, icon, nothing};
use crate::state::State;
use crate::state::page::Page;
use crate::state::session::Who;
use crate::state::stage::Stage;
use crate::words::Word;

/// `data-state` of the frame.
fn state() -> &'static str {
    let State {
        session,
        submission,
        ..
    } = State::expect();
    match (submission.stage.get(), session.who.get()) {
        (Stage::Busy, _) => "busy",
        (Stage::Confirming(_), _) => "confirming",
        (Stage::Unconfirmed(_), _) => "unconfirmed",
        (Stage::Differs(_), _) => "differs",
        (Stage::Waiting(_), _) => "waiting",
        (_, Who::Unknown) => "loading",
        (_, Who::Nobody) => "signed-out",
        (Stage::Unknown(_), _) => "unconfirmed",
        (Stage::Failed(_), _) | (_, Who::Failed(_)) => "error",
        _ => "ready",
    }
}

/// The whole widget.
pub(crate) fn view() -> AnyView {
    let State {
        widget,
        session,
        navigation,
        ..
    } = State::expect();
    let said = widget.read().said;
    let later = Later::provide(door::open);
    el("div")
        .class("widget")
        .attr("part", "widget")
        .attr("lang", widget.lang())
        .on("keydown", |event| keys::keep_inside(&event))
        .on("keypress", |event| keys::keep_inside(&event))
        .on("keyup", |event| keys::keep_inside(&event))
        .live("data-state", move || Some(state().to_owned()))
        .region(move || {
            let page = navigation.page.get();
            el("section")
                .attr("data-page", page.name())
                .attr("aria-labelledby", "heading")
                .child(header(page))
                .child(match page {
                    Page::CreateMeeting => create_meeting::view(),
                    page => {
                        later.fetch();
                        el("div").region(move || door::view(later, page)).view()
                    }
                })
                .view()
        })
        .region(move || match session.stays.get() {
            Some(why) if why.code() == Some(Code::CancelWaiting) => {
                later.part(Part::WaitingCancels)
            }
            Some(why) => failure(&why, Word::SignOutFailed, Some(State::sign_out)).view(),
            None => nothing(),
        })
        .child(
            el("div")
                .class("spoken")
                .attr("role", "status")
                .live_text(move || said.get()),
        )
        .view()
}

fn header(page: Page) -> El {
    let state = State::expect();
    let State {
        widget,
        session,
        form,
        ..
    } = state;
    let heading = match page {
        Page::CreateMeeting if form.editing.read().is_some() => Word::Edit,
        Page::CreateMeeting => Word::CreateMeeting,
        Page::NewMeeting => Word::NewMeeting,
        Page::MeetingDetails => Word::MeetingDetails,
        Page::MyMeetings => Word::MyMeetings,
    };
    let mark = move || {
        if page == Page::NewMeeting {
            return el("span").class("icon done").child(icon(Icon::Tick)).view();
        }
        let address = session.icon.get();
        if address.is_empty() {
            return el("span").class("icon").child(icon(Icon::Camera)).view();
        }
        el("img")
            .class("icon")
            .attr("src", address)
            .attr("alt", "")
            .view()
    };
    let brand = el("div").class("brand").region(mark).child(
        el("div")
            .child(
                el("h2")
                    .class("heading")
                    .attr("part", "heading")
                    .attr("id", "heading")
                    .attr("tabindex", "-1")
                    .text(widget.t(heading)),
            )
            .child(if page == Page::NewMeeting {
                el("p").class("small ok").text(widget.t(Word::Created))
            } else {
                el("p")
                    .class("small muted")
                    .attr("translate", "no")
                    .live_text(move || session.integration.get())
            }),
    );
    el("div")
        .class("header")
        .attr("part", "header")
        .child(brand)
        .region(move || match session.who.get() {
            Who::User(user) => el("div")
                .class("user small muted")
                .child(my_meetings(page))
                .child(el("span").attr("translate", "no").text(user.name))
                .child(
                    el("button")
                        .class("link quiet")
                        .attr("type", "button")
                        .attr("data-action", "sign-out")
                        .text(widget.t(Word::SignOut))
                        .on("click", move |_| state.sign_out()),
                )
                .view(),
            _ => nothing(),
        })
}

/// The way to *My meetings*, where it is offered and does not stand already.
fn my_meetings(page: Page) -> AnyView {
    let State {
        widget, navigation, ..
    } = State::expect();
    if page == Page::MyMeetings || !widget.manages() {
        return nothing();
    }
    button("my-meetings", "link quiet", Word::MyMeetings)
        .on("click", move |_| navigation.turn(Page::MyMeetings))
        .view()
}
