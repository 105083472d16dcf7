//! The widget's words on the plain pages.

use std::collections::HashMap;
use std::sync::LazyLock;

use goto_microapps_api::{Code, FieldCode};
use goto_microapps_widget_bundle::locale;

use crate::http::pages::Language;

type Map = HashMap<String, String>;

static ENGLISH: LazyLock<Map> = LazyLock::new(|| read(Language::English));
static FRENCH: LazyLock<Map> = LazyLock::new(|| read(Language::French));

fn read(language: Language) -> Map {
    serde_json::from_str(locale(language.tag())).unwrap_or_default()
}

/// The texts of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts(Language);

impl Texts {
    pub(super) fn of(language: Language) -> Self {
        Self(language)
    }

    /// BCP 47 tag.
    pub(super) fn tag(self) -> &'static str {
        self.0.tag()
    }

    /// What only these pages say.
    pub(super) fn own(self) -> &'static Own {
        match self.0 {
            Language::English => &Own::ENGLISH,
            Language::French => &Own::FRENCH,
        }
    }

    /// A text of the locale files.
    pub(super) fn get(self, key: &str) -> &'static str {
        let texts = match self.0 {
            Language::English => &*ENGLISH,
            Language::French => &*FRENCH,
        };
        texts.get(key).map_or("", String::as_str)
    }

    /// What to say about a problem, and what to do next.
    pub(super) fn code(self, code: Code) -> &'static str {
        let text = self.get(&format!("code_{}", name(code)));
        if text.is_empty() {
            self.get("code_outdated")
        } else {
            text
        }
    }

    /// What to say about a field.
    pub(super) fn field(self, field: &str, code: FieldCode) -> &'static str {
        self.get(match code {
            FieldCode::Required if field == "subject" => "field_subject_required",
            FieldCode::Required => "field_time_required",
            FieldCode::TooLong => "field_subject_too_long",
            FieldCode::NotATime => "field_not_a_time",
            FieldCode::TimeSkipped => "field_time_skipped",
            FieldCode::TimeAmbiguous => "field_time_ambiguous",
            FieldCode::InThePast => "field_in_the_past",
            FieldCode::NotAfterStart => "field_not_after_start",
            FieldCode::TooFarFromStart => "field_too_far",
            FieldCode::InstantTooFar => "field_instant_too_far",
            FieldCode::UnknownTimeZone => "field_time_zone",
            FieldCode::UnknownCoOrganizer => "field_co_unknown",
            FieldCode::TooMany => "field_co_too_many",
        })
    }
}

/// The name a code has on the wire.
fn name(code: Code) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// Texts the widget has no use for.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) search: &'static str,
    pub(super) new_tab: &'static str,
    pub(super) busy: &'static str,
    pub(super) invitation: &'static str,
    pub(super) sign_in_first: &'static str,
    pub(super) next_day: &'static str,
    pub(super) check_time: &'static str,
    pub(super) check_time_text: &'static str,
}

impl Own {
    const ENGLISH: Self = Self {
        search: "Search",
        new_tab: "Sign in in a new tab, come back here and press Create meeting again.",
        busy: "Many meetings are being created. This one was not created yet; press Create meeting again in a moment.",
        invitation: "Select the link to copy it.",
        sign_in_first: "Sign in with GoTo first: the meeting is created in your name.",
        next_day: "It ends the next day.",
        check_time: "Is this the right time?",
        check_time_text: "If so, press Create meeting again. Nothing has been created yet.",
    };
    const FRENCH: Self = Self {
        search: "Rechercher",
        new_tab: "Connectez-vous dans un nouvel onglet, revenez ici et appuyez de nouveau sur Créer la réunion.",
        busy: "De nombreuses réunions sont en cours de création. La vôtre n’a pas encore été créée ; appuyez de nouveau sur Créer la réunion dans un instant.",
        invitation: "Sélectionnez le lien pour le copier.",
        sign_in_first: "Connectez-vous d’abord avec GoTo : la réunion est créée à votre nom.",
        next_day: "Elle se termine le lendemain.",
        check_time: "Est-ce le bon horaire ?",
        check_time_text: "Si oui, appuyez de nouveau sur Créer la réunion. Rien n’a encore été créé.",
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words_in_every_language() {
        for language in [Language::English, Language::French] {
            let texts = Texts::of(language);
            for code in [
                Code::Busy,
                Code::GotoSlow,
                Code::Internal,
                Code::BodyTooLarge,
            ] {
                assert!(!texts.code(code).is_empty(), "{code:?}");
            }
            assert_eq!(texts.code(Code::GotoSlow), texts.get("code_goto_slow"));
            assert!(!texts.field("start", FieldCode::InThePast).is_empty());
        }
    }
}
