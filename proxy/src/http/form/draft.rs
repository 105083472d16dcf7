//! What somebody typed into the plain form: read from any body, never an error.

use chrono::{NaiveDate, NaiveTime, TimeDelta, Timelike};
use goto_microapps_api::{Fold, NewMeeting, minutes_until, must_be_chosen};
use url::form_urlencoded;

use crate::random;

/// Co-organizers read at most: each is compared with all before it.
const CO_ORGANIZERS_READ: usize = 200;

/// The button that was pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Action {
    /// *Search*, or Enter in its field.
    Search,
    /// *Create meeting*.
    #[default]
    Create,
    /// *Check again*.
    Check,
    /// *Create anyway*.
    Anyway,
}

/// The form as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) subject: String,
    pub(super) date: String,
    pub(super) start: String,
    pub(super) end: String,
    pub(super) time_zone: String,
    pub(super) start_fold: Option<Fold>,
    pub(super) end_fold: Option<Fold>,
    /// The length that was chosen, minutes, where two times alone do not make a meeting so long.
    pub(super) long: Option<i64>,
    /// The instants that the page showed, RFC 3339, `start/end` (ISO 8601-1 section 5.5).
    pub(super) shown: String,
    pub(super) password: bool,
    /// Organizer keys.
    pub(super) co_organizers: Vec<String>,
    /// What is searched for.
    pub(super) query: String,
    /// Random; makes the idempotency key. It stays the same until it is known what became of the
    /// form, whatever is changed in between.
    pub(super) nonce: String,
    pub(super) lang: String,
    pub(super) action: Action,
}

impl Draft {
    /// Reads `application/x-www-form-urlencoded`; what cannot be read is as if it was not there.
    pub(super) fn read(body: &[u8]) -> Self {
        let mut draft = Self::default();
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
                "time_zone" => draft.time_zone = value.trim().to_owned(),
                "start_fold" => draft.start_fold = fold(&value),
                "end_fold" => draft.end_fold = fold(&value),
                "long" => draft.long = value.parse().ok(),
                "end_choice" => match value.parse() {
                    Ok(minutes) => draft.long = Some(minutes),
                    Err(_) => end_choice = Some(value),
                },
                "shown" => draft.shown = value,
                "password" => draft.password = true,
                // Far more than a meeting may have, so that too many is still told.
                "co" if draft.co_organizers.len() < CO_ORGANIZERS_READ
                    && !draft.co_organizers.contains(&value) =>
                {
                    draft.co_organizers.push(value);
                }
                "q" => draft.query = value.chars().take(100).collect(),
                "nonce" => draft.nonce = value,
                "lang" => draft.lang = value,
                "action" => {
                    draft.action = match value.as_str() {
                        "search" => Action::Search,
                        "check" => Action::Check,
                        "anyway" => Action::Anyway,
                        _ => Action::Create,
                    };
                }
                _ => {}
            }
        }
        if let Some(end) = end_choice {
            draft.end = end;
        }
        if !random::looks_like_token(&draft.nonce) {
            draft.nonce = random::token();
        }
        draft
    }

    /// Start and end in minutes since midnight.
    pub(super) fn clocks(&self) -> Option<(i64, i64)> {
        let minutes = |text: &str| {
            let time: NaiveTime = text.get(..5).unwrap_or(text).parse().ok()?;
            Some(i64::from(time.num_seconds_from_midnight() / 60))
        };
        Some((minutes(&self.start)?, minutes(&self.end)?))
    }

    /// Whether the times make a meeting so long that it must be chosen, and nobody did.
    pub(super) fn is_slip(&self) -> bool {
        self.clocks().is_some_and(|(start, end)| {
            must_be_chosen(start, end) && self.long != Some(minutes_until(start, end))
        })
    }

    /// The meeting it asks for. An end that is before the start is on the next day.
    pub(super) fn meeting(&self) -> NewMeeting {
        let mut last_day = self.date.clone();
        if let Some((start, end)) = self.clocks()
            && end < start
            && let Some(next) = self
                .date
                .parse::<NaiveDate>()
                .ok()
                .and_then(|day| day.checked_add_signed(TimeDelta::days(1)))
        {
            last_day = next.to_string();
        }
        let minutes = |text: &str| text.get(..5).unwrap_or(text).to_owned();
        NewMeeting {
            subject: self.subject.trim().to_owned(),
            start: format!("{}T{}", self.date, minutes(&self.start)),
            end: format!("{last_day}T{}", minutes(&self.end)),
            time_zone: self.time_zone.clone(),
            start_fold: self.start_fold,
            end_fold: self.end_fold,
            password_required: self.password,
            co_organizers: self.co_organizers.clone(),
            ..NewMeeting::default()
        }
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

fn fold(text: &str) -> Option<Fold> {
    match text {
        "earlier" => Some(Fold::Earlier),
        "later" => Some(Fold::Later),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_as_browsers_write_it() {
        let draft = Draft::read(
            b"subject=Weekly+%3Csync%3E&date=2026-08-03&start=23%3A30&end=00%3A15\
              &time_zone=Europe%2FParis&co=1&co=2&co=1&password=on&action=create",
        );
        let meeting = draft.meeting();
        assert_eq!(meeting.subject, "Weekly <sync>");
        assert_eq!(meeting.start, "2026-08-03T23:30");
        assert_eq!(meeting.end, "2026-08-04T00:15");
        assert_eq!(meeting.co_organizers, ["1", "2"]);
        assert!(meeting.password_required);
    }

    #[test]
    fn a_page_has_one_key_whatever_is_typed_into_it() {
        let body = format!("subject=a&nonce={}", random::token());
        let key = |body: &str| Draft::read(body.as_bytes()).key();
        assert_eq!(key(&body), key(&body));
        assert_eq!(key(&body), key(&body.replace("=a&", "=b&")));
        assert_ne!(key("subject=a"), key("subject=a"), "no nonce, no memory");
    }

    proptest::proptest! {
        #[test]
        fn no_body_is_too_strange(body in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let draft = Draft::read(&body);
            let _ = (draft.key(), draft.meeting());
        }
    }
}
