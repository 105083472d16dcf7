//! Times and lengths as people type them: `930`, `9:30`, `14h`, `2pm`, `14.00`, `45 min`.
//!
//! Read the same in every language: what stands for hours in one (`14u30`, `14時30分`) is nothing else
//! in another.

use super::wall::DAY;

/// Words that stand between hours and minutes, or after the hours.
const HOUR: [&str; 17] = [
    ":", ".", ",", "h", "hr", "hrs", "hour", "hours", "heure", "heures", "u", "uhr", "uur", "ore",
    "時", "时", "点",
];
/// Words after the minutes.
const MINUTE: [&str; 10] = [
    "m", "mn", "min", "mins", "minuten", "minutes", "h", "uhr", "uur", "分",
];
/// Words before a time that say nothing.
const BEFORE: [&str; 7] = ["@", "at", "um", "à", "ore", "om", "às"];
/// The two halves of the day, before or after the time.
const MORNING: [&str; 6] = ["a", "am", "a.m", "a.m.", "午前", "上午"];
const AFTERNOON: [&str; 6] = ["p", "pm", "p.m", "p.m.", "午後", "下午"];

/// A number of at most four digits and how many digits it has, or what stands between numbers.
enum Piece {
    Number(i64, usize),
    Word(String),
}

/// The pieces of a text, without spaces and the marks of writing directions. `None` where a number is
/// too long to be one of a time.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    for sign in text.chars() {
        let sign = match sign {
            '：' => ':',
            '．' => '.',
            sign if sign.is_whitespace() => continue,
            '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}' => continue,
            sign => sign.to_ascii_lowercase(),
        };
        match (digit(sign), pieces.last_mut()) {
            (Some(digit), Some(Piece::Number(number, digits))) => {
                *number = *number * 10 + digit;
                *digits += 1;
                if *digits > 4 {
                    return None;
                }
            }
            (Some(digit), _) => pieces.push(Piece::Number(digit, 1)),
            (None, Some(Piece::Word(word))) => word.push(sign),
            (None, _) => pieces.push(Piece::Word(sign.into())),
        }
    }
    Some(pieces)
}

/// The value of a digit: those of Latin and Arabic writing, and the wide ones of input methods.
fn digit(sign: char) -> Option<i64> {
    let zero = match sign {
        '0'..='9' => '0',
        '０'..='９' => '０',
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        _ => return None,
    };
    Some(i64::from(u32::from(sign) - u32::from(zero)))
}

fn is(word: &str, words: &[&str]) -> bool {
    words.contains(&word)
}

/// The clock time that somebody means who types `text`, in minutes since midnight.
pub fn typed_time(text: &str) -> Option<i64> {
    let mut pieces = pieces(text)?;
    let mut half = None;
    if let Some(Piece::Word(word)) = pieces.first() {
        half = half_of(word);
        if half.is_none() && !is(word, &BEFORE) {
            return None;
        }
        pieces.remove(0);
    }
    if let Some(Piece::Word(word)) = pieces.last_mut() {
        // `2:30pm`, and `2.pm`, where the dot was only half a time.
        let said = half_of(word).or_else(|| half_of(word.trim_start_matches([':', '.'])));
        if said.is_some() {
            half = said;
            pieces.pop();
        }
    }
    let (hour, minute) = match &pieces[..] {
        [Piece::Number(number, digits)] => match digits {
            1 | 2 => (*number, 0),
            _ => (number / 100, number % 100),
        },
        [Piece::Number(hour, 1 | 2), Piece::Word(word)] if is(word, &HOUR) => (*hour, 0),
        [
            Piece::Number(hour, 1 | 2),
            Piece::Word(word),
            Piece::Number(minute, 2),
            rest @ ..,
        ] if is(word, &HOUR) && ends_minutes(rest) => (*hour, *minute),
        _ => return None,
    };
    let hour = match (half, hour) {
        (None, 24) if minute == 0 => 0,
        // `14:00 pm` says the same twice.
        (None, 0..=23) | (Some(Half::Afternoon), 13..=23) => hour,
        (Some(Half::Morning), 0..=12) => hour % 12,
        (Some(Half::Afternoon), 0..=12) => hour % 12 + 12,
        _ => return None,
    };
    (minute < 60).then_some(hour * 60 + minute)
}

#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

fn half_of(word: &str) -> Option<Half> {
    if is(word, &MORNING) {
        Some(Half::Morning)
    } else {
        is(word, &AFTERNOON).then_some(Half::Afternoon)
    }
}

/// Whether nothing but their own word follows the minutes.
fn ends_minutes(rest: &[Piece]) -> bool {
    match rest {
        [] => true,
        [Piece::Word(word)] => is(word, &MINUTE),
        _ => false,
    }
}

