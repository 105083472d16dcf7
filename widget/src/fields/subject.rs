//! Subject, with a count that appears near the limit.

use goto_microapps_api::{Field, SUBJECT_MAX, subject_length};
use leptos::prelude::*;

use super::{input, label, note};
use crate::browser::text::typed;
use crate::components::{El, el};
use crate::state::State;
use crate::words::Word;

/// From this many characters left on, the count shows.
const NEAR: usize = 20;

/// What the count says, if anything: a word and its number.
fn count(subject: &str) -> Option<(Word, usize)> {
    let length = subject_length(subject);
    match SUBJECT_MAX.checked_sub(length) {
        None => Some((Word::SubjectOver, length - SUBJECT_MAX)),
        Some(left) => (left <= NEAR).then_some((Word::SubjectLeft, left)),
    }
}

/// The field.
pub(crate) fn view() -> El {
    let State { widget, form, .. } = State::expect();
    let counted = move || {
        count(&form.draft.read().subject)
            .map(|(word, number)| widget.count(word, number))
            .unwrap_or_default()
    };
    el("div")
        .class("field")
        .child(
            label(Field::Subject, Word::Subject)
                .child(el("span").class("muted").live_text(counted)),
        )
        .child(
            input(Field::Subject, "text")
                .attr("autocomplete", "off")
                .attr("enterkeyhint", "done")
                .attr("aria-required", "true")
                .value(move || form.draft.read().subject.clone())
                .on("input", move |event| {
                    form.forgive(Field::Subject);
                    form.edit(|draft| draft.subject = typed(&event));
                }),
        )
        .child(note(Field::Subject, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_only_near_the_limit() {
        assert_eq!(count(""), None);
        assert_eq!(count(&"a".repeat(79)), None);
        assert_eq!(count(&"a".repeat(80)), Some((Word::SubjectLeft, 20)));
        assert_eq!(count(&"<".repeat(25)), Some((Word::SubjectLeft, 0)));
        assert_eq!(count(&"é".repeat(103)), Some((Word::SubjectOver, 3)));
    }
}
