//! Which instants a form means, and what is wrong with it.
//!
//! The form gives wall-clock times and an IANA zone, and the instants that its reader saw. A time
//! that does not exist on that day (clocks go forward) is an error with the nearest times that do;
//! one that occurs twice asks which; one that device and proxy count differently asks whose reading
//! is right.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use goto_microapps_api::{
    Counted, Field, FieldCode, FieldError, Fold, LocalDateTime, NewMeeting, Period, Reading,
    Readings, SubjectError, check_subject,
};

use crate::zones::{Instants, Zone, Zones};

/// Most co-organizers taken.
const CO_ORGANIZERS_MAX: usize = 50;
/// Longest meeting, hours.
const HOURS_MAX: i64 = 24;
/// Rules of one zone never lie further apart than this, hours: what does is a device whose zone or
/// clock is broken, and no question for a person.
const RULES_DIFFER_MAX: i64 = 3;

/// Why a form is not two instants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimesError {
    /// One entry per field at fault, in the order of the form.
    Mistakes(Vec<FieldError>),
    /// Device and proxy count differently, and nobody has said whose reading is right.
    Differs(Box<Readings>),
}

fn error(field: Field, code: FieldCode, detail: impl Into<String>) -> FieldError {
    FieldError {
        field,
        code,
        detail: detail.into(),
        values: Vec::new(),
    }
}

/// The instant a wall-clock time means in `zone`.
fn resolve(
    zone: &Zone,
    time: LocalDateTime,
    fold: Option<Fold>,
) -> Result<DateTime<Utc>, (FieldCode, Vec<String>)> {
    let not_a_time = (FieldCode::NotATime, Vec::new());
    let wall = wall(time).ok_or(not_a_time.clone())?;
    match (zone.instants(wall).ok_or(not_a_time)?, fold) {
        (Instants::One(time), _)
        | (Instants::Two(time, _), Some(Fold::Earlier))
        | (Instants::Two(_, time), Some(Fold::Later)) => Ok(time),
        (Instants::Two(first, second), None) => {
            let offsets = [first, second].map(|at| offset(wall, at).to_string());
            Err((FieldCode::TimeAmbiguous, offsets.to_vec()))
        }
        (Instants::None, _) => Err((FieldCode::TimeSkipped, nearest(zone, wall))),
    }
}

fn wall(time: LocalDateTime) -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(time.year.into(), time.month.into(), time.day.into())?.and_hms_opt(
        time.hour.into(),
        time.minute.into(),
        0,
    )
}

/// Minutes that a clock which shows `wall` at `instant` is ahead of UTC.
fn offset(wall: NaiveDateTime, instant: DateTime<Utc>) -> i32 {
    let minutes = (wall - instant.naive_utc()).num_minutes();
    i32::try_from(minutes).unwrap_or_default()
}

/// The last minute before the gap and the first one after it.
fn nearest(zone: &Zone, skipped: NaiveDateTime) -> Vec<String> {
    let exists = |minutes: i64| {
        let time = skipped.checked_add_signed(Duration::minutes(minutes))?;
        let known = matches!(
            zone.instants(time),
            Some(Instants::One(_) | Instants::Two(..))
        );
        known.then(|| time.format("%Y-%m-%dT%H:%M").to_string())
    };
    // No zone ever skipped more than a day and a bit (Samoa, 2011).
    let before = (1..=1_500).find_map(|minutes| exists(-minutes));
    let after = (1..=1_500).find_map(exists);
    before.into_iter().chain(after).collect()
}

/// One of the two times of a form.
struct Time {
    wall: NaiveDateTime,
    /// As the proxy counts.
    server: DateTime<Utc>,
    /// As the device counts, where it said so.
    device: Option<DateTime<Utc>>,
}

