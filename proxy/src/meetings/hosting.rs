//! Starting a meeting: where its host goes.

use secrecy::SecretString;

use super::Meetings;
use super::details::{DetailsError, asked_for};
use crate::goto::{Caller, Error as GotoError};
use crate::signin::Account;
use crate::store::Owner;
use crate::tokens;

impl Meetings {
    /// Where the employee hosts one of their meetings. Whoever has the address hosts it: it is asked
    /// for at the press, passed on at once, and kept nowhere.
    pub async fn host_address(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<SecretString, DetailsError> {
        let id = &asked_for(id).ok_or(DetailsError::NotFound)?;
        let own = self.store.meeting(&account.key, id.as_str()).await?;
        if own.is_none() && self.store.is_known_meeting(id.as_str()).await? {
            return Err(DetailsError::NotFound);
        }
        let owner = Owner::Employee(account.key.clone());
        let caller = &Caller::read(&account.key);
        let asked = self.tokens.with(&owner, |token| async move {
            self.goto.host_address(caller, &token, id).await
        });
        let answer = match asked.await {
            Ok(address) => Ok(address.0),
            Err(tokens::Error::Goto(GotoError::NotFound | GotoError::Forbidden { .. })) => {
                Err(DetailsError::NotFound)
            }
            Err(error) => Err(error.into()),
        };
        let outcome = if answer.is_ok() { "ok" } else { "failed" };
        let detail = format!("meeting {}", id.as_str());
        self.activity
            .note("meeting.start", Some(&account.email), outcome, &detail)
            .await;
        // It may take place from now on.
        self.store.drop_listing(&account.key).await?;
        answer
    }
}
