//! *New meeting*: it worked; hand it on.

use goto_microapps_api::Meeting;
use leptos::prelude::*;

use super::sharing::sharing;
use super::{another, bones, edit_link, link_field, what};
use crate::components::{El, button, el};
use crate::state::State;
use crate::state::navigation::Shown;
use crate::words::Word;

/// The page.
pub(crate) fn view() -> AnyView {
    let State { navigation, .. } = State::expect();
    el("div")
        .region(move || match navigation.shown.get() {
            Shown::Meeting(meeting) => el("div")
                .class("page")
                .child(what(&meeting))
                .child(nobody_yet(&meeting))
                .child(sharing("button primary"))
                .child(link_field(&meeting))
                .child(
                    el("div")
                        .class("actions")
                        .child(
                            button("view-details", "button", Word::ViewDetails)
                                .on("click", move |_| navigation.turn_to_details()),
                        )
                        .child(another())
                        .children(edit_link::view(&meeting.id)),
                )
                .view(),
            Shown::Loading => bones().view(),
            _ => super::meeting_details::missing(),
        })
        .view()
}

/// Nobody has the invitation yet: to whom it may be sent.
fn nobody_yet(meeting: &Meeting) -> El {
    let State { widget, .. } = State::expect();
    let people = meeting.co_organizers.iter();
    let mut names: Vec<String> = people.map(|person| person.name.clone()).collect();
    match &meeting.invitation.participants[..] {
        [] => {}
        [one] => names.push(one.clone()),
        all => names.push(widget.count(Word::ParticipantsCount, all.len())),
    }
    let text = if names.is_empty() {
        widget.t(Word::NobodyYet)
    } else {
        widget.fill(Word::NobodyYetSend, "names", &widget.listed(&names))
    };
    el("p")
        .class("small muted")
        .attr("data-part-text", "nobody-yet")
        .text(text)
}
