//! The wire types of `goto-microapps-api`, read and written with [`crate::json`].
//!
//! The tests check every shape and every code against the serde derives the proxy uses.

use goto_microapps_api::{
    Carrier, Code, Confirming, ConfirmingCause, Counted, Field, FieldCode, FieldError, Fold,
    Integration, Meeting, NewMeeting, Organizer, Organizers, Period, Person, Problem, Reading,
    Readings, Session, User,
};

use crate::json::{Object, Value, quote};

const CODES: &[(&str, Code)] = &[
    ("sign_in_required", Code::SignInRequired),
    ("reconnect_required", Code::ReconnectRequired),
    ("sign_on_expired", Code::SignOnExpired),
    ("sign_on_unverified", Code::SignOnUnverified),
    ("sign_on_refused", Code::SignOnRefused),
    ("somebody_else", Code::SomebodyElse),
    ("handoff_refused", Code::HandoffRefused),
    ("origin_refused", Code::OriginRefused),
    ("invalid_meeting", Code::InvalidMeeting),
    ("time_zone_differs", Code::TimeZoneDiffers),
    ("malformed_request", Code::MalformedRequest),
    ("body_too_large", Code::BodyTooLarge),
    ("unsupported_media_type", Code::UnsupportedMediaType),
    ("meeting_not_found", Code::MeetingNotFound),
    ("not_found", Code::NotFound),
    ("method_not_allowed", Code::MethodNotAllowed),
    ("idempotency_mismatch", Code::IdempotencyMismatch),
    ("idempotency_key_required", Code::IdempotencyKeyRequired),
    ("meeting_unconfirmed", Code::MeetingUnconfirmed),
    ("goto_refused", Code::GotoRefused),
    ("goto_forbidden", Code::GotoForbidden),
    ("goto_unreachable", Code::GotoUnreachable),
    ("goto_slow", Code::GotoSlow),
    ("goto_failed", Code::GotoFailed),
    ("goto_unreadable", Code::GotoUnreadable),
    ("busy", Code::Busy),
    ("not_ready", Code::NotReady),
    ("internal", Code::Internal),
    ("other", Code::Other),
];

const FIELDS: &[(&str, Field)] = &[
    ("subject", Field::Subject),
    ("start", Field::Start),
    ("end", Field::End),
    ("time_zone", Field::TimeZone),
    ("co_organizers", Field::CoOrganizers),
];

const FIELD_CODES: &[(&str, FieldCode)] = &[
    ("required", FieldCode::Required),
    ("too_long", FieldCode::TooLong),
    ("not_a_time", FieldCode::NotATime),
    ("time_skipped", FieldCode::TimeSkipped),
    ("time_ambiguous", FieldCode::TimeAmbiguous),
    ("in_the_past", FieldCode::InThePast),
    ("not_after_start", FieldCode::NotAfterStart),
    ("too_far_from_start", FieldCode::TooFarFromStart),
    ("instant_too_far", FieldCode::InstantTooFar),
    ("unknown_time_zone", FieldCode::UnknownTimeZone),
    ("unknown_co_organizer", FieldCode::UnknownCoOrganizer),
    ("too_many", FieldCode::TooMany),
];

fn named<T: Copy>(table: &[(&str, T)], name: Option<&str>) -> Option<T> {
    let name = name?;
    table.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// The name of a code, for `gotomeeting:error`.
pub(crate) fn code_name(code: Code) -> &'static str {
    CODES
        .iter()
        .find(|row| row.1 == code)
        .map_or("other", |row| row.0)
}

/// Reads a [`Session`].
pub(crate) fn session(value: &Value) -> Option<Session> {
    let integration = value.get("integration");
    Some(Session {
        integration: Integration {
            name: integration.owned("name")?,
            icon: integration.owned("icon"),
        },
        user: match value.get("user") {
            Value::Null => None,
            user => Some(User {
                key: user.owned("key")?,
                name: user.owned("name")?,
                email: user.owned("email")?,
            }),
        },
        sign_on: named(CODES, value.text("sign_on")),
    })
}

/// Reads one [`Organizer`].
pub(crate) fn organizer(value: &Value) -> Option<Organizer> {
    Some(Organizer {
        key: value.owned("key")?,
        name: value.owned("name")?,
        email: value.owned("email")?,
        namesake: value.flag("namesake"),
    })
}

/// Reads [`Organizers`]. What is no list is not an empty one.
pub(crate) fn organizers(value: &Value) -> Option<Organizers> {
    let Value::List(people) = value.get("organizers") else {
        return None;
    };
    Some(Organizers {
        organizers: people.iter().filter_map(organizer).collect(),
        synced: value.flag("synced"),
    })
}

fn person(value: &Value) -> Option<Person> {
    Some(Person {
        name: value.owned("name")?,
        email: value.owned("email"),
    })
}

