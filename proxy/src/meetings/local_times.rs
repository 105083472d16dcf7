//! Which instants a form means, and what is wrong with it.
//!
//! The form gives wall-clock times and an IANA zone, and the instants that its reader saw. A time
//! that does not exist on that day (clocks go forward) is an error with the nearest times that do;
//! one that occurs twice asks which; one that device and proxy count differently asks whose reading
//! is right.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use goto_microapps_api::form::rules::{
    self, CO_ORGANIZERS_MAX, HOURS_MAX, PARTICIPANTS_MAX, offset,
};
use goto_microapps_api::form::wall;
use goto_microapps_api::{
    Counted, Field, FieldCode, FieldError, Fold, LocalDateTime, Mistake, NewMeeting, Period,
    Reading, Readings, SUBJECT_MAX, subject_length,
};

use crate::clock::{Millis, date};
use crate::zones::{Zone, Zones};

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

/// A mistake with what to tell developers about it.
fn told(form: &NewMeeting, mistake: Mistake) -> FieldError {
    let detail = match mistake.code {
        FieldCode::Required => "subject is empty".to_owned(),
        FieldCode::TooLong => format!(
            "subject has {} characters as GoTo counts; {SUBJECT_MAX} are the most",
            subject_length(&form.subject)
        ),
        FieldCode::UnknownTimeZone => {
            "time_zone is not an IANA time zone such as Europe/Paris".to_owned()
        }
        FieldCode::TimeSkipped => "clocks go forward: this time does not exist".to_owned(),
        FieldCode::TimeAmbiguous => "clocks go back: this time occurs twice".to_owned(),
        FieldCode::InstantTooFar => {
            "the instant shown is hours from what this time means".to_owned()
        }
        FieldCode::InThePast => "start is not in the future".to_owned(),
        FieldCode::NotAfterStart => "end is not after start".to_owned(),
        FieldCode::TooFarFromStart => format!("a meeting lasts {HOURS_MAX} hours at most"),
        FieldCode::TooMany => match mistake.field {
            Field::Participants => format!("{PARTICIPANTS_MAX} participants at most"),
            _ => format!("{CO_ORGANIZERS_MAX} co-organizers at most"),
        },
        FieldCode::NotAnAddress => "expected e-mail addresses".to_owned(),
        FieldCode::NotATime => "expected YYYY-MM-DDTHH:MM, and for the instant RFC 3339".to_owned(),
        FieldCode::MustBeChosen | FieldCode::UnknownCoOrganizer => String::new(),
    };
    FieldError {
        field: mistake.field,
        code: mistake.code,
        detail,
        values: mistake.values,
    }
}

/// One of the two times of a form.
struct Time {
    wall: i64,
    /// As the proxy counts.
    server: Millis,
    /// As the device counts, where it said so.
    device: Option<Millis>,
}

impl Time {
    /// Reads `text`, and beside it the instant `shown` for it.
    fn read(
        zone: &Zone,
        field: Field,
        text: &str,
        fold: Option<Fold>,
        shown: Option<&str>,
    ) -> Result<Self, Mistake> {
        let not_a_time = || Mistake::new(field, FieldCode::NotATime);
        let time: LocalDateTime = text.parse().map_err(|_| not_a_time())?;
        let wall = wall::to_wall(time);
        let server = rules::instant(zone, field, wall, fold)?;
        let device = shown.map(DateTime::parse_from_rfc3339).transpose();
        let device = device.map_err(|_| not_a_time())?;
        let device = device.map(|at| at.timestamp_millis());
        let furthest = Duration::hours(RULES_DIFFER_MAX).num_milliseconds();
        if device.is_some_and(|device| (device - server).abs() > furthest) {
            return Err(Mistake::new(field, FieldCode::InstantTooFar));
        }
        Ok(Self {
            wall,
            server,
            device,
        })
    }

    fn differs(&self) -> bool {
        self.device.is_some_and(|device| device != self.server)
    }

    fn counted(&self, instant: Millis) -> Counted {
        Counted {
            instant: date(instant).to_rfc3339_opts(SecondsFormat::Secs, true),
            offset: i32::try_from(offset(self.wall, instant)).unwrap_or_default(),
        }
    }
}

/// Both times by the device's rules. Where it said only one of them, the length stays.
fn by_device(start: &Time, end: &Time) -> (Millis, Millis) {
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
    let mut mistakes = Vec::new();
    mistakes.extend(rules::subject(&form.subject));
    let zone = zones.find(&form.time_zone);
    if zone.is_none() {
        mistakes.push(Mistake::new(Field::TimeZone, FieldCode::UnknownTimeZone));
    }
    let mut read = |field, text: &str, fold, shown: &Option<String>| {
        let time = Time::read(zone.as_ref()?, field, text, fold, shown.as_deref());
        time.map_err(|mistake| mistakes.push(mistake)).ok()
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
        let start = start.map(|start| start.server);
        mistakes.extend(rules::order(start, times, now.timestamp_millis()));
    }
    mistakes.extend(rules::co_organizers(form.co_organizers.len()));
    mistakes.extend(rules::invitation(&form.invitation));
    match (times, differs) {
        (Some((start, end)), None) if mistakes.is_empty() => Ok((date(start), date(end))),
        (Some(_), Some(readings)) if mistakes.is_empty() => Err(TimesError::Differs(readings)),
        _ => {
            let errors = mistakes.into_iter().map(|mistake| told(form, mistake));
            Err(TimesError::Mistakes(errors.collect()))
        }
    }
}

/// The instants of a form's times by the proxy's rules, whatever else is wrong with it.
pub fn times(zones: &Zones, form: &NewMeeting) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let zone = zones.find(&form.time_zone)?;
    let instant = |field, text: &str, fold| {
        let wall = wall::to_wall(text.parse().ok()?);
        rules::instant(&zone, field, wall, fold).ok().map(date)
    };
    Some((
        instant(Field::Start, &form.start, form.start_fold)?,
        instant(Field::End, &form.end, form.end_fold)?,
    ))
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
            let typed = wall::to_wall("2024-01-01T00:00".parse().unwrap()) + minute;
            let fold = Some(if later { Fold::Later } else { Fold::Earlier });
            let read = |wall| rules::instant(&zone, Field::Start, wall, fold);
            match read(typed) {
                Ok(instant) => {
                    let shown = zone.at(date(instant)).format("%Y-%m-%dT%H:%M").to_string();
                    prop_assert_eq!(shown, wall::stamp(typed));
                }
                Err(mistake) => {
                    prop_assert_eq!(mistake.code, FieldCode::TimeSkipped);
                    prop_assert_eq!(mistake.values.len(), 2);
                    for time in mistake.values {
                        prop_assert!(read(wall::to_wall(time.parse().unwrap())).is_ok());
                    }
                }
            }
        }
    }
}
