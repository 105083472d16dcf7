//! What the form holds: the draft of a meeting, its checks and its way into storage.
//!
//! Pure: asks no clock, no browser and no proxy.

use goto_microapps_api::{
    Field, FieldCode, FieldError, Fold, LocalDateTime, NewMeeting, Organizer, SubjectError,
    check_subject,
};

use crate::calendar::{self, DAY};
use crate::json::{Object, Value};
use crate::wire;
use crate::words::Word;

/// Lengths offered beside the end time, in minutes.
pub(crate) const DURATIONS: [i64; 5] = [15, 30, 45, 60, 90];

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    /// Subject, as typed.
    pub(crate) subject: String,
    /// `YYYY-MM-DD`, empty while the field is not complete.
    pub(crate) date: String,
    /// `HH:MM`, empty while the field is not complete.
    pub(crate) start: String,
    /// `HH:MM`, on the next day when before the start.
    pub(crate) end: String,
    /// IANA zone.
    pub(crate) zone: String,
    /// Which start, when the clock shows it twice.
    pub(crate) start_fold: Option<Fold>,
    /// Which end, when the clock shows it twice.
    pub(crate) end_fold: Option<Fold>,
    /// Ask for a password at the start.
    pub(crate) password: bool,
    /// Chosen co-organizers.
    pub(crate) people: Vec<Organizer>,
}

impl Draft {
    /// An empty form from `start` on, both on the wall clock of `zone`.
    pub(crate) fn new(zone: String, start: i64, minutes: i64) -> Self {
        let mut draft = Self {
            zone,
            ..Self::default()
        };
        draft.set_start_wall(start);
        draft.set_duration(minutes);
        draft
    }

    /// The start on the wall clock.
    pub(crate) fn start_wall(&self) -> Option<i64> {
        let mut text = self.date.clone();
        text.push('T');
        text.push_str(self.start.get(..5)?);
        text.parse().ok().map(calendar::to_wall)
    }

    /// The end on the wall clock: after the start, so on the next day if need be.
    pub(crate) fn end_wall(&self) -> Option<i64> {
        let start = self.start_wall()?;
        let end = start.div_euclid(DAY) * DAY + calendar::clock(&self.end)?;
        Some(if end < start { end + DAY } else { end })
    }

    /// Minutes from start to end.
    pub(crate) fn minutes(&self) -> Option<i64> {
        Some(self.end_wall()? - self.start_wall()?)
    }

    /// Whether the end is on the day after the start.
    pub(crate) fn ends_next_day(&self) -> bool {
        let day = |wall: Option<i64>| wall.map(|wall| wall.div_euclid(DAY));
        day(self.start_wall()) < day(self.end_wall())
    }

    /// Moves the start.
    pub(crate) fn set_start_wall(&mut self, wall: i64) {
        let stamp = calendar::stamp(calendar::from_wall(wall));
        let (date, time) = stamp.split_at(10);
        date.clone_into(&mut self.date);
        time[1..].clone_into(&mut self.start);
        self.forget_folds();
    }

    /// Moves the end, keeping only its clock.
    pub(crate) fn set_end_wall(&mut self, wall: i64) {
        let stamp = calendar::stamp(calendar::from_wall(wall));
        stamp[11..].clone_into(&mut self.end);
        self.end_fold = None;
    }

    /// Moves the end to `minutes` after the start.
    pub(crate) fn set_duration(&mut self, minutes: i64) {
        if let Some(start) = self.start_wall() {
            self.set_end_wall(start + minutes);
        }
    }

    /// Takes a new start time as typed; the end moves along.
    pub(crate) fn type_start(&mut self, time: String) {
        let minutes = self.minutes();
        self.start = time;
        self.forget_folds();
        if let Some(minutes) = minutes {
            self.set_duration(minutes);
        }
    }

    /// A start or end asked about twice is asked about again after any change.
    pub(crate) fn forget_folds(&mut self) {
        self.start_fold = None;
        self.end_fold = None;
    }

