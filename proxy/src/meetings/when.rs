//! Which instants a form means, and what is wrong with it.
//!
//! The form gives wall-clock times and an IANA zone. A time that does not exist on that day (clocks
//! go forward) is an error with the nearest times that do; one that occurs twice asks which.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use goto_microapps_api::{
    Field, FieldCode, FieldError, Fold, LocalDateTime, NewMeeting, SubjectError, check_subject,
};

/// Most co-organizers taken.
const CO_ORGANIZERS_MAX: usize = 50;
/// Longest meeting, hours.
const HOURS_MAX: i64 = 24;

fn error(field: Field, code: FieldCode, detail: impl Into<String>) -> FieldError {
    FieldError {
        field,
        code,
        detail: detail.into(),
        values: Vec::new(),
    }
}

/// The instant a wall-clock time means in `zone`.
///
/// # Errors
/// The code for the field, and for a skipped time the nearest ones that exist.
pub fn resolve(
    zone: Tz,
    time: LocalDateTime,
    fold: Option<Fold>,
) -> Result<DateTime<Utc>, (FieldCode, Vec<String>)> {
    let naive = naive(time).ok_or((FieldCode::NotATime, Vec::new()))?;
    match (zone.from_local_datetime(&naive), fold) {
        (chrono::LocalResult::Single(time), _)
        | (chrono::LocalResult::Ambiguous(time, _), Some(Fold::Earlier))
        | (chrono::LocalResult::Ambiguous(_, time), Some(Fold::Later)) => Ok(time.to_utc()),
        (chrono::LocalResult::Ambiguous(..), None) => Err((FieldCode::TimeAmbiguous, Vec::new())),
        (chrono::LocalResult::None, _) => Err((FieldCode::TimeSkipped, nearest(zone, naive))),
    }
}

fn naive(time: LocalDateTime) -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(time.year.into(), time.month.into(), time.day.into())?.and_hms_opt(
        time.hour.into(),
        time.minute.into(),
        0,
    )
}

/// The last minute before the gap and the first one after it.
fn nearest(zone: Tz, skipped: NaiveDateTime) -> Vec<String> {
    let exists = |minutes: i64| {
        let time = skipped.checked_add_signed(Duration::minutes(minutes))?;
        let known = !matches!(zone.from_local_datetime(&time), chrono::LocalResult::None);
        known.then(|| time.format("%Y-%m-%dT%H:%M").to_string())
    };
    // No zone ever skipped more than a day and a bit (Samoa, 2011).
    let before = (1..=1_500).find_map(|minutes| exists(-minutes));
    let after = (1..=1_500).find_map(exists);
    before.into_iter().chain(after).collect()
}

