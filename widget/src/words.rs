//! The words of the widget, one JSON file per language under `widget/locales`.
//!
//! Owns the typed keys, so that a missing translation is a failing test and not an empty label. The
//! bundle drops the keys and sends the texts as a list in the order of their keys; [`Word`] has the
//! same order.

use goto_microapps_api::{Code, ConfirmingCause};

use crate::browser::codec;

macro_rules! words {
    ($($word:ident = $key:literal,)*) => {
        /// Everything the widget can say.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub(crate) enum Word { $($word,)* }

        /// Keys of the locale files, in the order of [`Word`].
        #[cfg(test)]
        const KEYS: &[&str] = &[$($key,)*];
    };
}

words! {
    Busy = "busy",
    BusyWait = "busy_wait",
    Carried = "carried",
    ChangeTimeZone = "change_time_zone",
    CheckAgain = "check_again",
    CoOrganizers = "co_organizers",
    CodeBusy = "code_busy",
    CodeGateway = "code_gateway",
    CodeGotoFailed = "code_goto_failed",
    CodeGotoForbidden = "code_goto_forbidden",
    CodeGotoRefused = "code_goto_refused",
    CodeGotoSlow = "code_goto_slow",
    CodeGotoUnreachable = "code_goto_unreachable",
    CodeGotoUnreadable = "code_goto_unreadable",
    CodeHandoffRefused = "code_handoff_refused",
    CodeIdempotencyMismatch = "code_idempotency_mismatch",
    CodeInternal = "code_internal",
    CodeInvalidMeeting = "code_invalid_meeting",
    CodeMeetingNotFound = "code_meeting_not_found",
    CodeNotReady = "code_not_ready",
    CodeOffline = "code_offline",
    CodeOriginRefused = "code_origin_refused",
    CodeOutdated = "code_outdated",
    CodeReconnectRequired = "code_reconnect_required",
    CodeSignInRequired = "code_sign_in_required",
    CodeSignOn = "code_sign_on",
    CodeSignOnExpired = "code_sign_on_expired",
    CodeSignOnRefused = "code_sign_on_refused",
    CodeSignOnUnverified = "code_sign_on_unverified",
    CodeSomebodyElse = "code_somebody_else",
    Confirming = "confirming",
    ConfirmingFailed = "confirming_failed",
    ConfirmingRestarted = "confirming_restarted",
    ConfirmingSlow = "confirming_slow",
    ConfirmingUnreadable = "confirming_unreadable",
    Copied = "copied",
    CopyFailed = "copy_failed",
    CopyInvitation = "copy_invitation",
    CopyLink = "copy_link",
    Create = "create",
    CreateAnother = "create_another",
    CreateAnyway = "create_anyway",
    CreateMeeting = "create_meeting",
    Created = "created",
    Creating = "creating",
    Date = "date",
    Differs = "differs",
    DiffersDevice = "differs_device",
    DiffersServer = "differs_server",
    DiffersText = "differs_text",
    DiffersWhy = "differs_why",
    Duration = "duration",
    Edit = "edit",
    EndTime = "end_time",
    Failed = "failed",
    FieldCoNobody = "field_co_nobody",
    FieldCoTooMany = "field_co_too_many",
    FieldCoTyped = "field_co_typed",
    FieldCoUnknown = "field_co_unknown",
    FieldDateRequired = "field_date_required",
    FieldInThePast = "field_in_the_past",
    FieldInstantTooFar = "field_instant_too_far",
    FieldLong = "field_long",
    FieldNotATime = "field_not_a_time",
    FieldNotAfterStart = "field_not_after_start",
    FieldSubjectRequired = "field_subject_required",
    FieldSubjectTooLong = "field_subject_too_long",
    FieldTimeAmbiguous = "field_time_ambiguous",
    FieldTimeRequired = "field_time_required",
    FieldTimeSkipped = "field_time_skipped",
    FieldTimeZone = "field_time_zone",
    FieldTooFar = "field_too_far",
    FoldEarlier = "fold_earlier",
    FoldLater = "fold_later",
    Gateway = "gateway",
    GatewayWait = "gateway_wait",
    Hours = "hours",
    HoursMinutes = "hours_minutes",
    InvitationId = "invitation_id",
    InvitationJoin = "invitation_join",
    InvitationPassword = "invitation_password",
    Join = "join",
    Link = "link",
    Loading = "loading",
    MeetingDetails = "meeting_details",
    MeetingId = "meeting_id",
    Minutes = "minutes",
    NewMeeting = "new_meeting",
    NewWindow = "new_window",
    NextDay = "next_day",
    NoMeeting = "no_meeting",
    Offline = "offline",
    OfflineWait = "offline_wait",
    Optional = "optional",
    Organizer = "organizer",
    Password = "password",
    PasswordHelp = "password_help",
    PasswordNote = "password_note",
    PeopleAlready = "people_already",
    PeopleChosen = "people_chosen",
    PeopleFailed = "people_failed",
    PeopleFound = "people_found",
    PeopleHelp = "people_help",
    PeopleNone = "people_none",
    PeoplePlaceholder = "people_placeholder",
    PeopleSearching = "people_searching",
    PeopleSelf = "people_self",
    PeopleSignIn = "people_sign_in",
    PeopleUnsynced = "people_unsynced",
    PersonAdded = "person_added",
    PersonRemove = "person_remove",
    PersonRemoved = "person_removed",
    Phone = "phone",
    PlainForm = "plain_form",
    Retry = "retry",
    SignIn = "sign_in",
    SignInBlocked = "sign_in_blocked",
    SignInClosed = "sign_in_closed",
    SignInCode = "sign_in_code",
    SignInDenied = "sign_in_denied",
    SignInDetails = "sign_in_details",
    SignInExpired = "sign_in_expired",
    SignInFailed = "sign_in_failed",
    SignInUnseen = "sign_in_unseen",
    SignInUseCode = "sign_in_use_code",
    SignInWaiting = "sign_in_waiting",
    SignInWhy = "sign_in_why",
    SignOn = "sign_on",
    SignOnRenew = "sign_on_renew",
    SignOnWait = "sign_on_wait",
    SignOut = "sign_out",
    SignOutFailed = "sign_out_failed",
    SigningIn = "signing_in",
    StartTime = "start_time",
    Subject = "subject",
    SubjectLeft = "subject_left",
    SubjectOver = "subject_over",
    TimeUnknown = "time_unknown",
    TimeZone = "time_zone",
    TimeZoneGuess = "time_zone_guess",
    TimeZoneHelp = "time_zone_help",
    Unconfirmed = "unconfirmed",
    UnconfirmedText = "unconfirmed_text",
    UnconfirmedUnseen = "unconfirmed_unseen",
    UseLong = "use_long",
    UseTime = "use_time",
    ViewDetails = "view_details",
}

