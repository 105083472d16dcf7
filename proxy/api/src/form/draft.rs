//! What the form holds: the draft of a meeting, what becomes of it as somebody types, and its way
//! into storage.

use serde::{Deserialize, Serialize};

use super::field::{Field, FieldCode, Mistake};
use super::rules;
use super::wall::{self, DAY};
use crate::length::{minutes_until, must_be_chosen, nearer_ends};
use crate::lenient::{field, rows_if_any};
use crate::{
    EditableMeeting, Fold, InvitationExtra, LocalDateTime, NewMeeting, Organizer, Reading,
};

/// Length of a meeting that nobody said more about, minutes.
pub const USUAL: i64 = 30;
/// Longest length that is kept where an end was not meant, minutes.
const KEPT_MAX: i64 = 120;

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what is typed and what is known of it, each by itself"
)]
pub struct Draft {
    /// Subject, as typed.
    #[serde(deserialize_with = "field")]
    pub subject: String,
    /// `YYYY-MM-DD`, empty while the field is not complete.
    #[serde(deserialize_with = "field")]
    pub date: String,
    /// `HH:MM`, or what is typed so far.
    #[serde(deserialize_with = "field")]
    pub start: String,
    /// `HH:MM`, on the next day when before the start; or what is typed so far.
    #[serde(deserialize_with = "field")]
    pub end: String,
    /// IANA zone.
    #[serde(deserialize_with = "field")]
    pub zone: String,
    /// The zone is only guessed: the browser says none.
    #[serde(deserialize_with = "field")]
    pub guessed: bool,
    /// The start is the default that nobody touched: it moves on with the clock.
    #[serde(deserialize_with = "field")]
    pub fresh: bool,
    /// That start is *now*, not the next half hour.
    #[serde(deserialize_with = "field")]
    pub soon: bool,
    /// Length that the form keeps while a time is not complete, minutes.
    #[serde(skip)]
    pub kept: Option<i64>,
    /// Length that somebody chose although it is longer than two times make by themselves.
    #[serde(deserialize_with = "field")]
    pub long: Option<i64>,
    /// Whose reading of the times was chosen.
    #[serde(deserialize_with = "field")]
    pub reading: Option<Reading>,
    /// Start in epoch milliseconds and offset in minutes, where the server's reading was chosen.
    #[serde(deserialize_with = "field")]
    pub counted: Option<(i64, i64)>,
    /// Which start, when the clock shows it twice.
    #[serde(deserialize_with = "field")]
    pub start_fold: Option<Fold>,
    /// Which end, when the clock shows it twice.
    #[serde(deserialize_with = "field")]
    pub end_fold: Option<Fold>,
    /// Ask for a password at the start.
    #[serde(deserialize_with = "field")]
    pub password: bool,
    /// People who are typed and not chosen yet.
    #[serde(deserialize_with = "field")]
    pub typed: String,
    /// Chosen co-organizers.
    #[serde(deserialize_with = "rows_if_any")]
    pub people: Vec<Organizer>,
    /// Addresses that are typed and not taken yet.
    #[serde(deserialize_with = "field")]
    pub typed_participants: String,
    /// Participants; their address is their key.
    #[serde(deserialize_with = "rows_if_any")]
    pub participants: Vec<Organizer>,
}

impl Draft {
    /// An empty form from `start` on, both on the wall clock of `zone`.
    pub fn new(zone: String, start: i64, minutes: i64) -> Self {
        let mut draft = Self {
            zone,
            ..Self::default()
        };
        draft.start_at(start, minutes);
        draft.long = Some(minutes);
        draft
    }

    /// The form of a meeting that was made: start and end on the wall clock of `zone`, each with which
    /// of the two it is where the clock shows it twice.
    pub fn of_meeting(
        zone: String,
        editable: &EditableMeeting,
        start: (i64, Option<Fold>),
        end: (i64, Option<Fold>),
    ) -> Self {
        let meeting = &editable.meeting;
        let mut draft = Self::new(zone, start.0, end.0 - start.0);
        draft.subject.clone_from(&meeting.subject);
        (draft.start_fold, draft.end_fold) = (start.1, end.1);
        draft.password = meeting.password_required;
        draft.people.clone_from(&editable.co_organizers);
        let participants = meeting.invitation.participants.iter().cloned();
        draft.participants = participants.map(Organizer::of_address).collect();
        draft
    }

    /// Moves the start, and the end to `minutes` after it.
    pub fn start_at(&mut self, start: i64, minutes: i64) {
        self.set_start_wall(start);
        self.set_duration(minutes);
    }

