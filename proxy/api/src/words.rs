//! How the texts of a catalogue are used, whoever says them.
//!
//! The texts are in `widget/locales`; each face has an enum of those that it says, made of them by
//! its build script.

/// Puts `value` in the place of `{name}`.
///
/// ```
/// use goto_microapps_api::words::fill;
/// assert_eq!(fill("{count} left", "count", "3"), "3 left");
/// ```
pub fn fill(text: &str, name: &str, value: &str) -> String {
    let mut filled = String::with_capacity(text.len() + value.len());
    let mut rest = text;
    // No slices by index: the code for their panics is 4 KB of the widget's download.
    while let Some((before, inside)) = rest.split_once('{') {
        filled.push_str(before);
        match inside
            .strip_prefix(name)
            .and_then(|tail| tail.strip_prefix('}'))
        {
            Some(tail) => {
                filled.push_str(value);
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = inside;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Names one after the other, parted as in `pattern`, which is how a language writes two of them.
///
/// ```
/// use goto_microapps_api::words::listed;
/// assert_eq!(listed("{name}, {next}", &["Ann", "Bob", "Cy"]), "Ann, Bob, Cy");
/// assert_eq!(listed("{name}、{next}", &["安", "博"]), "安、博");
/// ```
pub fn listed<T>(pattern: &str, names: &[T]) -> String
where
    T: AsRef<str>,
{
    let rest = pattern.strip_prefix("{name}");
    let comma = rest.and_then(|rest| rest.strip_suffix("{next}"));
    let comma = comma.unwrap_or(", ");
    let mut list = String::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            list.push_str(comma);
        }
        list.push_str(name.as_ref());
    }
    list
}

/// The form of `text` for a category of numbers (CLDR plural rules). Forms stand in one text with
/// bars between them: first the one for all others, then each after the name of its category.
///
/// ```
/// use goto_microapps_api::words::plural;
/// let text = "{count} people|one {count} person";
/// assert_eq!(plural(text, "one"), "{count} person");
/// assert_eq!(plural(text, "other"), "{count} people");
/// ```
pub fn plural<'a>(text: &'a str, category: &str) -> &'a str {
    let mut forms = text.split('|');
    let other = forms.next().unwrap_or_default();
    forms
        .find_map(|form| form.strip_prefix(category)?.strip_prefix(' '))
        .unwrap_or(other)
}

