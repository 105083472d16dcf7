//! The words of the proxy's pages, in every language of the catalogue (`widget/locales`).
//!
//! The build script makes [`Word`] of the keys: one that is missing has no name here, one that
//! nobody says is an error.

use axum::http::{HeaderMap, header};
use goto_microapps_api::Code;

/// What a language is known by, and its texts in the order of [`Word`].
struct Locale {
    tag: &'static str,
    dates: chrono::Locale,
    texts: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/words.rs"));

goto_microapps_api::words_for_problems!(Word);

/// A language the pages have texts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Language(usize);

impl Language {
    /// Of readers of no language that there are words in.
    pub(crate) const ENGLISH: Self = Self(0);

    /// The one of a tag like `fr` or `fr-CA`, or English.
    pub(crate) fn of(tag: &str) -> Self {
        Self::known(tag).unwrap_or(Self::ENGLISH)
    }

    /// The one of a tag; what is not known of it is cut off from its end (RFC 4647, lookup).
    pub(crate) fn known(tag: &str) -> Option<Self> {
        let mut tag = tag.trim();
        loop {
            let found = LOCALES
                .iter()
                .position(|locale| locale.tag.eq_ignore_ascii_case(tag));
            if found.is_some() {
                return found.map(Self);
            }
            (tag, _) = tag.rsplit_once(['-', '_'])?;
        }
    }

    /// The one that the browser's reader likes best, or English.
    pub(crate) fn of_browser(headers: &HeaderMap) -> Self {
        let lists = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let lists = lists.filter_map(|list| list.to_str().ok());
        Self::liked_best(lists.flat_map(|list| list.split(','))).unwrap_or(Self::ENGLISH)
    }

    /// Of tags with their weights (RFC 9110, section 12.5.4) the heaviest that is known; of equals
    /// the first.
    fn liked_best<'a>(ranges: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut best = (0.0, None);
        for range in ranges {
            let (tag, weight) = match range.split_once(';') {
                Some((tag, weight)) => (tag, weight.trim().strip_prefix("q=")),
                None => (range, Some("1")),
            };
            let weight = weight.and_then(|weight| weight.parse::<f32>().ok());
            let weight = weight.filter(|weight| (0.0..=1.0).contains(weight));
            if let (Some(weight), Some(language)) = (weight, Self::known(tag))
                && weight > best.0
            {
                best = (weight, Some(language));
            }
        }
        best.1
    }

    /// BCP 47.
    pub(crate) fn tag(self) -> &'static str {
        LOCALES[self.0].tag
    }

    /// Names of its days and months.
    pub(crate) fn dates(self) -> chrono::Locale {
        LOCALES[self.0].dates
    }

    /// The text of a word.
    pub(crate) fn say(self, word: Word) -> &'static str {
        LOCALES[self.0].texts[word as usize]
    }
}

impl Word {
    /// Title and text of a refusal, for somebody who went to a page.
    pub(crate) fn refusal(code: Code) -> [Self; 2] {
        match code {
            Code::NotFound | Code::MethodNotAllowed | Code::MeetingNotFound => {
                [Self::NothingHere, Self::NothingHereText]
            }
            Code::Busy => [Self::Crowded, Self::CrowdedText],
            Code::OriginRefused => [Self::NotOwnForm, Self::NotOwnFormText],
            Code::MalformedRequest | Code::BodyTooLarge | Code::UnsupportedMediaType => {
                [Self::Unreadable, Self::UnreadableText]
            }
            Code::NotReady => [Self::NotReady, Self::NotReadyText],
            _ => [Self::Broken, Self::BrokenText],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_as_much_of_its_tag_as_there_are_words_for() {
        let french = Language::known("fr");
        assert!(french.is_some());
        for tag in ["fr-CA", "FR", "fr_FR", " fr-Latn-FR "] {
            assert_eq!(Language::known(tag), french, "{tag}");
        }
        for tag in ["fro", "", "-", "*", "-fr", "tlh"] {
            assert_eq!(Language::known(tag), None, "{tag}");
            assert_eq!(Language::of(tag).tag(), "en", "{tag}");
        }
    }

    #[test]
    fn a_browser_gets_what_it_likes_best_of_what_there_is() {
        for (lists, wanted) in [
            (&["fr"][..], "fr"),
            (&["tlh, fr;q=0.8, en;q=0.9"], "en"),
            (&["tlh,fr-CA;q=0.8,en;q=0.7"], "fr"),
            (&["en;q=0.5, fr;q=0.5"], "en"),
            (&["fr;q=0, tlh"], "en"),
            (&["tlh;q=0.9", "fr;q=0.1"], "fr"),
            (&["en; q=0.1, fr; q=0.2"], "fr"),
            (&["fr;q=nan, fr;q=2, fr;q, fr;q=-1"], "en"),
            (&[""], "en"),
            (&[], "en"),
        ] {
            let mut headers = HeaderMap::new();
            for list in lists {
                headers.append(header::ACCEPT_LANGUAGE, list.parse().unwrap());
            }
            assert_eq!(Language::of_browser(&headers).tag(), wanted, "{lists:?}");
        }
    }

    #[test]
    fn every_language_of_the_widget_has_pages() {
        for tag in goto_microapps_widget_bundle::LANGUAGES {
            assert_eq!(Language::of(tag).tag(), *tag);
        }
    }
}
