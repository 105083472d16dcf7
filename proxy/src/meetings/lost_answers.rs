//! Creates whose answer was lost: looked for among the organizer's upcoming meetings, never
//! repeated. Only a person orders a second POST, with a new key.

use std::sync::Arc;
use std::time::Duration;

use goto_microapps_api::ConfirmingCause;

use super::Meetings;
use super::outcome::{CreateError, CreateOutcome};
use crate::clock::{Millis, date};
use crate::goto::{Caller, Error as GotoError, Upcoming};
use crate::signin::Account;
use crate::store::{Intent, IntentChange, IntentState, Owner};

/// When a meeting is looked for first after its answer was lost, milliseconds.
pub(super) const FIRST_LOOK: Millis = 2_000;
/// When to look for a meeting whose answer was lost: after the loss, then after each look.
const LOOKS: [Millis; 4] = [FIRST_LOOK, 8_000, 20_000, 90_000];
/// A replica that looks for lost answers does so for the others for this long, milliseconds.
const LOOKING: Millis = 10_000;
/// A look that could not be sent is put off, not used up, until this long after the POST,
/// milliseconds: the person must not wait for ever.
pub(super) const PUT_OFF_MAX: Millis = 600_000;
/// GoTo may say that a meeting was made this much before it was asked for, milliseconds: clocks
/// differ.
const CLOCKS_DIFFER: Millis = 120_000;

impl Meetings {
    /// *Check again*: looks now instead of waiting.
    pub(super) async fn check_again(
        &self,
        account: &Account,
        key: &str,
    ) -> Result<CreateOutcome, CreateError> {
        let intent = self
            .store
            .intent(&account.key, key)
            .await?
            .ok_or(CreateError::UnknownKey)?;
        let looked = match intent.state {
            IntentState::Unknown | IntentState::NeedsUser => self.look(&intent).await,
            _ => Ok(()),
        };
        match self.standing(account, key).await {
            // Not seen is not the same as not there: a person decides by it.
            Err(CreateError::NeedsUser) => Err(match looked {
                Err(error) if !is_refusal(&error) => error,
                _ => CreateError::NeedsUser,
            }),
            standing => standing,
        }
    }

    /// Looks for one meeting among the organizer's upcoming ones. A look that sees nothing, because
    /// GoTo does not answer, counts as well: the person must not wait for ever.
    async fn look(&self, intent: &Intent) -> Result<(), CreateError> {
        // A meeting that was made before it was asked for is another one.
        let made_after = intent.sent_at.unwrap_or(intent.created_at) - CLOCKS_DIFFER;
        let candidates = self.candidates(intent, Some(made_after)).await;
        // Several look alike: which is ours only a person can say.
        if let Ok([found]) = candidates.as_deref() {
            let row = self.row(intent, found.id.clone(), None, found.phone.clone());
            if self.store.finish_intent(intent.state, &row).await? {
                tracing::info!(
                    meeting = row.id,
                    "a meeting whose answer was lost was found"
                );
            }
            return Ok(());
        }
        let now = self.clock.millis();
        let asked_at = intent.sent_at.unwrap_or(intent.created_at);
        if let Err(error) = &candidates
            && let Some(wait) = put_off(error)
            && now - asked_at < PUT_OFF_MAX
        {
            if intent.state == IntentState::Unknown {
                let change = IntentChange {
                    check_at: Some(now + wait),
                    ..IntentChange::default()
                };
                self.store
                    .move_intent(&intent.id, intent.state, intent.state, change)
                    .await?;
            }
            return candidates.map(drop);
        }
        let (to, check_at) = match next_look(intent.checks) {
            Some(wait) if intent.state == IntentState::Unknown => {
                (IntentState::Unknown, Some(self.clock.millis() + wait))
            }
            _ => (IntentState::NeedsUser, None),
        };
        let change = IntentChange {
            check_at,
            checked: true,
            ..IntentChange::default()
        };
        self.store
            .move_intent(&intent.id, intent.state, to, change)
            .await?;
        candidates.map(drop)
    }

