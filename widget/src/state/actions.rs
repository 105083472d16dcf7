//! What people and pages order that concerns more than one part of the state: who has signed in sees
//! their meeting, a create that ended in a meeting turns the page.

use goto_microapps_api::{Reading, Session, WaitingCancels};
use leptos::prelude::*;
use web_sys::MessageEvent;

use super::State;
use super::late::{self, Job};
use super::page::Page;
use super::session::Who;
use super::stage::{Order, Stage};
use crate::failure::Failure;

impl State {
    /// Asks who is signed in, then takes up what was under way.
    pub(crate) fn load(self) {
        self.widget.spawn(self.loaded());
    }

    async fn loaded(self) {
        self.session.who.set(Who::Unknown);
        match self.session.ask().await {
            Ok(session) => self.enter(session),
            Err(failure) => self.session.fail(failure),
        }
    }

    /// As [`Self::load`], once; tells the page that the widget is there. `is_known` says that nobody
    /// has to be asked any more who is signed in.
    pub(crate) fn start(self, is_known: bool) {
        self.widget.spawn(async move {
            if is_known {
                self.go_on();
            } else {
                self.loaded().await;
            }
            self.widget.tell("ready", None);
        });
    }

    /// Takes a session in, and takes up what was under way.
    pub(super) fn enter(self, session: Session) {
        self.session.set(session);
        self.go_on();
    }

    /// Takes up what was under way.
    fn go_on(self) {
        if !self.session.is_signed_in() {
            return;
        }
        if self.submission.is_pending() {
            self.submission.hold();
            self.order(Order::Resume);
        } else if self.navigation.page.get_untracked() == Page::CreateMeeting {
            self.invite();
        } else if self.navigation.page.get_untracked() != Page::MyMeetings {
            self.show();
        }
    }

    /// Asks quietly who is signed in.
    pub(crate) fn ask_again(self) {
        self.later(Job::LookAgain(self));
    }

    /// Takes a message of the page's window in, or leaves it.
    pub(crate) fn message(self, event: MessageEvent) {
        if self.sign_in.is_under_way() {
            self.later(Job::Hear(self, event));
        }
    }

    /// Signs in with the one-time code that the sign-in window shows.
    pub(crate) fn use_code(self, code: String) {
        self.later(Job::Swap(self, code));
    }

    /// Waits for a sign-on that is being renewed in a window, then goes on where it broke off.
    pub(crate) fn renew(self) {
        self.later(Job::FollowRenewal(self));
    }

    /// *Sign out*.
    pub(crate) fn sign_out(self) {
        self.leave(None);
    }

    /// As [`Self::sign_out`], with the answer to what becomes of cancellations that were not sent yet.
    pub(crate) fn leave(self, waiting: Option<WaitingCancels>) {
        self.later(Job::EndSession(self, waiting));
    }

    /// Starts a new form.
    pub(crate) fn start_over(self) {
        self.form.start_over();
        self.submission.forget();
        self.navigation.turn_to_form();
    }

    /// Moves a start that nobody touched on with the clock.
    pub(crate) fn move_on(self) {
        if self.submission.stage.get_untracked() == Stage::Idle {
            self.form.move_on();
        }
    }

    /// Shows the details of the meeting `id`.
    pub(crate) fn open(self, id: String) {
        self.navigation.meeting_id.set(id);
        self.navigation.turn(Page::MeetingDetails);
        self.show();
    }

    /// Fetches the meeting to be shown.
    pub(crate) fn show(self) {
        if self.navigation.load(self.session.is_signed_in()) {
            self.later(Job::FetchMeeting(self));
        }
    }

    /// Fetches what the meeting that is shown is handed on with.
    pub(crate) fn share(self) {
        self.later(Job::FetchInvitation(self));
    }

    /// The next step of the form, whichever it is.
    pub(crate) fn proceed(self) {
        if self.form.editing.read_untracked().is_some() {
            self.later(Job::SaveEdit(self));
            return;
        }
        if self.session.is_signed_in() {
            self.create();
        } else if self.session.who.get_untracked() == Who::Nobody {
            self.sign_in_and_create();
        }
    }

