//! A create on its way: at most one meeting per filled form.
//!
//! Owns the idempotency key and every transition of [`Stage`]. A key lives until a definite
//! answer; only a person orders a second POST, by *Create anyway*. What was made is reported upward:
//! as the answer of whatever was ordered.

use goto_microapps_api::{
    Code, ConfirmingCause, Field, FieldCode, Meeting, Mistake, Proof, Reading, Readings,
};
use leptos::prelude::*;

use super::form::Form;
use super::intent::Intent;
use super::memory::Memory;
use super::message::Message;
use super::message::selector;
use super::session::SessionState;
use super::stage::{Difference, Obstacle, Order, Stage};
use crate::api::Created;
use crate::browser::{codec, random, timers, window};
use crate::context::Widget;
use crate::failure::Failure;
use crate::moment;
use crate::words::Word;

/// How often a create is posted to somebody who answers for the proxy before the employee is asked.
const TRIES: u32 = 4;

/// The create under way or last refused.
#[derive(Clone, Copy)]
pub(crate) struct Submission {
    widget: Widget,
    session: SessionState,
    form: Form,
    memory: Memory,
    /// What it does.
    pub(crate) stage: RwSignal<Stage>,
    /// Seconds until it posts again, as they are shown.
    pub(crate) left: RwSignal<String>,
    /// Counts posts, so that a countdown that was left does not go on.
    run: StoredValue<u32>,
}

impl Submission {
    /// No create under way, whatever the tab remembers.
    pub(crate) fn new(widget: Widget, session: SessionState, form: Form, memory: Memory) -> Self {
        Self {
            widget,
            session,
            form,
            memory,
            stage: RwSignal::new(Stage::Idle),
            left: RwSignal::new(String::new()),
            run: StoredValue::new(0),
        }
    }

    /// Whether a create is under way and the form must not change; follows changes.
    pub(crate) fn held(self) -> bool {
        !matches!(self.stage.get(), Stage::Idle | Stage::Failed(_))
    }

    /// Whether the outcome of a create is not known yet.
    pub(crate) fn is_pending(self) -> bool {
        self.memory.read().intent.pending
    }

    /// Enters a stage; what is said about it is built again only if it is another one.
    pub(super) fn turn(self, stage: Stage) {
        if self.stage.get_untracked() != stage {
            self.stage.set(stage);
        }
    }

    /// Nothing is under way any more.
    pub(crate) fn forget(self) {
        self.turn(Stage::Idle);
        self.memory.keep(|memory| memory.intent = Intent::default());
    }

    /// Keeps the form as it was sent until a create that the tab remembers is taken up.
    pub(crate) fn hold(self) {
        self.turn(Stage::Confirming(ConfirmingCause::Slow));
    }

    /// Carries out an order, and answers the meeting if one was made. While a create is under way,
    /// another one is nothing.
    pub(crate) async fn run(self, order: Order) -> Option<Meeting> {
        match order {
            Order::Create => {
                // *Now* is when it is pressed.
                self.form.move_on();
                if !self.is_ready().await {
                    return None;
                }
                let body = self.form.body();
                // The page may keep a meeting from being made, and says why itself.
                let asked = codec::parse(&body).unwrap_or_default();
                if !self.widget.may("before-create", &asked) {
                    return None;
                }
                self.form.wrong.set(Vec::new());
                self.memory.keep(|memory| {
                    let intent = std::mem::take(&mut memory.intent);
                    memory.intent = intent.for_body(body, random::uuid);
                });
            }
            Order::Choose(reading) => self.take_reading(reading),
            Order::Resume => {
                let owner = self.memory.read().intent.owner.clone();
                if self.session.user_key() != Some(owner) {
                    self.forget();
                    return None;
                }
            }
            Order::CheckAgain => {}
            Order::Withdraw => return self.withdraw().await,
            Order::CreateAnyway => self.memory.keep(|memory| {
                memory.intent.key = random::uuid();
                memory.intent.sent = false;
            }),
        }
        if self.stage.get_untracked() == Stage::Busy {
            return None;
        }
        self.turn(Stage::Busy);
        self.widget.say(self.widget.t(Word::Creating));
        *self.run.write_value() += 1;
        self.follow(order != Order::CheckAgain).await
    }

