//! Sending a request that is sent once at most: what creates and changes have in common.

use secrecy::SecretString;

use super::Meetings;
use crate::goto::{Caller, Error as GotoError, Permit};
use crate::store::{self, Owner};
use crate::tokens::{self, TOKENS_TRIED};

/// How often a request is marked as sent while the store is slow.
const MARKS_MAX: u32 = 3;

/// A request with a durable mark. Everything that can fail without the wire comes before the mark,
/// and nothing but the wire after it.
pub(super) trait Once {
    /// What GoTo answers.
    type Answer;

    /// Marks it as sent; false when somebody else has, or it is not to be sent any more.
    async fn mark(&self) -> Result<bool, store::Error>;

    /// Takes the mark back: certainly nothing was sent.
    async fn unmark(&self) -> Result<(), store::Error>;

    /// Puts it on the wire.
    async fn send(&self, permit: Permit, token: &SecretString) -> Result<Self::Answer, GotoError>;
}

impl Meetings {
    /// Sends what nobody sent yet, and leaves it marked; `None` when it was not to be sent. A refused
    /// token is certain to have done nothing, so the request may follow with another one.
    pub(super) async fn send_once<R: Once>(
        &self,
        organizer_key: &str,
        request: &R,
    ) -> Result<Option<Result<R::Answer, GotoError>>, tokens::Error> {
        let owner = Owner::Employee(organizer_key.to_owned());
        let caller = &Caller::create(organizer_key);
        let mut token = self.tokens.access(&owner).await?;
        let mut sent = self.send_marked(caller, &token, request).await?;
        for _ in 1..TOKENS_TRIED {
            let Some(Err(GotoError::InvalidToken)) = sent else {
                break;
            };
            // A renewal may take long, and whoever dies in it has nothing on the wire.
            request.unmark().await?;
            token = self.tokens.after_refusal(&owner, &token).await?;
            sent = self.send_marked(caller, &token, request).await?;
        }
        if let Some(Err(GotoError::InvalidToken)) = sent {
            self.tokens.lose(&owner, &token).await?;
        }
        Ok(sent)
    }

    async fn send_marked<R: Once>(
        &self,
        caller: &Caller,
        token: &SecretString,
        request: &R,
    ) -> Result<Option<Result<R::Answer, GotoError>>, tokens::Error> {
        for _ in 0..MARKS_MAX {
            let permit = self.goto.reserve(caller).await?;
            let marked = request.mark().await;
            if !matches!(marked, Ok(true)) {
                self.goto.give_back(permit).await;
                marked?;
                return Ok(None);
            }
            if self.goto.is_usable(&permit) {
                return Ok(Some(request.send(permit, token).await));
            }
            // The store took so long that the slots may be somebody else's. Nothing was sent.
            self.goto.give_back(permit).await;
            request.unmark().await?;
        }
        Err(GotoError::Busy { retry_after: 1 }.into())
    }
}
