//! GoTo's dial-in text, taken apart to be shown.
//!
//! Countries, numbers and an access code stand in it as somebody wrote them, so a number becomes a
//! link only when it is clear what to dial from anywhere: a global number of RFC 3966 section
//! 5.1.4, in the forms of ITU-T E.123 and with the digits of ITU-T E.164. Every other run of digits
//! is told apart from the words all the same: it is written from left to right on every page.

use goto_microapps_api::PhonePiece;

/// The lines of `text`, each in its pieces. An empty line parts the numbers from the code and is
/// kept.
pub(super) fn lines(text: &str) -> Vec<Vec<PhonePiece>> {
    text.trim().lines().map(pieces).collect()
}

fn words(text: &str) -> PhonePiece {
    PhonePiece {
        text: text.to_owned(),
        number: false,
        href: None,
    }
}

fn number(text: &str, href: Option<String>) -> PhonePiece {
    PhonePiece {
        text: text.to_owned(),
        number: true,
        href,
    }
}

fn pieces(line: &str) -> Vec<PhonePiece> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(start) = number_start(rest) {
        let (before, from) = rest.split_at(start);
        if !before.is_empty() {
            pieces.push(words(before));
        }
        let end = number_end(from);
        let (written, tail) = from.split_at(end);
        let (length, address) = match (extension(tail), glued(tail)) {
            (Some((more, extension)), _) => {
                let number = address(written);
                let whole = number.map(|number| [&number, ";ext=", extension].concat());
                (end + more, whole)
            }
            (None, 0) => (end, address(written)),
            (None, more) => (end + more, None),
        };
        let (written, tail) = from.split_at(length);
        pieces.push(number(written, address));
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(words(rest));
    }
    pieces
}

/// Where the first number begins: at a digit, a plus or an opening parenthesis that no word runs
/// into.
fn number_start(text: &str) -> Option<usize> {
    let mut before = ' ';
    text.char_indices().find_map(|(at, sign)| {
        let free = !before.is_alphanumeric() && !is_plus(before);
        before = sign;
        let tail = &text[at..];
        let mut signs = tail.chars().filter(|sign| !is_space(*sign));
        let is_start = match signs.next().filter(|first| *first == sign)? {
            sign if value(sign).is_some() => true,
            sign if is_plus(sign) => signs.next().is_some_and(|next| value(next).is_some()),
            sign if is_open(sign) => {
                let next = signs.next();
                let next = next.filter(|next| !is_plus(*next)).or_else(|| signs.next());
                next.is_some_and(|next| value(next).is_some())
            }
            _ => false,
        };
        (free && is_start).then_some(at)
    })
}

/// How far the number that `text` begins with goes: digits with what groups them.
fn number_end(text: &str) -> usize {
    let (mut end, mut open, mut begun) = (0, 0, false);
    for (at, sign) in text.char_indices() {
        let after = at + sign.len_utf8();
        if value(sign).is_some() {
            (begun, end) = (true, after);
        } else if is_close(sign) && open > 0 {
            (open, end) = (open - 1, after);
        } else if is_open(sign) {
            open += 1;
        } else if !(is_space(sign) || is_dash(sign) || is_plus(sign) && !begun) {
            break;
        }
    }
    end
}

/// Length of what is glued to a number and makes it another: `-FLOWERS`, `#`, `/28`.
fn glued(tail: &str) -> usize {
    let bare = tail.trim_start_matches(is_dash);
    let is_glued = match bare.chars().next() {
        // One number after the other.
        Some('/') => !bare[1..].trim_start_matches(is_space).starts_with(is_plus),
        Some(sign) => sign.is_alphanumeric() || is_plus(sign) || matches!(sign, '#' | '*' | '_'),
        None => false,
    };
    if is_glued {
        tail.find(char::is_whitespace).unwrap_or(tail.len())
    } else {
        0
    }
}

/// An extension after a number: its length with all that announces it, and its digits.
fn extension(tail: &str) -> Option<(usize, &str)> {
    let text = tail.trim_start_matches(|sign| is_space(sign) || matches!(sign, ',' | ';'));
    let digits = ["extension", "ext", "x"].iter().find_map(|word| {
        let head = text.get(..word.len())?;
        let after = &text[word.len()..];
        head.eq_ignore_ascii_case(word)
            .then(|| after.trim_start_matches(|sign| is_space(sign) || ".:=".contains(sign)))
            .filter(|after| after.starts_with(|sign: char| sign.is_ascii_digit()))
    })?;
    let end = digits.find(|sign: char| !sign.is_ascii_digit());
    let (digits, rest) = digits.split_at(end.unwrap_or(digits.len()));
    (glued(rest) == 0).then(|| (tail.len() - rest.len(), digits))
}

