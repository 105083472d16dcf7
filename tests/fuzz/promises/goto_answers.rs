//! What the readers of GoTo's answers promise; see [`crate::fuzzing`].

use chrono::{DateTime, Datelike, Timelike, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::errors::{self, Error, Family, Sent};
use super::oauth::{LIFETIME_MAX, Tokens, lenient, lifetime};
use super::times::read_time;
use super::wire::{
    AdminMe, FromGoto, GotoMeeting, GotoUser, Id, Identity, MeetingCreated, Upcoming, UserList,
    is_empty_list, one, rows,
};

/// A success: keys are never empty, an array of one is the one, secrets stay out of `Debug`.
pub(crate) fn answers(input: &[u8]) -> bool {
    let created = alone_or_in_an_array::<MeetingCreated>(input);
    if let Some(created) = &created {
        is_id(created.id.as_str());
        let public = created.id.as_str().to_owned();
        hides(created, created.join_url.as_ref(), &public);
        hides(created, created.phone.as_ref(), &public);
    }
    let meeting = alone_or_in_an_array::<GotoMeeting>(input);
    if let Some(meeting) = &meeting {
        if let Some(id) = &meeting.id {
            is_id(id.as_str());
        }
        for key in &meeting.co_organizer_keys {
            is_id(key);
        }
        if let (Some(start), Some(end)) = (meeting.start, meeting.end) {
            assert!(start < end);
        }
        if let Some(subject) = &meeting.subject {
            assert!(meeting.is_called(subject), "{subject}");
        }
        let public = format!("{:?} {:?}", meeting.id, meeting.subject);
        hides(meeting, meeting.phone.as_ref(), &public);
    }
    let user = alone_or_in_an_array::<GotoUser>(input);
    if let Some(user) = &user {
        is_id(&user.key);
        let name = user.name();
        assert!(!name.is_empty() || user.email.is_empty());
    }
    let me = alone_or_in_an_array::<Identity>(input);
    if let Some(me) = &me {
        is_id(&me.id);
        assert!(!me.name().is_empty() || me.email().is_none());
        assert!(!me.belongs_to(""), "an account without a key");
    }
    let users = alone_or_in_an_array::<UserList>(input);
    let accounts = alone_or_in_an_array::<AdminMe>(input).map(AdminMe::accounts);
    if let Some(accounts) = &accounts {
        for account in accounts {
            is_id(account);
        }
    }
    let upcoming = rows::<Upcoming>(input);
    for meeting in upcoming.iter().flatten() {
        is_id(meeting.id.as_str());
    }
    // A row more, however odd, hides none of the others.
    if let (Some(list), Some(array)) = (&upcoming, input.trim_ascii().strip_prefix(b"[")) {
        let longer = [
            b"[null,{\"subject\":null},{\"meetingId\":\"1\\ud83d\"}",
            &b","[..],
            array,
        ];
        let longer = rows::<Upcoming>(&longer.concat());
        assert!(longer.is_none_or(|longer| longer.len() == list.len()));
    }
    assert!(!is_empty_list(input) || (created.is_none() && meeting.is_none()));
    created.is_some()
        || meeting.is_some()
        || user.is_some()
        || me.is_some()
        || users.is_some_and(|users| !users.results.is_empty())
        || accounts.is_some_and(|accounts| !accounts.is_empty())
        || upcoming.is_some_and(|upcoming| !upcoming.is_empty())
}

fn is_id(id: &str) {
    assert_eq!(Id::read(id).as_ref().map(Id::as_str), Some(id));
}

fn alone_or_in_an_array<T: FromGoto>(input: &[u8]) -> Option<T> {
    let read = one::<T>(input);
    if read.is_some() && input.trim_ascii_start().starts_with(b"{") {
        let array = [b"[", input, b",{}]"].concat();
        assert!(one::<T>(&array).is_some(), "an array of it");
    }
    read
}

fn hides(answer: &impl std::fmt::Debug, secret: Option<&SecretString>, public: &str) {
    let Some(secret) = secret.map(ExposeSecret::expose_secret) else {
        return;
    };
    if secret.len() > 20 && !public.contains(secret) {
        assert!(!format!("{answer:?}").contains(secret), "a secret is shown");
    }
}

/// A refusal: told apart by its status, and nothing of its text comes out but a word.
pub(crate) fn refusals(input: &[u8]) -> bool {
    let mut named = false;
    for family in [Family::G2m, Family::Admin, Family::Identity, Family::Token] {
        for status in [302, 400, 401, 403, 404, 409, 429, 500, 503, 700] {
            let error = errors::refusal(family, status, input, None);
            let sent = !(400..500).contains(&status);
            assert_eq!(error.sent() == Sent::Perhaps, sent, "{status}");
            assert_eq!(
                matches!(error, Error::RateLimited { .. }),
                status == 429,
                "{error}"
            );
            if let Error::Forbidden { code } | Error::Refused { code, .. } = &error {
                assert!(code.len() <= 64);
                let mut bytes = code.bytes();
                assert!(bytes.all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)));
                named |= !code.is_empty();
            }
        }
    }
    named
}

/// `Retry-After`: from a second to ten minutes, a number for what it says.
pub(crate) fn retry_after(input: &[u8]) -> bool {
    let Ok(value) = http::HeaderValue::from_bytes(input) else {
        return false;
    };
    let Ok(text) = value.to_str() else {
        return false;
    };
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
    let wait = errors::retry_after(text, now);
    assert!(wait.is_none_or(|wait| (1..=600).contains(&wait)));
    let digits = text.trim();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = digits.parse::<u32>().unwrap_or(u32::MAX);
        assert_eq!(wait, Some(number.clamp(1, 600)), "a number is that number");
    }
    wait.is_some()
}

/// A time is one of four-digit years, and read again the same, as everybody writes it and as GoTo
/// does.
pub(crate) fn times(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else {
        return false;
    };
    let Some(time) = read_time(text) else {
        return false;
    };
    assert!((0..=9999).contains(&time.year()), "{time}");
    assert_eq!(read_time(&time.to_rfc3339()), Some(time));
    if time.nanosecond() == 0 {
        let theirs = time.format("%Y-%m-%dT%H:%M:%S.+0000").to_string();
        assert_eq!(read_time(&theirs), Some(time), "{theirs}");
    }
    let back = DateTime::<Utc>::from_timestamp_millis(time.timestamp_millis());
    assert!(back.is_some(), "the store keeps milliseconds");
    true
}

/// Tokens: what was read as they are written is read the same, nothing is made up, and no lifetime
/// is beyond what a clock can add.
pub(crate) fn tokens(input: &[u8]) -> bool {
    let body = lenient(input.to_vec());
    if body != input {
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        let secret = |name: &str| answer[name].as_str().map(str::to_owned);
        let given = String::from_utf8_lossy(input);
        for secret in [secret("access_token"), secret("refresh_token")]
            .into_iter()
            .flatten()
        {
            let plain = secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
            assert!(!plain || given.contains('\\') || given.contains(&secret));
        }
        assert_eq!(lenient(body.clone()), body, "read twice");
    }
    let Ok(tokens) = serde_json::from_slice::<Tokens>(&body) else {
        let strict = serde_json::from_slice::<Tokens>(input);
        assert!(strict.is_err(), "what is written as it should be is read");
        return false;
    };
    let lifetime = lifetime(&tokens);
    assert!((0..=LIFETIME_MAX).contains(&lifetime), "{lifetime}");
    true
}
