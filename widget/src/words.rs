//! The words of the widget, one JSON file per language under `widget/locales`.
//!
//! Owns the typed keys, so that a missing translation is a failing test and not an empty label.

use goto_microapps_api::{Code, ConfirmingCause};

use crate::json::{self, Value};

macro_rules! words {
    ($($word:ident = $key:literal,)*) => {
        /// Everything the widget can say.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub(crate) enum Word { $($word,)* }

        /// Keys of the locale files, in the order of [`Word`].
        const KEYS: &[&str] = &[$($key,)*];
    };
}

words! {
    CreateMeeting = "create_meeting",
    NewMeeting = "new_meeting",
    MeetingDetails = "meeting_details",
    Loading = "loading",
    Subject = "subject",
    SubjectLeft = "subject_left",
    SubjectOver = "subject_over",
    Date = "date",
    StartTime = "start_time",
    EndTime = "end_time",
    NextDay = "next_day",
    Duration = "duration",
    Minutes = "minutes",
    Hours = "hours",
    HoursMinutes = "hours_minutes",
    TimeZone = "time_zone",
    TimeZoneHelp = "time_zone_help",
    ChangeTimeZone = "change_time_zone",
    Password = "password",
    PasswordHelp = "password_help",
    CoOrganizers = "co_organizers",
    Optional = "optional",
    PeoplePlaceholder = "people_placeholder",
    PeopleHelp = "people_help",
    PeopleChosen = "people_chosen",
    PeopleSearching = "people_searching",
    PeopleNone = "people_none",
    PeopleUnsynced = "people_unsynced",
    PeopleSignIn = "people_sign_in",
    PeopleFailed = "people_failed",
    PeopleOne = "people_one",
    PeopleMany = "people_many",
    PersonAdded = "person_added",
    PersonRemoved = "person_removed",
    PersonRemove = "person_remove",
    Create = "create",
    Creating = "creating",
    SignIn = "sign_in",
    SigningIn = "signing_in",
    SignOut = "sign_out",
    SignInWhy = "sign_in_why",
    SignInDetails = "sign_in_details",
    SignInWaiting = "sign_in_waiting",
    SignInBlocked = "sign_in_blocked",
    SignInClosed = "sign_in_closed",
    SignInDenied = "sign_in_denied",
    SignInFailed = "sign_in_failed",
    SignInExpired = "sign_in_expired",
    SignInCode = "sign_in_code",
    SignInUseCode = "sign_in_use_code",
    Confirming = "confirming",
    ConfirmingSlow = "confirming_slow",
    ConfirmingFailed = "confirming_failed",
    ConfirmingUnreadable = "confirming_unreadable",
    ConfirmingRestarted = "confirming_restarted",
    Unconfirmed = "unconfirmed",
    UnconfirmedText = "unconfirmed_text",
    CheckAgain = "check_again",
    CreateAnyway = "create_anyway",
    Busy = "busy",
    BusyWait = "busy_wait",
    Offline = "offline",
    OfflineWait = "offline_wait",
    Retry = "retry",
    Edit = "edit",
    Failed = "failed",
    Created = "created",
    Link = "link",
    CopyLink = "copy_link",
    CopyInvitation = "copy_invitation",
    Copied = "copied",
    CopyFailed = "copy_failed",
    ViewDetails = "view_details",
    CreateAnother = "create_another",
    Join = "join",
    NewWindow = "new_window",
    Organizer = "organizer",
    Phone = "phone",
    PasswordNote = "password_note",
    MeetingId = "meeting_id",
    TimeUnknown = "time_unknown",
    InvitationJoin = "invitation_join",
    InvitationId = "invitation_id",
    InvitationPassword = "invitation_password",
    NoMeeting = "no_meeting",
    FoldEarlier = "fold_earlier",
    FoldLater = "fold_later",
    UseTime = "use_time",
    FieldSubjectRequired = "field_subject_required",
    FieldSubjectTooLong = "field_subject_too_long",
    FieldDateRequired = "field_date_required",
    FieldTimeRequired = "field_time_required",
    FieldNotATime = "field_not_a_time",
    FieldTimeSkipped = "field_time_skipped",
    FieldTimeAmbiguous = "field_time_ambiguous",
    FieldInThePast = "field_in_the_past",
    FieldNotAfterStart = "field_not_after_start",
    FieldTooFar = "field_too_far",
    FieldTimeZone = "field_time_zone",
    FieldCoUnknown = "field_co_unknown",
    FieldCoTooMany = "field_co_too_many",
    CodeSignInRequired = "code_sign_in_required",
    CodeReconnectRequired = "code_reconnect_required",
    CodeHandoffRefused = "code_handoff_refused",
    CodeOriginRefused = "code_origin_refused",
    CodeInvalidMeeting = "code_invalid_meeting",
    CodeMeetingNotFound = "code_meeting_not_found",
    CodeIdempotencyMismatch = "code_idempotency_mismatch",
    CodeGotoRefused = "code_goto_refused",
    CodeGotoForbidden = "code_goto_forbidden",
    CodeGotoUnreachable = "code_goto_unreachable",
    CodeGotoSlow = "code_goto_slow",
    CodeGotoFailed = "code_goto_failed",
    CodeGotoUnreadable = "code_goto_unreadable",
    CodeBusy = "code_busy",
    CodeNotReady = "code_not_ready",
    CodeOffline = "code_offline",
    CodeInternal = "code_internal",
    CodeOutdated = "code_outdated",
}