/// The address of a number that is whole: plus, country code, and no doubt about the rest.
fn address(written: &str) -> Option<String> {
    let mut digits = String::new();
    let mut group = None;
    let (mut plus, mut before, mut dash_alone) = (false, ' ', false);
    for sign in written.chars() {
        if let Some(digit) = value(sign) {
            digits.push(char::from(b'0' + digit));
        } else if is_plus(sign) {
            plus = digits.is_empty();
        } else if is_open(sign) {
            if group.is_some() {
                return None;
            }
            group = Some(digits.len());
        } else if is_close(sign) {
            let start = group.take()?;
            match &digits[start..] {
                // Dialled inside the country only (E.123 section 7.2); where zeros are part of
                // numbers, it is not clear what was meant.
                "0" if start == country(&digits) && !keeps_zero(&digits[..start]) => {
                    digits.truncate(start);
                }
                // Some other prefix.
                inside if start > 0 && (inside.starts_with('0') || inside == "8") => return None,
                _ => {}
            }
        }
        // A dash that stands alone parts this number from something else.
        if dash_alone && is_space(sign) {
            return None;
        }
        dash_alone = is_dash(sign) && is_space(before);
        before = sign;
    }
    let national = digits.get(country(&digits)..)?;
    let (code, length) = (&digits[..digits.len() - national.len()], digits.len());
    let right_length = match code {
        "1" | "7" => length == 11,
        _ => (7..=15).contains(&length),
    };
    let is_clear = plus
        && group.is_none()
        && right_length
        && !code.starts_with('0')
        && (!national.starts_with('0') || keeps_zero(code));
    is_clear.then(|| ["tel:+", &digits].concat())
}

/// Length of the country code that `digits` begin with (ITU-T E.164, list of assigned codes).
fn country(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

/// Whether numbers of this country may begin with a zero that is dialled from abroad: Italy with
/// San Marino and the Vatican, Ivory Coast, Gabon, Congo.
fn keeps_zero(code: &str) -> bool {
    ["39", "378", "379", "225", "241", "242"].contains(&code)
}

/// The digit that a sign is, of the scripts that dial-in texts are written in.
fn value(sign: char) -> Option<u8> {
    let zero = match sign {
        '0'..='9' => '0',
        '０'..='９' => '０',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6F0}'..='\u{6F9}' => '\u{6F0}',
        _ => return None,
    };
    u8::try_from(u32::from(sign) - u32::from(zero)).ok()
}

fn is_plus(sign: char) -> bool {
    matches!(sign, '+' | '＋')
}

fn is_open(sign: char) -> bool {
    matches!(sign, '(' | '（')
}

fn is_close(sign: char) -> bool {
    matches!(sign, ')' | '）')
}

fn is_dash(sign: char) -> bool {
    matches!(
        sign,
        '-' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－' | '．'
    )
}