    /// Meetings that may be the one of `intent`: same subject and instants, of no other intent, and
    /// not made before `made_after`.
    pub(super) async fn candidates(
        &self,
        intent: &Intent,
        made_after: Option<Millis>,
    ) -> Result<Vec<Upcoming>, CreateError> {
        let asked = &intent.asked;
        let owner = Owner::Employee(asked.organizer_key.clone());
        let caller = &Caller::create(&asked.organizer_key);
        let upcoming = self.upcoming(caller, &asked.organizer_key).await?;
        let mut candidates: Vec<Upcoming> = Vec::new();
        for meeting in upcoming {
            let same = meeting.is_called(&asked.subject)
                && meeting.start == Some(date(asked.start_at))
                && meeting.end == Some(date(asked.end_at))
                // One meeting may be listed twice.
                && candidates.iter().all(|other| other.id != meeting.id);
            if same && !self.store.is_known_meeting(meeting.id.as_str()).await? {
                candidates.push(meeting);
            }
        }
        if let ([candidate], Some(made_after)) = (&candidates[..], made_after) {
            let id = &candidate.id;
            let read = self.tokens.with(&owner, |token| async move {
                self.goto.meeting(caller, &token, id).await
            });
            // GoTo leaves the time of creation empty as a rule; where it tells, it must fit.
            let created = read.await.ok().and_then(|meeting| meeting.created);
            if created.is_some_and(|created| created.timestamp_millis() < made_after) {
                candidates.clear();
            }
        }
        Ok(candidates)
    }

    /// Keeps looking for lost answers, also those a process took with it when it died.
    pub async fn serve(self: Arc<Self>) {
        loop {
            if let Err(error) = self.look_for_lost().await {
                tracing::warn!(%error, "lost answers could not be looked for");
            }
            self.clock.sleep(Duration::from_secs(1)).await;
        }
    }

    async fn look_for_lost(&self) -> Result<(), CreateError> {
        let now = self.clock.millis();
        let stranded = self.store.stranded_intents(now, self.stranded).await?;
        // As a rule nothing is lost, and then nothing is written.
        if stranded.is_empty() && self.store.due_intents(now).await?.is_empty() {
            return Ok(());
        }
        // One replica looks; the others would only spend requests on the same answers.
        let until = now + LOOKING;
        if !self
            .store
            .take_lease("lost", &self.holder, now, until)
            .await?
        {
            return Ok(());
        }
        for intent in stranded {
            let change = IntentChange {
                cause: Some(ConfirmingCause::Restarted),
                check_at: Some(now),
                ..IntentChange::default()
            };
            let (from, to) = (IntentState::Sent, IntentState::Unknown);
            self.store.move_intent(&intent.id, from, to, change).await?;
        }
        for intent in self.store.due_intents(now).await? {
            if let Err(error) = self.look(&intent).await {
                tracing::warn!(%error, "a lost answer could not be looked for");
            }
        }
        Ok(())
    }
}

/// How long until the next look after so many, milliseconds; `None` after the last.
pub(super) fn next_look(checks: i64) -> Option<Millis> {
    let next = usize::try_from(checks + 1).ok()?;
    LOOKS.get(next).copied()
}

/// How long a look must wait, milliseconds, where nothing but time was missing: GoTo did not look.
fn put_off(error: &CreateError) -> Option<Millis> {
    match error {
        CreateError::Goto(error) => error.wait().map(|seconds| Millis::from(seconds) * 1000),
        _ => None,
    }
}

/// Whether GoTo refused. A refusal of a look says nothing about the create, and must not be told as
/// if it did.
fn is_refusal(error: &CreateError) -> bool {
    matches!(
        error,
        CreateError::Goto(
            GotoError::Forbidden { .. } | GotoError::Refused { .. } | GotoError::NotFound
        )
    )
}