    /// The request body; only for a draft that passes [`Self::check`].
    pub(crate) fn body(&self) -> Option<NewMeeting> {
        let stamp = |wall: i64| calendar::stamp(calendar::from_wall(wall));
        Some(NewMeeting {
            subject: self.subject.trim().to_owned(),
            start: stamp(self.start_wall()?),
            end: stamp(self.end_wall()?),
            time_zone: self.zone.clone(),
            start_fold: self.start_fold,
            end_fold: self.end_fold,
            password_required: self.password,
            co_organizers: self
                .people
                .iter()
                .map(|person| person.key.clone())
                .collect(),
        })
    }

    /// What can be told without a clock or the proxy, in the order of the fields.
    pub(crate) fn check(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let mut say = |at, word| wrong.push(Wrong::new(at, word));
        match check_subject(&self.subject) {
            Ok(()) => {}
            Err(SubjectError::Empty) => say(Spot::Subject, Word::FieldSubjectRequired),
            Err(SubjectError::TooLong(_)) => say(Spot::Subject, Word::FieldSubjectTooLong),
        }
        if day(&self.date).is_none() {
            say(Spot::Date, Word::FieldDateRequired);
        }
        if calendar::clock(&self.start).is_none() {
            say(Spot::Start, Word::FieldTimeRequired);
        }
        if calendar::clock(&self.end).is_none() {
            say(Spot::End, Word::FieldTimeRequired);
        } else if self.minutes() == Some(0) {
            say(Spot::End, Word::FieldNotAfterStart);
        }
        wrong
    }

    /// As JSON for storage.
    pub(crate) fn to_json(&self) -> String {
        Object::new()
            .text("subject", &self.subject)
            .text("date", &self.date)
            .text("start", &self.start)
            .text("end", &self.end)
            .text("zone", &self.zone)
            .maybe("start_fold", self.start_fold.map(wire::fold_name))
            .maybe("end_fold", self.end_fold.map(wire::fold_name))
            .flag("password", self.password)
            .list(
                "people",
                self.people.iter().map(|person| {
                    Object::new()
                        .text("key", &person.key)
                        .text("name", &person.name)
                        .text("email", &person.email)
                        .flag("namesake", person.namesake)
                        .end()
                }),
            )
            .end()
    }

    /// From storage; `None` when there is no draft.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            subject: value.owned("subject")?,
            date: value.owned("date")?,
            start: value.owned("start")?,
            end: value.owned("end")?,
            zone: value.owned("zone")?,
            start_fold: wire::fold(value.text("start_fold")),
            end_fold: wire::fold(value.text("end_fold")),
            password: value.flag("password"),
            people: value
                .list("people")
                .iter()
                .filter_map(wire::organizer)
                .collect(),
        })
    }
}

fn day(date: &str) -> Option<LocalDateTime> {
    [date, "T00:00"].concat().parse().ok()
}

/// Where a message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// Subject.
    Subject,
    /// Date.
    Date,
    /// Start time.
    Start,
    /// End time.
    End,
    /// Time zone.
    TimeZone,
    /// Co-organizers.
    CoOrganizers,
}

impl Spot {
    /// Name in `data-field`, `data-error-for` and ids.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Date => "date",
            Self::Start => "start",
            Self::End => "end",
            Self::TimeZone => "time-zone",
            Self::CoOrganizers => "co-organizers",
        }
    }
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Which one.
    pub(crate) spot: Spot,
    /// What to say.
    pub(crate) word: Word,
    /// Nearest valid times, or keys nobody has.
    pub(crate) values: Vec<String>,
}

impl Wrong {
    /// A message without values.
    pub(crate) fn new(spot: Spot, word: Word) -> Self {
        Self {
            spot,
            word,
            values: Vec::new(),
        }
    }

