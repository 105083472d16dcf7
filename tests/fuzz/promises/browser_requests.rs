//! What the readers of a browser's requests promise; see [`crate::fuzzing`].
//!
//! A header comes as the lines of the input, one value each.

use std::sync::LazyLock;

use axum::extract::Query;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use chrono::{DateTime, TimeDelta, Utc};
use goto_microapps_api::{IDEMPOTENCY_KEY, NewMeeting, subject_length};
use url::{Url, form_urlencoded};

use super::api::idempotency_key;
use super::guard::{bearer, may_call};
use super::{cookies, pages};
use crate::config::origin_of;
use crate::meetings::{self, TimesError};
use crate::random;
use crate::signin::{CallbackQuery, SessionId};
use crate::zones::Zones;

/// What `tests/corpus/origins.txt` calls the list.
static LISTED: LazyLock<Vec<String>> = LazyLock::new(|| {
    [
        "https://intranet.example.com",
        "https://portal.example.com:8443",
        "http://intranet.localhost:3000",
        "https://xn--bcher-kva.example",
    ]
    .map(str::to_owned)
    .to_vec()
});

static SECURE: LazyLock<Url> = LazyLock::new(|| url("https://goto.example/"));
static LOOPBACK: LazyLock<Url> = LazyLock::new(|| url("http://proxy.localhost:8080/"));

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

/// `None` for what no HTTP server lets through.
fn headers(name: &HeaderName, input: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        headers.append(name, HeaderValue::from_bytes(line).ok()?);
    }
    Some(headers)
}

fn first_line(input: &[u8]) -> &[u8] {
    input.split(|byte| *byte == b'\n').next().unwrap_or(input)
}

/// A page may call if it is on the list, letter by letter.
pub(crate) fn origins(input: &[u8]) -> bool {
    let Some(headers) = headers(&header::ORIGIN, input) else {
        return false;
    };
    let allowed = may_call(&headers, &LISTED);
    let listed = LISTED
        .iter()
        .any(|known| known.as_bytes() == first_line(input));
    assert_eq!(allowed, listed);
    allowed
}

/// What is configured as an origin is one: a browser would write it so, and only so.
pub(crate) fn origin_settings(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else {
        return false;
    };
    let Some(origin) = origin_of(text) else {
        return false;
    };
    assert_eq!(origin_of(&origin).as_ref(), Some(&origin));
    let (scheme, host) = origin.split_once("://").expect("a scheme");
    assert!(matches!(scheme, "https" | "http"), "{origin}");
    assert!(!host.is_empty());
    assert!(!host.contains(['/', '?', '#', '@', '\\']), "{origin}");
    // It becomes a header of CORS and a source of a policy.
    assert!(origin.bytes().all(|b| b.is_ascii_graphic()), "{origin}");
    assert!(!origin.contains([';', ',', '*', '\'', '"']), "{origin}");
    assert_eq!(origin, origin.to_lowercase());
    true
}

/// The cookies of an exact name are all of them in their order, and a session is a token of ours.
pub(crate) fn cookies(input: &[u8]) -> bool {
    let Some(headers) = headers(&header::COOKIE, input) else {
        return false;
    };
    let all = |name: &str| -> Vec<String> {
        let values = headers.get_all(header::COOKIE).iter();
        let values = values.filter_map(|value| value.to_str().ok());
        values
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim().to_owned()))
            .filter_map(|(other, value)| (other == name).then_some(value))
            .collect()
    };
    let sessions = |name: &str| -> Vec<String> {
        let mut all = all(name);
        all.retain(|value| random::looks_like_token(value));
        all.truncate(16);
        all
    };
    let read = |ids: Vec<SessionId>| -> Vec<String> {
        ids.iter().map(|id| id.expose().to_owned()).collect()
    };
    let found = [
        read(cookies::sessions(&headers, &SECURE)),
        read(cookies::sessions(&headers, &LOOPBACK)),
        read(cookies::admin(&headers)),
        cookies::sign_in(&headers, &SECURE),
        cookies::sign_in(&headers, &LOOPBACK),
    ];
    let first = |mut all: Vec<String>| {
        all.truncate(16);
        all
    };
    let expected = [
        sessions("__Host-goto_session"),
        sessions("goto_session"),
        [sessions("__Host-goto_admin"), sessions("goto_admin")].concat(),
        first(all("__Host-goto_sign_in")),
        first(all("goto_sign_in")),
    ];
    assert_eq!(found, expected);
    found.iter().any(|values| !values.is_empty())
}