    /// Whether *Create meeting* would send what the form shows; follows changes. Whom the page author
    /// names is found only for somebody who is signed in.
    pub(crate) fn is_whole(self) -> bool {
        let draft = self.form.draft.read();
        let is_named = || self.widget.read().host.attribute("co-organizers").is_some();
        draft.mistakes().is_empty()
            && draft.typed.trim().is_empty()
            && draft.typed_participants.trim().is_empty()
            && (!draft.people.is_empty() || !is_named())
    }

    /// *Sign in*. Must run inside a click.
    pub(crate) fn open_sign_in(self) {
        self.sign_in_for(None);
    }

    /// *Sign in and create*; while the form is not whole only *Sign in*. Must run inside a click.
    pub(crate) fn sign_in_and_create(self) {
        let is_idle = self.submission.stage.get_untracked() == Stage::Idle;
        let ordered = is_idle && untrack(|| self.is_whole());
        self.sign_in_for(ordered.then(|| self.form.body()));
    }

    fn sign_in_for(self, ordered: Option<String>) {
        if let Some(attention) = self.sign_in.open(ordered) {
            self.later(Job::Attend(self, attention));
        }
    }

    /// *Create meeting*.
    pub(crate) fn create(self) {
        self.order(Order::Create);
    }

    /// Goes on with the reading of the times that the employee chose.
    pub(crate) fn choose(self, reading: Reading) {
        if self.form.editing.read_untracked().is_some() {
            self.submission.read_as(reading);
            self.submission.turn(Stage::Idle);
            self.later(Job::SaveEdit(self));
            return;
        }
        self.order(Order::Choose(reading));
    }

    /// *Check again*.
    pub(crate) fn check_again(self) {
        self.order(Order::CheckAgain);
    }

    /// *Create anyway*.
    pub(crate) fn create_anyway(self) {
        self.order(Order::CreateAnyway);
    }

    /// *Do not send it*.
    pub(crate) fn withdraw(self) {
        self.order(Order::Withdraw);
    }

    /// Waits for what becomes of a create; a meeting turns the page.
    fn order(self, order: Order) {
        self.stuck.set(None);
        self.later(Job::Follow(self, order));
    }

    /// An order that could not even begin waits for the person.
    pub(super) fn get_stuck(self, order: Order, failure: Failure) {
        self.widget.tell_failure(&failure);
        self.widget.say(self.widget.t(failure.word()));
        self.stuck.set(Some((order, failure)));
        self.widget.focus("[data-action=retry]");
    }

    fn later(self, job: Job) {
        late::spawn(self.widget, job);
    }

    /// Orders again what could not even begin.
    pub(crate) fn order_again(self) {
        if let Some((order, _)) = self.stuck.get_untracked() {
            self.order(order);
        }
    }

    /// Adds the co-organizers the page author named, by key or e-mail.
    fn invite(self) {
        let wanted = self
            .widget
            .read()
            .host
            .attribute("co-organizers")
            .unwrap_or_default();
        self.later(Job::Invite(self.form, wanted));
    }

    /// Takes a changed attribute of the host in.
    pub(crate) fn attribute_changed(self, name: &str) {
        let value = self.widget.read().host.attribute(name);
        let Self { navigation, .. } = self;
        match (name, value) {
            ("page", page) => {
                // Without the attribute it is the form.
                let page = page.map_or(Some(Page::CreateMeeting), |page| Page::named(&page));
                if let Some(page) = page
                    && page != navigation.page.get_untracked()
                {
                    navigation.turn(page);
                    self.show();
                }
            }
            ("meeting-id", id) => {
                let is_another = navigation.choose(id);
                if is_another && navigation.page.get_untracked() != Page::CreateMeeting {
                    self.show();
                }
            }
            ("manage", _) => self.widget.manages_changed(),
            ("subject" | "start" | "duration" | "time-zone", _)
                if self.submission.stage.get_untracked() == Stage::Idle =>
            {
                self.form.take_attribute(name);
            }
            ("co-organizers", Some(_)) => self.invite(),
            _ => {}
        }
    }
}
