//! A create on its way: at most one meeting per filled form.
//!
//! Owns the idempotency key and every transition of [`Stage`]. A key lives until a definite
//! answer; only a person orders a second POST, by *Create anyway*.

use goto_microapps_api::lenient::field;
use goto_microapps_api::{Code, ConfirmingCause, FieldCode, FieldError, Meeting, Proof, Reading};

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::Created;
use crate::app::{App, Obstacle, Page, Shown, Stage, Who};
use crate::browser::codec;
use crate::draft::{Draft, Spot, Wrong};
use crate::failure::Failure;
use crate::host;
use crate::words::{Word, for_obstacle};
use crate::{calendar, moment};

/// How often a create is posted to somebody who answers for the proxy before the employee is asked.
const TRIES: u32 = 4;

/// A create with its key, as posted or about to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Intent {
    /// `Idempotency-Key`; empty before the first POST of a form.
    #[serde(deserialize_with = "field")]
    pub(crate) key: String,
    /// The body that goes with it, byte for byte.
    #[serde(deserialize_with = "field")]
    pub(crate) body: String,
    /// The outcome is not known: a reload posts again.
    #[serde(deserialize_with = "field")]
    pub(crate) pending: bool,
    /// It may have reached GoTo: only an answer that proves the contrary opens the form.
    #[serde(deserialize_with = "field")]
    pub(crate) sent: bool,
    /// Key of the employee who ordered it: nobody else may take it up.
    #[serde(deserialize_with = "field")]
    pub(crate) owner: String,
}

impl Intent {
    /// The intent to post for `body`: the same one while nothing changed, else a new one.
    fn for_body(self, body: String, new_key: impl FnOnce() -> String) -> Self {
        let key = if self.key.is_empty() || self.body != body {
            new_key()
        } else {
            self.key
        };
        Self {
            key,
            body,
            pending: true,
            ..Self::default()
        }
    }
}

impl App {
    /// *Create meeting*: checks, then posts. While a create is under way, nothing.
    pub(crate) fn create(self) {
        if self
            .stage
            .with_untracked(|stage| !matches!(stage, Stage::Idle | Stage::Failed(_)))
        {
            return;
        }
        let draft = self.draft.get_untracked();
        let wrong = check(&draft);
        if !wrong.is_empty() {
            self.refuse(wrong);
            return;
        }
        if self.has_typed() {
            self.say(self.t(Word::PeopleSearching));
            self.spawn(async move {
                if self.take_typed().await {
                    self.create();
                } else {
                    self.focus("[data-field=co-organizers]");
                }
            });
            return;
        }
        let Some(body) = body(&draft) else { return };
        self.wrong.set(Vec::new());
        self.intent
            .update_value(|intent| *intent = std::mem::take(intent).for_body(body, host::uuid));
        self.post(true);
    }

    /// Goes on with the reading that the employee chose. Nothing was made and nothing recorded, so
    /// the key stays.
    pub(crate) fn choose(self, reading: Reading) {
        let server = self.readings.with_untracked(|readings| {
            let server = &readings.as_ref()?.server.start;
            Some((moment::parse(&server.instant)?, i64::from(server.offset)))
        });
        self.edit(|draft| {
            draft.reading = Some(reading);
            draft.counted = server.filter(|_| reading == Reading::Server);
        });
        let Some(body) = self.draft.with_untracked(body) else {
            return;
        };
        self.intent.update_value(|intent| intent.body = body);
        self.post(true);
    }

    /// The time that device and server count differently, on the wall, and their offsets in words.
    pub(crate) fn difference(self) -> Option<(i64, String, String)> {
        let readings = self.readings.get()?;
        let (device, server) = (readings.device, readings.server);
        self.draft.with_untracked(|draft| {
            let (wall, device, server) = if device.start == server.start {
                (draft.end_wall()?, device.end, server.end)
            } else {
                (draft.start_wall()?, device.start, server.start)
            };
            let words = |offset: i32| calendar::utc(offset.into());
            Some((wall, words(device.offset), words(server.offset)))
        })
    }

    /// Posts the intent again, for instance after a reload; the one of somebody else is left alone.
    pub(crate) fn resume(self, key: &str) {
        if self.intent.with_value(|intent| intent.owner == key) {
            self.post(true);
        } else {
            self.intent.set_value(Intent::default());
            self.settle(Stage::Idle);
        }
    }

    /// *Check again*.
    pub(crate) fn check_again(self) {
        self.post(false);
    }

    /// *Create anyway*: the employee has looked and takes the risk of a second meeting.
    pub(crate) fn create_anyway(self) {
        self.intent.update_value(|intent| {
            intent.key = host::uuid();
            intent.sent = false;
        });
        self.post(true);
    }

