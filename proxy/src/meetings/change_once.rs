//! Carrying out an order to cancel a meeting or to make it another: one DELETE or PUT at most.
//!
//! ```text
//! ordered -> sent -> done | failed | unknown -> done | needs the person
//!    \-> withdrawn, failed
//! ```
//! Each step is taken by whoever finds the order where it begins: of a replica that sends and a person
//! who takes it back, one comes first. Before anything is sent, the meeting is read again. A lost
//! answer is looked for by reading, never by sending again.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use goto_microapps_api::StopReason;
use secrecy::SecretString;

use super::Meetings;
use super::lost_answers::{FIRST_LOOK, PUT_OFF_MAX, next_look};
use super::send_once::Once;
use super::standing::is_as_seen;
use crate::clock::{Millis, date};
use crate::goto::{Caller, Error as GotoError, Id, NewGotoMeeting, Permit, Sent};
use crate::store::{
    self, ChangeIntent, ChangeKind, ChangeMove, ChangeState, EditedMeeting, MeetingSeen, Owner,
};
use crate::tokens;

/// A replica that carries an order out does so alone for this long, milliseconds: longer than reading
/// and sending take, and as long as nobody goes on with what a process that died has begun.
const ALONE: Millis = 60_000;
/// A reading that did not work is tried again after this long, milliseconds.
const AGAIN: Millis = 5_000;

/// The request of an order.
struct Request<'a> {
    meetings: &'a Meetings,
    change: &'a ChangeIntent,
    id: Id,
}

impl Once for Request<'_> {
    type Answer = ();

    async fn mark(&self) -> Result<bool, store::Error> {
        let sent = ChangeMove {
            sent_at: Some(self.meetings.clock.millis()),
            ..ChangeMove::default()
        };
        let (from, to) = (ChangeState::Ordered, ChangeState::Sent);
        let (store, kind) = (&self.meetings.store, self.change.asked.kind());
        store
            .move_change(kind, &self.change.id, from, to, sent)
            .await
    }

    async fn unmark(&self) -> Result<(), store::Error> {
        let (from, to) = (ChangeState::Sent, ChangeState::Ordered);
        let (store, kind) = (&self.meetings.store, self.change.asked.kind());
        let moved = store.move_change(kind, &self.change.id, from, to, ChangeMove::default());
        moved.await.map(drop)
    }

    async fn send(&self, permit: Permit, token: &SecretString) -> Result<(), GotoError> {
        let caller = &Caller::create(&self.change.asked.organizer_key);
        let (goto, id) = (&self.meetings.goto, &self.id);
        match &self.change.asked.edited {
            None => goto.delete_meeting(caller, permit, token, id).await,
            Some(edited) => {
                let body = NewGotoMeeting::new(
                    &edited.subject,
                    date(edited.start_at),
                    date(edited.end_at),
                    edited.password_required,
                    edited.co_organizers.clone(),
                );
                goto.update_meeting(caller, permit, token, id, &body).await
            }
        }
    }
}

impl Meetings {
    /// Carries out orders whose time has come, also those that a process took with it when it died.
    pub async fn serve_changes(self: Arc<Self>) {
        loop {
            if let Err(error) = self.carry_out_due().await {
                tracing::warn!(%error, "changes of meetings could not be carried out");
            }
            self.clock.sleep(Duration::from_secs(1)).await;
        }
    }

    async fn carry_out_due(&self) -> Result<(), store::Error> {
        let now = self.clock.millis();
        let mut due = Vec::new();
        for kind in [ChangeKind::Cancel, ChangeKind::Edit] {
            let stranded = self.store.stranded_changes(kind, now, self.stranded);
            for change in stranded.await? {
                let look = ChangeMove {
                    check_at: Some(now),
                    ..ChangeMove::default()
                };
                let (from, to) = (ChangeState::Sent, ChangeState::Unknown);
                let moved = self.store.move_change(kind, &change.id, from, to, look);
                moved.await?;
            }
            due.extend(self.store.due_changes(kind, now).await?);
        }
        let work = due
            .into_iter()
            .map(|change| async move { self.carry_out_change(&change).await });
        join_all(work).await;
        Ok(())
    }