/// Functions that choose a word for a problem, for a crate that has the words of the catalogue's
/// section `both` in an enum of that name: every face says the same about the same.
#[macro_export]
macro_rules! words_for_problems {
    ($Word:ident) => {
        /// What to say about a problem, and what to do next.
        pub(crate) fn for_code(code: $crate::Code) -> $Word {
            use $crate::Code;
            match code {
                Code::SignInRequired => $Word::CodeSignInRequired,
                Code::ReconnectRequired => $Word::CodeReconnectRequired,
                Code::SignOnExpired => $Word::CodeSignOnExpired,
                Code::SignOnUnverified => $Word::CodeSignOnUnverified,
                Code::SignOnRefused => $Word::CodeSignOnRefused,
                Code::SomebodyElse => $Word::CodeSomebodyElse,
                Code::HandoffRefused => $Word::CodeHandoffRefused,
                Code::OriginRefused => $Word::CodeOriginRefused,
                Code::InvalidMeeting => $Word::CodeInvalidMeeting,
                Code::TimeZoneDiffers => $Word::Differs,
                Code::MeetingNotFound => $Word::CodeMeetingNotFound,
                Code::IdempotencyMismatch => $Word::CodeIdempotencyMismatch,
                Code::MeetingUnconfirmed => $Word::UnconfirmedText,
                Code::GotoRefused => $Word::CodeGotoRefused,
                Code::GotoForbidden => $Word::CodeGotoForbidden,
                Code::GotoUnreachable => $Word::CodeGotoUnreachable,
                Code::GotoSlow => $Word::CodeGotoSlow,
                Code::GotoFailed => $Word::CodeGotoFailed,
                Code::GotoUnreadable => $Word::CodeGotoUnreadable,
                // Where nobody asks what becomes of it, it is over in a moment.
                Code::Busy | Code::CancelWaiting => $Word::CodeBusy,
                Code::QueueExpired => $Word::CodeQueueExpired,
                Code::QueueConsentLost => $Word::CodeReconnectRequired,
                Code::NotReady => $Word::CodeNotReady,
                Code::MalformedRequest
                | Code::BodyTooLarge
                | Code::UnsupportedMediaType
                | Code::NotFound
                | Code::MethodNotAllowed
                | Code::IdempotencyKeyRequired
                | Code::Other => $Word::CodeOutdated,
                Code::Internal => $Word::CodeInternal,
            }
        }

        /// Why a meeting was not changed, or nobody knows.
        pub(crate) fn for_edit(
            state: $crate::EditState,
            reason: Option<$crate::StopReason>,
        ) -> $Word {
            use $crate::{EditState, StopReason};
            if state != EditState::Stopped {
                return $Word::EditUnconfirmed;
            }
            match reason {
                Some(StopReason::Changed) => $Word::EditChanged,
                Some(StopReason::Running) => $Word::EditRunning,
                Some(StopReason::Recurring) => $Word::EditRecurring,
                Some(StopReason::Past) => $Word::FieldInThePast,
                Some(StopReason::Gone) => $Word::CodeMeetingNotFound,
                Some(StopReason::Unreachable) => $Word::EditUnreachable,
                Some(StopReason::SignedOut) => $Word::CodeSignInRequired,
                Some(StopReason::Refused | StopReason::Other) | None => $Word::EditRefused,
            }
        }

        /// Why a meeting was not cancelled.
        pub(crate) fn for_cancel(reason: Option<$crate::StopReason>) -> $Word {
            use $crate::StopReason;
            match reason {
                Some(StopReason::Changed) => $Word::CancelChanged,
                Some(StopReason::Running) => $Word::CancelRunning,
                Some(StopReason::Recurring) => $Word::CancelRecurring,
                Some(StopReason::Gone) => $Word::CodeMeetingNotFound,
                Some(StopReason::SignedOut) => $Word::CancelSignedOut,
                Some(StopReason::Unreachable) => $Word::CancelUnreachable,
                Some(StopReason::Refused | StopReason::Past | StopReason::Other) | None => {
                    $Word::CancelRefused
                }
            }
        }

        /// Why it is not known yet whether the meeting exists.
        pub(crate) fn for_cause(cause: $crate::ConfirmingCause) -> $Word {
            use $crate::ConfirmingCause;
            match cause {
                ConfirmingCause::Slow => $Word::ConfirmingSlow,
                ConfirmingCause::Failed => $Word::ConfirmingFailed,
                ConfirmingCause::Unreadable => $Word::ConfirmingUnreadable,
                ConfirmingCause::Queued => $Word::QueuedText,
                ConfirmingCause::Restarted => $Word::ConfirmingRestarted,
            }
        }

        /// What to say about a field.
        pub(crate) fn for_field(field: $crate::Field, code: $crate::FieldCode) -> $Word {
            use $crate::{Field, FieldCode};
            match code {
                FieldCode::Required => match field {
                    Field::Subject => $Word::FieldSubjectRequired,
                    Field::Date => $Word::FieldDateRequired,
                    _ => $Word::FieldTimeRequired,
                },
                FieldCode::TooLong => $Word::FieldSubjectTooLong,
                FieldCode::NotATime => $Word::FieldNotATime,
                FieldCode::TimeSkipped => $Word::FieldTimeSkipped,
                FieldCode::TimeAmbiguous => $Word::FieldTimeAmbiguous,
                FieldCode::InThePast => $Word::FieldInThePast,
                FieldCode::NotAfterStart => $Word::FieldNotAfterStart,
                FieldCode::MustBeChosen => $Word::FieldLong,
                FieldCode::TooFarFromStart => $Word::FieldTooFar,
                FieldCode::InstantTooFar => $Word::FieldInstantTooFar,
                FieldCode::UnknownTimeZone => $Word::FieldTimeZone,
                FieldCode::UnknownCoOrganizer => $Word::FieldCoUnknown,
                FieldCode::TooMany => match field {
                    Field::Participants => $Word::FieldParticipantsTooMany,
                    _ => $Word::FieldCoTooMany,
                },
                FieldCode::NotAnAddress => $Word::FieldNotAnAddress,
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_by_its_whole_name() {
        let text = "{count} c|zero no|one a|two a pair|few {count} a|many {count} b";
        for (category, form) in [
            ("zero", "no"),
            ("one", "a"),
            ("two", "a pair"),
            ("few", "{count} a"),
            ("many", "{count} b"),
            ("other", "{count} c"),
            ("on", "{count} c"),
            ("", "{count} c"),
        ] {
            assert_eq!(plural(text, category), form, "{category}");
        }
        assert_eq!(plural("one as it is", "one"), "one as it is");
    }

    #[test]
    fn fills_places_once_and_leaves_braces_of_others() {
        assert_eq!(fill("{count} left", "count", "3"), "3 left");
        assert_eq!(fill("{a}{b}{", "b", "{a}"), "{a}{a}{");
    }
}