    /// Back to the form while waiting for a turn: nothing was sent to GoTo.
    pub(crate) fn stop_waiting(self) {
        self.settle(Stage::Idle);
        self.focus("[data-field=subject]");
    }

    fn post(self, with_body: bool) {
        if self.stage.get_untracked() == Stage::Busy {
            return;
        }
        self.stage.set(Stage::Busy);
        self.say(self.t(Word::Creating));
        self.run.update_value(|run| *run += 1);
        self.spawn(self.follow(with_body));
    }

    /// Remembers that a create is under way, and whether it may have reached GoTo.
    fn keep(self, sent: bool) {
        let owner = self.who.with_untracked(|who| match who {
            Who::User(user) => Some(user.key.clone()),
            _ => None,
        });
        self.intent.update_value(|intent| {
            intent.pending = true;
            intent.sent = sent;
            if let Some(owner) = owner {
                intent.owner = owner;
            }
        });
        self.remember();
    }

    /// Follows one create to an answer that proves something. Whatever does not is not known: the
    /// form stays closed, and the same key is asked again.
    async fn follow(self, with_body: bool) {
        let run = self.run.get_value();
        let Intent { key, body, .. } = self.intent.get_value();
        let mut lost = 0;
        loop {
            // Whether something may have reached GoTo before: then nobody may go back and change it.
            let uncertain = self.intent.with_value(|intent| intent.sent);
            self.keep(true);
            let body = with_body.then_some(body.as_str());
            let answer = self.api.get_value().create(&key, body).await;
            let failure = match answer {
                Ok(Created::Done(meeting)) => return self.created(*meeting),
                Ok(Created::Confirming(confirming)) => {
                    self.stage.set(Stage::Confirming(confirming.cause));
                    self.say(self.t(Word::Confirming));
                    rest(confirming.retry_after.clamp(1, 60)).await;
                    continue;
                }
                Err(failure) => failure,
            };
            if let Failure::Problem(problem) = &failure
                && problem.code == Code::Busy
            {
                let seconds = problem.retry_after.unwrap_or(5).clamp(1, 600);
                self.keep(uncertain);
                if uncertain {
                    self.stage.set(Stage::Confirming(ConfirmingCause::Slow));
                    rest(seconds).await;
                } else if !self.wait(run, seconds, Obstacle::Crowd).await {
                    return;
                }
                continue;
            }
            let proof = failure.proof();
            if proof == Proof::NothingMade || (proof == Proof::NothingSent && !uncertain) {
                return self.refused(failure);
            }
            self.tell_failure(&failure);
            if self.lost_session(&failure) {
                let code = failure.code().unwrap_or(Code::SignInRequired);
                self.stage.set(Stage::Unknown(code));
                self.focus("[data-action=sign-in]");
                return;
            }
            lost += 1;
            let obstacle = match &failure {
                Failure::Offline => Obstacle::Offline,
                Failure::SignOn => Obstacle::SignOn,
                _ if proof == Proof::Nothing
                    && with_body
                    && lost < TRIES
                    && failure.code() != Some(Code::MeetingUnconfirmed) =>
                {
                    Obstacle::Gateway
                }
                _ => return self.unconfirmed(&failure),
            };
            if !self.wait(run, (lost * 3).min(30), obstacle).await {
                return;
            }
        }
    }

    /// Counts down. False when the employee went back to the form, whatever they did next.
    async fn wait(self, run: u32, seconds: u32, obstacle: Obstacle) -> bool {
        let [_, text] = for_obstacle(obstacle);
        self.say(self.fill(text, "seconds", &seconds.to_string()));
        for left in (1..=seconds).rev() {
            self.stage.set(Stage::Waiting(left, obstacle));
            host::sleep(1000).await;
            if self.run.get_value() != run
                || !matches!(self.stage.get_untracked(), Stage::Waiting(..))
            {
                return false;
            }
        }
        self.stage.set(Stage::Busy);
        true
    }

    fn created(self, meeting: Meeting) {
        self.intent.set_value(Intent::default());
        self.carried.set(false);
        self.stage.set(Stage::Idle);
        self.meeting_id.set(meeting.id.clone());
        self.say(self.t(Word::Created));
        let id = meeting.id.clone();
        self.shown.set(Shown::Meeting(Box::new(meeting)));
        self.turn(Page::NewMeeting);
        self.tell("created", Some(("id", &id)));
    }

