//! *Copy invitation* in a row of *My meetings*: fetched when it is pressed, and shown with the other ways
//! to hand it on where the browser does not let us copy it.

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

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
        let (id, api) = (id.clone(), widget.api());
        let (lang, zone) = (widget.lang(), form.draft.read_untracked().zone.clone());
        let fetched = StoredValue::new(None);
        let fetch = future_to_promise(async move {
            let answer = api.invitation(&id, false, (&lang, &zone)).await;
            let both = answer
                .as_ref()
                .ok()
                .and_then(|invitation| clipboard::flavours(&invitation.text, &invitation.html));
            fetched.try_set_value(Some(answer));
            both.map(JsValue::from).ok_or(JsValue::NULL)
        });
        let written = clipboard::copy_promised(&fetch);
        widget.spawn(async move {
            let _ = JsFuture::from(fetch).await;
            // Looked at in any case: a promise that fails unseen is an error of the page.
            let is_written = match written {
                Some(written) => JsFuture::from(written).await.is_ok(),
                None => false,
            };
            let invitation = match fetched.try_get_value().flatten() {
                Some(Ok(invitation)) => invitation,
                Some(Err(failure)) => {
                    widget.say(widget.t(failure.word()));
                    let _ = shown.try_set(Shown::Failed(failure));
                    return;
                }
                None => return,
            };
            let (element, root) = {
                let parts = widget.read();
                (parts.host.element.clone(), parts.host.root.clone())
            };
            let (text, html) = (&invitation.text, &invitation.html);
            if !is_written && !clipboard::copy(&element, &root, text, html).await {
                widget.say(widget.t(Word::CopyFailed));
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
