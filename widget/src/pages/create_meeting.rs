//! *Create meeting*: the form, what became of it, and one primary action.

use goto_microapps_api::{Reading, format};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::sign_in::{sign_in_button, sign_in_state};
use crate::browser::keys;
use crate::components::{Icon, alert, button, el, failure, nothing, renewal, two_labels};
use crate::fields::{co_organizers, password, subject, summary, when};
use crate::moment;
use crate::state::State;
use crate::state::session::Who;
use crate::state::submission::{Difference, Obstacle, Stage};
use crate::words::{Word, fill, for_cause, for_code};

/// The page.
pub(crate) fn view() -> AnyView {
    let state = State::expect();
    let State {
        widget,
        form,
        session,
        submission,
        ..
    } = state;
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
                state.proceed();
            }
        })
        .child(
            el("fieldset")
                .class("form")
                .property("disabled", move || submission.held())
                .child(
                    el("div")
                        .class("group")
                        .child(subject::view())
                        .child(when::view()),
                )
                .child(summary::view())
                .child(
                    el("div")
                        .class("group")
                        .child(co_organizers::view())
                        .child(password::view()),
                ),
        )
        .region(move || {
            if form.carried.get() {
                let text = el("p").text(widget.t(Word::Carried));
                alert(false, Icon::Clock, None, text).view()
            } else {
                nothing()
            }
        })
        .region(move || message(submission.stage.get()))
        .region(move || match session.who.get() {
            Who::Failed(why) => failure(&why, why.word(), Some(State::load)).view(),
            Who::Nobody => sign_in_state(),
            _ => nothing(),
        })
        .region(primary)
        .view()
}

fn is_input(event: &Event) -> bool {
    let element: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    element.is_some_and(|element| element.local_name() == "input")
}

fn primary() -> AnyView {
    let state = State::expect();
    let State {
        widget,
        session,
        submission,
        ..
    } = state;
    let row = el("div").class("actions");
    if session.who.get() == Who::Nobody {
        return row
            .child(sign_in_button())
            .child(el("p").class("small muted").text(widget.t(Word::SignInWhy)))
            .view();
    }
    let ready = session.signed_in();
    row.child(
        el("button")
            .class("button primary")
            .attr("part", "primary")
            .attr("type", "button")
            .attr("data-action", "create")
            .on("click", move |_| state.proceed())
            .hidden(move || matches!(submission.stage.get(), Stage::Differs(_)))
            .flag("aria-disabled", move || !ready || submission.held())
            .child(two_labels(
                widget.t(Word::Create),
                widget.t(Word::Creating),
                move || {
                    submission.held()
                        && !matches!(
                            submission.stage.get(),
                            Stage::Unconfirmed(_) | Stage::Unknown(_) | Stage::Differs(_)
                        )
                },
            )),
    )
    .view()
}

/// What became of the create.
fn message(stage: Stage) -> AnyView {
    let state = State::expect();
    let State { widget, .. } = state;
    match stage {
        Stage::Idle | Stage::Busy => nothing(),
        Stage::Confirming(cause) => alert(
            false,
            Icon::Clock,
            Some(widget.t(Word::Confirming)),
            el("p").text(widget.t(for_cause(cause))),
        )
        .view(),
        Stage::Unknown(code) => alert(
            true,
            Icon::Warning,
            Some(widget.t(Word::Unconfirmed)),
            el("p").text(widget.t(for_code(code))),
        )
        .view(),
        Stage::Unconfirmed(looked) => alert(
            true,
            Icon::Warning,
            Some(widget.t(Word::Unconfirmed)),
            el("p").text(widget.t(if looked {
                Word::UnconfirmedText
            } else {
                Word::UnconfirmedUnseen
            })),
        )
        .child(
            el("div")
                .class("choices")
                .child(
                    button("check-again", "button", Word::CheckAgain)
                        .on("click", move |_| state.check_again()),
                )
                .child(
                    button("create-anyway", "button", Word::CreateAnyway)
                        .on("click", move |_| state.create_anyway()),
                ),
        )
        .view(),
        Stage::Differs(difference) => differs(difference),
        Stage::Waiting(obstacle) => waiting(obstacle),
        Stage::Failed(code) => {
            let alert = alert(
                true,
                Icon::Warning,
                Some(widget.t(Word::Failed)),
                el("p").text(widget.t(for_code(code))),
            );
            match code {
                code if code.asks_for_sign_in() => alert.view(),
                _ => alert
                    .child(el("div").class("choices").child(
                        button("retry", "button", Word::Retry).on("click", move |_| state.create()),
                    ))
                    .view(),
            }
        }
    }
}

/// Device and server count the times differently: whose reading is right?
fn differs(difference: Difference) -> AnyView {
    let state = State::expect();
    let State {
        widget, submission, ..
    } = state;
    let (device, server) = (
        format::utc_offset(difference.device),
        format::utc_offset(difference.server),
    );
    let time = moment::wall_time(&widget.locale(), difference.wall);
    let text = widget.fill(Word::DiffersText, "time", &time);
    let text = fill(&fill(&text, "device", &device), "server", &server);
    let choice = |reading, action, word, offset: String| {
        el("button")
            .class("button")
            .attr("part", "button")
            .attr("type", "button")
            .attr("data-action", action)
            .text(widget.fill(word, "offset", &offset))
            .on("click", move |_| state.choose(reading))
    };
    alert(
        true,
        Icon::Clock,
        Some(widget.t(Word::Differs)),
        el("p").text(text),
    )
    .attr("tabindex", "-1")
    .child(el("p").class("small").text(widget.t(Word::DiffersWhy)))
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
                button("edit", "link", Word::Edit).on("click", move |_| submission.stop_waiting()),
            ),
    )
    .view()
}

fn waiting(obstacle: Obstacle) -> AnyView {
    let State {
        widget, submission, ..
    } = State::expect();
    let [title, word] = obstacle.words();
    let text = move || widget.fill(word, "seconds", &submission.left.get());
    let alert = alert(
        false,
        Icon::Clock,
        Some(widget.t(title)),
        el("p").live_text(text),
    );
    let choice = match obstacle {
        Obstacle::Crowd => {
            button("edit", "button", Word::Edit).on("click", move |_| submission.stop_waiting())
        }
        Obstacle::SignOn => renewal(),
        // What became of the request is not known: the form stays as it was sent.
        _ => return alert.view(),
    };
    alert.child(el("div").class("choices").child(choice)).view()
}
