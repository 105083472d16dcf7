//! Creates that wait at the proxy while the request limit is used up: the person may leave.
//!
//! A queued create is an intent in the state NEW that is written down as waiting. It is sent by whichever
//! replica finds that its turn has come, by the same POST as any other, and waits for
//! [`LONGEST`] at most. Who asks again with its key is told where it stands and does not hasten it.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use goto_microapps_api::{Confirming, ConfirmingCause, Field, FieldCode, FieldError};

use super::Meetings;
use super::outcome::{CreateError, CreateOutcome};
use crate::clock::Millis;
use crate::goto::Error as GotoError;
use crate::signin::Account;
use crate::store::{self, DropReason, Intent, IntentState, Owner};

/// Longest that a create waits, milliseconds.
const LONGEST: Millis = 5 * 60 * 1000;
/// Creates of one person that may wait at the same time.
const QUEUED_MAX: i64 = 5;
/// When a create is tried again whose turn had come and that could not be sent, milliseconds.
const NEXT_TRY: Millis = 5_000;
/// One replica sends what waits; the others would only hold slots for the same creates. Milliseconds.
const SENDING: Millis = 10_000;

impl Meetings {
    /// Lets a create wait that could not be sent for `seconds`; false where it may not.
    pub(super) async fn queue(&self, intent: &Intent, seconds: u32) -> Result<bool, store::Error> {
        let wait = Millis::from(seconds) * 1000;
        if wait > LONGEST || self.store.queued_of(&intent.asked.organizer_key).await? >= QUEUED_MAX
        {
            return Ok(false);
        }
        let now = self.clock.millis();
        self.store.queue_intent(&intent.id, now, now + wait).await
    }

    /// What is told of a create that waits.
    pub(super) fn queued(&self, intent: &Intent) -> CreateOutcome {
        let left = intent
            .check_at
            .map_or(0, |at| at - self.clock.millis())
            .clamp(1, LONGEST);
        CreateOutcome::Confirming(Confirming {
            cause: ConfirmingCause::Queued,
            retry_after: u32::try_from((left + 999) / 1000).unwrap_or(1),
        })
    }

    /// Takes a create back that waits; `None` when it is. Else what became of it: it may have been
    /// sent meanwhile.
    pub async fn withdraw_create(
        &self,
        account: &Account,
        key: &str,
    ) -> Result<Option<CreateOutcome>, CreateError> {
        let intent = self.store.intent(&account.key, key).await?;
        let intent = intent.ok_or(CreateError::UnknownKey)?;
        if self
            .drop_create(&intent, &account.email, DropReason::Withdrawn)
            .await?
        {
            return Ok(None);
        }
        match self.standing(account, key).await {
            Err(CreateError::UnknownKey) => Ok(None),
            standing => standing.map(Some),
        }
    }

    async fn drop_create(
        &self,
        intent: &Intent,
        email: &str,
        reason: DropReason,
    ) -> Result<bool, store::Error> {
        let dropped = self.store.drop_queued(&intent.id, reason).await?;
        if dropped {
            self.activity
                .note("meeting.create", Some(email), "dropped", reason.as_str())
                .await;
        }
        Ok(dropped)
    }

    /// Sends creates whose turn has come, also those of people who have left.
    pub async fn serve_queue(self: Arc<Self>) {
        loop {
            if let Err(error) = self.send_queued().await {
                tracing::warn!(%error, "creates that wait could not be sent");
            }
            self.clock.sleep(Duration::from_secs(1)).await;
        }
    }

    async fn send_queued(&self) -> Result<(), store::Error> {
        let now = self.clock.millis();
        let due = self.store.due_queued(now, now - LONGEST).await?;
        // As a rule nothing waits, and then nothing is written.
        let (holder, until) = (&self.holder, now + SENDING);
        if due.is_empty() || !self.store.take_lease("queue", holder, now, until).await? {
            return Ok(());
        }
        let work = due.iter().map(async |intent| {
            if let Err(error) = self.send_in_turn(intent).await {
                tracing::warn!(%error, "a create that waits could not be sent");
            }
        });
        join_all(work).await;
        Ok(())
    }

    /// Sends one, or says why it is not to be sent any more.
    async fn send_in_turn(&self, intent: &Intent) -> Result<(), store::Error> {
        let now = self.clock.millis();
        let owner = Owner::Employee(intent.asked.organizer_key.clone());
        let grant = self.store.grant(&owner).await?;
        let account = grant.map(Account::from).filter(|account| !account.lost);
        let email = account.as_ref().map_or("", |account| &account.email);
        let is_late = intent.queued_at.is_none_or(|at| now - at >= LONGEST);
        let reason = if account.is_none() {
            Some(DropReason::ConsentLost)
        } else if intent.asked.start_at <= now {
            Some(DropReason::StartPassed)
        } else {
            is_late.then_some(DropReason::Expired)
        };
        let (Some(account), None) = (account.as_ref(), reason) else {
            let reason = reason.unwrap_or(DropReason::ConsentLost);
            return self.drop_create(intent, email, reason).await.map(drop);
        };
        let end = async |reason| self.drop_create(intent, email, reason).await.map(drop);
        let wait = match self.send(account, intent.clone()).await {
            Ok(_) => return Ok(()),
            Err(CreateError::Reconnect) => return end(DropReason::ConsentLost).await,
            Err(CreateError::Goto(GotoError::Forbidden { .. })) => {
                return end(DropReason::Forbidden).await;
            }
            Err(CreateError::Goto(error)) => error.wait(),
            Err(_) => None,
        };
        let wait = wait.map_or(NEXT_TRY, |seconds| Millis::from(seconds) * 1000);
        // One that GoTo refused for good does not wait any more, and is left as it is.
        let at = self.clock.millis() + wait;
        self.store.queue_intent(&intent.id, now, at).await.map(drop)
    }
}

/// What the person is told of a create that was dropped.
pub(super) fn told(reason: DropReason) -> CreateError {
    match reason {
        DropReason::Expired => CreateError::QueueExpired,
        DropReason::ConsentLost => CreateError::QueueConsentLost,
        DropReason::StartPassed => CreateError::Invalid(vec![FieldError {
            field: Field::Start,
            code: FieldCode::InThePast,
            detail: "the start passed while the create waited for its turn".into(),
            values: Vec::new(),
        }]),
        DropReason::Forbidden => CreateError::Goto(GotoError::Forbidden {
            code: String::new(),
        }),
        DropReason::Withdrawn => CreateError::UnknownKey,
    }
}

/// Whether an intent waits at the proxy.
pub(super) fn is_queued(intent: &Intent) -> bool {
    intent.state == IntentState::New && intent.queued_at.is_some()
}
