//! People as they are typed or pasted: `a@x; b@x`, `Name <a@x>`, `"Last, First" <a@x>`.

/// The addresses in `text`, each with the piece of it that names somebody; a piece without an
/// address is what is left of a name.
pub(super) fn pieces(text: &str) -> Vec<(String, Option<String>)> {
    if !text.contains('@') {
        let name = text.trim();
        return if name.is_empty() {
            Vec::new()
        } else {
            vec![(name.to_owned(), None)]
        };
    }
    let mut pieces: Vec<(String, Option<String>)> = Vec::new();
    for piece in cut(text) {
        let address = match piece.split_once('<') {
            Some((_, rest)) => address(rest.split('>').next().unwrap_or(rest)),
            // Several without a sign between them, or a name before one.
            None => {
                let words = piece.split_whitespace().filter(|word| word.contains('@'));
                let mut words: Vec<_> =
                    words.map(|word| (word.to_owned(), address(word))).collect();
                if words.len() > 1 {
                    pieces.append(&mut words);
                    continue;
                }
                words.pop().and_then(|word| word.1)
            }
        };
        // `Last, First <a@x>` is one person.
        if piece.contains('<')
            && let Some((name, None)) = pieces.last()
        {
            let whole = [name, ", ", &piece].concat();
            pieces.pop();
            pieces.push((whole, address));
        } else {
            pieces.push((piece, address));
        }
    }
    pieces
}

fn address(text: &str) -> Option<String> {
    let text = text
        .trim()
        .trim_matches(['.', '"', '\'', '(', ')', '<', '>']);
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    text.contains('@').then(|| text.to_owned())
}

/// Cuts where lists are cut, but not inside quotes.
fn cut(text: &str) -> Vec<String> {
    let mut in_quotes = false;
    let is_cut = |sign: char| {
        in_quotes ^= sign == '"';
        !in_quotes && matches!(sign, ';' | ',' | '\n' | '\r' | '\t')
    };
    text.split(is_cut)
        .map(|piece| piece.trim().to_owned())
        .filter(|piece| !piece.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        pieces(text)
            .into_iter()
            .map(|(piece, address)| address.unwrap_or_else(|| format!("?{piece}")))
            .collect()
    }

    #[test]
    fn reads_what_people_paste() {
        for (text, expected) in [
            ("a@x", &["a@x"][..]),
            ("a@x; b@x", &["a@x", "b@x"]),
            ("a@x, b@x,", &["a@x", "b@x"]),
            ("a@x\nb@x\r\nc@x", &["a@x", "b@x", "c@x"]),
            ("a@x b@x", &["a@x", "b@x"]),
            ("Name <a@x>", &["a@x"]),
            ("Martin, Élodie <a@x>; b@x", &["a@x", "b@x"]),
            ("\"Martin, Élodie\" <a@x>, <mailto:b@x>", &["a@x", "b@x"]),
            ("Zoë a@x.", &["a@x"]),
            ("Zoë; a@x", &["?Zoë", "a@x"]),
            ("Dupont, Jean", &["?Dupont, Jean"]),
            ("  ", &[]),
            ("@", &["@"]),
            ("<", &["?<"]),
            ("<<a@x>>;\"", &["a@x", "?\""]),
        ] {
            assert_eq!(addresses(text), expected, "{text}");
        }
    }
}
