//! The button that signs in, on whichever page it is needed.

use leptos::prelude::*;

use crate::components::{El, el, two_labels};
use crate::state::State;
use crate::state::sign_in::SignIn;
use crate::words::Word;

/// *Sign in with GoTo*.
pub(super) fn sign_in_button() -> El {
    let state = State::expect();
    button("sign-in", Word::SignIn).on("click", move |_| state.open_sign_in())
}

/// *Sign in and create*, and beside it the way to only sign in: to look for colleagues first.
pub(super) fn sign_in_and_create() -> [El; 2] {
    let state = State::expect();
    let State { widget, .. } = state;
    let only = el("button")
        .class("link")
        .attr("type", "button")
        .attr("data-action", "sign-in")
        .text(widget.t(Word::SignInOnly))
        .on("click", move |_| state.open_sign_in());
    let both = button("create", Word::SignInCreate);
    [both.on("click", move |_| state.sign_in_and_create()), only]
}

fn button(action: &'static str, word: Word) -> El {
    let State {
        widget, sign_in, ..
    } = State::expect();
    el("button")
        .class("button primary")
        .attr("part", "primary")
        .attr("type", "button")
        .attr("data-action", action)
        .flag("aria-disabled", move || {
            sign_in.signin.get() == SignIn::Swapping
        })
        .child(two_labels(
            widget.t(word),
            widget.t(Word::SigningIn),
            move || {
                let signin = sign_in.signin.get();
                signin.is_open() || signin == SignIn::Swapping
            },
        ))
}
