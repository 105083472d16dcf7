//! What somebody probably meant who wrote a name that is none.

use std::collections::BTreeSet;

/// The known key that differs least, if it is close enough to be what was meant, else the longest
/// that the key begins with: `goto.requests` for `goto.requests_per_minute`.
pub(super) fn nearest<'k>(key: &str, known: &'k BTreeSet<String>) -> Option<&'k str> {
    let closest = known
        .iter()
        .map(|candidate| (distance(key, candidate), candidate.as_str()))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, candidate)| candidate);
    let beginning = || {
        let begins = known.iter().filter(|known| key.starts_with(known.as_str()));
        begins.max_by_key(|known| known.len()).map(String::as_str)
    };
    closest.or_else(beginning)
}

/// Levenshtein distance.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
