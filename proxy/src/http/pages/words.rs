//! Texts of the sign-in pages, in the widget's languages.

use axum::http::{HeaderMap, header};
use goto_microapps_api::Code;

/// A language the pages have texts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English, and everything unknown.
    English,
    /// French.
    French,
}

/// Texts of one language.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) signed_in: [&'static str; 2],
    pub(crate) signed_on: [&'static str; 2],
    pub(crate) severed: [&'static str; 2],
    pub(crate) denied: [&'static str; 2],
    pub(crate) expired: [&'static str; 2],
    pub(crate) other_browser: [&'static str; 2],
    pub(crate) unknown: [&'static str; 2],
    pub(crate) goto_down: [&'static str; 2],
    pub(crate) goto_refused: [&'static str; 2],
    pub(crate) busy: [&'static str; 2],
    pub(crate) not_ready: [&'static str; 2],
    pub(crate) page_refused: [&'static str; 2],
    pub(crate) without_script: &'static str,
    pub(crate) somebody_else: [&'static str; 2],
    pub(crate) another_account: [&'static str; 2],
    pub(crate) no_email: [&'static str; 2],
    pub(crate) back: &'static str,
    pub(crate) nothing_here: [&'static str; 2],
    pub(crate) unreadable: [&'static str; 2],
    pub(crate) crowded: [&'static str; 2],
    pub(crate) not_own_form: [&'static str; 2],
    pub(crate) broken: [&'static str; 2],
}

impl Words {
    /// Title and text of a refusal, for somebody who went to a page.
    pub(crate) fn refusal(&self, code: Code) -> [&'static str; 2] {
        match code {
            Code::NotFound | Code::MethodNotAllowed | Code::MeetingNotFound => self.nothing_here,
            Code::Busy => self.crowded,
            Code::OriginRefused => self.not_own_form,
            Code::MalformedRequest | Code::BodyTooLarge | Code::UnsupportedMediaType => {
                self.unreadable
            }
            Code::NotReady => self.not_ready,
            _ => self.broken,
        }
    }
}

impl Language {
    /// From a tag like `fr` or `fr-CA`.
    pub(crate) fn of(tag: &str) -> Self {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("fr") {
            Self::French
        } else {
            Self::English
        }
    }

    /// The browser's first language.
    pub(crate) fn of_browser(headers: &HeaderMap) -> Self {
        let tags = headers.get(header::ACCEPT_LANGUAGE);
        let first = tags.and_then(|value| value.to_str().ok()?.split([',', ';']).next());
        Self::of(first.unwrap_or_default())
    }

    /// BCP 47.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// Its texts.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
        }
    }
}

const ENGLISH: Words = Words {
    signed_in: [
        "You are signed in",
        "You can close this window and go back to your page.",
    ],
    signed_on: [
        "You are signed on again",
        "Close this window and go back to your page: it goes on by itself.",
    ],
    severed: [
        "One more step",
        "Your browser keeps this window apart from your page. Go back there and type this code; it is good for five minutes.",
    ],
    denied: [
        "Access was not given",
        "Without access to GoTo no meeting can be scheduled. Close this window and sign in again if you change your mind.",
    ],
    expired: [
        "That took too long",
        "The sign-in has to be finished within ten minutes. Close this window and sign in again from your page.",
    ],
    other_browser: [
        "Started in another browser",
        "Close this window and sign in again from your page. If it happens again, allow cookies for this address.",
    ],
    unknown: [
        "This sign-in is not open any more",
        "It was finished before, or the address is incomplete. Close this window and sign in again from your page.",
    ],
    goto_down: [
        "GoTo does not answer",
        "You are not signed in. Try again in a few minutes.",
    ],
    goto_refused: [
        "GoTo did not accept the sign-in",
        "Sign in again from your page.",
    ],
    busy: [
        "Many people are signing in",
        "Yours goes on by itself in {seconds} s. You do not need to do anything.",
    ],
    not_ready: [
        "Not connected to GoTo yet",
        "Tell your administrator that the connection has to be corrected. Nothing is wrong with your account.",
    ],
    page_refused: [
        "This page may not sign you in",
        "The page that opened this window is not on the list of allowed pages. Ask your administrator to add it.",
    ],
    without_script: "Open the form without JavaScript",
    somebody_else: [
        "That is another account",
        "Sign out at GoTo, then sign in again with the account of the name you have on the intranet.",
    ],
    another_account: [
        "That account is not your company’s",
        "At GoTo you are {email}, which does not belong to this company’s account. Sign out at GoTo and sign in with the account your company gave you; if that was it, tell your administrator.",
    ],
    no_email: [
        "GoTo knows no e-mail address of yours",
        "Without one you cannot be told from others. Tell your administrator that your GoTo account has no e-mail address.",
    ],
    back: "Back to the form",
    nothing_here: [
        "There is no page here",
        "The address is incomplete, or the page is not there any more.",
    ],
    unreadable: [
        "That could not be read",
        "Go back to the page you came from, reload it and try again. Nothing was created.",
    ],
    crowded: ["Too much at once", "Wait a moment, then reload this page."],
    not_own_form: [
        "That was sent from another page",
        "Open the form here and fill it in again. Nothing was created.",
    ],
    broken: [
        "That did not work",
        "Try again in a few minutes. If it happens again, tell your administrator this number:",
    ],
};

const FRENCH: Words = Words {
    signed_in: [
        "Vous êtes connecté",
        "Vous pouvez fermer cette fenêtre et revenir à votre page.",
    ],
    signed_on: [
        "Vous êtes de nouveau authentifié",
        "Fermez cette fenêtre et revenez à votre page : elle reprend d’elle-même.",
    ],
    severed: [
        "Encore une étape",
        "Votre navigateur isole cette fenêtre de votre page. Revenez-y et saisissez ce code, valable cinq minutes.",
    ],
    denied: [
        "L’accès n’a pas été accordé",
        "Sans accès à GoTo, aucune réunion ne peut être créée. Fermez cette fenêtre et connectez-vous à nouveau si vous changez d’avis.",
    ],
    expired: [
        "Le délai est dépassé",
        "La connexion doit être terminée en dix minutes. Fermez cette fenêtre et connectez-vous à nouveau depuis votre page.",
    ],
    other_browser: [
        "Commencée dans un autre navigateur",
        "Fermez cette fenêtre et connectez-vous à nouveau depuis votre page. Si cela se reproduit, autorisez les cookies pour cette adresse.",
    ],
    unknown: [
        "Cette connexion n’est plus ouverte",
        "Elle a déjà été terminée, ou l’adresse est incomplète. Fermez cette fenêtre et connectez-vous à nouveau depuis votre page.",
    ],
    goto_down: [
        "GoTo ne répond pas",
        "Vous n’êtes pas connecté. Réessayez dans quelques minutes.",
    ],
    goto_refused: [
        "GoTo n’a pas accepté la connexion",
        "Connectez-vous à nouveau depuis votre page.",
    ],
    busy: [
        "Beaucoup de connexions en ce moment",
        "La vôtre reprend d’elle-même dans {seconds} s. Vous n’avez rien à faire.",
    ],
    not_ready: [
        "Pas encore relié à GoTo",
        "Signalez à votre administrateur que la liaison est à corriger. Votre compte n’est pas en cause.",
    ],
    page_refused: [
        "Cette page ne peut pas vous connecter",
        "La page qui a ouvert cette fenêtre ne figure pas dans la liste autorisée. Demandez à votre administrateur de l’ajouter.",
    ],
    without_script: "Ouvrir le formulaire sans JavaScript",
    somebody_else: [
        "C’est un autre compte",
        "Déconnectez-vous de GoTo, puis connectez-vous avec le compte du nom que vous portez sur l’intranet.",
    ],
    another_account: [
        "Ce compte n’est pas celui de votre entreprise",
        "Chez GoTo, vous êtes {email}, qui ne fait pas partie du compte de cette entreprise. Déconnectez-vous de GoTo et connectez-vous avec le compte que votre entreprise vous a donné ; si c’était celui-là, signalez-le à votre administrateur.",
    ],
    no_email: [
        "GoTo ne connaît aucune adresse e-mail pour vous",
        "Sans adresse, rien ne vous distingue des autres. Signalez à votre administrateur que votre compte GoTo n’a pas d’adresse e-mail.",
    ],
    back: "Revenir au formulaire",
    nothing_here: [
        "Il n’y a pas de page ici",
        "L’adresse est incomplète, ou la page n’existe plus.",
    ],
    unreadable: [
        "La demande n’a pas pu être lue",
        "Revenez à la page précédente, rechargez-la et réessayez. Rien n’a été créé.",
    ],
    crowded: [
        "Trop de demandes à la fois",
        "Patientez un instant, puis rechargez cette page.",
    ],
    not_own_form: [
        "La demande vient d’une autre page",
        "Ouvrez le formulaire ici et remplissez-le à nouveau. Rien n’a été créé.",
    ],
    broken: [
        "Cela n’a pas fonctionné",
        "Réessayez dans quelques minutes. Si cela se reproduit, communiquez ce numéro à votre administrateur :",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_primary_tag() {
        assert_eq!(Language::of("fr-CA"), Language::French);
        assert_eq!(Language::of("FR"), Language::French);
        assert_eq!(Language::of("fro"), Language::English);
        assert_eq!(Language::of(""), Language::English);
    }

    #[test]
    fn every_language_of_the_widget_has_pages() {
        for tag in goto_microapps_widget_bundle::LANGUAGES {
            assert_eq!(Language::of(tag).tag(), *tag);
        }
    }
}
