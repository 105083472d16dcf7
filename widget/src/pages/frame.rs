//! The frame around the pages. No router: three pages, one signal.

use leptos::prelude::*;

use super::{create_meeting, meeting_details, new_meeting};
use crate::app::{App, Page, Stage, Who};
use crate::browser::keys;
use crate::components::{El, Icon, el, failure, icon, nothing};
use crate::words::Word;

/// `data-state` of the frame.
fn state(app: App) -> &'static str {
    match (app.stage.get(), app.who.get()) {
        (Stage::Busy, _) => "busy",
        (Stage::Confirming(_), _) => "confirming",
        (Stage::Unconfirmed(_), _) => "unconfirmed",
        (Stage::Differs, _) => "differs",
        (Stage::Waiting(..), _) => "waiting",
        (_, Who::Unknown) => "loading",
        (_, Who::Nobody) => "signed-out",
        (Stage::Unknown(_), _) => "unconfirmed",
        (Stage::Failed(_), _) | (_, Who::Failed(_)) => "error",
        _ => "ready",
    }
}

/// The whole widget.
pub(crate) fn view(app: App) -> AnyView {
    el("div")
        .class("widget")
        .attr("part", "widget")
        .attr("lang", app.lang())
        .on("keydown", |event| keys::keep_inside(&event))
        .on("keypress", |event| keys::keep_inside(&event))
        .on("keyup", |event| keys::keep_inside(&event))
        .live("data-state", move || Some(state(app).to_owned()))
        .region(move || {
            let page = app.page.get();
            el("section")
                .attr("data-page", page.name())
                .attr("aria-labelledby", "heading")
                .child(header(app, page))
                .child(match page {
                    Page::CreateMeeting => create_meeting::view(app),
                    Page::NewMeeting => new_meeting::view(app),
                    Page::MeetingDetails => meeting_details::view(app),
                })
                .view()
        })
        .region(move || match app.stays.get() {
            Some(why) => failure(app, &why, Word::SignOutFailed, Some(App::sign_out)).view(),
            None => nothing(),
        })
        .child(
            el("div")
                .class("spoken")
                .attr("role", "status")
                .live_text(move || app.said.get()),
        )
        .view()
}

fn header(app: App, page: Page) -> El {
    let heading = match page {
        Page::CreateMeeting => Word::CreateMeeting,
        Page::NewMeeting => Word::NewMeeting,
        Page::MeetingDetails => Word::MeetingDetails,
    };
    let mark = move || {
        if page == Page::NewMeeting {
            return el("span").class("icon done").child(icon(Icon::Tick)).view();
        }
        match app.integration.get().1 {
            Some(address) => el("img")
                .class("icon")
                .attr("src", address)
                .attr("alt", "")
                .view(),
            None => el("span").class("icon").child(icon(Icon::Camera)).view(),
        }
    };
    let brand = el("div").class("brand").region(mark).child(
        el("div")
            .child(
                el("h2")
                    .class("heading")
                    .attr("part", "heading")
                    .attr("id", "heading")
                    .attr("tabindex", "-1")
                    .text(app.t(heading)),
            )
            .child(
                el("p")
                    .class("small muted")
                    .attr("translate", "no")
                    .live_text(move || app.integration.get().0),
            ),
    );
    el("div")
        .class("header")
        .attr("part", "header")
        .child(brand)
        .region(move || match app.who.get() {
            Who::User(user) => el("div")
                .class("user small muted")
                .child(el("span").attr("translate", "no").text(user.name))
                .child(
                    el("button")
                        .class("link quiet")
                        .attr("type", "button")
                        .attr("data-action", "sign-out")
                        .text(app.t(Word::SignOut))
                        .on("click", move |_| app.sign_out()),
                )
                .view(),
            _ => nothing(),
        })
}
