//! What the form holds: the draft of a meeting, its checks and its way into storage.
//!
//! Pure: asks no clock, no browser and no proxy.

use goto_microapps_api::lenient::{field, rows_if_any};
use goto_microapps_api::{
    Field, FieldError, Fold, LocalDateTime, NewMeeting, Organizer, Reading, SubjectError,
    check_subject, minutes_until, must_be_chosen, nearer_ends,
};

use serde::{Deserialize, Serialize};

use crate::calendar::{self, DAY};
use crate::words::{Word, for_field};

/// Length of a meeting that nobody said more about, minutes.
pub(crate) const USUAL: i64 = 30;
/// Lengths offered beside the end time, in minutes.
pub(crate) const DURATIONS: [i64; 5] = [15, 30, 45, 60, 90];

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Draft {
    /// Subject, as typed.
    #[serde(deserialize_with = "field")]
    pub(crate) subject: String,
    /// `YYYY-MM-DD`, empty while the field is not complete.
    #[serde(deserialize_with = "field")]
    pub(crate) date: String,
    /// `HH:MM`, empty while the field is not complete.
    #[serde(deserialize_with = "field")]
    pub(crate) start: String,
    /// `HH:MM`, on the next day when before the start.
    #[serde(deserialize_with = "field")]
    pub(crate) end: String,
    /// IANA zone.
    #[serde(deserialize_with = "field")]
    pub(crate) zone: String,
    /// The zone is only guessed: the browser says none.
    #[serde(deserialize_with = "field")]
    pub(crate) guessed: bool,
    /// The start is the default that nobody touched: it moves on with the clock.
    #[serde(deserialize_with = "field")]
    pub(crate) fresh: bool,
    /// Length that the form keeps while a time is not complete, minutes.
    #[serde(skip)]
    pub(crate) kept: Option<i64>,
    /// Length that somebody chose although it is longer than two times make by themselves.
    #[serde(deserialize_with = "field")]
    pub(crate) long: Option<i64>,
    /// Whose reading of the times was chosen.
    #[serde(deserialize_with = "field")]
    pub(crate) reading: Option<Reading>,
    /// Start in epoch milliseconds and offset in minutes, where the server's reading was chosen.
    #[serde(deserialize_with = "field")]
    pub(crate) counted: Option<(i64, i64)>,
    /// Which start, when the clock shows it twice.
    #[serde(deserialize_with = "field")]
    pub(crate) start_fold: Option<Fold>,
    /// Which end, when the clock shows it twice.
    #[serde(deserialize_with = "field")]
    pub(crate) end_fold: Option<Fold>,
    /// Ask for a password at the start.
    #[serde(deserialize_with = "field")]
    pub(crate) password: bool,
    /// People who are typed and not chosen yet.
    #[serde(deserialize_with = "field")]
    pub(crate) typed: String,
    /// Chosen co-organizers.
    #[serde(deserialize_with = "rows_if_any")]
    pub(crate) people: Vec<Organizer>,
}

impl Draft {
    /// An empty form from `start` on, both on the wall clock of `zone`.
    pub(crate) fn new(zone: String, start: i64, minutes: i64) -> Self {
        let mut draft = Self {
            zone,
            ..Self::default()
        };
        draft.start_at(start, minutes);
        draft.long = Some(minutes);
        draft
    }

    /// Moves the start, and the end to `minutes` after it.
    pub(crate) fn start_at(&mut self, start: i64, minutes: i64) {
        self.set_start_wall(start);
        self.set_duration(minutes);
    }

    /// Moves a start that nobody touched.
    pub(crate) fn move_on(&mut self, start: i64) {
        let minutes = self.minutes().or(self.kept).unwrap_or(USUAL);
        self.start_at(start, minutes);
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
        Some(start + minutes_until(start.rem_euclid(DAY), calendar::clock(&self.end)?))
    }

    /// Start and end in minutes since midnight.
    fn clocks(&self) -> Option<(i64, i64)> {
        Some((calendar::clock(&self.start)?, calendar::clock(&self.end)?))
    }

    /// Whether the times make a meeting so long that it must be chosen, and nobody did.
    pub(crate) fn is_slip(&self) -> bool {
        self.clocks().is_some_and(|(start, end)| {
            must_be_chosen(start, end) && self.long != Some(minutes_until(start, end))
        })
    }

    /// Ends to choose from, as local times: those that may have been meant, then the long one.
    fn ends(&self) -> Vec<String> {
        let (Some((start, end)), Some(wall)) = (self.clocks(), self.start_wall()) else {
            return Vec::new();
        };
        let usual = self.kept.filter(|kept| *kept <= 120).unwrap_or(USUAL);
        let mut ends = nearer_ends(start, end, usual);
        ends.push(end);
        let stamp = |end| calendar::stamp(calendar::from_wall(wall + minutes_until(start, end)));
        ends.into_iter().map(stamp).collect()
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
        let (date, time) = stamp.split_once('T').unwrap_or_default();
        date.clone_into(&mut self.date);
        time.clone_into(&mut self.start);
        self.forget_folds();
    }

    /// Moves the end, keeping only its clock.
    pub(crate) fn set_end_wall(&mut self, wall: i64) {
        let stamp = calendar::stamp(calendar::from_wall(wall));
        let (_, time) = stamp.split_once('T').unwrap_or_default();
        time.clone_into(&mut self.end);
        self.forget_end();
    }

    /// Moves the end to where somebody chose it, however far away that is.
    pub(crate) fn choose_end(&mut self, wall: i64) {
        self.set_end_wall(wall);
        self.long = self.minutes();
        self.kept = self.long;
    }

    /// Moves the end to `minutes` after the start.
    pub(crate) fn set_duration(&mut self, minutes: i64) {
        if let Some(start) = self.start_wall() {
            self.set_end_wall(start + minutes);
        }
    }

    /// Takes a new start time as typed; the end moves along.
    pub(crate) fn type_start(&mut self, time: String) {
        // While the start is half typed, there is no length to be read.
        self.kept = self.minutes().or(self.kept);
        self.start = time;
        self.fresh = false;
        self.forget_folds();
        if let Some(minutes) = self.kept {
            self.set_duration(minutes);
        }
    }

    /// Takes a new end time as typed.
    pub(crate) fn type_end(&mut self, time: String) {
        self.end = time;
        self.fresh = false;
        self.forget_end();
    }

    /// Takes a new zone, as somebody typed it; `now` is what its clocks show, where they are known. A
    /// start that nobody touched follows.
    pub(crate) fn take_zone(&mut self, zone: String, now: Option<i64>) {
        self.zone = zone;
        self.guessed = false;
        self.forget_folds();
        if let Some(now) = now.filter(|_| self.fresh) {
            self.move_on(calendar::next_half_hour(now));
        }
    }

    /// A start or end asked about twice is asked about again after any change.
    pub(crate) fn forget_folds(&mut self) {
        self.start_fold = None;
        self.forget_end();
    }

    /// And so is whose reading is right.
    fn forget_end(&mut self) {
        self.end_fold = None;
        self.reading = None;
        self.counted = None;
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
            start_instant: None,
            end_instant: None,
            reading: self.reading,
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
        } else if self.is_slip() {
            wrong.push(Wrong {
                values: self.ends(),
                ..Wrong::new(Spot::End, Word::FieldLong)
            });
        }
        wrong
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
        let word = for_field(error.code, spot == Spot::Subject);
        Self {
            spot,
            word,
            values: error.values,
        }
    }
}

#[cfg(test)]
mod tests;