/// Reads a [`Meeting`].
pub(crate) fn meeting(value: &Value) -> Option<Meeting> {
    Some(Meeting {
        id: value.owned("id")?,
        subject: value.owned("subject")?,
        start: value.owned("start"),
        end: value.owned("end"),
        organizer: person(value.get("organizer"))?,
        co_organizers: value
            .list("co_organizers")
            .iter()
            .filter_map(person)
            .collect(),
        join_url: value.owned("join_url")?,
        phone: value.owned("phone"),
        password_required: value.flag("password_required"),
    })
}

/// Reads a [`Confirming`].
pub(crate) fn confirming(value: &Value) -> Option<Confirming> {
    Some(Confirming {
        cause: match value.text("cause")? {
            "failed" => ConfirmingCause::Failed,
            "unreadable" => ConfirmingCause::Unreadable,
            "restarted" => ConfirmingCause::Restarted,
            _ => ConfirmingCause::Slow,
        },
        retry_after: value.number("retry_after").unwrap_or(2),
    })
}

/// Reads a [`Problem`]; a code of a newer proxy becomes [`Code::Other`].
pub(crate) fn problem(status: u16, value: &Value) -> Problem {
    let code = named(CODES, value.text("code")).unwrap_or(Code::Other);
    Problem {
        kind: String::new(),
        title: value.owned("title").unwrap_or_default(),
        status,
        detail: value.owned("detail").unwrap_or_default(),
        code,
        errors: value
            .list("errors")
            .iter()
            .filter_map(field_error)
            .collect(),
        readings: readings(value.get("readings")),
        retry_after: value.number("retry_after"),
        request_id: value.owned("request_id"),
    }
}

fn readings(value: &Value) -> Option<Readings> {
    Some(Readings {
        device: period(value.get("device"))?,
        server: period(value.get("server"))?,
    })
}

fn period(value: &Value) -> Option<Period> {
    let counted = |name| {
        let value = value.get(name);
        Some(Counted {
            instant: value.owned("instant")?,
            offset: value.whole("offset")?.try_into().ok()?,
        })
    };
    Some(Period {
        start: counted("start")?,
        end: counted("end")?,
    })
}

fn field_error(value: &Value) -> Option<FieldError> {
    Some(FieldError {
        field: named(FIELDS, value.text("field"))?,
        code: named(FIELD_CODES, value.text("code"))?,
        detail: String::new(),
        values: value.texts("values"),
    })
}

/// Name of a [`Fold`] on the wire.
pub(crate) fn fold_name(fold: Fold) -> &'static str {
    match fold {
        Fold::Earlier => "earlier",
        Fold::Later => "later",
    }
}

/// Reads a [`Fold`].
pub(crate) fn fold(name: Option<&str>) -> Option<Fold> {
    named(&[("earlier", Fold::Earlier), ("later", Fold::Later)], name)
}

/// Name of a [`Reading`] on the wire.
pub(crate) fn reading_name(reading: Reading) -> &'static str {
    match reading {
        Reading::Device => "device",
        Reading::Server => "server",
    }
}

/// Reads a [`Reading`].
pub(crate) fn reading(name: Option<&str>) -> Option<Reading> {
    named(
        &[("device", Reading::Device), ("server", Reading::Server)],
        name,
    )
}

/// Writes a [`NewMeeting`].
pub(crate) fn new_meeting(meeting: &NewMeeting) -> String {
    Object::new()
        .text("subject", &meeting.subject)
        .text("start", &meeting.start)
        .text("end", &meeting.end)
        .text("time_zone", &meeting.time_zone)
        .maybe("start_fold", meeting.start_fold.map(fold_name))
        .maybe("end_fold", meeting.end_fold.map(fold_name))
        .maybe("start_instant", meeting.start_instant.as_deref())
        .maybe("end_instant", meeting.end_instant.as_deref())
        .maybe("reading", meeting.reading.map(reading_name))
        .flag("password_required", meeting.password_required)
        .list(
            "co_organizers",
            meeting.co_organizers.iter().map(|key| quote(key)),
        )
        .end()
}

/// Writes a hand-off request.
pub(crate) fn handoff(code: &str, verifier: &str, carrier: Carrier) -> String {
    let carrier = match carrier {
        Carrier::Cookie => "cookie",
        Carrier::Bearer => "bearer",
    };
    Object::new()
        .text("code", code)
        .text("verifier", verifier)
        .text("carrier", carrier)
        .end()
}

#[cfg(test)]
mod tests {
    use goto_microapps_api::{HandoffRequest, HandoffResponse};
    use serde::Serialize;

    use super::*;
    use crate::json::parse;

    fn value(of: &impl Serialize) -> Value {
        parse(&serde_json::to_string(of).unwrap()).unwrap()
    }

