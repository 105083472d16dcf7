//! An iCalendar file of one meeting (RFC 5545), published to whoever gets it, or called off (RFC 5546,
//! PUBLISH and CANCEL).
//!
//! Times are UTC, so there is no VTIMEZONE; nobody is asked to answer, so there is no ATTENDEE. No
//! value can end its line: line ends are escaped where text may have them, other controls are left
//! out.

use chrono::{DateTime, Utc};
use goto_microapps_api::Person;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Longest line, octets without its end (RFC 5545 section 3.1).
const LINE_MAX: usize = 75;
/// What stands as it is in a mail address of a `mailto:` (RFC 6068).
const ADDRESS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'+')
    .remove(b'@');

/// What whoever gets the file is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Have the meeting in the calendar, as the file says.
    Publish,
    /// Take it out, or strike it through.
    Cancel,
}

/// What the file says.
pub(super) struct Event<'a> {
    pub(super) method: Method,
    /// The same for ever: whoever imports the file again gets the same entry.
    pub(super) uid: &'a str,
    /// Counts what has changed since it was published first.
    pub(super) sequence: u32,
    /// When this file is made.
    pub(super) stamp: DateTime<Utc>,
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    pub(super) summary: &'a str,
    pub(super) description: &'a str,
    /// Where to join.
    pub(super) link: Option<&'a str>,
    pub(super) organizer: &'a Person,
}

/// The file.
pub(super) fn write(event: &Event<'_>) -> String {
    let mut file = String::new();
    let mut line = |name: &str, value: &str| fold(&mut file, &format!("{name}:{value}"));
    line("BEGIN", "VCALENDAR");
    line("VERSION", "2.0");
    line(
        "PRODID",
        concat!("-//goto-microapps//", env!("CARGO_PKG_VERSION"), "//EN"),
    );
    line("CALSCALE", "GREGORIAN");
    let (method, status) = match event.method {
        Method::Publish => ("PUBLISH", "CONFIRMED"),
        Method::Cancel => ("CANCEL", "CANCELLED"),
    };
    line("METHOD", method);
    line("BEGIN", "VEVENT");
    line("UID", &escaped(event.uid));
    line("SEQUENCE", &event.sequence.to_string());
    line("DTSTAMP", &instant(event.stamp));
    line("DTSTART", &instant(event.start));
    line("DTEND", &instant(event.end));
    line("SUMMARY", &escaped(event.summary));
    line("DESCRIPTION", &escaped(event.description));
    if let Some(link) = event.link {
        line("LOCATION", &escaped(link));
        line("URL", &uri(link));
    }
    let (name, address) = organizer(event.organizer);
    line(&name, &address);
    line("STATUS", status);
    line("TRANSP", "OPAQUE");
    line("END", "VEVENT");
    line("END", "VCALENDAR");
    file
}

/// An instant in the basic form of ISO 8601.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Name with parameter, and value, of the ORGANIZER that PUBLISH asks for.
fn organizer(person: &Person) -> (String, String) {
    // A parameter cannot hold a quotation mark, and RFC 6868, by which it could, is not read by all:
    // there a circumflex begins something else.
    let name = person.name.replace('"', "'").replace('^', "");
    let name: String = name.chars().filter(|sign| !is_control(*sign)).collect();
    let address = match &person.email {
        Some(email) => format!("mailto:{}", utf8_percent_encode(email, ADDRESS)),
        // What Exchange writes for somebody without one.
        None => "invalid:nomail".to_owned(),
    };
    (format!("ORGANIZER;CN=\"{name}\""), address)
}

/// A value of type TEXT (RFC 5545 section 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.replace("\r\n", "\n").chars() {
        match sign {
            '\\' | ';' | ',' => escaped.extend(['\\', sign]),
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => escaped.push_str("\\n"),
            '\t' => escaped.push(' '),
            sign if is_control(sign) => {}
            sign => escaped.push(sign),
        }
    }
    escaped
}

/// A value of type URI, which is not escaped.
fn uri(address: &str) -> String {
    address.chars().filter(char::is_ascii_graphic).collect()
}

/// Controls, and what readers take for the end of a line.
fn is_control(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}')
}