/// A bearer is what stands behind the word, and a session is a token of ours.
pub(crate) fn authorizations(input: &[u8]) -> bool {
    let Some(headers) = headers(&header::AUTHORIZATION, input) else {
        return false;
    };
    let Some(text) = bearer(&headers) else {
        return false;
    };
    assert_eq!(format!("Bearer {text}").as_bytes(), first_line(input));
    match SessionId::read(text) {
        Some(id) => {
            assert_eq!(id.expose(), text);
            assert!(!text.contains('.'), "told from a token of the portal");
            assert!(!format!("{id:?}").contains(text), "a session is shown");
            true
        }
        None => false,
    }
}

/// A key of a create is 16 to 64 plain characters.
pub(crate) fn idempotency_keys(input: &[u8]) -> bool {
    let Some(headers) = headers(&HeaderName::from_static(IDEMPOTENCY_KEY), input) else {
        return false;
    };
    let Ok(key) = idempotency_key(&headers) else {
        return false;
    };
    assert!((16..=64).contains(&key.len()));
    assert!(
        key.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    );
    let bare = first_line(input)
        .iter()
        .filter(|byte| **byte != b'"')
        .copied();
    assert_eq!(key.as_bytes(), bare.collect::<Vec<u8>>());
    let same = self::headers(&HeaderName::from_static(IDEMPOTENCY_KEY), key.as_bytes());
    let again = same.and_then(|headers| idempotency_key(&headers).ok());
    assert_eq!(again, Some(key));
    true
}

/// What a callback brings is what stands in its query, each value once.
pub(crate) fn callback_queries(input: &[u8]) -> bool {
    let Ok(target) = PathAndQuery::try_from([b"/callback?", input].concat()) else {
        return false;
    };
    let uri = Uri::from(target);
    let query = Query::<CallbackQuery>::try_from_uri(&uri);
    let readable = query.is_ok();
    let callback = pages::callback_query(query);
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let pairs: Vec<(String, String)> = pairs.into_owned().collect();
    for (name, value) in [
        ("code", &callback.code),
        ("state", &callback.state),
        ("error", &callback.error),
        ("iss", &callback.iss),
    ] {
        let values: Vec<&String> = pairs
            .iter()
            .filter(|(other, _)| other == name)
            .map(|(_, value)| value)
            .collect();
        if readable {
            assert!(values.len() <= 1, "{name} came twice");
            assert_eq!(value.as_ref(), values.first().copied(), "{name}");
        } else {
            assert_eq!(*value, None, "{name} of a query nobody can read");
        }
    }
    let state = callback.state.as_deref();
    state.is_some_and(random::looks_like_token) && callback.code.is_some()
}

/// A meeting that may be asked for is in the future, begins before it ends and is not too long.
pub(crate) fn new_meetings(input: &[u8]) -> bool {
    let Ok(form) = serde_json::from_slice::<NewMeeting>(input) else {
        return false;
    };
    let written = serde_json::to_vec(&form).expect("JSON");
    let again = serde_json::from_slice::<NewMeeting>(&written);
    assert_eq!(again.ok().as_ref(), Some(&form));
    let now = DateTime::<Utc>::from_timestamp(1_780_000_000, 0).unwrap_or_default();
    match meetings::check(&Zones::bundled(), &form, now) {
        Ok((start, end)) => {
            assert!(now < start && start < end, "{start} {end}");
            assert!(end - start <= TimeDelta::hours(24));
            assert!((1..=100).contains(&subject_length(&form.subject)));
            assert!(form.co_organizers.len() <= 50);
            true
        }
        Err(TimesError::Mistakes(errors)) => {
            assert!(!errors.is_empty());
            false
        }
        Err(TimesError::Differs(readings)) => {
            assert_ne!(readings.device, readings.server);
            assert_eq!(form.reading, None);
            true
        }
    }
}
