//! *Copy invitation* in a row of *My meetings*: fetched when it is pressed, and shown with the other ways
//! to hand it on where the browser does not let us copy it.

use leptos::prelude::*;

use super::sharing;
use crate::browser::{clipboard, timers};
use crate::components::{El, el, nothing};
use crate::state::State;
use crate::state::my_meetings::Row;
use crate::state::navigation::Shown;
use crate::words::Word;

/// The button, and what becomes of its press.
pub(super) fn view(row: &Row, button: El) -> [El; 2] {
    let State { widget, form, .. } = State::expect();
    let (shown, copied) = (RwSignal::new(Shown::Nothing), RwSignal::new(false));
    let id = row.meeting.id.clone();
    let copy = move || {
        let id = id.clone();
        widget.spawn(async move {
            let (lang, zone) = (widget.lang(), form.draft.read_untracked().zone.clone());
            let answer = widget.api().invitation(&id, false, (&lang, &zone)).await;
            let invitation = match answer {
                Ok(invitation) => invitation,
                Err(failure) => {
                    widget.say(widget.t(failure.word()));
                    let _ = shown.try_set(Shown::Failed(failure));
                    return;
                }
            };
            let (element, root) = {
                let parts = widget.read();
                (parts.host.element.clone(), parts.host.root.clone())
            };
            // Some browsers have forgotten by now that a button was pressed.
            let (text, html) = (&invitation.text, &invitation.html);
            if !clipboard::copy(&element, &root, text, html).await {
                let _ = shown.try_set(Shown::Invitation(invitation.into()));
                return;
            }
            widget.say(widget.t(Word::Copied));
            let _ = copied.try_set(true);
            timers::sleep(2500).await;
            let _ = copied.try_set(false);
        });
    };
    let word = move || {
        widget.t(if copied.get() {
            Word::Copied
        } else {
            Word::CopyInvitation
        })
    };
    let ways = move || match shown.get() {
        Shown::Invitation(invitation) => {
            sharing::offers("button", Word::CopyInvitation, &invitation)
        }
        Shown::Failed(why) => el("p")
            .class("small muted")
            .text(widget.t(why.word()))
            .view(),
        _ => nothing(),
    };
    [
        button.live_text(word).on("click", move |_| copy()),
        el("div").class("ways").region(ways),
    ]
}
