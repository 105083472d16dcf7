//! The plain form as it was sent: read from any body, never an error.

use goto_microapps_api::form::{Draft, pieces, wall};
use goto_microapps_api::{NewMeeting, Organizer};
use url::form_urlencoded;

use crate::random;

/// Co-organizers read at most: each is compared with all before it.
const CO_ORGANIZERS_READ: usize = 200;

/// Participants read at most, for the same reason.
const PARTICIPANTS_READ: usize = 500;

/// The button that was pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Action {
    /// *Search*, or Enter in its field.
    Search,
    /// *Clear this list*, of those chosen lately.
    Forget,
    /// *Create meeting*.
    #[default]
    Create,
    /// *Check again*.
    Check,
    /// *Create anyway*.
    Anyway,
    /// *Do not send it*.
    Withdraw,
}

/// The form, and what its page carries beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// The form. Of the co-organizers only the keys were sent; what is typed of people is searched
    /// for.
    pub(super) draft: Draft,
    /// Start on the wall clock and length in minutes that the page shows, by which the next one knows
    /// what was changed.
    pub(super) seen: Option<(i64, i64)>,
    /// The end has moved along with the start.
    pub(super) moved: bool,
    /// The instants that the page showed, RFC 3339, `start/end` (ISO 8601-1 section 5.5).
    pub(super) shown: String,
    /// Random; makes the idempotency key. It stays the same until it is known what became of the
    /// form, whatever is changed in between.
    pub(super) nonce: String,
    pub(super) lang: String,
    pub(super) action: Action,
}

impl Sent {
    /// A form that was not sent yet.
    pub(super) fn new(draft: Draft, lang: &str) -> Self {
        let mut sent = Self {
            draft,
            nonce: random::token(),
            lang: lang.to_owned(),
            ..Self::default()
        };
        sent.see();
        sent
    }

    /// Reads `application/x-www-form-urlencoded`; what cannot be read is as if it was not there.
    pub(super) fn read(body: &[u8]) -> Self {
        let mut sent = Self::default();
        let draft = &mut sent.draft;
        let mut end_choice = None;
        for (name, value) in form_urlencoded::parse(body) {
            let value = value.into_owned();
            match &*name {
                // What no text has: browsers and [`form_urlencoded`] put it in the place of what
                // they cannot write or read, such as half of an emoji.
                "subject" => draft.subject = value.replace(char::REPLACEMENT_CHARACTER, ""),
                "date" => draft.date = value,
                "start" => draft.start = value,
                "end" => draft.end = value,
                "time_zone" => value.trim().clone_into(&mut draft.zone),
                "start_fold" => draft.start_fold = value.parse().ok(),
                "end_fold" => draft.end_fold = value.parse().ok(),
                "long" => draft.long = value.parse().ok(),
                "end_choice" => end_choice = Some(value),
                "seen" => sent.seen = seen(&value),
                "shown" => sent.shown = value,
                "password" => draft.password = true,
                // Far more than a meeting may have, so that too many is still told.
                "co" if draft.people.len() < CO_ORGANIZERS_READ
                    && draft.people.iter().all(|person| person.key != value) =>
                {
                    draft.people.push(Organizer::of_key(value));
                }
                "participants" => draft.participants = participants(&value),
                "q" => draft.typed = value.chars().take(100).collect(),
                "nonce" => sent.nonce = value,
                "lang" => sent.lang = value,
                "action" => {
                    sent.action = match value.as_str() {
                        "search" => Action::Search,
                        "forget" => Action::Forget,
                        "check" => Action::Check,
                        "anyway" => Action::Anyway,
                        "withdraw" => Action::Withdraw,
                        _ => Action::Create,
                    };
                }
                _ => {}
            }
        }
        match (end_choice, sent.seen) {
            (Some(end), _) => match end.parse() {
                Ok(minutes) => draft.long = Some(minutes),
                Err(_) => draft.end = end,
            },
            (None, Some((start, minutes))) => sent.moved = draft.catch_up(start, minutes),
            (None, None) => {}
        }
        sent.see();
        if !random::looks_like_token(&sent.nonce) {
            sent.nonce = random::token();
        }
        sent
    }

