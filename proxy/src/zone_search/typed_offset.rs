//! An offset as people type it: `GMT+2`, `UTC-03:30`, `+5:30`.

/// The widest offset that there is, minutes.
const WIDEST: i64 = 14 * 60;

/// Minutes ahead of UTC; `None` for what is no offset.
pub(super) fn minutes(typed: &str) -> Option<i64> {
    let text: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
    let small = text.to_ascii_lowercase();
    let after = ["utc", "gmt"]
        .iter()
        .find_map(|name| small.strip_prefix(name));
    match after {
        Some("") => return Some(0),
        None if small == "z" => return Some(0),
        _ => {}
    }
    let mut signs = after.unwrap_or(&small).chars();
    let sign = match signs.next()? {
        '+' | '\u{FF0B}' => 1,
        '-' | '\u{2212}' | '\u{2013}' => -1,
        _ => return None,
    };
    let rest = signs.as_str();
    let (hours, minutes) = match rest.split_once([':', '.', 'h']) {
        Some((hours, minutes)) => (hours, minutes),
        None if rest.len() == 4 && rest.is_ascii() => rest.split_at(2),
        None => (rest, ""),
    };
    let number = |text: &str| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|sign| sign.is_ascii_digit());
        plain.then(|| text.parse::<i64>().ok()).flatten()
    };
    let minutes = if minutes.is_empty() {
        0
    } else {
        number(minutes).filter(|minutes| *minutes < 60)?
    };
    let ahead = number(hours)? * 60 + minutes;
    (ahead <= WIDEST).then_some(sign * ahead)
}

/// The zone that has this offset all year, where the tz database has one. Their sign is the other way
/// round (tz database, `etcetera`).
pub(super) fn zone(minutes: i64) -> Option<String> {
    let hours = minutes / 60;
    match hours {
        0 if minutes == 0 => Some("UTC".to_owned()),
        _ if minutes % 60 != 0 => None,
        1..=14 => Some(format!("Etc/GMT-{hours}")),
        -12..=-1 => Some(format!("Etc/GMT+{}", -hours)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_as_they_are_written() {
        for (typed, expected) in [
            ("GMT+2", Some(120)),
            ("gmt + 2", Some(120)),
            ("UTC+02:00", Some(120)),
            ("UTC\u{2212}3:30", Some(-210)),
            ("+5:30", Some(330)),
            ("+0530", Some(330)),
            ("-8", Some(-480)),
            ("utc", Some(0)),
            ("GMT", Some(0)),
            ("Z", Some(0)),
            ("GMT+15", None),
            ("GMT+2:75", None),
            ("GMT+2:", Some(120)),
            ("+", None),
            ("8", None),
            ("gmtx", None),
            ("+é", None),
            ("", None),
        ] {
            assert_eq!(minutes(typed), expected, "{typed}");
        }
        assert_eq!(zone(120).as_deref(), Some("Etc/GMT-2"));
        assert_eq!(zone(-480).as_deref(), Some("Etc/GMT+8"));
        assert_eq!(zone(0).as_deref(), Some("UTC"));
        assert_eq!((zone(330), zone(-780)), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".{0,20}") {
            if let Some(minutes) = minutes(&text) {
                proptest::prop_assert!(minutes.abs() <= WIDEST);
            }
        }
    }
}