    /// Carries out one order, unless somebody else is about to. What keeps it from that is logged, and
    /// told to whoever asks where it stands.
    pub(super) async fn carry_out_change(&self, change: &ChangeIntent) {
        let lease = format!("change:{}", change.id);
        let carried = async {
            let now = self.clock.millis();
            let until = now + ALONE;
            let holder = crate::random::name();
            if !self.store.take_lease(&lease, &holder, now, until).await? {
                return Ok(());
            }
            // Whoever held the lease before may have gone on with it.
            let kind = change.asked.kind();
            let carried = match self.store.change_by_id(kind, &change.id).await? {
                Some(now) if now.state == ChangeState::Ordered => self.change(&now).await,
                Some(now) if now.state == ChangeState::Unknown => self.look_what_became(&now).await,
                _ => Ok(()),
            };
            self.store.release_lease(&lease, &holder).await?;
            carried
        };
        if let Err(error) = carried.await {
            let error: tokens::Error = error;
            tracing::warn!(%error, "a change of a meeting could not be carried out");
        }
    }

    /// Reads the meeting again, and changes it if it still is what the person saw.
    async fn change(&self, change: &ChangeIntent) -> Result<(), tokens::Error> {
        let asked = &change.asked;
        let Some(id) = Id::read(&asked.meeting_id) else {
            return self.stop(change, StopReason::Gone, None).await;
        };
        let standing = match self.standing_of(change, &id).await {
            Ok(Some(standing)) => standing,
            Ok(None) => return self.stop(change, StopReason::Gone, None).await,
            Err(error) => return self.put_off(change, error).await,
        };
        if standing.running {
            return self.stop(change, StopReason::Running, None).await;
        }
        if standing.recurring {
            return self.stop(change, StopReason::Recurring, None).await;
        }
        if !is_as_seen(&asked.seen, &standing.seen) || self.is_other(change, &standing).await? {
            let found = Some(&standing.seen);
            return self.stop(change, StopReason::Changed, found).await;
        }
        let is_past = |edited: &EditedMeeting| edited.start_at <= self.clock.millis();
        if asked.edited.as_ref().is_some_and(is_past) {
            return self.stop(change, StopReason::Past, None).await;
        }
        let request = Request {
            meetings: self,
            change,
            id,
        };
        let sent = match self.send_once(&asked.organizer_key, &request).await {
            Ok(Some(sent)) => sent,
            // Taken back meanwhile, or another replica was faster.
            Ok(None) => return Ok(()),
            Err(error) => return self.put_off(change, error).await,
        };
        match sent {
            Ok(()) => self.done(change, ChangeState::Sent).await,
            Err(GotoError::NotFound) => self.found_gone(change, ChangeState::Sent).await,
            Err(error) if error.sent() == Sent::Perhaps => self.lose_track(change, &error).await,
            Err(GotoError::InvalidToken) => {
                self.fail_sent(change, StopReason::SignedOut).await?;
                Err(tokens::Error::NoGrant)
            }
            Err(error @ (GotoError::Refused { .. } | GotoError::Forbidden { .. })) => {
                // It is documented for a meeting that is gone as well as for one that cannot be
                // changed.
                if let Ok(None) = self.standing_of(change, &request.id).await {
                    return self.found_gone(change, ChangeState::Sent).await;
                }
                self.fail_sent(change, StopReason::Refused).await?;
                Err(error.into())
            }
            // Certainly not sent: later.
            Err(error) => {
                request.unmark().await?;
                self.put_off(change, error.into()).await
            }
        }
    }

    /// The meeting is not there any more. Of a cancellation, somebody was faster: what was wanted is
    /// so.
    async fn found_gone(
        &self,
        change: &ChangeIntent,
        from: ChangeState,
    ) -> Result<(), tokens::Error> {
        match change.asked.edited {
            None => self.done(change, from).await,
            Some(_) => self.fail_change(change, from, StopReason::Gone, None).await,
        }
    }

    /// A lost answer: is the meeting still there, and as it was to be?
    async fn look_what_became(&self, change: &ChangeIntent) -> Result<(), tokens::Error> {
        let now = self.clock.millis();
        let looked = match Id::read(&change.asked.meeting_id) {
            Some(id) => self.standing_of(change, &id).await,
            None => Ok(None),
        };
        let (kind, unknown) = (change.asked.kind(), ChangeState::Unknown);
        match (&looked, &change.asked.edited) {
            (Ok(None), _) => return self.found_gone(change, unknown).await,
            (Ok(Some(standing)), Some(edited))
                if self.is_as_asked(change, edited, standing).await? =>
            {
                return self.done(change, unknown).await;
            }
            _ => {}
        }
        // What only time keeps from looking is no look.
        let waited = now - change.sent_at.unwrap_or(change.ordered_at);
        if let Err(tokens::Error::Goto(error)) = &looked
            && let Some(seconds) = error.wait()
            && waited < PUT_OFF_MAX
        {
            let put_off = ChangeMove {
                check_at: Some(now + Millis::from(seconds) * 1000),
                ..ChangeMove::default()
            };
            self.store
                .move_change(kind, &change.id, unknown, unknown, put_off)
                .await?;
            return looked.map(drop);
        }
        let (to, check_at) = match next_look(change.checks) {
            // Without a consent nobody can look.
            Some(wait) if !matches!(looked, Err(tokens::Error::NoGrant)) => {
                (unknown, Some(self.clock.millis() + wait))
            }
            _ => (ChangeState::NeedsUser, None),
        };
        let change_move = ChangeMove {
            check_at,
            checked: true,
            ..ChangeMove::default()
        };
        self.store
            .move_change(kind, &change.id, unknown, to, change_move)
            .await?;
        looked.map(drop)
    }

