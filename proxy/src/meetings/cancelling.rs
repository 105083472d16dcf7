//! Cancelling a meeting, as the person sees it: ordered, taken back, and where it stands.
//!
//! The order lies in the store from the press on. For [`UNDO`] it can be taken back; then it is sent,
//! whether or not anybody still looks ([`super::change_once`]).

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use goto_microapps_api::{CancelState, Cancellation, SeenMeeting, StopReason, WaitingCancels};

use super::Meetings;
use super::details::{DetailsError, asked_for, text};
use crate::clock::{Millis, date, millis_of};
use crate::goto::Error as GotoError;
use crate::random;
use crate::signin::Account;
use crate::store::{ChangeIntent, ChangeKind, ChangeMove, ChangeState, MeetingSeen, NewChange};
use crate::tokens;

/// How long a cancellation can be taken back.
pub const UNDO: Duration = Duration::from_secs(10);
/// Characters of a subject that are kept; GoTo's have at most 100.
const SUBJECT_KEPT: usize = 500;
const CANCEL: ChangeKind = ChangeKind::Cancel;
/// Between two looks at where an order stands, for whoever waits.
pub(super) const BETWEEN: Duration = Duration::from_secs(1);

impl Meetings {
    /// Takes the order to cancel a meeting that was `seen` so, to be carried out after `delay`. While
    /// one is open, that is the answer; another is not taken.
    pub async fn order_cancel(
        &self,
        account: &Account,
        id: &str,
        seen: &SeenMeeting,
        delay: Duration,
    ) -> Result<Cancellation, DetailsError> {
        let id = asked_for(id).ok_or(DetailsError::NotFound)?.into_string();
        let own = self.store.meeting(&account.key, &id).await?;
        if own.is_none() && self.store.is_known_meeting(&id).await? {
            return Err(DetailsError::NotFound);
        }
        let now = self.clock.millis();
        if let Some(before) = self.store.change(CANCEL, &account.key, &id).await?
            && before.state == ChangeState::Done
        {
            return Ok(shown(&before, now));
        }
        let asked = NewChange {
            organizer_key: account.key.clone(),
            meeting_id: id.clone(),
            seen: read(seen),
            due_at: now + millis_of(delay),
            edited: None,
        };
        let is_new = self
            .store
            .insert_cancel(&random::name(), &asked, now)
            .await?;
        if is_new {
            self.note_change(account, "ordered", &id).await;
        }
        self.cancellation(account, &id).await
    }

