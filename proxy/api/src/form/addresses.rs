//! People as they are typed or pasted: `a@x; b@x`, `Name <a@x>`, `"Last, First" <a@x>`.

/// The addresses in `text`, each with the piece of it that names somebody; a piece without an
/// address is what is left of a name.
pub fn pieces(text: &str) -> Vec<(String, Option<String>)> {
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

/// Most signs of an address (RFC 5321, section 4.5.3.1.3: a path of 256 with its brackets).
const ADDRESS_MAX: usize = 254;

/// Whether a mail can be sent there: a name, one `@`, and a domain with a dot in it. Nothing that would
/// end a header or an address in a list of them.
pub fn is_address(text: &str) -> bool {
    let is_special = |sign| {
        matches!(
            sign,
            '"' | '(' | ')' | ',' | ':' | ';' | '<' | '>' | '@' | '[' | ']' | '\\'
        )
    };
    let is_plain = |sign: char| !sign.is_whitespace() && !sign.is_control() && !is_special(sign);
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let is_label = |label: &str| {
        let letters = |sign: char| !sign.is_ascii() || sign.is_ascii_alphanumeric() || sign == '-';
        !label.is_empty() && label.chars().all(letters)
    };
    text.len() <= ADDRESS_MAX
        && !name.is_empty()
        && text.chars().filter(|sign| *sign != '@').all(is_plain)
        && domain.contains('.')
        && domain.split('.').all(is_label)
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
    fn an_address_is_one_that_a_mail_can_be_sent_to() {
        for text in [
            "ana.tran@corp.example",
            "o'neill+x@corp.co.example",
            "élodie@bücher.example",
            "a@b.c",
        ] {
            assert!(is_address(text), "{text}");
        }
        let long = ["a".repeat(250), "@b.example".to_owned()].concat();
        for text in [
            "",
            "ana",
            "ana@corp",
            "@corp.example",
            "ana@",
            "ana@.example",
            "ana@corp..example",
            "ana@@corp.example",
            "ana@corp@corp.example",
            "ana tran@corp.example",
            "ana@corp.example\r\nBcc: eve@evil.example",
            "ana@corp.example,eve@evil.example",
            "ana@corp.example?cc=eve@evil.example",
            "<ana@corp.example>",
            "ana\u{a0}tran@corp.example",
            &long,
        ] {
            assert!(!is_address(text), "{text}");
        }
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
