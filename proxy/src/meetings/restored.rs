//! Creates after a backup was restored: the database does not know what was made since, GoTo does.

use super::outcome::{CreateError, CreateOutcome};
use super::{Meetings, REMEMBERED};
use crate::signin::Account;
use crate::store::{Intent, IntentChange, IntentState};

impl Meetings {
    /// After a restore, a form may come again with a key that only the lost database knew: then its
    /// meeting exists already. Looked for as long as keys are repeated.
    pub(super) async fn look_before(
        &self,
        account: &Account,
        intent: &Intent,
    ) -> Result<Option<CreateOutcome>, CreateError> {
        let restored_at = self
            .restored_at
            .get_or_try_init(|| self.store.restored_at())
            .await?;
        if restored_at.is_none_or(|at| intent.created_at - at > REMEMBERED) {
            return Ok(None);
        }
        let candidates = self.candidates(intent, None).await?;
        let [found] = &candidates[..] else {
            if candidates.is_empty() {
                return Ok(None);
            }
            let (from, to) = (IntentState::New, IntentState::NeedsUser);
            self.store
                .move_intent(&intent.id, from, to, IntentChange::default())
                .await?;
            return Err(CreateError::NeedsUser);
        };
        let row = self.row(intent, found.id.clone(), None, found.phone.clone());
        if !self.store.finish_intent(IntentState::New, &row).await? {
            // Another request with this key was faster.
            return Ok(None);
        }
        tracing::info!(
            meeting = row.id,
            "a meeting made after the backup that was restored was found"
        );
        Ok(Some(CreateOutcome::Created {
            meeting: Box::new(self.show_own(account, &row)),
            replayed: true,
        }))
    }
}