    /// *Meet now*: starts when the next minute begins, and moves on with the clock; `now` is what the
    /// clocks of the zone show.
    pub fn meet_now(&mut self, now: i64) {
        self.forget_folds();
        (self.fresh, self.soon) = (true, true);
        self.move_on(self.next_start(now));
    }

    /// Where a start that nobody touched moves to, when the clocks of the zone show `now`.
    pub fn next_start(&self, now: i64) -> i64 {
        if self.soon {
            now + 1
        } else {
            wall::next_half_hour(now)
        }
    }

    /// Whether a start that nobody touched has to move, when the clocks of the zone show `now`.
    pub fn is_due(&self, now: i64) -> bool {
        let start = self.start_wall().filter(|_| self.fresh);
        start.is_some_and(|start| start <= now)
    }

    /// Moves a start that nobody touched.
    pub fn move_on(&mut self, start: i64) {
        let minutes = self.minutes().or(self.kept).unwrap_or(USUAL);
        self.start_at(start, minutes);
    }

    /// The day, counted since 1970-01-01.
    pub fn day(&self) -> Option<i64> {
        Some(wall::to_wall(day(&self.date)?).div_euclid(DAY))
    }

    /// Takes a day, counted since 1970-01-01.
    pub fn choose_day(&mut self, day: i64) {
        let stamp = wall::stamp(day * DAY);
        let (date, _) = stamp.split_once('T').unwrap_or_default();
        self.type_date(date.to_owned());
    }

    /// Takes a new day as typed.
    pub fn type_date(&mut self, date: String) {
        self.date = date;
        self.fresh = false;
        self.forget_folds();
    }

    /// The start on the wall clock.
    pub fn start_wall(&self) -> Option<i64> {
        Some(wall::to_wall(day(&self.date)?) + wall::clock(&self.start)?)
    }

    /// The end on the wall clock: after the start, so on the next day if need be.
    pub fn end_wall(&self) -> Option<i64> {
        let start = self.start_wall()?;
        Some(start + minutes_until(start.rem_euclid(DAY), wall::clock(&self.end)?))
    }

    /// Start and end in minutes since midnight.
    fn clocks(&self) -> Option<(i64, i64)> {
        Some((wall::clock(&self.start)?, wall::clock(&self.end)?))
    }

    /// Whether the times make a meeting so long that it must be chosen, and nobody did.
    pub fn is_slip(&self) -> bool {
        self.clocks().is_some_and(|(start, end)| {
            must_be_chosen(start, end) && self.long != Some(minutes_until(start, end))
        })
    }

    /// Ends to choose from, as local times: those that may have been meant, then the long one.
    fn ends(&self) -> Vec<String> {
        let (Some((start, end)), Some(wall)) = (self.clocks(), self.start_wall()) else {
            return Vec::new();
        };
        let usual = self.kept.filter(|kept| *kept <= KEPT_MAX).unwrap_or(USUAL);
        let mut ends = nearer_ends(start, end, usual);
        ends.push(end);
        let stamp = |end| wall::stamp(wall + minutes_until(start, end));
        ends.into_iter().map(stamp).collect()
    }

    /// Minutes from start to end.
    pub fn minutes(&self) -> Option<i64> {
        Some(self.end_wall()? - self.start_wall()?)
    }

    /// Whether the end is on the day after the start.
    pub fn ends_next_day(&self) -> bool {
        let day = |wall: Option<i64>| wall.map(|wall| wall.div_euclid(DAY));
        day(self.start_wall()) < day(self.end_wall())
    }

    /// Moves the start.
    pub fn set_start_wall(&mut self, wall: i64) {
        let stamp = wall::stamp(wall);
        let (date, time) = stamp.split_once('T').unwrap_or_default();
        date.clone_into(&mut self.date);
        time.clone_into(&mut self.start);
        self.forget_folds();
    }

    /// Moves the end, keeping only its clock.
    pub fn set_end_wall(&mut self, wall: i64) {
        let stamp = wall::stamp(wall);
        let (_, time) = stamp.split_once('T').unwrap_or_default();
        time.clone_into(&mut self.end);
        self.forget_end();
    }

    /// Moves the end to where somebody chose it, however far away that is.
    pub fn choose_end(&mut self, wall: i64) {
        self.set_end_wall(wall);
        self.long = self.minutes();
        self.kept = self.long;
    }

    /// Moves the end to `minutes` after the start, where somebody chose that, however long it is.
    pub fn choose_length(&mut self, minutes: i64) {
        if let Some(start) = wall::clock(&self.start) {
            self.set_end_wall(start + minutes);
            self.long = Some(minutes);
            self.kept = self.long;
        }
    }

    /// Moves the end to `minutes` after the start.
    pub fn set_duration(&mut self, minutes: i64) {
        if let Some(start) = self.start_wall() {
            self.set_end_wall(start + minutes);
        }
    }

