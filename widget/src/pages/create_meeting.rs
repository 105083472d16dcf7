//! *Create meeting*: the form and one primary action.

use goto_microapps_api::Field;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::sign_in::{sign_in_and_create, sign_in_button};
use crate::browser::keys;
use crate::components::{Icon, Later, Part, alert, el, failure, nothing, two_labels};
use crate::fields::{password, people, result, subject, when};
use crate::state::State;
use crate::state::session::Who;
use crate::state::stage::Stage;
use crate::words::Word;

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
    let later = Later::expect();
    let is_whole = Memo::new(move |_| state.is_whole());
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
                .child(subject::view())
                .child(when::view())
                .child(people::view(Field::CoOrganizers))
                .child(people::view(Field::Participants))
                .child(password::view()),
        )
        .region(move || {
            if form.carried.get() {
                let text = el("p").text(widget.t(Word::Carried));
                alert(false, Icon::Clock, None, text).view()
            } else {
                nothing()
            }
        })
        .region(move || match submission.stage.get() {
            Stage::Idle | Stage::Busy => nothing(),
            stage => later.part(Part::Outcome(stage)),
        })
        .region(move || match state.stuck.get() {
            Some((_, why)) => failure(&why, why.word(), Some(State::order_again)).view(),
            None => nothing(),
        })
        .region(move || match session.who.get() {
            Who::Failed(why) => failure(&why, why.word(), Some(State::load)).view(),
            Who::Nobody => later.part(Part::SignIn),
            _ => nothing(),
        })
        .region(move || {
            if form.editing.get().is_some() {
                return later.part(Part::Editing);
            }
            el("div")
                .class("end")
                .child(result::view())
                .region(move || primary(is_whole))
                .view()
        })
        .view()
}

fn is_input(event: &Event) -> bool {
    let element: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    element.is_some_and(|element| element.local_name() == "input")
}

fn primary(is_whole: Memo<bool>) -> AnyView {
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
            .children(if is_whole.get() {
                sign_in_and_create().into()
            } else {
                vec![sign_in_button()]
            })
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