/// One language.
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Reads a locale file; a word it lacks shows as its key.
    pub(crate) fn parse(text: &str) -> Self {
        let file = json::parse(text).unwrap_or(Value::Null);
        Self(
            KEYS.iter()
                .map(|key| file.text(key).unwrap_or(key).to_owned())
                .collect(),
        )
    }

    /// The text of `word`.
    pub(crate) fn get(&self, word: Word) -> &str {
        self.0.get(word as usize).map_or("", String::as_str)
    }
}

/// Puts `value` in the place of `{name}`.
pub(crate) fn fill(text: &str, name: &str, value: &str) -> String {
    let mut filled = String::with_capacity(text.len() + value.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        filled.push_str(before);
        let inside = &after[1..];
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

/// What to say about a problem, and what to do next.
pub(crate) fn for_code(code: Code) -> Word {
    match code {
        Code::SignInRequired => Word::CodeSignInRequired,
        Code::ReconnectRequired => Word::CodeReconnectRequired,
        Code::HandoffRefused => Word::CodeHandoffRefused,
        Code::OriginRefused => Word::CodeOriginRefused,
        Code::InvalidMeeting => Word::CodeInvalidMeeting,
        Code::MeetingNotFound => Word::CodeMeetingNotFound,
        Code::IdempotencyMismatch => Word::CodeIdempotencyMismatch,
        Code::MeetingUnconfirmed => Word::UnconfirmedText,
        Code::GotoRefused => Word::CodeGotoRefused,
        Code::GotoForbidden => Word::CodeGotoForbidden,
        Code::GotoUnreachable => Word::CodeGotoUnreachable,
        Code::GotoSlow => Word::CodeGotoSlow,
        Code::GotoFailed => Word::CodeGotoFailed,
        Code::GotoUnreadable => Word::CodeGotoUnreadable,
        Code::Busy => Word::CodeBusy,
        Code::NotReady => Word::CodeNotReady,
        Code::MalformedRequest
        | Code::BodyTooLarge
        | Code::UnsupportedMediaType
        | Code::NotFound
        | Code::MethodNotAllowed
        | Code::IdempotencyKeyRequired
        | Code::Other => Word::CodeOutdated,
        Code::Internal => Word::CodeInternal,
    }
}

/// Why the widget is still asking whether the meeting exists.
pub(crate) fn for_cause(cause: ConfirmingCause) -> Word {
    match cause {
        ConfirmingCause::Slow => Word::ConfirmingSlow,
        ConfirmingCause::Failed => Word::ConfirmingFailed,
        ConfirmingCause::Unreadable => Word::ConfirmingUnreadable,
        ConfirmingCause::Restarted => Word::ConfirmingRestarted,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const LOCALES: [(&str, &str); 2] = [
        ("en", include_str!("../locales/en.json")),
        ("fr", include_str!("../locales/fr.json")),
    ];

    fn file(text: &str) -> BTreeMap<String, String> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_locale_has_exactly_the_typed_keys() {
        let typed: BTreeSet<&str> = KEYS.iter().copied().collect();
        for (lang, text) in LOCALES {
            let file = file(text);
            let keys: BTreeSet<&str> = file.keys().map(String::as_str).collect();
            assert_eq!(keys, typed, "{lang}");
            for (key, words) in &file {
                assert!(!words.trim().is_empty(), "{lang}: {key} is empty");
            }
        }
    }

    #[test]
    fn every_locale_fills_the_same_places() {
        let places = |text: &str| -> BTreeSet<String> {
            text.split('{')
                .skip(1)
                .map(|rest| rest.split('}').next().unwrap().to_owned())
                .collect()
        };
        let english = file(LOCALES[0].1);
        for (lang, text) in LOCALES {
            for (key, words) in file(text) {
                assert_eq!(places(&words), places(&english[&key]), "{lang}: {key}");
            }
        }
    }

    #[test]
    fn french_has_no_breaking_space_before_double_signs() {
        for (key, words) in file(LOCALES[1].1) {
            for sign in [':', ';', '!', '?', '»'] {
                assert!(!words.contains(&format!(" {sign}")), "{key}: {words}");
            }
            assert!(!words.contains('\''), "{key}: typewriter apostrophe");
        }
    }

    #[test]
    fn reads_a_locale_and_shows_the_key_of_a_missing_word() {
        let words = Words::parse(r#"{"subject":"Objet"}"#);
        assert_eq!(words.get(Word::Subject), "Objet");
        assert_eq!(words.get(Word::Date), "date");
        assert_eq!(
            Words::parse(LOCALES[1].1).get(Word::CreateMeeting),
            "Créer une réunion"
        );
    }

    #[test]
    fn fills_places_once_and_leaves_braces_of_others() {
        assert_eq!(fill("{count} left", "count", "3"), "3 left");
        assert_eq!(fill("{a}{b}{", "b", "{a}"), "{a}{a}{");
    }
}
