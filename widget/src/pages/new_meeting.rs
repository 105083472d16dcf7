//! *New meeting*: it worked; share it.

use leptos::prelude::*;

use super::{another, bones, link_field, what};
use crate::app::{App, Page, Shown};
use crate::components::{button, el};
use crate::words::Word;

/// The page.
pub(crate) fn view(app: App) -> AnyView {
    el("div")
        .region(move || match app.shown.get() {
            Shown::Meeting(meeting) => el("div")
                .class("page")
                .child(what(app, &meeting))
                .child(el("p").text(app.t(Word::Created)))
                .child(link_field(app, &meeting))
                .child(
                    el("div")
                        .class("actions")
                        .child(
                            button(app, "view-details", "button primary", Word::ViewDetails)
                                .on("click", move |_| details(app)),
                        )
                        .child(another(app)),
                )
                .view(),
            Shown::Loading => bones(app).view(),
            _ => super::meeting_details::missing(app),
        })
        .view()
}

fn details(app: App) {
    app.turn(Page::MeetingDetails);
    let id = app.meeting_id.get_untracked();
    app.tell("viewed", Some(("id", &id)));
}