    async fn done(&self, change: &ChangeIntent, from: ChangeState) -> Result<(), tokens::Error> {
        let now = self.clock.millis();
        let done = match &change.asked.edited {
            None => self.store.finish_cancel(from, change, now).await?,
            Some(edited) => self.store.finish_edit(from, change, edited, now).await?,
        };
        if done {
            self.note_outcome(change, "ok").await?;
        }
        Ok(())
    }

    /// The answer was lost: look for what became of it from now on.
    async fn lose_track(
        &self,
        change: &ChangeIntent,
        error: &GotoError,
    ) -> Result<(), tokens::Error> {
        let look = ChangeMove {
            check_at: Some(self.clock.millis() + FIRST_LOOK),
            ..ChangeMove::default()
        };
        let (from, to) = (ChangeState::Sent, ChangeState::Unknown);
        let kind = change.asked.kind();
        let moved = self.store.move_change(kind, &change.id, from, to, look);
        moved.await?;
        tracing::warn!(%error, "the answer to a change of a meeting was lost");
        self.note_outcome(change, "unknown").await
    }

    /// Nothing was sent, and nothing will be.
    async fn stop(
        &self,
        change: &ChangeIntent,
        why: StopReason,
        found: Option<&MeetingSeen>,
    ) -> Result<(), tokens::Error> {
        self.fail_change(change, ChangeState::Ordered, why, found)
            .await
    }

    async fn fail_sent(&self, change: &ChangeIntent, why: StopReason) -> Result<(), tokens::Error> {
        self.fail_change(change, ChangeState::Sent, why, None).await
    }

    async fn fail_change(
        &self,
        change: &ChangeIntent,
        from: ChangeState,
        why: StopReason,
        found: Option<&MeetingSeen>,
    ) -> Result<(), tokens::Error> {
        let stopped = ChangeMove {
            stopped: Some(why),
            found,
            ..ChangeMove::default()
        };
        let to = ChangeState::Failed;
        let kind = change.asked.kind();
        let moved = self.store.move_change(kind, &change.id, from, to, stopped);
        if moved.await? {
            self.note_outcome(change, why.as_str()).await?;
        }
        Ok(())
    }

    /// Nothing was sent: tried again a little later, unless only a person can help or it has been too
    /// long.
    async fn put_off(
        &self,
        change: &ChangeIntent,
        error: tokens::Error,
    ) -> Result<(), tokens::Error> {
        let now = self.clock.millis();
        let wait = match &error {
            tokens::Error::NoGrant => {
                self.stop(change, StopReason::SignedOut, None).await?;
                return Err(error);
            }
            tokens::Error::Store(_) => return Err(error),
            tokens::Error::Goto(error) => error.wait().map(|wait| Millis::from(wait) * 1000),
            tokens::Error::Misconfigured(_) => None,
        };
        if now - change.ordered_at >= PUT_OFF_MAX {
            self.stop(change, StopReason::Unreachable, None).await?;
            return Err(error);
        }
        let put_off = ChangeMove {
            due_at: Some(now + wait.unwrap_or(AGAIN)),
            ..ChangeMove::default()
        };
        let ordered = ChangeState::Ordered;
        let kind = change.asked.kind();
        let moved = self
            .store
            .move_change(kind, &change.id, ordered, ordered, put_off);
        moved.await?;
        Err(error)
    }

    async fn note_outcome(
        &self,
        change: &ChangeIntent,
        outcome: &str,
    ) -> Result<(), tokens::Error> {
        let asked = &change.asked;
        let owner = Owner::Employee(asked.organizer_key.clone());
        let grant = self.store.grant(&owner).await?;
        let email = grant.map(|row| row.grant.email);
        let detail = format!("meeting {}", asked.meeting_id);
        self.activity
            .note(
                activity_of(asked.kind()),
                email.as_deref(),
                outcome,
                &detail,
            )
            .await;
        Ok(())
    }
}

/// How a change is called in the support log.
pub(super) const fn activity_of(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Cancel => "meeting.cancel",
        ChangeKind::Edit => "meeting.edit",
    }
}
