//! What somebody does with a meeting that they made: makes it another, cancels it, takes that back.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use goto_microapps_api::{
    CancelState, Cancellation, Code, Edit, EditMeeting, EditState, EditableMeeting,
    IDEMPOTENCY_KEY, NewMeeting, SeenMeeting,
};
use goto_microapps_harness::Reply;
use rand::RngExt;
use reqwest::Method;
use tokio::time::Instant;

use super::{Employee, WALL};
use crate::diary::{Aim, Became, Change, Wish};

/// Changes of one meeting, besides that it is cancelled.
const EDITS_MAX: usize = 2;
/// How often the form of a change is asked for.
const FORM_TRIES: usize = 10;
/// Latest press of *Undo*, milliseconds: some come too late.
const UNDO_MAX: u64 = 12_000;

impl Employee {
    /// What some do with a meeting that was made from `form`. Nobody goes on with a meeting before
    /// they know what became of the last change.
    pub(super) async fn change(&mut self, wish: &mut Wish, id: &str, form: &NewMeeting) {
        let mut seen = seen(form);
        for number in 0..EDITS_MAX {
            if self.closing() || !self.dice.random_bool(0.5) {
                break;
            }
            let Some(edit) = self.edit_form(id, &wish.subject, number).await else {
                return;
            };
            seen = self::seen(&edit.meeting);
            let mut change = Change {
                meeting: id.to_owned(),
                key: self.key(),
                aim: Aim::Edit(Box::new(edit)),
                became: Became::Nothing,
                undo: None,
            };
            let leaves = self.dice.random_bool(0.25);
            while change.became == Became::Nothing {
                let wait = self.save(&mut change).await;
                if leaves || self.gives_up() || self.closing() {
                    break;
                }
                if let Err(wait) = wait {
                    self.wait(wait).await;
                }
            }
            let is_done = change.became == Became::Done;
            wish.changes.push(change);
            if !is_done {
                return;
            }
        }
        if !self.closing() && self.dice.random_bool(0.5) {
            let change = self.cancel(id, seen).await;
            wish.changes.push(change);
        }
    }

    /// What a form holds that makes the meeting another: another hour, and a subject like no other.
    async fn edit_form(&mut self, id: &str, subject: &str, number: usize) -> Option<EditMeeting> {
        for _ in 0..FORM_TRIES {
            let request = self.call(Method::GET, &format!("app/api/meetings/{id}/edit"));
            let wait = match self.send(request).await {
                None => 100,
                Some(reply) if reply.status == 200 => {
                    let shown = reply.json::<EditableMeeting>();
                    let meeting = shown.ok()?.meeting;
                    let time = |text: &Option<String>| -> Option<DateTime<Utc>> {
                        let time = DateTime::parse_from_rfc3339(text.as_deref()?).ok()?;
                        Some(time.to_utc() + TimeDelta::hours(1))
                    };
                    let later = |text| Some(time(text)?.format(WALL).to_string());
                    return Some(EditMeeting {
                        meeting: NewMeeting {
                            subject: format!("{subject} moved {number}"),
                            start: later(&meeting.start)?,
                            end: later(&meeting.end)?,
                            time_zone: "UTC".to_owned(),
                            password_required: meeting.password_required,
                            ..NewMeeting::default()
                        },
                        seen: SeenMeeting {
                            subject: meeting.subject,
                            start: meeting.start,
                            end: meeting.end,
                        },
                    });
                }
                Some(reply) => self.not_answered(&reply),
            };
            if self.closing() {
                return None;
            }
            self.wait(wait).await;
        }
        None
    }

    /// *Save*, pressed once; how many milliseconds to wait before the next where it is not known yet
    /// what becomes of it.
    async fn save(&mut self, change: &mut Change) -> Result<(), u64> {
        let Aim::Edit(edit) = &change.aim else {
            return Ok(());
        };
        let request = self.call(
            Method::POST,
            &format!("app/api/meetings/{}/edit", change.meeting),
        );
        let request = request.header(IDEMPOTENCY_KEY, &change.key).json(edit);
        let reply = self.send(request).await.ok_or(100_u64)?;
        if !matches!(reply.status, 200 | 202) {
            return Err(self.not_answered(&reply));
        }
        let told: Edit = match reply.json() {
            Ok(told) => told,
            Err(error) => return Err(self.surprised(&error.to_string())),
        };
        change.became = match told.state {
            EditState::Saving | EditState::Confirming => return Err(self.longest().min(2_000)),
            EditState::Saved => {
                let subject = told.meeting.map(|meeting| meeting.subject);
                if subject.as_deref() != Some(&edit.meeting.subject) {
                    let wanted = &edit.meeting.subject;
                    self.diary
                        .surprises
                        .push(format!("{wanted} is saved as {subject:?}"));
                }
                Became::Done
            }
            EditState::Stopped => Became::Stopped(told.reason),
            EditState::Unconfirmed => Became::Unconfirmed,
            EditState::Other => return Err(self.surprised(&reply.text)),
        };
        Ok(())
    }

