//! What follows what people order, in the module of what comes later.

use goto_microapps_api::WaitingCancels;
use leptos::prelude::*;
use web_sys::MessageEvent;

use super::page::Page;
use super::sign_in::{SignIn, SignedIn};
use super::stage::{Order, Stage};
use super::{State, neighbours, usual};
use crate::browser::window;

impl State {
    /// Asks quietly who is signed in, and changes nothing while that stays the same or something
    /// is under way.
    pub(super) async fn look_again(self) {
        if self.is_busy() {
            return;
        }
        let answer = self.session.ask().await;
        if self.is_busy() {
            return;
        }
        let Ok(session) = answer else { return };
        let key = session.user.as_ref().map(|user| user.key.clone());
        if self.session.user_key() != key {
            self.enter(session);
        }
    }

    fn is_busy(self) -> bool {
        let creating = !matches!(
            self.submission.stage.get_untracked(),
            Stage::Idle | Stage::Failed(_) | Stage::Unknown(_)
        );
        creating || self.sign_in.signin.get_untracked() == SignIn::Swapping
    }

    /// Takes a message of the page's window in, or leaves it.
    pub(super) async fn hear(self, event: &MessageEvent) {
        if let Some(code) = self.sign_in.message(event) {
            self.swap(code).await;
        }
    }

    /// Signs in with the one-time code that the sign-in window posted or showed.
    pub(super) async fn swap(self, code: String) {
        let Some(SignedIn { session, ordered }) = self.sign_in.swap(code).await else {
            return;
        };
        self.enter(session);
        neighbours::tell(self.widget);
        self.submission.signed_in();
        let _ = window().focus();
        // Only what was seen when it was ordered.
        if ordered.is_some_and(|shown| shown == self.form.body())
            && self.submission.stage.get_untracked() == Stage::Idle
        {
            self.create();
            return;
        }
        self.widget
            .focus(match self.navigation.page.get_untracked() {
                Page::CreateMeeting => "[data-action=create]",
                _ => ".heading",
            });
    }

    /// Waits for a sign-on that is being renewed in a window, then goes on where it broke off.
    pub(super) async fn follow_renewal(self) {
        // Whoever was under way when the sign-on ended is told by the next answer.
        if let Some(session) = self.sign_in.renewed().await
            && self.submission.stage.get_untracked() != Stage::Busy
        {
            self.enter(session);
        }
    }

    /// Signs out; `waiting` is the answer to what becomes of cancellations that were not sent yet.
    pub(super) async fn end_session(self, waiting: Option<WaitingCancels>) {
        if !self.session.sign_out(waiting).await {
            return;
        }
        neighbours::tell(self.widget);
        self.sign_in.reset();
        self.start_over();
        self.memory.clear();
        usual::forget(self.widget);
        self.widget.tell("signed-out", None);
    }

    /// Waits for what becomes of a create; a meeting turns the page.
    pub(super) async fn follow(self, order: Order) {
        if let Some(meeting) = self.submission.run(order).await {
            usual::remember(self.widget, &self.form.draft.read_untracked());
            self.navigation.turn_to_new(meeting);
            self.fetch_invitation().await;
        }
    }

    /// Fetches the meeting to be shown, then what it is handed on with.
    pub(super) async fn fetch_meeting(self) {
        if self.navigation.fetch_meeting().await {
            self.fetch_invitation().await;
        }
    }

    /// Fetches what the meeting that is shown is handed on with.
    pub(super) async fn fetch_invitation(self) {
        let zone = self.form.draft.with_untracked(|draft| draft.zone.clone());
        self.navigation.fetch_invitation(&zone).await;
    }
}
