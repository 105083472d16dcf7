//! The words of the plain pages in the reader's language.

use goto_microapps_api::{Code, ConfirmingCause, Mistake};

use crate::http::pages::{Language, Word, for_cause, for_code, for_field};

/// The texts of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts(Language);

impl Texts {
    pub(super) fn of(language: Language) -> Self {
        Self(language)
    }

    /// Whose texts these are.
    pub(super) fn language(self) -> Language {
        self.0
    }

    /// BCP 47 tag.
    pub(super) fn tag(self) -> &'static str {
        self.0.tag()
    }

    /// The text of a word.
    pub(super) fn get(self, word: Word) -> &'static str {
        self.0.say(word)
    }

    /// What to say about a problem, and what to do next.
    pub(super) fn code(self, code: Code) -> &'static str {
        self.get(for_code(code))
    }

    /// Why it is not known yet whether the meeting exists.
    pub(super) fn cause(self, cause: ConfirmingCause) -> &'static str {
        self.get(for_cause(cause))
    }

    /// What to say about a field.
    pub(super) fn field(self, mistake: &Mistake) -> &'static str {
        self.get(for_field(mistake.field, mistake.code))
    }
}