/// The length that somebody means who types `text`, in minutes: `45 min`, `+45`, `1h`, `1h30`,
/// `1.5 h`. `1h` and `1h30` are times as well.
pub fn typed_length(text: &str) -> Option<i64> {
    let pieces = pieces(text)?;
    let (is_added, pieces) = match &pieces[..] {
        [Piece::Word(sign), rest @ ..] if sign == "+" => (true, rest),
        all => (false, all),
    };
    let is_hour = |word: &str| is(word, &HOUR) && !is(word, &[":", ".", ","]);
    let minutes = match pieces {
        [Piece::Number(minutes, _)] if is_added => *minutes,
        [Piece::Number(minutes, _), Piece::Word(word)]
            if is(word, &MINUTE[..6]) || word == "分" =>
        {
            *minutes
        }
        [Piece::Number(hours, _), Piece::Word(word)] if is_hour(word) => hours * 60,
        [
            Piece::Number(hours, _),
            Piece::Word(word),
            Piece::Number(minutes @ 0..60, 1 | 2),
            rest @ ..,
        ] if is_hour(word) && ends_minutes(rest) => hours * 60 + minutes,
        [
            Piece::Number(hours, _),
            Piece::Word(point),
            Piece::Number(tenths, 1),
            Piece::Word(word),
        ] if is(point, &[".", ","]) && is_hour(word) => hours * 60 + tenths * 6,
        _ => return None,
    };
    (1..=DAY).contains(&minutes).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(minutes: Option<i64>) -> String {
        minutes.map_or_else(
            || "none".into(),
            |at| format!("{:02}:{:02}", at / 60, at % 60),
        )
    }

    #[test]
    fn times_are_read_as_people_type_them() {
        for (text, expected) in [
            ("930", "09:30"),
            ("9:30", "09:30"),
            ("09:30", "09:30"),
            ("0930", "09:30"),
            ("9.30", "09:30"),
            ("9,30", "09:30"),
            ("14h", "14:00"),
            ("14H", "14:00"),
            ("14 h", "14:00"),
            ("14h30", "14:30"),
            ("14 h 30", "14:30"),
            ("14\u{202f}h\u{a0}30", "14:30"),
            ("à 14h30", "14:30"),
            ("14h30min", "14:30"),
            ("14.00", "14:00"),
            ("14.00 Uhr", "14:00"),
            ("14 Uhr", "14:00"),
            ("um 14 Uhr", "14:00"),
            ("14 Uhr 30", "14:30"),
            ("14u30", "14:30"),
            ("14.30 uur", "14:30"),
            ("ore 14", "14:00"),
            ("2pm", "14:00"),
            ("2 PM", "14:00"),
            ("2\u{202f}PM", "14:00"),
            ("2p", "14:00"),
            ("2:30pm", "14:30"),
            ("230pm", "14:30"),
            ("2.30 p.m.", "14:30"),
            ("2:30 p. m.", "14:30"),
            ("10:00 AM", "10:00"),
            ("12am", "00:00"),
            ("12:15 am", "00:15"),
            ("12pm", "12:00"),
            ("12:30pm", "12:30"),
            ("14:00 pm", "14:00"),
            ("午後2:30", "14:30"),
            ("午後0時", "12:00"),
            ("午前9時", "09:00"),
            ("14時30分", "14:30"),
            ("１４：３０", "14:30"),
            ("下午2:30", "14:30"),
            ("14点30分", "14:30"),
            ("١٤:٣٠", "14:30"),
            ("\u{200e}14:30", "14:30"),
            ("9", "09:00"),
            ("14", "14:00"),
            ("0", "00:00"),
            ("24:00", "00:00"),
            ("14:", "14:00"),
            ("2359", "23:59"),
            // Half typed, or no time.
            ("", "none"),
            (" ", "none"),
            ("14:3", "none"),
            ("25", "none"),
            ("24:30", "none"),
            ("960", "none"),
            ("12:60", "none"),
            ("13am", "none"),
            ("25pm", "none"),
            ("14000", "none"),
            ("1:2:3", "none"),
            ("14:30:00", "none"),
            ("14-30", "none"),
            ("-9", "none"),
            ("tomorrow", "none"),
            ("pm", "none"),
            ("9 30", "09:30"),
            ("9x", "none"),
        ] {
            assert_eq!(told(typed_time(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn lengths_are_read_as_people_type_them() {
        for (text, expected) in [
            ("45 min", Some(45)),
            ("45min", Some(45)),
            ("45m", Some(45)),
            ("90 minutes", Some(90)),
            ("+45", Some(45)),
            ("+45 min", Some(45)),
            ("1h", Some(60)),
            ("1 h", Some(60)),
            ("1h30", Some(90)),
            ("1 h 30 min", Some(90)),
            ("1.5 h", Some(90)),
            ("1,5h", Some(90)),
            ("2 hours", Some(120)),
            ("1時間", None),
            ("45分", Some(45)),
            ("45", None),
            ("14:30", None),
            ("0 min", None),
            ("+1441", None),
            ("", None),
            ("min", None),
        ] {
            assert_eq!(typed_length(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_minute_is_read_in_each_spelling(at in 0..DAY) {
            let (hour, minute) = (at / 60, at % 60);
            let (small, half) = ((hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" });
            for text in [
                format!("{hour:02}:{minute:02}"),
                format!("{hour}:{minute:02}"),
                format!("{hour}{minute:02}"),
                format!("{hour}h{minute:02}"),
                format!("{hour}.{minute:02} Uhr"),
                format!("{small}:{minute:02} {half}"),
            ] {
                prop_assert_eq!(typed_time(&text), Some(at), "{}", text);
            }
        }

        #[test]
        fn whatever_is_typed_is_a_time_of_the_day_or_none(text in ".*") {
            prop_assert!(typed_time(&text).is_none_or(|at| (0..DAY).contains(&at)));
            prop_assert!(typed_length(&text).is_none_or(|length| (1..=DAY).contains(&length)));
        }
    }
}
