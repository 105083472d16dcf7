//! How a sign-in goes, and the place for a typed code when its window could not tell us.

use leptos::prelude::*;

use crate::browser::keys;
use crate::components::{El, Icon, alert, button, el, nothing};
use crate::state::State;
use crate::state::sign_in::SignIn;
use crate::state::stage::Stage;
use crate::words::{Word, fill, for_code};

/// What to tell of it.
pub(super) fn view() -> AnyView {
    let State {
        widget,
        sign_in,
        submission,
        ..
    } = State::expect();
    match sign_in.signin.get() {
        SignIn::Idle => match widget.read().api.refused() {
            // The create that failed says it already.
            Some(_) if matches!(submission.stage.get(), Stage::Failed(_)) => nothing(),
            Some(code) => {
                let text = el("p").text(widget.t(for_code(code)));
                alert(false, Icon::Warning, None, text).view()
            }
            None => nothing(),
        },
        SignIn::Swapping => nothing(),
        SignIn::PutOff(text, left) => el("p")
            .class("small muted")
            .text(fill(&text, "seconds", &left.to_string()))
            .view(),
        SignIn::Told(text) => alert(true, Icon::Warning, None, el("p").text(text)).view(),
        SignIn::Waiting => el("p")
            .class("small muted")
            .text(widget.t(Word::SignInWaiting))
            .view(),
        SignIn::Ended(word) => {
            let alert = alert(true, Icon::Warning, None, el("p").text(widget.t(word)));
            match word {
                Word::SignInClosed => alert.child(typed_code()).view(),
                Word::SignInBlocked => alert
                    .child(el("p").text(widget.t(Word::SignInUnseen)))
                    .child(typed_code())
                    .child(el("p").child(plain_form()))
                    .view(),
                _ => alert.view(),
            }
        }
    }
}

fn typed_code() -> El {
    let state = State::expect();
    let State { widget, .. } = state;
    let code = RwSignal::new(String::new());
    el("div")
        .class("code")
        .child(
            el("label")
                .class("label")
                .attr("for", "code")
                .text(widget.t(Word::SignInCode)),
        )
        .child(
            el("input")
                .class("input")
                .attr("id", "code")
                .attr("type", "text")
                .attr("part", "field")
                .attr("data-field", "code")
                .attr("autocomplete", "one-time-code")
                .on("input", move |event| {
                    code.set(crate::browser::text::typed(&event));
                })
                .on("keydown", move |event| {
                    if keys::pressed(&event).is_some_and(|key| key == "Enter") {
                        event.prevent_default();
                        event.stop_propagation();
                        state.use_code(code.get_untracked().trim().to_owned());
                    }
                }),
        )
        .child(
            button("use-code", "button", Word::SignInUseCode).on("click", move |_| {
                state.use_code(code.get_untracked().trim().to_owned());
            }),
        )
}

/// The plain pages in a tab of their own: they need no window that talks to this one.
fn plain_form() -> El {
    let State { widget, .. } = State::expect();
    let address = widget.read().host.page("form");
    el("a")
        .class("link inline")
        .attr("data-action", "plain-form")
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .attr("href", address)
        .text(widget.t(Word::PlainForm))
}