    /// What the page will show: while the times are not whole, what it showed before. An end that is
    /// asked about stays where it is, whatever becomes of the start.
    fn see(&mut self) {
        if let Some((start, minutes)) = self.draft.start_wall().zip(self.draft.minutes()) {
            let is_meant = minutes > 0 && !self.draft.is_slip();
            self.seen = is_meant.then_some((start, minutes));
        }
    }

    /// [`Self::seen`] as the page carries it.
    pub(super) fn seen_text(&self) -> Option<String> {
        let (start, minutes) = self.seen?;
        Some(format!("{}/{minutes}", wall::stamp(start)))
    }

    /// The meeting it asks for.
    pub(super) fn meeting(&self) -> NewMeeting {
        self.draft.meeting()
    }

    /// The idempotency key: a page sent twice is one meeting, also with other letters in it.
    pub(super) fn key(&self) -> String {
        random::sha256(&self.nonce)
    }

    /// What is sent from now on is another meeting.
    pub(super) fn start_anew(&mut self) {
        self.nonce = random::token();
    }
}

/// A period as [`Sent::seen_text`] writes it.
fn seen(text: &str) -> Option<(i64, i64)> {
    let (start, minutes) = text.split_once('/')?;
    let start = wall::to_wall(start.parse().ok()?);
    let minutes = minutes.parse().ok();
    Some((
        start,
        minutes.filter(|minutes| (1..wall::DAY).contains(minutes))?,
    ))
}

/// Whoever is typed there, each once. What is no address stays as it is, to be told.
fn participants(text: &str) -> Vec<Organizer> {
    let mut people: Vec<Organizer> = Vec::new();
    for (piece, address) in pieces(text).into_iter().take(PARTICIPANTS_READ) {
        let person = Organizer::of_address(address.unwrap_or(piece));
        if people.iter().all(|other| other.email != person.email) {
            people.push(person);
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_as_browsers_write_it() {
        let sent = Sent::read(
            b"subject=Weekly+%3Csync%3E&date=2026-08-03&start=23%3A30&end=00%3A15\
              &time_zone=Europe%2FParis&co=1&co=2&co=1&password=on&action=create",
        );
        let meeting = sent.meeting();
        assert_eq!(meeting.subject, "Weekly <sync>");
        assert_eq!(meeting.start, "2026-08-03T23:30");
        assert_eq!(meeting.end, "2026-08-04T00:15");
        assert_eq!(meeting.co_organizers, ["1", "2"]);
        assert!(meeting.password_required);
        assert_eq!(sent.seen_text().as_deref(), Some("2026-08-03T23:30/45"));
    }

    #[test]
    fn a_page_has_one_key_whatever_is_typed_into_it() {
        let body = format!("subject=a&nonce={}", random::token());
        let key = |body: &str| Sent::read(body.as_bytes()).key();
        assert_eq!(key(&body), key(&body));
        assert_eq!(key(&body), key(&body.replace("=a&", "=b&")));
        assert_ne!(key("subject=a"), key("subject=a"), "no nonce, no memory");
    }

    #[test]
    fn what_a_page_showed_is_known_until_the_times_are_whole_again() {
        let read = |times: &str| {
            let sent = Sent::read(format!("date=2026-08-03&{times}").as_bytes());
            (sent.draft.end.clone(), sent.moved, sent.seen_text())
        };
        let seen = |text: &str| Some(text.to_owned());
        for (times, end, moved, then) in [
            (
                "start=15:00&end=14:30&seen=2026-08-03T14:00/30",
                "15:30",
                true,
                seen("2026-08-03T15:00/30"),
            ),
            (
                "start=&end=14:30&seen=2026-08-03T14:00/30",
                "14:30",
                false,
                seen("2026-08-03T14:00/30"),
            ),
            ("start=15:00&end=14:30", "14:30", false, None),
            (
                "start=15:00&end=14:30&seen=2026-08-03T14:00/0",
                "14:30",
                false,
                None,
            ),
            ("start=15:00&end=14:30&seen=14:00/30", "14:30", false, None),
            // Somebody has said which end is meant.
            (
                "start=13:00&end=03:00&end_choice=14:30&seen=2026-08-03T14:00/30",
                "14:30",
                false,
                seen("2026-08-03T13:00/90"),
            ),
        ] {
            assert_eq!(read(times), (end.to_owned(), moved, then), "{times}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_strange(body in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let sent = Sent::read(&body);
            let _ = (sent.key(), sent.meeting());
        }
    }
}
