//! Reading that loses no more than what does not fit.
//!
//! A proxy of another version may write a row or a field that this build cannot read, and what a
//! browser has stored may be of any age. Neither makes the rest unreadable. The readers here need a
//! format that is a tree already (`serde_json::Value`, a value of JavaScript): in a stream, what does
//! not fit ends the reading with an error instead.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// A value, or its default where what is there does not fit. For `deserialize_with`.
///
/// # Errors
/// None.
pub fn field<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(T::deserialize(deserializer).unwrap_or_default())
}

/// The rows of a list that fit. For `deserialize_with`.
///
/// # Errors
/// Where there is no list: that is not an empty one.
pub fn rows<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(Rows(PhantomData))
}

/// As [`rows`], and no rows where there is no list. For `deserialize_with`.
///
/// # Errors
/// None.
pub fn rows_if_any<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(rows(deserializer).unwrap_or_default())
}

struct Rows<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Rows<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut rows = Vec::new();
        while let Some(Row(row)) = list.next_element()? {
            rows.extend(row);
        }
        Ok(rows)
    }
}

/// A row where it fits.
struct Row<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).ok()))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use crate::{
        Code, Confirming, ConfirmingCause, Field, HandoffMessage, HandoffOutcome, Meeting,
        Organizers, Problem, Session,
    };

    fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
        serde_json::from_value(value).ok()
    }

    #[test]
    fn a_row_that_does_not_fit_hides_itself_only() {
        let good = json!({"key": "1", "name": "Zoë", "email": "z@b"});
        let list = json!([good, null, 7, {"key": 1}, {"key": "2", "name": null}, good]);
        let found: Organizers = read(json!({"organizers": list, "synced": "?"})).unwrap();
        assert_eq!((found.organizers.len(), found.synced), (2, false));
        for no_list in [
            json!({}),
            json!({"organizers": null}),
            json!({"organizers": {}}),
        ] {
            assert_eq!(
                read::<Organizers>(no_list),
                None,
                "no list is not an empty one"
            );
        }
    }

    #[test]
    fn a_meeting_needs_what_makes_it_one() {
        let least =
            json!({"id": "1", "subject": "s", "join_url": "https://x", "organizer": {"name": "A"}});
        let meeting: Meeting = read(least.clone()).unwrap();
        assert_eq!((meeting.start, meeting.password_required), (None, false));
        let mut more = least.clone();
        for (key, value) in [
            ("start", json!(5)),
            ("end", Value::Null),
            ("phone", json!(["+33"])),
            ("password_required", json!("yes")),
            (
                "co_organizers",
                json!([{"name": "B", "email": 1}, {}, null]),
            ),
            ("from_the_future", json!({"a": [1]})),
        ] {
            more[key] = value;
        }
        let meeting: Meeting = read(more).unwrap();
        assert_eq!((meeting.start, meeting.phone), (None, None));
        assert_eq!(meeting.co_organizers.len(), 1);
        assert_eq!(meeting.co_organizers[0].email, None);
        for key in ["id", "subject", "join_url", "organizer"] {
            let mut without = least.clone();
            without.as_object_mut().unwrap().remove(key);
            assert_eq!(read::<Meeting>(without), None, "{key}");
        }
    }

    #[test]
    fn what_a_newer_proxy_says_stays_readable() {
        let problem: Problem = read(json!({
            "code": "from_the_future",
            "status": "422",
            "retry_after": -1,
            "readings": {"device": 1},
            "errors": [{"field": "colour", "code": "required"}, {"field": "start", "code": "too_blue"},
                       {"field": "end", "code": "required", "values": [1, "a"]}],
        }))
        .unwrap();
        assert_eq!((problem.code, problem.status), (Code::Other, 0));
        assert_eq!((problem.retry_after, problem.readings), (None, None));
        assert_eq!(problem.errors.len(), 1);
        assert_eq!(
            (problem.errors[0].field, &*problem.errors[0].values[0]),
            (Field::End, "a")
        );
        assert_eq!(read::<Problem>(json!({"code": 504})), None);
        assert_eq!(read::<Problem>(json!({"title": "x"})), None);

        let confirming: Confirming = read(json!({"cause": "aliens"})).unwrap();
        assert_eq!(
            (confirming.cause, confirming.retry_after),
            (ConfirmingCause::Slow, 2)
        );
        assert_eq!(read::<Confirming>(json!({})), None);
        let message: HandoffMessage =
            read(json!({"type": HandoffMessage::TYPE, "outcome": "teleported", "code": 1}))
                .unwrap();
        assert_eq!(
            (message.outcome, message.code),
            (HandoffOutcome::Failed, None)
        );

        let session: Session =
            read(json!({"integration": {"name": "G"}, "sign_on": "from_the_future"})).unwrap();
        assert_eq!((session.user, session.sign_on), (None, Some(Code::Other)));
        let session: Session =
            read(json!({"integration": {"name": "G", "icon": 1}, "sign_on": 3, "user": null}))
                .unwrap();
        assert_eq!((session.integration.icon, session.sign_on), (None, None));
        assert_eq!(
            read::<Session>(json!({"integration": {"name": "G"}, "user": {"key": "1"}})),
            None
        );
        assert_eq!(read::<Session>(json!({"user": null})), None);
    }

    #[test]
    fn a_stream_that_does_not_fit_ends_in_an_error() {
        #[derive(Deserialize)]
        struct List(#[serde(deserialize_with = "super::rows")] Vec<String>);
        for text in [r#"["a",{"b":1},"c"]"#, "[[1,2],3", r#"[{"a"}"#, "[1,"] {
            assert!(serde_json::from_str::<List>(text).is_err(), "{text}");
        }
        assert_eq!(
            serde_json::from_str::<List>(r#"["a","b"]"#)
                .unwrap()
                .0
                .len(),
            2
        );
    }
}
