//! Signing in, on whichever page it is needed.

use leptos::prelude::*;

use crate::api::Api;
use crate::app::{App, Stage};
use crate::browser::keys;
use crate::components::{El, Icon, alert, button, el, nothing, two_labels};
use crate::signin::SignIn;
use crate::words::{Word, fill, for_code};

/// How the sign-in goes, and the place for a typed code when its window could not tell us.
pub(super) fn sign_in_state(app: App) -> AnyView {
    match app.signin.get() {
        SignIn::Idle => match app.api.with_value(Api::refused) {
            // The create that failed says it already.
            Some(_) if matches!(app.stage.get(), Stage::Failed(_)) => nothing(),
            Some(code) => {
                let text = el("p").text(app.t(for_code(code)));
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
            .text(app.t(Word::SignInWaiting))
            .view(),
        SignIn::Ended(word) => {
            let alert = alert(true, Icon::Warning, None, el("p").text(app.t(word)));
            match word {
                Word::SignInClosed => alert.child(typed_code(app)).view(),
                Word::SignInBlocked => alert
                    .child(el("p").text(app.t(Word::SignInUnseen)))
                    .child(typed_code(app))
                    .child(el("p").child(plain_form(app)))
                    .view(),
                _ => alert.view(),
            }
        }
    }
}

fn typed_code(app: App) -> El {
    let code = RwSignal::new(String::new());
    el("div")
        .class("code")
        .child(
            el("label")
                .class("label")
                .attr("for", "code")
                .text(app.t(Word::SignInCode)),
        )
        .child(
            el("input")
                .class("input")
                .attr("id", "code")
                .attr("type", "text")
                .attr("part", "field")
                .attr("data-field", "code")
                .attr("autocomplete", "one-time-code")
                .on("input", move |event| code.set(crate::fields::typed(&event)))
                .on("keydown", move |event| {
                    if keys::pressed(&event).is_some_and(|key| key == "Enter") {
                        event.prevent_default();
                        event.stop_propagation();
                        app.swap(code.get_untracked().trim().to_owned());
                    }
                }),
        )
        .child(
            button(app, "use-code", "button", Word::SignInUseCode).on("click", move |_| {
                app.swap(code.get_untracked().trim().to_owned());
            }),
        )
}

/// The plain pages in a tab of their own: they need no window that talks to this one.
fn plain_form(app: App) -> El {
    let address = app
        .host
        .with_value(|host| [host.proxy.as_str(), "form?lang=", &host.lang].concat());
    el("a")
        .class("link inline")
        .attr("data-action", "plain-form")
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .attr("href", address)
        .text(app.t(Word::PlainForm))
}

/// *Sign in with GoTo*.
pub(super) fn sign_in_button(app: App) -> El {
    el("button")
        .class("button primary")
        .attr("part", "primary")
        .attr("type", "button")
        .attr("data-action", "sign-in")
        .flag("aria-disabled", move || {
            app.signin.get() == SignIn::Swapping
        })
        .child(two_labels(
            app.t(Word::SignIn),
            app.t(Word::SigningIn),
            move || {
                let signin = app.signin.get();
                signin.is_open() || signin == SignIn::Swapping
            },
        ))
        .on("click", move |_| app.sign_in())
}