/// Writes a line, folded between characters: the space that a further line begins with counts.
fn fold(file: &mut String, line: &str) {
    let mut length = 0;
    for sign in line.chars() {
        if length + sign.len_utf8() > LINE_MAX {
            file.push_str("\r\n ");
            length = 1;
        }
        file.push(sign);
        length += sign.len_utf8();
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn file(summary: &str, description: &str, link: Option<&str>, organizer: &Person) -> String {
        write(&Event {
            method: Method::Publish,
            uid: "gotomeeting-902465251@meetings.example.com",
            sequence: 0,
            stamp: at("2026-11-26T20:00:00Z"),
            start: at("2026-11-27T13:00:00Z"),
            end: at("2026-11-27T13:30:00Z"),
            summary,
            description,
            link,
            organizer,
        })
    }

    fn zoe() -> Person {
        Person {
            name: "Zoë O’Neill".to_owned(),
            email: Some("zoe.oneill@corp.example".to_owned()),
        }
    }

    /// Lines as a reader puts them together (RFC 5545 section 3.1), after what no reader forgives.
    fn lines(file: &str) -> Vec<String> {
        let whole = file.strip_suffix("\r\n").expect("ends with a line end");
        let physical: Vec<&str> = whole.split("\r\n").collect();
        for line in &physical {
            assert!(line.len() <= 75, "{} octets: {line}", line.len());
            assert!(!line.contains(is_control), "{line:?}");
        }
        let mut lines: Vec<String> = Vec::new();
        for line in physical {
            match (line.strip_prefix(' '), lines.last_mut()) {
                (Some(more), Some(last)) => last.push_str(more),
                (more, _) => lines.push(more.unwrap_or(line).to_owned()),
            }
        }
        lines
    }

    fn names(lines: &[String]) -> Vec<&str> {
        let name = |line: &'_ String| line.find([':', ';']).map_or(0, |end| end);
        lines.iter().map(|line| &line[..name(line)]).collect()
    }

    /// A TEXT as a reader reads it.
    fn unescaped(text: &str) -> String {
        let mut signs = text.chars();
        let mut read = String::new();
        while let Some(sign) = signs.next() {
            match (sign, sign == '\\') {
                (_, true) => match signs.next().expect("something is escaped") {
                    'n' => read.push('\n'),
                    sign @ ('\\' | ';' | ',') => read.push(sign),
                    sign => panic!("\\{sign}"),
                },
                (sign @ (';' | ','), _) => panic!("a bare {sign}"),
                (sign, _) => read.push(sign),
            }
        }
        read
    }

    const PROPERTIES: [&str; 19] = [
        "BEGIN",
        "VERSION",
        "PRODID",
        "CALSCALE",
        "METHOD",
        "BEGIN",
        "UID",
        "SEQUENCE",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "SUMMARY",
        "DESCRIPTION",
        "LOCATION",
        "URL",
        "ORGANIZER",
        "STATUS",
        "TRANSP",
        "END",
    ];

    #[test]
    fn a_meeting_is_published() {
        let link = Some("https://meet.goto.com/902465251");
        let lines = lines(&file("Budget; review, \\o/", "One\nTwo", link, &zoe()));
        assert_eq!(names(&lines)[..19], PROPERTIES);
        for line in [
            "METHOD:PUBLISH",
            "UID:gotomeeting-902465251@meetings.example.com",
            "SEQUENCE:0",
            "DTSTAMP:20261126T200000Z",
            "DTSTART:20261127T130000Z",
            "DTEND:20261127T133000Z",
            r"SUMMARY:Budget\; review\, \\o/",
            r"DESCRIPTION:One\nTwo",
            "LOCATION:https://meet.goto.com/902465251",
            "URL:https://meet.goto.com/902465251",
            "ORGANIZER;CN=\"Zoë O’Neill\":mailto:zoe.oneill@corp.example",
        ] {
            assert!(
                lines.iter().any(|other| other == line),
                "{line}: {lines:#?}"
            );
        }
    }

    #[test]
    fn an_organizer_cannot_say_more_than_a_name_and_an_address() {
        for (name, email, line) in [
            (
                "\"Zoë\"; CN=x:mailto:y\r\nATTENDEE:z",
                Some("a b\r\n@x;y:z?subject=w"),
                "ORGANIZER;CN=\"'Zoë'; CN=x:mailto:yATTENDEE:z\":mailto:a%20b%0D%0A@x%3By%3Az%3Fsubject%3Dw",
            ),
            (
                "^n",
                Some("ö@x.example"),
                "ORGANIZER;CN=\"n\":mailto:%C3%B6@x.example",
            ),
            ("", None, "ORGANIZER;CN=\"\":invalid:nomail"),
        ] {
            let person = Person {
                name: name.to_owned(),
                email: email.map(str::to_owned),
            };
            let lines = lines(&file("x", "y", None, &person));
            assert!(lines.iter().any(|other| other == line), "{lines:#?}");
            assert!(!names(&lines).contains(&"ATTENDEE"));
        }
    }

    proptest! {
        #[test]
        fn no_value_ends_its_line_and_every_text_is_read_back(
            summary in ".{0,120}",
            description in "[\\PC\r\n\t,;\\\\:\u{85}\u{2028}😊é]{0,300}",
            name in "\\PC{0,80}",
        ) {
            let person = Person { name, email: Some("a@b.example".to_owned()) };
            let lines = lines(&file(&summary, &description, Some("https://meet.goto.com/1"), &person));
            prop_assert_eq!(&names(&lines)[..19], PROPERTIES);
            let text = |name: &str| {
                let line = lines.iter().find_map(|line| line.strip_prefix(name));
                unescaped(line.expect("there"))
            };
            let ends = description.replace("\r\n", "\n").replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n").replace('\t', " ");
            let wanted: String = ends.chars().filter(|sign| *sign == '\n' || !is_control(*sign)).collect();
            prop_assert_eq!(text("DESCRIPTION:"), wanted);
            let plain: String = summary.chars().filter(|sign| !is_control(*sign)).collect();
            if plain == summary {
                prop_assert_eq!(text("SUMMARY:"), summary);
            }
        }

        #[test]
        fn a_fold_cuts_no_character(text in "[a😊é漢]{0,200}") {
            let mut folded = String::new();
            fold(&mut folded, &text);
            prop_assert_eq!(folded.replace("\r\n ", ""), text + "\r\n");
            for line in folded.split("\r\n") {
                prop_assert!(line.len() <= LINE_MAX);
            }
        }
    }
}