impl Time {
    /// Reads `text`, and beside it the instant `shown` for it.
    fn read(
        zone: &Zone,
        text: &str,
        fold: Option<Fold>,
        shown: Option<&str>,
    ) -> Result<Self, (FieldCode, Vec<String>)> {
        let not_a_time = (FieldCode::NotATime, Vec::new());
        let time: LocalDateTime = text.parse().map_err(|_| not_a_time.clone())?;
        let server = resolve(zone, time, fold)?;
        let device = shown.map(DateTime::parse_from_rfc3339).transpose();
        let device = device.map_err(|_| not_a_time.clone())?;
        let device = device.map(|at| at.to_utc());
        let furthest = Duration::hours(RULES_DIFFER_MAX);
        if device.is_some_and(|device| (device - server).abs() > furthest) {
            return Err((FieldCode::InstantTooFar, Vec::new()));
        }
        Ok(Self {
            wall: wall(time).ok_or(not_a_time)?,
            server,
            device,
        })
    }

    fn differs(&self) -> bool {
        self.device.is_some_and(|device| device != self.server)
    }

    fn counted(&self, instant: DateTime<Utc>) -> Counted {
        Counted {
            instant: instant.to_rfc3339_opts(SecondsFormat::Secs, true),
            offset: offset(self.wall, instant),
        }
    }
}

/// Both times by the device's rules. Where it said only one of them, the length stays.
fn by_device(start: &Time, end: &Time) -> (DateTime<Utc>, DateTime<Utc>) {
    let length = end.server - start.server;
    let from = start.device.unwrap_or(start.server);
    (from, end.device.unwrap_or(from + length))
}

/// The instants of a form, or why it is none.
///
/// # Errors
/// Everything that is wrong with it, or the question whose reading is right.
pub fn check(
    zones: &Zones,
    form: &NewMeeting,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), TimesError> {
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
    let zone = zones.find(&form.time_zone);
    if zone.is_none() {
        let detail = "time_zone is not an IANA time zone such as Europe/Paris";
        errors.push(error(Field::TimeZone, FieldCode::UnknownTimeZone, detail));
    }
    let mut read = |field, text: &str, fold, shown: &Option<String>| {
        let time = Time::read(zone.as_ref()?, text, fold, shown.as_deref());
        let (code, values) = match time {
            Ok(time) => return Some(time),
            Err(why) => why,
        };
        let detail = match code {
            FieldCode::TimeSkipped => "clocks go forward: this time does not exist",
            FieldCode::TimeAmbiguous => "clocks go back: this time occurs twice",
            FieldCode::InstantTooFar => "the instant shown is hours from what this time means",
            _ => "expected YYYY-MM-DDTHH:MM, and for the instant RFC 3339",
        };
        errors.push(FieldError {
            field,
            code,
            detail: detail.into(),
            values,
        });
        None
    };
    let start = read(
        Field::Start,
        &form.start,
        form.start_fold,
        &form.start_instant,
    );
    let end = read(Field::End, &form.end, form.end_fold, &form.end_instant);
    let mut times = start
        .as_ref()
        .zip(end.as_ref())
        .map(|(start, end)| (start.server, end.server));
    let mut differs = None;
    if let (Some(start), Some(end)) = (&start, &end)
        && (start.differs() || end.differs())
    {
        match form.reading {
            Some(Reading::Server) => {}
            Some(Reading::Device) => times = Some(by_device(start, end)),
            None => {
                let (from, to) = by_device(start, end);
                differs = Some(Box::new(Readings {
                    device: Period {
                        start: start.counted(from),
                        end: end.counted(to),
                    },
                    server: Period {
                        start: start.counted(start.server),
                        end: end.counted(end.server),
                    },
                }));
            }
        }
    }
    // What depends on the reading is looked at when somebody has chosen one.
    if differs.is_none() {
        errors.extend(order(start.map(|start| start.server), times, now));
    }
    if form.co_organizers.len() > CO_ORGANIZERS_MAX {
        let detail = format!("{CO_ORGANIZERS_MAX} co-organizers at most");
        errors.push(error(Field::CoOrganizers, FieldCode::TooMany, detail));
    }
    match (times, differs) {
        (Some(times), None) if errors.is_empty() => Ok(times),
        (Some(_), Some(readings)) if errors.is_empty() => Err(TimesError::Differs(readings)),
        _ => Err(TimesError::Mistakes(errors)),
    }
}

