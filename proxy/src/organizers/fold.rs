//! What is compared: text without case, accents and the like, and never more of it than a search may
//! cost.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most words of a search.
const WORDS: usize = 8;
/// Most signs of a search, after folding: one sign can fold to eighteen.
const SIGNS: usize = 100;
/// Most signs of a search that are looked at: folding can also leave nothing of them.
const TYPED: usize = 400;

/// Lower case, without accents, ligatures and typographic apostrophes told apart: what is compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_onto(&mut folded, text);
    folded
}

/// The words that a search looks for, each once. However long and strange `query` is, they are
/// eight words of a hundred signs at most.
pub fn words(query: &str) -> Vec<String> {
    let typed: String = query.chars().take(TYPED).collect();
    let folded: String = fold(&typed).chars().take(SIGNS).collect();
    let mut words: Vec<String> = Vec::new();
    for word in folded.split_whitespace() {
        if words.len() < WORDS && words.iter().all(|other| other != word) {
            words.push(word.to_owned());
        }
    }
    words
}

pub(super) fn fold_onto(folded: &mut String, text: &str) {
    if text.is_ascii() {
        folded.extend(text.chars().map(|c| match c {
            '`' => '\'',
            c if c.is_control() || c.is_whitespace() => ' ',
            c => c.to_ascii_lowercase(),
        }));
        return;
    }
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{02BC}' | '`' => folded.push('\''),
            'ß' | 'ẞ' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
            'ı' => folded.push('i'),
            c if c.is_control() || c.is_whitespace() => folded.push(' '),
            c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            // By way of upper case, where a Greek sigma at the end of a word is like any other.
            c => {
                let lower = c.to_uppercase().flat_map(char::to_lowercase);
                folded.extend(lower.filter(|c| !is_combining_mark(*c)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn security_52_a_search_has_few_words_and_signs_whatever_it_folds_to() {
        let corpus = include_str!("../../../tests/corpus/search_words.txt");
        let mut grew = 0;
        for line in corpus.lines().filter(|line| !line.starts_with('#')) {
            for times in [1, 100, 20_000] {
                let bomb = line.repeat(times);
                let words = words(&bomb);
                let signs: usize = words.iter().map(|word| word.chars().count()).sum();
                assert!(words.len() <= 8 && signs <= 100, "{line:?}: {words:?}");
                if times == 100 {
                    grew = grew.max(fold(&bomb).split_whitespace().count());
                }
            }
        }
        assert!(grew > 300, "the corpus has what grows");
    }

    #[test]
    fn each_word_is_looked_for_once_and_in_order() {
        assert_eq!(words(" Martin  ÉLODIE martin "), ["martin", "elodie"]);
        assert_eq!(words("a b c d e f g h i j").len(), 8);
    }

    proptest! {
        #[test]
        fn any_search_is_bounded(query in ".{0,600}") {
            let words = words(&query);
            prop_assert!(words.len() <= 8);
            prop_assert!(words.iter().map(|word| word.chars().count()).sum::<usize>() <= 100);
            prop_assert!(words.iter().all(|word| !word.is_empty() && !word.contains(['\n', '\t', ' '])));
        }
    }
}
