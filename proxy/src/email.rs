//! E-mail addresses as names of people: when two are the same.

use unicode_normalization::UnicodeNormalization;

/// Longest address, bytes (RFC 5321 section 4.5.3.1.3, without the brackets).
const LONGEST: usize = 254;

/// The form in which addresses are compared: NFKC, so that a letter of another width is the same
/// letter, and without ASCII case. Case rules of languages would make different people alike.
pub(crate) fn fold(address: &str) -> String {
    let mut folded: String = address.trim().nfkc().collect();
    folded.make_ascii_lowercase();
    folded
}

/// Whether this is one address: something, one `@`, something, nothing that separates two.
pub(crate) fn is_one(address: &str) -> bool {
    let separates =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>' | '"');
    address.len() <= LONGEST
        && !address.contains(separates)
        && address.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_by_width_and_ascii_case_only() {
        assert_eq!(fold(" Ｚoë.O@Corp.Example\n"), "zoë.o@corp.example");
        assert_eq!(fold("\u{212a}elvin@x.example"), "kelvin@x.example");
        assert_ne!(fold("ZOË@x.example"), fold("zoë@x.example"));
        assert_ne!(fold("straße@x.example"), fold("strasse@x.example"));
        assert_ne!(fold("\u{130}@x.example"), fold("i\u{307}@x.example"));
    }

    #[test]
    fn one_address_is_no_list_and_no_name() {
        assert!(is_one("zoe.oneill@corp.example"));
        for none in [
            "", "@", "a@", "@b", "a@b@c", "a b@c", "a@b,c@d", "Z <z@b>", "a@b\0",
        ] {
            assert!(!is_one(none), "{none:?}");
        }
    }
}
