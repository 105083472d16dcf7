//! Subjects on their way: escaped as GoTo wants them, and back from whatever a cleaner made of them.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// How often a text may have been escaped over and over.
const LAYERS: usize = 8;

/// GoTo wants `<` and `>` as entities.
pub(super) fn escape(text: &str) -> String {
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// Back to text, whichever entities stand for its signs and however often it was escaped. It is
/// shown as text, never as HTML.
pub(super) fn plain(text: &str) -> String {
    let mut plain = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        let decoded = html_escape::decode_html_entities(&plain);
        if decoded == plain {
            break;
        }
        plain = Cow::Owned(decoded.into_owned());
    }
    plain.trim().to_owned()
}

/// Whether both are the same to a reader. Somebody who types an entity sends the same as somebody
/// who types the sign.
pub fn is_same_subject(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

fn folded(text: &str) -> String {
    let plain: String = plain(text)
        .nfc()
        .filter(|sign| !is_invisible(*sign))
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What no reader sees and cleaners take out: controls, joiners, soft hyphens.
fn is_invisible(sign: char) -> bool {
    (sign.is_control() && !sign.is_whitespace())
        || matches!(
            sign,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_is_undone() {
        for (sent, text) in [
            ("a &lt;b&gt; c", "a <b> c"),
            ("R&amp;D", "R&D"),
            ("R&amp;amp;D", "R&D"),
            (
                "&quot;x&quot; &#39;y&#39; &#039;z&#x27; &apos;",
                "\"x\" 'y' 'z' '",
            ),
            ("d&eacute;j&agrave; &euro; &hellip;", "déjà € …"),
            ("AT&T, a&b; 5 & 6 &unknown;", "AT&T, a&b; 5 & 6 &unknown;"),
            ("&amp;amp;amp;lt;", "<"),
        ] {
            assert_eq!(plain(sent), text, "{sent}");
        }
    }

    #[test]
    fn spaces_and_what_nobody_sees_make_no_difference() {
        for other in [
            "a b",
            " a\u{a0}b ",
            "a&nbsp;b",
            "a &#32; b",
            "a\n\tb",
            "a\u{200b} b",
        ] {
            assert!(is_same_subject("a b", other), "{other}");
        }
        assert!(is_same_subject("d\u{e9}j\u{e0}", "de\u{301}ja\u{300}"));
        assert!(
            !is_same_subject("a b", "ab")
                && !is_same_subject("a", "A")
                && !is_same_subject("a", "a!")
        );
    }

    proptest::proptest! {
        #[test]
        fn what_is_sent_is_recognised(text in "\\PC{0,60}") {
            proptest::prop_assert!(is_same_subject(&text, &escape(&text)));
        }
    }
}