/// The instants of a form's times by the proxy's rules, whatever else is wrong with it.
pub fn times(zones: &Zones, form: &NewMeeting) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let zone = zones.find(&form.time_zone)?;
    let instant = |text: &str, fold| resolve(&zone, text.parse().ok()?, fold).ok();
    Some((
        instant(&form.start, form.start_fold)?,
        instant(&form.end, form.end_fold)?,
    ))
}

/// What is wrong between the times and the clock. `start` alone counts while the end is no time.
fn order(
    start: Option<DateTime<Utc>>,
    times: Option<(DateTime<Utc>, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let start = times.map(|(start, _)| start).or(start);
    if start.is_some_and(|start| start <= now) {
        errors.push(error(
            Field::Start,
            FieldCode::InThePast,
            "start is not in the future",
        ));
    }
    if let Some((start, end)) = times {
        if end <= start {
            let detail = "end is not after start";
            errors.push(error(Field::End, FieldCode::NotAfterStart, detail));
        } else if end - start > Duration::hours(HOURS_MAX) {
            let detail = format!("a meeting lasts {HOURS_MAX} hours at most");
            errors.push(error(Field::End, FieldCode::TooFarFromStart, detail));
        }
    }
    errors
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
            ..NewMeeting::default()
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    fn mistakes(form: &NewMeeting) -> Vec<FieldError> {
        match check(&Zones::bundled(), form, now()) {
            Err(TimesError::Mistakes(errors)) => errors,
            other => panic!("{other:?}"),
        }
    }

    fn good(form: &NewMeeting) -> (DateTime<Utc>, DateTime<Utc>) {
        check(&Zones::bundled(), form, now()).unwrap()
    }

    fn codes(form: &NewMeeting) -> Vec<(Field, FieldCode)> {
        mistakes(form)
            .into_iter()
            .map(|e| (e.field, e.code))
            .collect()
    }

    #[test]
    fn a_good_form_is_two_instants() {
        let (start, end) = good(&form("2026-12-01T14:00", "2026-12-01T14:30"));
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
        let errors = mistakes(&form("2026-03-29T02:30", "2026-03-29T03:30"));
        assert_eq!(errors[0].code, FieldCode::TimeSkipped);
        assert_eq!(errors[0].values, ["2026-03-29T01:59", "2026-03-29T03:00"]);
    }

    #[test]
    fn a_time_that_occurs_twice_asks_which() {
        let mut twice = form("2026-10-25T02:30", "2026-10-25T04:00");
        assert_eq!(codes(&twice), [(Field::Start, FieldCode::TimeAmbiguous)]);
        twice.start_fold = Some(Fold::Earlier);
        let (early, _) = good(&twice);
        twice.start_fold = Some(Fold::Later);
        let (late, _) = good(&twice);
        assert_eq!(late - early, Duration::hours(1));
    }

    proptest! {
        #[test]
        fn an_instant_reads_back_as_the_time_that_was_typed(
            zone in prop::sample::select(Zones::bundled().names()),
            minute in 0i64..6_000_000,
            later in any::<bool>(),
        ) {
            let zone = Zones::bundled().find(&zone).unwrap();
            let local = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap()
                + Duration::minutes(minute);
            let typed: LocalDateTime = local.format("%Y-%m-%dT%H:%M").to_string().parse().unwrap();
            let fold = Some(if later { Fold::Later } else { Fold::Earlier });
            match resolve(&zone, typed, fold) {
                Ok(instant) => prop_assert_eq!(zone.at(instant).naive_local(), local),
                Err((code, near)) => {
                    prop_assert_eq!(code, FieldCode::TimeSkipped);
                    prop_assert_eq!(near.len(), 2);
                    for time in near {
                        prop_assert!(resolve(&zone, time.parse().unwrap(), fold).is_ok());
                    }
                }
            }
        }
    }
}