    /// Presses *Cancel* until the order is taken, and lets it wait. Some mean to take it back.
    async fn cancel(&mut self, id: &str, seen: SeenMeeting) -> Change {
        let path = format!("app/api/meetings/{id}/cancel");
        let mut change = Change {
            meeting: id.to_owned(),
            key: String::new(),
            aim: Aim::Cancel(seen.clone()),
            became: Became::Nothing,
            undo: None,
        };
        let mut presses = true;
        loop {
            let reply = if presses {
                let request = self.call(Method::POST, &path).json(&seen);
                self.send(request).await
            } else {
                let request = self.call(Method::GET, &path);
                self.send(request).await
            };
            let taken = reply.as_ref().and_then(standing);
            if let Some(standing) = taken {
                change.became = became(&standing);
                break;
            }
            // The order of a press whose answer was lost may have been taken: only who hears that there
            // is none presses again.
            let there_is_none = reply.as_ref().is_some_and(|reply| reply.status == 404);
            let wait = match reply {
                Some(reply) if presses || !there_is_none => self.not_answered(&reply),
                _ => 100,
            };
            presses = !presses && there_is_none;
            if self.gives_up() {
                return change;
            }
            self.wait(wait).await;
        }
        if self.dice.random_bool(0.5) {
            let after = Duration::from_millis(self.dice.random_range(0..UNDO_MAX));
            change.undo = Some(Instant::now() + after);
        }
        change
    }

    /// Presses *Undo* wherever it is time for it; once the office closes, at once.
    pub(super) async fn take_back(&mut self) {
        let mut wishes = std::mem::take(&mut self.diary.wishes);
        for change in wishes.iter_mut().flat_map(|wish| &mut wish.changes) {
            let now = Instant::now();
            if change.undo.is_some_and(|at| at <= now || self.closing()) {
                self.undo(change).await;
            }
        }
        self.diary.wishes = wishes;
    }

    /// *Undo*, pressed once. Who hears that it still waits, or nothing, presses again.
    async fn undo(&mut self, change: &mut Change) {
        let path = format!("app/api/meetings/{}/cancel/undo", change.meeting);
        let request = self.call(Method::POST, &path);
        let Some(reply) = self.send(request).await else {
            return;
        };
        match standing(&reply) {
            Some(standing) => {
                change.became = became(&standing);
                if standing.state != CancelState::Waiting {
                    change.undo = None;
                }
            }
            None => {
                self.not_answered(&reply);
            }
        }
    }

    /// Asks at the end what became of a change.
    pub(super) async fn learn_of_change(&mut self, change: &mut Change) {
        while change.became == Became::Nothing && !self.gives_up() {
            if change.undo.is_some() {
                self.undo(change).await;
            } else if matches!(change.aim, Aim::Edit(_)) {
                // What keeps it open is the same for whoever asks at once.
                let _ = self.save(change).await;
            } else {
                let path = format!("app/api/meetings/{}/cancel", change.meeting);
                let request = self.call(Method::GET, &path);
                if let Some(reply) = self.send(request).await {
                    match standing(&reply) {
                        Some(standing) => change.became = became(&standing),
                        None => {
                            self.not_answered(&reply);
                        }
                    }
                }
            }
            if change.became == Became::Nothing {
                self.wait(1_000).await;
            }
        }
    }

    /// How long to wait after an answer that says nothing of the change.
    fn not_answered(&mut self, reply: &Reply) -> u64 {
        match reply.problem() {
            Ok(problem) if problem.code == Code::MeetingNotFound => {
                self.surprised("a meeting told as created is not found")
            }
            Ok(problem) => self.put_off(&problem),
            Err(error) => self.surprised(&error.to_string()),
        }
    }
}

/// The meeting of a form, as its page shows it.
fn seen(form: &NewMeeting) -> SeenMeeting {
    SeenMeeting {
        subject: form.subject.clone(),
        start: Some(format!("{}:00Z", form.start)),
        end: Some(format!("{}:00Z", form.end)),
    }
}

/// Where an order to cancel stands, if the answer says so.
fn standing(reply: &Reply) -> Option<Cancellation> {
    if !matches!(reply.status, 200 | 202) {
        return None;
    }
    reply.json().ok()
}

fn became(standing: &Cancellation) -> Became {
    match standing.state {
        CancelState::Cancelled => Became::Done,
        CancelState::Withdrawn => Became::Withdrawn,
        CancelState::Stopped => Became::Stopped(standing.reason),
        CancelState::Unconfirmed => Became::Unconfirmed,
        CancelState::Waiting
        | CancelState::Sending
        | CancelState::Confirming
        | CancelState::Other => Became::Nothing,
    }
}