    /// Takes a new start time as typed; the end moves along.
    pub fn type_start(&mut self, time: String) {
        // While the start is half typed, there is no length to be read.
        self.kept = self.minutes().or(self.kept);
        self.start = time;
        self.fresh = false;
        self.forget_folds();
        if let Some(minutes) = self.kept {
            self.set_duration(minutes);
        }
    }

    /// Catches up, where every keystroke could not be followed, on a form that was shown from `start`
    /// on for `minutes`: what a changed start changes. True if the end moved along.
    pub fn catch_up(&mut self, start: i64, minutes: i64) -> bool {
        let Some(typed) = self.start_wall().filter(|typed| *typed != start) else {
            return false;
        };
        self.forget_folds();
        let end = (start + minutes).rem_euclid(DAY);
        let is_moved =
            wall::clock(&self.end) == Some(end) && typed.rem_euclid(DAY) != start.rem_euclid(DAY);
        if is_moved {
            self.set_duration(minutes);
        }
        is_moved
    }

    /// Takes a new end time as typed.
    pub fn type_end(&mut self, time: String) {
        self.end = time;
        self.fresh = false;
        self.forget_end();
    }

    /// Takes a new zone, as somebody typed it; `now` is what its clocks show, where they are known. A
    /// start that nobody touched follows.
    pub fn take_zone(&mut self, zone: String, now: Option<i64>) {
        self.zone = zone;
        self.guessed = false;
        self.forget_folds();
        if let Some(now) = now.filter(|_| self.fresh) {
            self.move_on(self.next_start(now));
        }
    }

    /// A start or end asked about twice is asked about again after any change.
    pub fn forget_folds(&mut self) {
        self.start_fold = None;
        self.forget_end();
    }

    /// And so is whose reading is right.
    fn forget_end(&mut self) {
        self.end_fold = None;
        self.reading = None;
        self.counted = None;
    }

    /// What is asked for. Times that are not whole are as they were typed.
    pub fn meeting(&self) -> NewMeeting {
        let time = |wall: Option<i64>, typed: &str| match wall {
            Some(wall) => wall::stamp(wall),
            None => [&*self.date, "T", typed].concat(),
        };
        NewMeeting {
            subject: self.subject.trim().to_owned(),
            start: time(self.start_wall(), &self.start),
            end: time(self.end_wall(), &self.end),
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
            invitation: InvitationExtra {
                participants: self
                    .participants
                    .iter()
                    .map(|person| person.email.clone())
                    .collect(),
            },
        }
    }

    /// The people chosen in a field of people.
    pub fn chosen(&self, field: Field) -> &Vec<Organizer> {
        match field {
            Field::Participants => &self.participants,
            _ => &self.people,
        }
    }

    /// The same to be changed.
    pub fn chosen_mut(&mut self, field: Field) -> &mut Vec<Organizer> {
        match field {
            Field::Participants => &mut self.participants,
            _ => &mut self.people,
        }
    }

    /// What is typed in a field of people.
    pub fn typed_people(&self, field: Field) -> &String {
        match field {
            Field::Participants => &self.typed_participants,
            _ => &self.typed,
        }
    }

    /// The same to be changed.
    pub fn typed_people_mut(&mut self, field: Field) -> &mut String {
        match field {
            Field::Participants => &mut self.typed_participants,
            _ => &mut self.typed,
        }
    }

    /// What can be told without a clock or the proxy, in the order of the fields.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        mistakes.extend(rules::subject(&self.subject));
        let start = wall::clock(&self.start);
        let end = wall::clock(&self.end);
        for (field, text, is_whole) in [
            (Field::Date, &self.date, day(&self.date).is_some()),
            (Field::Start, &self.start, start.is_some()),
            (Field::End, &self.end, end.is_some()),
        ] {
            if !is_whole {
                let code = if text.is_empty() {
                    FieldCode::Required
                } else {
                    FieldCode::NotATime
                };
                mistakes.push(Mistake::new(field, code));
            }
        }
        if end.is_some() && start == end {
            mistakes.push(Mistake::new(Field::End, FieldCode::NotAfterStart));
        } else if self.is_slip() {
            mistakes.push(Mistake {
                values: self.ends(),
                ..Mistake::new(Field::End, FieldCode::MustBeChosen)
            });
        }
        let addresses = self.participants.iter().map(|person| &*person.email);
        mistakes.extend(rules::participants(addresses));
        mistakes
    }
}

fn day(date: &str) -> Option<LocalDateTime> {
    [date, "T00:00"].concat().parse().ok()
}

#[cfg(test)]
mod tests;