    fn refused(self, failure: Failure) {
        let lost = self.lost_session(&failure);
        self.tell_failure(&failure);
        let Failure::Problem(problem) = failure else {
            return;
        };
        match problem.code {
            Code::TimeZoneDiffers if problem.readings.is_some() => {
                self.readings.set(problem.readings);
                self.settle(Stage::Differs);
                self.say(self.t(Word::Differs));
                // Not on a button: a second press of the key that asked must not answer.
                self.focus(".alert");
            }
            Code::InvalidMeeting if !problem.errors.is_empty() => {
                self.settle(Stage::Idle);
                self.replace_zone(&problem.errors);
                self.refuse(problem.errors.into_iter().map(Wrong::from_wire).collect());
            }
            code => {
                self.settle(Stage::Failed(code));
                self.focus(if lost {
                    "[data-action=sign-in]"
                } else {
                    "[data-action=retry]"
                });
            }
        }
    }

    /// A browser's own zone that the proxy does not know becomes one that it does, marked as a
    /// guess.
    fn replace_zone(self, errors: &[FieldError]) {
        let unknown = |error: &FieldError| error.code == FieldCode::UnknownTimeZone;
        let own = moment::own_zone().0;
        let untouched = self.draft.with_untracked(|draft| draft.zone == own);
        if untouched && errors.iter().any(unknown) {
            let zone = moment::guess();
            let now = Some(moment::now_wall(&zone));
            self.edit(|draft| {
                draft.take_zone(zone, now);
                draft.guessed = true;
            });
        }
    }

    /// Only the employee can tell: the meeting was looked for and not found, or nobody could look.
    fn unconfirmed(self, failure: &Failure) {
        let looked = failure.code() == Some(Code::MeetingUnconfirmed);
        self.stage.set(Stage::Unconfirmed(looked));
        let mut text = self.t(Word::Unconfirmed);
        if !looked {
            text = [&*text, " ", &self.excuse(failure)].concat();
        }
        self.say(text);
        self.focus("[data-action=check-again]");
    }

    /// A definite end without a meeting: the form may change again.
    fn settle(self, stage: Stage) {
        self.intent.update_value(|intent| {
            intent.pending = false;
            intent.sent = false;
        });
        self.stage.set(stage);
        self.remember();
    }

    /// Shows what is wrong and puts the focus there.
    fn refuse(self, wrong: Vec<Wrong>) {
        self.say(self.t(wrong[0].word));
        self.focus(match wrong[0].spot {
            Spot::Subject => "[data-field=subject]",
            Spot::Date => "[data-field=date]",
            Spot::Start => "[data-field=start]",
            Spot::End => "[data-field=end]",
            Spot::TimeZone => "[data-field=time-zone]",
            Spot::CoOrganizers => "[data-field=co-organizers]",
        });
        self.wrong.set(wrong);
    }
}

/// Waits without a word.
async fn rest(seconds: u32) {
    host::sleep(i32::try_from(seconds).unwrap_or(1) * 1000).await;
}

/// The request body of a draft, with the instants that its reader sees.
fn body(draft: &Draft) -> Option<String> {
    let mut meeting = draft.body()?;
    let shown =
        |wall: Option<i64>, fold| moment::instant(&draft.zone, wall?, fold).map(moment::iso);
    meeting.start_instant = shown(draft.start_wall(), draft.start_fold);
    meeting.end_instant = shown(draft.end_wall(), draft.end_fold);
    Some(codec::to_text(&meeting))
}

/// What can be told without the proxy. Which times exist, and which are still to come, is the
/// proxy's to say: clock and zones of the browser may be wrong.
fn check(draft: &Draft) -> Vec<Wrong> {
    let mut wrong = draft.check();
    if !moment::may_be_zone(&draft.zone) {
        wrong.push(Wrong::new(Spot::TimeZone, Word::FieldTimeZone));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_its_key_until_it_changes() {
        let mut keys = ["a", "b", "c"].into_iter().map(str::to_owned);
        let mut key = || keys.next().unwrap();
        let first = Intent::default().for_body("1".into(), &mut key);
        assert_eq!((first.key.as_str(), first.pending), ("a", true));
        let again = first.clone().for_body("1".into(), &mut key);
        assert_eq!(again, first);
        assert_eq!(again.for_body("2".into(), &mut key).key, "b");
    }

    #[test]
    fn an_intent_comes_back_from_storage() {
        let intent = Intent {
            key: "k".into(),
            body: r#"{"subject":"\"x\""}"#.into(),
            pending: true,
            sent: true,
            owner: "1".into(),
        };
        let stored = serde_json::to_value(&intent).unwrap();
        assert_eq!(serde_json::from_value::<Intent>(stored).unwrap(), intent);
        // What does not fit costs itself only; an older one has no owner, so nobody takes it up.
        let odd =
            serde_json::json!({"key": "k", "body": 7, "pending": true, "sent": "no", "new": {}});
        let expected = Intent {
            key: "k".into(),
            pending: true,
            ..Intent::default()
        };
        assert_eq!(serde_json::from_value::<Intent>(odd).unwrap(), expected);
    }
}