    fn sample_meeting(full: bool) -> Meeting {
        let person = Person {
            name: "Élodie <Martin>".into(),
            email: full.then(|| "e@corp.example".into()),
        };
        Meeting {
            id: "762836476".into(),
            subject: "Point \"d’équipe\"\n🎉".into(),
            start: full.then(|| "2026-12-01T13:00:00Z".into()),
            end: full.then(|| "2026-12-01T13:30:00Z".into()),
            organizer: person.clone(),
            co_organizers: if full { vec![person] } else { vec![] },
            join_url: "https://meet.goto.com/762836476".into(),
            phone: full.then(|| "France: +33 1\nUS: +1".into()),
            password_required: full,
        }
    }

    #[test]
    fn reads_every_shape_the_proxy_writes() {
        for full in [true, false] {
            let sample = sample_meeting(full);
            assert_eq!(meeting(&value(&sample)), Some(sample));
            let sample = Session {
                integration: Integration {
                    name: "GoTo".into(),
                    icon: full.then(|| "icon.svg".into()),
                },
                user: full.then(|| User {
                    key: "1".into(),
                    name: "A".into(),
                    email: "a@b".into(),
                }),
                sign_on: (!full).then_some(Code::SignOnExpired),
            };
            assert_eq!(session(&value(&sample)), Some(sample.clone()));
            let response = HandoffResponse {
                session: sample.clone(),
                bearer: full.then(|| "s".into()),
            };
            assert_eq!(session(value(&response).get("session")), Some(sample));
        }
        let sample = Organizers {
            organizers: vec![Organizer {
                key: "8439885694023999999".into(),
                name: "Zoë".into(),
                email: "z@b".into(),
                namesake: true,
            }],
            synced: true,
        };
        assert_eq!(organizers(&value(&sample)), Some(sample));
        assert_eq!(organizers(&Value::Null), None);
        assert_eq!(organizers(&parse(r#"{"organizers":null}"#).unwrap()), None);
    }

    #[test]
    fn reads_every_cause() {
        for cause in [
            ConfirmingCause::Slow,
            ConfirmingCause::Failed,
            ConfirmingCause::Unreadable,
            ConfirmingCause::Restarted,
        ] {
            let sample = Confirming {
                cause,
                retry_after: 3,
            };
            assert_eq!(confirming(&value(&sample)), Some(sample));
        }
    }

    #[test]
    fn names_every_code_as_serde_does() {
        for (name, code) in CODES {
            assert_eq!(serde_json::to_value(code).unwrap(), *name);
        }
        for (name, field) in FIELDS {
            assert_eq!(serde_json::to_value(field).unwrap(), *name);
        }
        for (name, code) in FIELD_CODES {
            assert_eq!(serde_json::to_value(code).unwrap(), *name);
        }
    }

    fn counted(instant: &str, offset: i32) -> Counted {
        Counted {
            instant: instant.into(),
            offset,
        }
    }

    #[test]
    fn reads_a_problem_with_its_fields() {
        let sample = Problem {
            kind: String::new(),
            title: "t".into(),
            status: 422,
            detail: "d".into(),
            code: Code::InvalidMeeting,
            errors: vec![FieldError {
                field: Field::Start,
                code: FieldCode::TimeSkipped,
                detail: String::new(),
                values: vec!["2027-03-28T01:59".into(), "2027-03-28T03:00".into()],
            }],
            readings: Some(Readings {
                device: Period {
                    start: counted("2026-12-15T18:00:00Z", -480),
                    end: counted("2026-12-15T19:00:00Z", -480),
                },
                server: Period {
                    start: counted("2026-12-15T17:00:00Z", -420),
                    end: counted("2026-12-15T18:00:00Z", 345),
                },
            }),
            retry_after: Some(4),
            request_id: Some("r".into()),
        };
        assert_eq!(problem(422, &value(&sample)), sample);
        assert_eq!(problem(502, &Value::Null).code, Code::Other);
        let newer = parse(r#"{"code":"from_the_future"}"#).unwrap();
        assert_eq!(problem(400, &newer).code, Code::Other);
    }

    #[test]
    fn the_proxy_reads_what_we_write() {
        let sample = NewMeeting {
            subject: "a\"<b>".into(),
            start: "2026-12-01T14:00".into(),
            end: "2026-12-01T14:30".into(),
            time_zone: "Europe/Paris".into(),
            start_fold: Some(Fold::Later),
            end_fold: None,
            start_instant: Some("2026-12-01T13:00:00Z".into()),
            end_instant: None,
            reading: Some(Reading::Device),
            password_required: true,
            co_organizers: vec!["1".into(), "2".into()],
        };
        let back: NewMeeting = serde_json::from_str(&new_meeting(&sample)).unwrap();
        assert_eq!(back, sample);
        let back: HandoffRequest =
            serde_json::from_str(&handoff("c", "v", Carrier::Bearer)).unwrap();
        assert_eq!((back.code.as_str(), back.carrier), ("c", Carrier::Bearer));
    }
}
