//! What became of a create that has not made its meeting yet, and what may be done about it.

use goto_microapps_api::{Reading, format};
use leptos::prelude::*;

use crate::components::{Icon, alert, button, el, nothing, renewal};
use crate::moment;
use crate::state::State;
use crate::state::stage::{Difference, Obstacle, Stage};
use crate::words::{Word, fill, for_cause, for_code};

/// What became of the create.
pub(super) fn view(stage: Stage) -> AnyView {
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
    let state = State::expect();
    let State {
        widget, submission, ..
    } = state;
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
        Obstacle::Queue => {
            button("withdraw", "button", Word::Withdraw).on("click", move |_| state.withdraw())
        }
        Obstacle::SignOn => renewal(),
        // What became of the request is not known: the form stays as it was sent.
        _ => return alert.view(),
    };
    alert.child(el("div").class("choices").child(choice)).view()
}