    /// What the proxy found.
    pub(crate) fn from_wire(error: FieldError) -> Self {
        let spot = match error.field {
            Field::Subject => Spot::Subject,
            Field::Start => Spot::Start,
            Field::End => Spot::End,
            Field::TimeZone => Spot::TimeZone,
            Field::CoOrganizers => Spot::CoOrganizers,
        };
        let word = match error.code {
            FieldCode::Required if spot == Spot::Subject => Word::FieldSubjectRequired,
            FieldCode::TooLong => Word::FieldSubjectTooLong,
            FieldCode::Required => Word::FieldTimeRequired,
            FieldCode::NotATime => Word::FieldNotATime,
            FieldCode::TimeSkipped => Word::FieldTimeSkipped,
            FieldCode::TimeAmbiguous => Word::FieldTimeAmbiguous,
            FieldCode::InThePast => Word::FieldInThePast,
            FieldCode::NotAfterStart => Word::FieldNotAfterStart,
            FieldCode::TooFarFromStart => Word::FieldTooFar,
            FieldCode::UnknownTimeZone => Word::FieldTimeZone,
            FieldCode::UnknownCoOrganizer => Word::FieldCoUnknown,
            FieldCode::TooMany => Word::FieldCoTooMany,
        };
        Self {
            spot,
            word,
            values: error.values,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json;

    fn draft(start: &str, minutes: i64) -> Draft {
        let start = calendar::to_wall(start.parse().unwrap());
        let mut draft = Draft::new("Europe/Paris".into(), start, minutes);
        draft.subject = "Point d’équipe".into();
        draft
    }

    #[test]
    fn an_end_before_the_start_is_on_the_next_day() {
        let draft = draft("2026-12-31T23:30", 60);
        assert_eq!(
            (draft.start.as_str(), draft.end.as_str()),
            ("23:30", "00:30")
        );
        assert!(draft.ends_next_day());
        let body = draft.body().unwrap();
        assert_eq!(
            (body.start.as_str(), body.end.as_str()),
            ("2026-12-31T23:30", "2027-01-01T00:30")
        );
    }

    #[test]
    fn the_end_follows_the_start() {
        let mut draft = draft("2026-12-01T14:00", 45);
        draft.type_start("15:30".into());
        assert_eq!(draft.end, "16:15");
        draft.type_start(String::new());
        draft.type_start("09:00:00".into());
        assert_eq!((draft.end.as_str(), draft.check()), ("16:15", vec![]));
    }

    #[test]
    fn says_what_is_wrong_in_the_order_of_the_fields() {
        let wrong = Draft::default().check();
        let spots: Vec<Spot> = wrong.iter().map(|wrong| wrong.spot).collect();
        assert_eq!(spots, [Spot::Subject, Spot::Date, Spot::Start, Spot::End]);
        let mut draft = draft("2026-12-01T14:00", 30);
        assert_eq!(draft.check(), []);
        draft.end = draft.start.clone();
        assert_eq!(
            draft.check(),
            [Wrong::new(Spot::End, Word::FieldNotAfterStart)]
        );
    }

    proptest! {
        #[test]
        fn comes_back_from_storage(
            texts in prop::array::uniform5(".*"),
            password: bool,
            fold in prop::option::of(prop_oneof![Just(Fold::Earlier), Just(Fold::Later)]),
            people in prop::collection::vec(("[0-9]{1,19}", ".*", ".*", any::<bool>()), 0..4),
        ) {
            let [subject, date, start, end, zone] = texts;
            let people = people
                .into_iter()
                .map(|(key, name, email, namesake)| Organizer { key, name, email, namesake })
                .collect();
            let draft = Draft {
                subject, date, start, end, zone, password, people,
                start_fold: fold,
                end_fold: None,
            };
            let back = Draft::from_json(&json::parse(&draft.to_json()).unwrap());
            prop_assert_eq!(back.as_ref(), Some(&draft));
            // Whatever was typed, nothing here panics.
            let _ = (draft.check(), draft.body(), draft.ends_next_day());
        }
    }
}