    /// Takes a create back that waits at the proxy. Where that is too late, follows it on.
    async fn withdraw(self) -> Option<Meeting> {
        *self.run.write_value() += 1;
        self.turn(Stage::Busy);
        let key = self.memory.read().intent.key.clone();
        if self.widget.api().withdraw(&key).await == Ok(true) {
            self.forget();
            self.widget.focus("[data-field=subject]");
            return None;
        }
        self.follow(true).await
    }

    /// Whether the form may be sent: nothing under way, nothing wrong, nobody only typed.
    pub(super) async fn is_ready(self) -> bool {
        loop {
            if untrack(|| self.held()) {
                return false;
            }
            let wrong = self.form.check();
            if !wrong.is_empty() {
                self.form.refuse(wrong);
                return false;
            }
            if !self.form.has_typed() {
                return true;
            }
            // Looks again afterwards: somebody may have typed on meanwhile.
            self.widget.say(self.widget.t(Word::PeopleSearching));
            for field in [Field::CoOrganizers, Field::Participants] {
                if !self.form.take_typed(field).await {
                    self.widget.focus(selector(field));
                    return false;
                }
            }
        }
    }

    /// Takes the reading that the employee chose. Nothing was made and nothing recorded, so the key
    /// stays.
    fn take_reading(self, reading: Reading) {
        self.read_as(reading);
        let body = self.form.body();
        self.memory.keep(|memory| memory.intent.body = body);
    }

    /// The times of the form count as the employee says.
    pub(super) fn read_as(self, reading: Reading) {
        if let Stage::Differs(difference) = self.stage.get_untracked() {
            self.form.edit(|draft| {
                draft.reading = Some(reading);
                draft.counted = (reading == Reading::Server).then_some(difference.start);
            });
        }
    }

    pub(super) fn difference(self, readings: &Readings) -> Option<Difference> {
        let Readings { device, server } = readings;
        let start = (
            moment::parse(&server.start.instant)?,
            server.start.offset.into(),
        );
        let draft = self.form.draft.read_untracked();
        let (wall, device, server) = if device.start == server.start {
            (draft.end_wall()?, &device.end, &server.end)
        } else {
            (draft.start_wall()?, &device.start, &server.start)
        };
        Some(Difference {
            wall,
            device: device.offset.into(),
            server: server.offset.into(),
            start,
        })
    }

    /// Back to the form while waiting for a turn: nothing was sent to GoTo.
    pub(crate) fn stop_waiting(self) {
        self.settle(Stage::Idle);
        self.widget.focus("[data-field=subject]");
    }

    /// Whoever has signed in sees no longer that it was missing.
    pub(crate) fn signed_in(self) {
        if matches!(self.stage.get_untracked(), Stage::Failed(code) if code.asks_for_sign_in()) {
            self.turn(Stage::Idle);
        }
    }

    /// Remembers that a create is under way, and whether it may have reached GoTo.
    fn keep(self, sent: bool) {
        let owner = self.session.user_key();
        self.memory.keep(|memory| {
            memory.intent.pending = true;
            memory.intent.sent = sent;
            if let Some(owner) = owner {
                memory.intent.owner = owner;
            }
        });
    }

