//! How numbers, offsets and ids are written where no language has a say.
//!
//! Without the formatting machinery: that would weigh in the widget.

/// Two digits.
pub fn two(number: u64) -> String {
    let mut text = number.to_string();
    if text.len() < 2 {
        text.insert(0, '0');
    }
    text
}

/// An offset of so many minutes as people write it: `UTC+1`, `UTC−3:30`.
pub fn utc_offset(minutes: i64) -> String {
    let mut text = String::from("UTC");
    if minutes != 0 {
        text.push(if minutes < 0 { '\u{2212}' } else { '+' });
        let minutes = minutes.unsigned_abs();
        text.push_str(&(minutes / 60).to_string());
        if !minutes.is_multiple_of(60) {
            text.push(':');
            text.push_str(&two(minutes % 60));
        }
    }
    text
}

/// The place a zone is named after; nothing for `Etc/GMT-2`, which is no place, and whose sign is the
/// other way round.
pub fn city(zone: &str) -> String {
    match zone.rsplit_once('/') {
        Some(("Etc", _)) => String::new(),
        Some((_, city)) => city.replace('_', " "),
        None => zone.to_owned(),
    }
}

/// A place with its offset, or the offset where that says it all: `Paris (UTC+1)`.
pub fn place(city: &str, offset: &str) -> String {
    if city.is_empty() || city == offset {
        return offset.to_owned();
    }
    [city, " (", offset, ")"].concat()
}

/// From one time to another: `14:00–15:00`.
pub fn range(from: &str, to: &str) -> String {
    [from, "\u{2013}", to].concat()
}

/// A meeting's id as people read it aloud: `762-836-476`.
pub fn grouped(id: &str) -> String {
    let digits: Vec<char> = id.chars().collect();
    if digits.len() != 9 || !digits.iter().all(char::is_ascii_digit) {
        return id.to_owned();
    }
    let groups: Vec<String> = digits
        .chunks(3)
        .map(|group| group.iter().collect())
        .collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_offsets() {
        for (minutes, written) in [
            (0, "UTC"),
            (60, "UTC+1"),
            (-210, "UTC\u{2212}3:30"),
            (-660, "UTC\u{2212}11"),
            (345, "UTC+5:45"),
            (-5, "UTC\u{2212}0:05"),
        ] {
            assert_eq!(utc_offset(minutes), written);
        }
    }

    #[test]
    fn names_a_zone_by_its_place() {
        for (zone, written) in [
            ("America/New_York", "New York (UTC\u{2212}5)"),
            ("Etc/GMT+5", "UTC\u{2212}5"),
            (
                "America/Argentina/Rio_Gallegos",
                "Rio Gallegos (UTC\u{2212}5)",
            ),
        ] {
            assert_eq!(place(&city(zone), &utc_offset(-300)), written);
        }
        assert_eq!(place(&city("UTC"), &utc_offset(0)), "UTC");
    }

    #[test]
    fn groups_ids_of_nine_digits() {
        assert_eq!(grouped("762836476"), "762-836-476");
        assert_eq!(grouped("1234567890"), "1234567890");
        assert_eq!(grouped("12345678é"), "12345678é");
    }
}
