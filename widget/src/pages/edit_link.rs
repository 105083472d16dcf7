//! *Edit*, where a meeting is shown: the way to its form.

use leptos::prelude::*;

use crate::components::{El, Icon, button_with, el, nothing};
use crate::state::State;
use crate::words::Word;

/// The button, and what it says when the form cannot be opened; nothing where meetings are not managed.
pub(super) fn view(id: &str) -> Vec<El> {
    let state = State::expect();
    let State {
        widget, session, ..
    } = state;
    if !widget.manages() {
        return Vec::new();
    }
    let failed = RwSignal::new(None);
    let id = id.to_owned();
    let edit = button_with(Icon::Pencil, "edit-meeting", "link", Word::RowEdit);
    let edit = edit.on("click", move |_| {
        let id = id.clone();
        widget.spawn(async move {
            if let Err(failure) = state.edit(id).await {
                session.lost(&failure);
                widget.tell_failure(&failure);
                let why = widget.t(failure.word());
                widget.say(why.clone());
                let _ = failed.try_set(Some(why));
            }
        });
    });
    let why = move || match failed.get() {
        Some(why) => el("p").class("small muted").text(why).view(),
        None => nothing(),
    };
    vec![edit, el("div").class("ways").region(why)]
}