    /// Follows one create to an answer that proves something. Whatever does not is not known: the
    /// form stays closed, and the same key is asked again.
    async fn follow(self, with_body: bool) -> Option<Meeting> {
        let run = self.run.get_value();
        let Intent { key, body, .. } = self.memory.read().intent.clone();
        let mut lost = 0;
        loop {
            // Whether something may have reached GoTo before: then nobody may go back and change it.
            let uncertain = self.memory.read().intent.sent;
            self.keep(true);
            let body = with_body.then_some(body.as_str());
            let answer = self.widget.api().create(&key, body).await;
            let failure = match answer {
                Ok(Created::Done(meeting)) => {
                    self.forget();
                    self.form.carried.set(false);
                    self.widget.say(self.widget.t(Word::Created));
                    return Some(*meeting);
                }
                // Somebody took it back meanwhile, and follows what becomes of that.
                _ if self.run.get_value() != run => return None,
                Ok(Created::Confirming(confirming))
                    if confirming.cause == ConfirmingCause::Queued =>
                {
                    let seconds = confirming.retry_after.clamp(1, 600);
                    if !self.wait(run, seconds, Obstacle::Queue).await {
                        return None;
                    }
                    continue;
                }
                Ok(Created::Confirming(confirming)) => {
                    self.turn(Stage::Confirming(confirming.cause));
                    self.widget.say(self.widget.t(Word::Confirming));
                    timers::seconds(confirming.retry_after.clamp(1, 60)).await;
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
                    self.turn(Stage::Confirming(ConfirmingCause::Slow));
                    timers::seconds(seconds).await;
                } else if !self.wait(run, seconds, Obstacle::Crowd).await {
                    return None;
                }
                continue;
            }
            let proof = failure.proof();
            if proof == Proof::NothingMade || (proof == Proof::NothingSent && !uncertain) {
                self.refused(failure);
                return None;
            }
            self.widget.tell_failure(&failure);
            if self.session.lost(&failure) {
                let code = failure.code().unwrap_or(Code::SignInRequired);
                self.turn(Stage::Unknown(code));
                self.widget.focus("[data-action=sign-in]");
                return None;
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
                _ => {
                    self.unconfirmed(&failure);
                    return None;
                }
            };
            if !self.wait(run, (lost * 3).min(30), obstacle).await {
                return None;
            }
        }
    }

    /// Counts down. False when the employee went back to the form, whatever they did next.
    async fn wait(self, run: u32, seconds: u32, obstacle: Obstacle) -> bool {
        let was_online = window().navigator().on_line();
        let [_, text] = obstacle.words();
        let text = self.widget.fill(text, "seconds", &seconds.to_string());
        self.widget.say(text);
        for left in (1..=seconds).rev() {
            self.left.set(left.to_string());
            self.turn(Stage::Waiting(obstacle));
            timers::seconds(1).await;
            if self.run.get_value() != run
                || !matches!(self.stage.get_untracked(), Stage::Waiting(..))
            {
                return false;
            }
            // The connection is back.
            if !was_online && window().navigator().on_line() {
                break;
            }
        }
        // What waits at the proxy goes on waiting while it is asked for.
        if obstacle != Obstacle::Queue {
            self.turn(Stage::Busy);
        }
        true
    }

    fn refused(self, failure: Failure) {
        let lost = self.session.lost(&failure);
        self.widget.tell_failure(&failure);
        let Failure::Problem(problem) = failure else {
            return;
        };
        let readings = problem.readings.as_ref();
        let difference = readings.and_then(|both| self.difference(both));
        if let (Code::TimeZoneDiffers, Some(difference)) = (problem.code, difference) {
            self.settle(Stage::Differs(difference));
            self.widget.say(self.widget.t(Word::Differs));
            // Not on a button: a second press of the key that asked must not answer.
            self.widget.focus(".alert");
            return;
        }
        match problem.code {
            Code::InvalidMeeting if !problem.errors.is_empty() => {
                self.settle(Stage::Idle);
                let mut errors = problem.errors.iter();
                if errors.any(|error| error.code == FieldCode::UnknownTimeZone) {
                    self.form.replace_own_zone();
                }
                let errors = problem.errors.into_iter().map(Mistake::from);
                self.form.refuse(errors.map(Message::from).collect());
            }
            code => {
                if matches!(code, Code::QueueExpired | Code::QueueConsentLost) {
                    // The proxy never sends what has this key.
                    self.forget();
                }
                self.settle(Stage::Failed(code));
                self.widget.focus(if lost {
                    "[data-action=sign-in]"
                } else {
                    "[data-action=retry]"
                });
            }
        }
    }

    /// Only the employee can tell: the meeting was looked for and not found, or nobody could look.
    fn unconfirmed(self, failure: &Failure) {
        let looked = failure.code() == Some(Code::MeetingUnconfirmed);
        self.turn(Stage::Unconfirmed(looked));
        let mut text = self.widget.t(Word::Unconfirmed);
        if !looked {
            text = [&*text, " ", &self.widget.t(failure.word())].concat();
        }
        self.widget.say(text);
        self.widget.focus("[data-action=check-again]");
    }

    /// A definite end without a meeting: the form may change again.
    fn settle(self, stage: Stage) {
        self.memory.keep(|memory| {
            memory.intent.pending = false;
            memory.intent.sent = false;
        });
        self.turn(stage);
    }
}
