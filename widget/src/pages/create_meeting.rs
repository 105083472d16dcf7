//! *Create meeting*: the form, what became of it, and one primary action.

use goto_microapps_api::Reading;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::sign_in::{sign_in_button, sign_in_state};
use crate::app::{App, Obstacle, Stage, Who};
use crate::browser::keys;
use crate::components::{Icon, alert, button, el, failure, nothing, renewal, two_labels};
use crate::fields::{co_organizers, password, subject, summary, when};
use crate::moment;
use crate::words::{Word, fill, for_cause, for_code, for_obstacle};

/// The page.
pub(crate) fn view(app: App) -> AnyView {
    // A countdown changes its text every second, not the message around it.
    let stage = Memo::new(move |_| match app.stage.get() {
        Stage::Waiting(_, obstacle) => Stage::Waiting(0, obstacle),
        stage => stage,
    });
    el("form")
        .class("page")
        .attr("novalidate", "")
        // Never sent as a form: a sandbox without `allow-forms` would not even say so.
        .on("submit", |event| event.prevent_default())
        .on("keydown", move |event| {
            if keys::pressed(&event).is_some_and(|key| key == "Enter")
                && is_input(&event)
                && !event.default_prevented()
            {
                event.prevent_default();
                proceed(app);
            }
        })
        .child(
            el("fieldset")
                .class("form")
                .property("disabled", move || app.held())
                .child(
                    el("div")
                        .class("group")
                        .child(subject::view(app))
                        .child(when::view(app)),
                )
                .child(summary::view(app))
                .child(
                    el("div")
                        .class("group")
                        .child(co_organizers::view(app))
                        .child(password::view(app)),
                ),
        )
        .region(move || {
            if app.carried.get() {
                let text = el("p").text(app.t(Word::Carried));
                alert(false, Icon::Clock, None, text).view()
            } else {
                nothing()
            }
        })
        .region(move || message(app, stage.get()))
        .region(move || match app.who.get() {
            Who::Failed(why) => failure(app, &why, why.word(), Some(load)).view(),
            Who::Nobody => sign_in_state(app),
            _ => nothing(),
        })
        .region(move || actions(app))
        .view()
}

fn is_input(event: &Event) -> bool {
    let element: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    element.is_some_and(|element| element.local_name() == "input")
}

/// The next step, whichever it is.
fn proceed(app: App) {
    if app.signed_in() {
        app.create();
    } else if app.who.get_untracked() == Who::Nobody {
        app.sign_in();
    }
}

fn load(app: App) {
    app.spawn(app.load());
}

fn actions(app: App) -> AnyView {
    let row = el("div").class("actions");
    if app.who.get() == Who::Nobody {
        return row
            .child(sign_in_button(app))
            .child(el("p").class("small muted").text(app.t(Word::SignInWhy)))
            .view();
    }
    let ready = app.signed_in();
    row.child(
        el("button")
            .class("button primary")
            .attr("part", "primary")
            .attr("type", "button")
            .attr("data-action", "create")
            .on("click", move |_| proceed(app))
            .hidden(move || app.stage.get() == Stage::Differs)
            .flag("aria-disabled", move || !ready || app.held())
            .child(two_labels(
                app.t(Word::Create),
                app.t(Word::Creating),
                move || {
                    app.held()
                        && !matches!(
                            app.stage.get(),
                            Stage::Unconfirmed(_) | Stage::Unknown(_) | Stage::Differs
                        )
                },
            )),
    )
    .view()
}

/// What became of the create.
fn message(app: App, stage: Stage) -> AnyView {
    match stage {
        Stage::Idle | Stage::Busy => nothing(),
        Stage::Confirming(cause) => alert(
            false,
            Icon::Clock,
            Some(app.t(Word::Confirming)),
            el("p").text(app.t(for_cause(cause))),
        )
        .view(),
        Stage::Unknown(code) => alert(
            true,
            Icon::Warning,
            Some(app.t(Word::Unconfirmed)),
            el("p").text(app.t(for_code(code))),
        )
        .view(),
        Stage::Unconfirmed(looked) => alert(
            true,
            Icon::Warning,
            Some(app.t(Word::Unconfirmed)),
            el("p").text(app.t(if looked {
                Word::UnconfirmedText
            } else {
                Word::UnconfirmedUnseen
            })),
        )
        .child(
            el("div")
                .class("choices")
                .child(
                    button(app, "check-again", "button", Word::CheckAgain)
                        .on("click", move |_| app.check_again()),
                )
                .child(
                    button(app, "create-anyway", "button", Word::CreateAnyway)
                        .on("click", move |_| app.create_anyway()),
                ),
        )
        .view(),
        Stage::Differs => differs(app),
        Stage::Waiting(_, obstacle) => waiting(app, obstacle),
        Stage::Failed(code) => {
            let alert = alert(
                true,
                Icon::Warning,
                Some(app.t(Word::Failed)),
                el("p").text(app.t(for_code(code))),
            );
            match code {
                code if code.asks_for_sign_in() => alert.view(),
                _ => alert
                    .child(
                        el("div").class("choices").child(
                            button(app, "retry", "button", Word::Retry)
                                .on("click", move |_| app.create()),
                        ),
                    )
                    .view(),
            }
        }
    }
}

/// Device and server count the times differently: whose reading is right?
fn differs(app: App) -> AnyView {
    let Some((wall, device, server)) = app.difference() else {
        return nothing();
    };
    let time = moment::wall_time(&app.locale(), wall);
    let text = app.fill(Word::DiffersText, "time", &time);
    let text = fill(&fill(&text, "device", &device), "server", &server);
    let choice = |reading, action, word, offset: String| {
        el("button")
            .class("button")
            .attr("part", "button")
            .attr("type", "button")
            .attr("data-action", action)
            .text(app.fill(word, "offset", &offset))
            .on("click", move |_| app.choose(reading))
    };
    alert(
        true,
        Icon::Clock,
        Some(app.t(Word::Differs)),
        el("p").text(text),
    )
    .attr("tabindex", "-1")
    .child(el("p").class("small").text(app.t(Word::DiffersWhy)))
    .child(
        el("div")
            .class("choices")
            .child(choice(
                Reading::Device,
                "use-device",
                Word::DiffersDevice,
                device,
            ))
            .child(choice(
                Reading::Server,
                "use-server",
                Word::DiffersServer,
                server,
            ))
            .child(
                button(app, "edit", "link", Word::Edit).on("click", move |_| app.stop_waiting()),
            ),
    )
    .view()
}

fn waiting(app: App, obstacle: Obstacle) -> AnyView {
    let [title, word] = for_obstacle(obstacle);
    let text = move || match app.stage.get() {
        Stage::Waiting(left, _) => app.fill(word, "seconds", &left.to_string()),
        _ => String::new(),
    };
    let alert = alert(
        false,
        Icon::Clock,
        Some(app.t(title)),
        el("p").live_text(text),
    );
    let choice = match obstacle {
        Obstacle::Crowd => {
            button(app, "edit", "button", Word::Edit).on("click", move |_| app.stop_waiting())
        }
        Obstacle::SignOn => renewal(app),
        // What became of the request is not known: the form stays as it was sent.
        _ => return alert.view(),
    };
    alert.child(el("div").class("choices").child(choice)).view()
}