/// The instants of a form, or everything that is wrong with it.
///
/// # Errors
/// One entry per field at fault, in the order of the form.
pub fn check(
    form: &NewMeeting,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Vec<FieldError>> {
    let mut errors = Vec::new();
    match check_subject(&form.subject) {
        Ok(()) => {}
        Err(SubjectError::Empty) => {
            errors.push(error(
                Field::Subject,
                FieldCode::Required,
                "subject is empty",
            ));
        }
        Err(SubjectError::TooLong(length)) => errors.push(error(
            Field::Subject,
            FieldCode::TooLong,
            format!("subject has {length} characters as GoTo counts; 100 are the most"),
        )),
    }
    let zone = form.time_zone.parse::<Tz>();
    if zone.is_err() {
        let detail = "time_zone is not an IANA time zone such as Europe/Paris";
        errors.push(error(Field::TimeZone, FieldCode::UnknownTimeZone, detail));
    }
    let mut instant = |field, text: &str, fold| {
        let time = text
            .parse::<LocalDateTime>()
            .map_err(|_| (FieldCode::NotATime, Vec::new()));
        let zone = zone.ok()?;
        match time.and_then(|time| resolve(zone, time, fold)) {
            Ok(instant) => Some(instant),
            Err((code, values)) => {
                let detail = match code {
                    FieldCode::TimeSkipped => "clocks go forward: this time does not exist",
                    FieldCode::TimeAmbiguous => "clocks go back: this time occurs twice",
                    _ => "expected YYYY-MM-DDTHH:MM",
                };
                errors.push(FieldError {
                    field,
                    code,
                    detail: detail.into(),
                    values,
                });
                None
            }
        }
    };
    let start = instant(Field::Start, &form.start, form.start_fold);
    let end = instant(Field::End, &form.end, form.end_fold);
    if start.is_some_and(|start| start <= now) {
        errors.push(error(
            Field::Start,
            FieldCode::InThePast,
            "start is not in the future",
        ));
    }
    if let (Some(start), Some(end)) = (start, end) {
        if end <= start {
            let detail = "end is not after start";
            errors.push(error(Field::End, FieldCode::NotAfterStart, detail));
        } else if end - start > Duration::hours(HOURS_MAX) {
            let detail = format!("a meeting lasts {HOURS_MAX} hours at most");
            errors.push(error(Field::End, FieldCode::TooFarFromStart, detail));
        }
    }
    if form.co_organizers.len() > CO_ORGANIZERS_MAX {
        let detail = format!("{CO_ORGANIZERS_MAX} co-organizers at most");
        errors.push(error(Field::CoOrganizers, FieldCode::TooMany, detail));
    }
    match (start, end) {
        (Some(start), Some(end)) if errors.is_empty() => Ok((start, end)),
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn form(start: &str, end: &str) -> NewMeeting {
        NewMeeting {
            subject: "Point d’équipe".into(),
            start: start.into(),
            end: end.into(),
            time_zone: "Europe/Paris".into(),
            start_fold: None,
            end_fold: None,
            password_required: false,
            co_organizers: Vec::new(),
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    fn codes(form: &NewMeeting) -> Vec<(Field, FieldCode)> {
        check(form, now())
            .unwrap_err()
            .into_iter()
            .map(|e| (e.field, e.code))
            .collect()
    }

    #[test]
    fn a_good_form_is_two_instants() {
        let (start, end) = check(&form("2026-12-01T14:00", "2026-12-01T14:30"), now()).unwrap();
        assert_eq!(start.to_rfc3339(), "2026-12-01T13:00:00+00:00");
        assert_eq!(end.to_rfc3339(), "2026-12-01T13:30:00+00:00");
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let mut bad = form("2025-12-01T14:00", "2025-12-01T13:00");
        bad.subject = " ".into();
        assert_eq!(
            codes(&bad),
            [
                (Field::Subject, FieldCode::Required),
                (Field::Start, FieldCode::InThePast),
                (Field::End, FieldCode::NotAfterStart),
            ]
        );
        bad.time_zone = "Paris".into();
        assert!(codes(&bad).contains(&(Field::TimeZone, FieldCode::UnknownTimeZone)));
    }

    #[test]
    fn a_skipped_time_names_its_neighbours() {
        let errors = check(&form("2026-03-29T02:30", "2026-03-29T03:30"), now()).unwrap_err();
        assert_eq!(errors[0].code, FieldCode::TimeSkipped);
        assert_eq!(errors[0].values, ["2026-03-29T01:59", "2026-03-29T03:00"]);
    }

    #[test]
    fn a_time_that_occurs_twice_asks_which() {
        let mut twice = form("2026-10-25T02:30", "2026-10-25T04:00");
        assert_eq!(codes(&twice), [(Field::Start, FieldCode::TimeAmbiguous)]);
        twice.start_fold = Some(Fold::Earlier);
        let (early, _) = check(&twice, now()).unwrap();
        twice.start_fold = Some(Fold::Later);
        let (late, _) = check(&twice, now()).unwrap();
        assert_eq!(late - early, Duration::hours(1));
    }

    proptest! {
        #[test]
        fn an_instant_reads_back_as_the_time_that_was_typed(
            zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..]),
            minute in 0i64..6_000_000,
            later in any::<bool>(),
        ) {
            let local = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap()
                + Duration::minutes(minute);
            let typed: LocalDateTime = local.format("%Y-%m-%dT%H:%M").to_string().parse().unwrap();
            let fold = Some(if later { Fold::Later } else { Fold::Earlier });
            match resolve(zone, typed, fold) {
                Ok(instant) => prop_assert_eq!(instant.with_timezone(&zone).naive_local(), local),
                Err((code, near)) => {
                    prop_assert_eq!(code, FieldCode::TimeSkipped);
                    prop_assert_eq!(near.len(), 2);
                    for time in near {
                        prop_assert!(resolve(zone, time.parse().unwrap(), fold).is_ok());
                    }
                }
            }
        }
    }
}