/// Spaces, and marks that nobody sees.
fn is_space(sign: char) -> bool {
    sign.is_whitespace()
        || matches!(
            sign,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        let pieces = lines(text).into_iter().flatten();
        pieces.filter_map(|piece| piece.href).collect()
    }

    fn shown(line: &[PhonePiece]) -> String {
        line.iter().map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn a_clear_number_is_dialled_as_it_is_meant() {
        for (written, dialled) in [
            // As GoTo writes them.
            ("+44 (0) 207 151 1850", "tel:+442071511850"),
            ("+353 (0) 15 290 180", "tel:+35315290180"),
            ("+1 (571) 555-0123", "tel:+15715550123"),
            ("+33 1 99 00 14 27", "tel:+33199001427"),
            ("+49 30 23125 148", "tel:+493023125148"),
            ("+46 8 465 004 12", "tel:+46846500412"),
            // The trunk prefix spaced otherwise.
            ("+44(0)2071511850", "tel:+442071511850"),
            ("+44 (0)207 151 1850", "tel:+442071511850"),
            ("+44  ( 0 )  207 151 1850", "tel:+442071511850"),
            (
                "+44\u{a0}(0)\u{a0}207\u{202f}151\u{2009}1850",
                "tel:+442071511850",
            ),
            ("+44-(0)-207-151-1850", "tel:+442071511850"),
            ("(+44) (0) 207.151.1850", "tel:+442071511850"),
            ("+ 44 (0) 207 151 1850", "tel:+442071511850"),
            ("+49 (0) 30 23125 148", "tel:+493023125148"),
            ("+39 02 3599 1234", "tel:+390235991234"),
            // Other signs for the same.
            ("＋４４（０）２０７　１５１　１８５０", "tel:+442071511850"),
            ("+44 20\u{2011}7946\u{2013}0342", "tel:+442079460342"),
            ("\u{202a}+44 20 7946 0342\u{202c}", "tel:+442079460342"),
            ("+٤٤ ٢٠ ٧٩٤٦ ٠٣٤٢", "tel:+442079460342"),
            ("+44 20 7946 0342.", "tel:+442079460342"),
            // Extensions (RFC 3966 section 3).
            ("+1 571 555 0123 ext. 55", "tel:+15715550123;ext=55"),
            ("+15715550123x55", "tel:+15715550123;ext=55"),
            ("+1 571 555 0123, Extension: 55", "tel:+15715550123;ext=55"),
            ("+1 571 555 0123;ext=55", "tel:+15715550123;ext=55"),
            ("+1 571 555 0123,,331536871#", "tel:+15715550123"),
        ] {
            assert_eq!(addresses(written), [dialled], "{written}");
            let line = format!("Country (Toll): {written} (free)");
            assert_eq!(addresses(&line), [dialled], "{line}");
        }
    }

    #[test]
    fn what_is_not_clear_is_no_link() {
        for written in [
            "",
            "+",
            "1 877 309 2073",
            "123-456-789",
            "+123-456-789",
            "0044 20 7946 0342",
            "00 44 (0) 207 151 1850",
            "(0) 207 151 1850",
            "020 7946 0342",
            // A prefix of the country, left standing or another one.
            "+44 0207 151 1850",
            "+440207 151 1850",
            "+44 (020) 7946 0342",
            "+44 (0) 0207 151 1850",
            "+44 20 (0) 7946 0342",
            "+7 (8) 495 123 45 67",
            "+36 (06) 1 408 8932",
            // Zeros that may or may not be dialled.
            "+39 (0) 2 3599 1234",
            // Two things in one.
            "+45 69 91 83 30 - 331536871",
            "+49 30 23125/148",
            "+33 1 99 00 14 27/28",
            "+49 30 23125 148 331-536-871",
            "+1-800-FLOWERS",
            "+1 571 555 0123#",
            "+1 571 555 0123#55",
            "+1 571 555",
            "+1 571 555 01234",
            "+44 (20 7946 0342",
            "+44 ((0)) 207 151 1850",
            "+0 571 555 0123",
            "+1234567890123456",
            "GoTo+44 20 7946 0342",
        ] {
            assert_eq!(addresses(written), [""; 0], "{written}");
        }
    }

    #[test]
    fn every_number_of_a_line_counts() {
        let line = "UK: +44 20 7946 0342, +44 (0) 207 151 1850 / +1 (571) 555-0123; toll-free 1 877 309 2073";
        assert_eq!(
            addresses(line),
            ["tel:+442079460342", "tel:+442071511850", "tel:+15715550123"]
        );
        let glued = "+44 20 7946 0342/+44 20 7946 0343";
        assert_eq!(addresses(glued).len(), 2);
        let numbered = "1. +44 20 7946 0342\r\n2) +44 20 7946 0343";
        assert_eq!(addresses(numbered).len(), 2);
    }

    #[test]
    fn digits_without_an_address_are_told_from_words_too() {
        let lines = lines("Toll free: 1 877 309 2073\n\nCode: 123-456-789");
        assert_eq!(
            lines[0],
            [words("Toll free: "), number("1 877 309 2073", None)]
        );
        assert_eq!(lines[1], []);
        assert_eq!(lines[2], [words("Code: "), number("123-456-789", None)]);
    }

    proptest! {
        #[test]
        fn a_line_is_its_pieces(line in ".*", signs in "[-+0-9 ().,;/#x:a\u{a0}０１（）]{0,40}") {
            for line in [line, signs] {
                let shown: Vec<String> = lines(&line).iter().map(|line| shown(line)).collect();
                let lines: Vec<&str> = line.trim().lines().collect();
                prop_assert_eq!(shown, lines);
            }
        }

        #[test]
        fn what_is_dialled_is_a_global_number(signs in "[+(]{0,2}[-+0-9 ().,;/#x:a\u{a0}]{0,30}") {
            for address in addresses(&signs) {
                let number = address.strip_prefix("tel:+").expect("global");
                let digits = number.split(";ext=").next().unwrap_or_default();
                prop_assert!((7..=15).contains(&digits.len()) && !digits.starts_with('0'), "{}", address);
                prop_assert!(number.replacen(";ext=", "", 1).bytes().all(|byte| byte.is_ascii_digit()));
                prop_assert!(signs.contains('+'));
            }
        }

        /// However a number is grouped, and whether or not its trunk prefix is shown.
        #[test]
        fn the_same_number_is_dialled_however_it_is_grouped(
            national in "[1-9][0-9]{8,9}",
            gaps in prop::collection::vec(prop::sample::select(vec!["", " ", "-", ".", "\u{a0}"]), 10),
            trunk in prop::sample::select(vec!["", " ", " (0) ", "(0)", "\u{a0}( 0 )"]),
            country in prop::sample::select(vec!["44", "49", "353", "33"]),
        ) {
            let grouped: String = national.chars().zip(&gaps).flat_map(|(digit, gap)| std::iter::once(digit).chain(gap.chars())).collect();
            let written = format!("+{country}{trunk}{grouped}");
            prop_assert_eq!(addresses(&written), [format!("tel:+{country}{national}")], "{}", written);
        }
    }
}
