//! What is asked of somebody who signs out while a cancellation was not sent yet.

use goto_microapps_api::WaitingCancels;
use leptos::prelude::*;

use crate::components::{Icon, alert, button, el};
use crate::state::State;
use crate::words::Word;

/// Who signs out says what becomes of a cancellation that was not sent yet.
pub(super) fn view() -> AnyView {
    let state = State::expect();
    let State { widget, .. } = state;
    let answer = |action, word, answer| {
        button(action, "button", word).on("click", move |_| state.leave(Some(answer)))
    };
    let question = el("p").text(widget.t(Word::SignOutWaiting));
    alert(false, Icon::Warning, None, question)
        .child(
            el("div")
                .class("choices")
                .child(answer(
                    "send-cancel",
                    Word::SignOutSend,
                    WaitingCancels::Send,
                ))
                .child(answer(
                    "drop-cancel",
                    Word::SignOutDrop,
                    WaitingCancels::Drop,
                )),
        )
        .view()
}