/// One language.
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Reads the list of texts.
    pub(crate) fn parse(text: &str) -> Self {
        Self(codec::from_text(text).unwrap_or_default())
    }

    /// The text of `word`.
    pub(crate) fn get(&self, word: Word) -> &str {
        self.0.get(word as usize).map_or("", String::as_str)
    }
}

/// The form of `text` that goes with a number: before the bar for one, after it for more. French
/// counts nothing as one (CLDR plural rules).
pub(crate) fn plural<'a>(text: &'a str, lang: &str, number: usize) -> &'a str {
    let Some((one, more)) = text.split_once('|') else {
        return text;
    };
    if number == 1 || (number == 0 && lang == "fr") {
        one
    } else {
        more
    }
}

/// Puts `value` in the place of `{name}`.
pub(crate) fn fill(text: &str, name: &str, value: &str) -> String {
    let mut filled = String::with_capacity(text.len() + value.len());
    let mut rest = text;
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

/// What to say about a problem, and what to do next.
pub(crate) fn for_code(code: Code) -> Word {
    match code {
        Code::SignInRequired => Word::CodeSignInRequired,
        Code::ReconnectRequired => Word::CodeReconnectRequired,
        Code::SignOnExpired => Word::CodeSignOnExpired,
        Code::SignOnUnverified => Word::CodeSignOnUnverified,
        Code::SignOnRefused => Word::CodeSignOnRefused,
        Code::SomebodyElse => Word::CodeSomebodyElse,
        Code::HandoffRefused => Word::CodeHandoffRefused,
        Code::OriginRefused => Word::CodeOriginRefused,
        Code::InvalidMeeting => Word::CodeInvalidMeeting,
        Code::TimeZoneDiffers => Word::Differs,
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
            let forms: Vec<&str> = text.split('|').collect();
            assert!(forms.len() <= 2, "{text}");
            forms[0]
                .split('{')
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
    fn words_stand_in_the_order_of_their_keys() {
        assert!(KEYS.is_sorted());
        let french = file(LOCALES[1].1);
        let words = Words(french.values().cloned().collect());
        assert_eq!(words.get(Word::CreateMeeting), "Créer une réunion");
        assert_eq!(words.get(Word::ViewDetails), french["view_details"]);
    }

    #[test]
    fn one_is_not_many() {
        let text = "{count} person|{count} people";
        for (lang, number, wanted) in [
            ("en", 0, "{count} people"),
            ("en", 1, "{count} person"),
            ("en", 2, "{count} people"),
            ("fr", 0, "{count} person"),
            ("fr", 1, "{count} person"),
            ("fr", 2, "{count} people"),
        ] {
            assert_eq!(plural(text, lang, number), wanted, "{lang} {number}");
        }
        assert_eq!(plural("as it is", "en", 1), "as it is");
    }

    #[test]
    fn fills_places_once_and_leaves_braces_of_others() {
        assert_eq!(fill("{count} left", "count", "3"), "3 left");
        assert_eq!(fill("{a}{b}{", "b", "{a}"), "{a}{a}{");
    }
}
