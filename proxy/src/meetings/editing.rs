//! Making a meeting another one, as the person sees it: what its form holds, the order, and where that
//! stands.
//!
//! Only meetings that were made here: GoTo's PUT wants every field, and its answers leave some out. The
//! order lies in the store before anything is sent, and is sent once ([`super::change_once`]).

use std::sync::Arc;

use goto_microapps_api::{Edit, EditMeeting, EditState, EditableMeeting, Organizer, StopReason};

use super::cancelling::{BETWEEN, read, written};
use super::create_once::fingerprint;
use super::details::{DetailsError, asked_for};
use super::outcome::CreateError;
use super::{Meetings, change_once};
use crate::random;
use crate::signin::Account;
use crate::store::{self, ChangeIntent, ChangeKind, ChangeState, EditedMeeting, NewChange};

const EDIT: ChangeKind = ChangeKind::Edit;

/// Why there is no order.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The form, or the key.
    #[error(transparent)]
    Form(#[from] CreateError),
    /// There is no such meeting.
    #[error(transparent)]
    Meeting(#[from] DetailsError),
    /// It is about to be cancelled.
    #[error("the meeting is about to be cancelled")]
    Cancelling,
    /// Another change of it is under way.
    #[error("another change of the meeting is under way")]
    Changing,
}

impl From<store::Error> for EditError {
    fn from(error: store::Error) -> Self {
        Self::Meeting(error.into())
    }
}

impl Meetings {
    /// One of the employee's own meetings that was made here, as it is at GoTo now, with what its form
    /// needs.
    pub async fn editable(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<EditableMeeting, DetailsError> {
        let known = self.details(account, id).await?;
        let row = self.store.meeting(&account.key, &known.meeting.id).await?;
        let row = row.filter(|row| row.cancelled_at.is_none());
        let row = row.ok_or(DetailsError::NotFound)?;
        let directory = self.organizers.directory();
        let co_organizers = row.co_organizers.iter().map(|key| {
            let known = directory.get(key).map(Organizer::from);
            known.unwrap_or_else(|| Organizer::of_key(key.clone()))
        });
        Ok(EditableMeeting {
            meeting: known.meeting,
            co_organizers: co_organizers.collect(),
        })
    }

    /// Takes the order of a form once, however often it is asked with the same key, and looks up to so
    /// often at what becomes of it.
    pub async fn edit(
        self: &Arc<Self>,
        account: &Account,
        id: &str,
        key: &str,
        form: &EditMeeting,
        looks: u32,
    ) -> Result<Edit, EditError> {
        let id = asked_for(id).ok_or(DetailsError::NotFound)?.into_string();
        let intent = random::sha256(&[&*account.key, &*id, key].join(" "));
        if self.store.change_by_id(EDIT, &intent).await?.is_none() {
            self.order_edit(account, &id, &intent, form).await?;
        }
        let change = self.store.change_by_id(EDIT, &intent).await?;
        let change = change.ok_or(EditError::Changing)?;
        let edited = change.asked.edited.as_ref();
        if edited.is_none_or(|edited| edited.fingerprint != fingerprint(&form.meeting)) {
            return Err(CreateError::Mismatch.into());
        }
        self.follow_edit(account, change, looks).await
    }

    async fn order_edit(
        &self,
        account: &Account,
        id: &str,
        intent: &str,
        form: &EditMeeting,
    ) -> Result<(), EditError> {
        let own = self.store.meeting(&account.key, id).await?;
        if own.is_none_or(|row| row.cancelled_at.is_some()) {
            return Err(DetailsError::NotFound.into());
        }
        let cancel = self.store.change(ChangeKind::Cancel, &account.key, id);
        if cancel.await?.is_some_and(|change| is_open(change.state)) {
            return Err(EditError::Cancelling);
        }
        let now = self.clock.now();
        let form_asked = self.check(account, intent, &form.meeting, now)?;
        let edited = EditedMeeting {
            fingerprint: form_asked.fingerprint,
            subject: form_asked.subject,
            start_at: form_asked.start_at,
            end_at: form_asked.end_at,
            password_required: form_asked.password_required,
            co_organizers: form_asked.co_organizers,
            invitation: form_asked.invitation,
        };
        let now = now.timestamp_millis();
        let asked = NewChange {
            organizer_key: account.key.clone(),
            meeting_id: id.to_owned(),
            seen: read(&form.seen),
            due_at: now,
            edited: Some(edited.clone()),
        };
        let is_new = self.store.insert_edit(intent, &asked, &edited, now).await?;
        if is_new {
            let detail = format!("meeting {id}");
            let email = Some(account.email.as_str());
            self.activity
                .note(change_once::activity_of(EDIT), email, "ordered", &detail)
                .await;
        }
        Ok(())
    }

    async fn follow_edit(
        self: &Arc<Self>,
        account: &Account,
        change: ChangeIntent,
        looks: u32,
    ) -> Result<Edit, EditError> {
        let (meetings, sent) = (Arc::clone(self), change.clone());
        // On a task of its own: a browser that goes away must not cut it in the middle.
        let task = tokio::spawn(async move { meetings.carry_out_change(&sent).await });
        if task.await.is_err() {
            tracing::error!("the work on a change of a meeting ended early");
        }
        let mut look = 1;
        loop {
            let change = self.store.change_by_id(EDIT, &change.id).await?;
            let change = change.ok_or(DetailsError::NotFound)?;
            if !is_open(change.state) || look >= looks {
                return self.edit_shown(account, &change).await;
            }
            look += 1;
            self.clock.sleep(BETWEEN).await;
        }
    }

    async fn edit_shown(
        &self,
        account: &Account,
        change: &ChangeIntent,
    ) -> Result<Edit, EditError> {
        let state = match change.state {
            ChangeState::Ordered | ChangeState::Sent => EditState::Saving,
            ChangeState::Done => EditState::Saved,
            ChangeState::Failed | ChangeState::Withdrawn => EditState::Stopped,
            ChangeState::Unknown => EditState::Confirming,
            ChangeState::NeedsUser => EditState::Unconfirmed,
        };
        let row = match state {
            EditState::Saved => {
                let id = &change.asked.meeting_id;
                self.store.meeting(&account.key, id).await?
            }
            _ => None,
        };
        Ok(Edit {
            state,
            meeting: row.map(|row| self.show_own(account, &row)),
            reason: change.stopped.filter(|_| state == EditState::Stopped),
            found: change
                .found
                .as_ref()
                .filter(|_| change.stopped == Some(StopReason::Changed))
                .map(written),
        })
    }
}

/// Whether something may still come of an order.
const fn is_open(state: ChangeState) -> bool {
    matches!(
        state,
        ChangeState::Ordered | ChangeState::Sent | ChangeState::Unknown
    )
}
