//! The end of the form of a meeting that is being changed: what it was, what it will be, *Save changes*.

use leptos::prelude::*;

use crate::components::{Icon, alert, button, el, nothing, two_labels};
use crate::fields::result;
use crate::state::State;
use crate::words::Word;

/// What stands in the place of *Create meeting*.
pub(super) fn view() -> AnyView {
    let state = State::expect();
    let State {
        widget,
        form,
        submission,
        ..
    } = state;
    let before = state.before_edit().unwrap_or_default();
    let old_line = result::line(&widget.locale(), &before);
    let old_subject = before.subject;
    let was = move || {
        let draft = form.draft.read();
        let is_moved = result::line(&widget.locale(), &draft) != old_line;
        let is_renamed = draft.subject.trim() != old_subject.trim();
        let mut lines = el("div").class("was small muted");
        for (is_other, text) in [(is_renamed, &old_subject), (is_moved, &old_line)] {
            if is_other {
                lines = lines.child(el("s").attr("dir", "auto").text(text));
            }
        }
        lines.view()
    };
    let failed = move || match form.not_saved.get() {
        Some(why) => {
            let title = Some(widget.t(Word::EditStopped));
            alert(true, Icon::Warning, title, el("p").text(why)).view()
        }
        None => nothing(),
    };
    let save = el("button")
        .class("button primary")
        .attr("part", "primary")
        .attr("type", "button")
        .attr("data-action", "save")
        .on("click", move |_| state.proceed())
        .flag("aria-disabled", move || submission.held())
        .child(two_labels(
            widget.t(Word::SaveChanges),
            widget.t(Word::Saving),
            move || submission.held(),
        ));
    el("div")
        .class("page")
        .region(failed)
        .child(alert(
            false,
            Icon::Envelope,
            None,
            el("p").text(widget.t(Word::EditNote)),
        ))
        .child(
            el("div")
                .class("end")
                .child(el("div").region(was).child(result::view()))
                .child(
                    el("div").class("actions").child(save).child(
                        button("discard", "link", Word::Discard)
                            .on("click", move |_| state.discard_edit()),
                    ),
                ),
        )
        .view()
}