    /// Takes an order back that was not sent yet. Whatever came first is what it says.
    pub async fn withdraw_cancel(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<Cancellation, DetailsError> {
        let change = self.ordered(account, id).await?;
        if self.withdraw(&change).await? {
            let id = &change.asked.meeting_id;
            self.note_change(account, "withdrawn", id).await;
        }
        self.cancellation(account, id).await
    }

    async fn withdraw(&self, change: &ChangeIntent) -> Result<bool, crate::store::Error> {
        let (from, to) = (ChangeState::Ordered, ChangeState::Withdrawn);
        self.store
            .move_change(CANCEL, &change.id, from, to, ChangeMove::default())
            .await
    }

    /// Where the newest order of a meeting stands.
    pub async fn cancellation(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<Cancellation, DetailsError> {
        let change = self.ordered(account, id).await?;
        Ok(shown(&change, self.clock.millis()))
    }

    /// The newest order of a meeting.
    pub(super) async fn ordered(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<ChangeIntent, DetailsError> {
        let id = asked_for(id).ok_or(DetailsError::NotFound)?;
        let change = self.store.change(CANCEL, &account.key, id.as_str()).await?;
        change.ok_or(DetailsError::NotFound)
    }

    /// Orders that wait to be sent.
    pub async fn waiting_cancels(
        &self,
        account: &Account,
    ) -> Result<Vec<Cancellation>, DetailsError> {
        let now = self.clock.millis();
        let changes = self.store.changes(CANCEL, &account.key).await?;
        let waiting = changes.iter();
        let waiting = waiting.filter(|change| change.state == ChangeState::Ordered);
        Ok(waiting.map(|change| shown(change, now)).collect())
    }

    /// Sends or drops what waits, as the person said who leaves. An error where something could not be
    /// sent for the moment: it waits on.
    pub async fn settle_cancels(
        self: &Arc<Self>,
        account: &Account,
        answer: WaitingCancels,
    ) -> Result<(), DetailsError> {
        for change in self.store.changes(CANCEL, &account.key).await? {
            if change.state != ChangeState::Ordered {
                continue;
            }
            let id = &change.asked.meeting_id;
            if answer == WaitingCancels::Drop {
                if self.withdraw(&change).await? {
                    self.note_change(account, "withdrawn", id).await;
                }
                continue;
            }
            let standing = self.send_cancel_now(account, id, 1).await?;
            if standing.state == CancelState::Waiting {
                let busy = GotoError::Busy { retry_after: 1 };
                return Err(tokens::Error::Goto(busy).into());
            }
        }
        Ok(())
    }

    /// Carries an order out now instead of later, and looks up to so often at what becomes of it.
    pub async fn send_cancel_now(
        self: &Arc<Self>,
        account: &Account,
        id: &str,
        looks: u32,
    ) -> Result<Cancellation, DetailsError> {
        let change = self.ordered(account, id).await?;
        let (meetings, sent) = (Arc::clone(self), change.clone());
        // On a task of its own: a browser that goes away must not cut it in the middle.
        let task = tokio::spawn(async move { meetings.carry_out_change(&sent).await });
        if task.await.is_err() {
            tracing::error!("the work on a cancellation ended early");
        }
        let mut look = 1;
        loop {
            let standing = self.cancellation(account, id).await?;
            let open = matches!(
                standing.state,
                CancelState::Sending | CancelState::Confirming
            );
            if !open || look >= looks {
                return Ok(standing);
            }
            look += 1;
            self.clock.sleep(BETWEEN).await;
        }
    }

    pub(super) async fn note_change(&self, account: &Account, outcome: &str, id: &str) {
        let detail = format!("meeting {id}");
        self.activity
            .note("meeting.cancel", Some(&account.email), outcome, &detail)
            .await;
    }
}

/// An order as the person is told of it.
pub(super) fn shown(change: &ChangeIntent, now: Millis) -> Cancellation {
    let state = match change.state {
        ChangeState::Ordered => CancelState::Waiting,
        ChangeState::Sent => CancelState::Sending,
        ChangeState::Done => CancelState::Cancelled,
        ChangeState::Failed => CancelState::Stopped,
        ChangeState::Unknown => CancelState::Confirming,
        ChangeState::NeedsUser => CancelState::Unconfirmed,
        ChangeState::Withdrawn => CancelState::Withdrawn,
    };
    let left = (change.asked.due_at - now).clamp(0, millis_of(UNDO));
    let seconds = u32::try_from((left + 999) / 1000).ok();
    Cancellation {
        id: change.asked.meeting_id.clone(),
        meeting: written(&change.asked.seen),
        state,
        seconds: seconds.filter(|_| state == CancelState::Waiting),
        reason: change.stopped.filter(|_| state == CancelState::Stopped),
        found: change
            .found
            .as_ref()
            .filter(|_| change.stopped == Some(StopReason::Changed))
            .map(written),
    }
}

pub(super) fn written(seen: &MeetingSeen) -> SeenMeeting {
    SeenMeeting {
        subject: seen.subject.clone(),
        start: seen.start_at.map(|at| text(date(at))),
        end: seen.end_at.map(|at| text(date(at))),
    }
}

/// What a page showed; a time that is none was none.
pub(super) fn read(seen: &SeenMeeting) -> MeetingSeen {
    let millis = |text: &Option<String>| {
        let time = DateTime::parse_from_rfc3339(text.as_deref()?).ok()?;
        Some(time.timestamp_millis())
    };
    MeetingSeen {
        // Longer than any: it would not be the same anyway, and need not be kept whole.
        subject: seen.subject.chars().take(SUBJECT_KEPT).collect(),
        start_at: millis(&seen.start),
        end_at: millis(&seen.end),
    }
}
