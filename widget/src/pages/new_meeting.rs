//! *New meeting*: it worked; share it.

use leptos::prelude::*;

use super::{another, bones, link_field, what};
use crate::components::{button, el};
use crate::state::State;
use crate::state::navigation::Shown;
use crate::words::Word;

/// The page.
pub(crate) fn view() -> AnyView {
    let State {
        widget, navigation, ..
    } = State::expect();
    el("div")
        .region(move || match navigation.shown.get() {
            Shown::Meeting(meeting) => el("div")
                .class("page")
                .child(what(&meeting))
                .child(el("p").text(widget.t(Word::Created)))
                .child(link_field(&meeting))
                .child(
                    el("div")
                        .class("actions")
                        .child(
                            button("view-details", "button primary", Word::ViewDetails)
                                .on("click", move |_| navigation.turn_to_details()),
                        )
                        .child(another()),
                )
                .view(),
            Shown::Loading => bones().view(),
            _ => super::meeting_details::missing(),
        })
        .view()
}
