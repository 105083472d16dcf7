//! The POST of a create: once for an intent.
//!
//! SENT is durable before anything leaves. A refused access token is certain not to have created
//! anything and may be followed by one more POST; every other doubt is a lost answer.

use goto_microapps_api::{Confirming, ConfirmingCause};
use secrecy::SecretString;

use super::Meetings;
use super::lost_answers::FIRST_LOOK;
use super::outcome::{CreateError, CreateOutcome};
use crate::clock::date;
use crate::goto::{Caller, Error as GotoError, MeetingCreated, NewGotoMeeting, Sent};
use crate::signin::Account;
use crate::store::{CreateRefusal, Intent, IntentChange, IntentState, Owner};
use crate::tokens::TOKENS_TRIED;

/// How often an intent is marked for one POST while the store is slow.
const MARKS_MAX: u32 = 3;

impl Meetings {
    /// Sends the POST of an intent that nobody sent yet. A refused token is certain to have made
    /// nothing, so another may follow with another token.
    pub(super) async fn send(
        &self,
        account: &Account,
        intent: Intent,
    ) -> Result<CreateOutcome, CreateError> {
        if let Some(answer) = self.look_before(account, &intent).await? {
            return Ok(answer);
        }
        let owner = Owner::Employee(account.key.clone());
        let mut token = self.tokens.access(&owner).await?;
        let mut posted = self.post(&intent, &token).await?;
        for _ in 1..TOKENS_TRIED {
            let Some(Err(GotoError::InvalidToken)) = posted else {
                break;
            };
            // A renewal may take long, and whoever dies in it has nothing on the wire.
            let (from, to) = (IntentState::Sent, IntentState::New);
            self.store
                .move_intent(&intent.id, from, to, IntentChange::default())
                .await?;
            token = self.tokens.after_refusal(&owner, &token).await?;
            posted = self.post(&intent, &token).await?;
        }
        let Some(posted) = posted else {
            // Another request with this key was faster.
            return Ok(CreateOutcome::Confirming(Confirming {
                cause: ConfirmingCause::Slow,
                retry_after: 2,
            }));
        };
        let error = match posted {
            Ok(created) => {
                let row = self.row(&intent, created.id, created.join_url, created.phone);
                self.store.finish_intent(IntentState::Sent, &row).await?;
                self.note(account, "ok", &format!("meeting {}", row.id))
                    .await;
                let meeting = Box::new(self.show_own(account, &row));
                return Ok(CreateOutcome::Created {
                    meeting,
                    replayed: false,
                });
            }
            Err(error) if error.sent() == Sent::Perhaps => {
                return self.lose(account, &intent, &error).await;
            }
            Err(GotoError::InvalidToken) => {
                self.tokens.lose(&owner, &token).await?;
                CreateError::Reconnect
            }
            Err(error) => CreateError::Goto(error),
        };
        self.fail(account, &intent, &error).await?;
        Err(error)
    }

    /// One POST: everything that can fail without the wire comes before the mark, and nothing but
    /// the wire after it. `None` when somebody else has marked the intent.
    async fn post(
        &self,
        intent: &Intent,
        token: &SecretString,
    ) -> Result<Option<Result<MeetingCreated, GotoError>>, CreateError> {
        let asked = &intent.asked;
        let caller = &Caller::create(&asked.organizer_key);
        let body = NewGotoMeeting::new(
            &asked.subject,
            date(asked.start_at),
            date(asked.end_at),
            asked.password_required,
            asked.co_organizers.clone(),
        );
        for _ in 0..MARKS_MAX {
            let permit = self.goto.reserve(caller).await.map_err(CreateError::Goto)?;
            let sent = IntentChange {
                sent_at: Some(self.clock.millis()),
                ..IntentChange::default()
            };
            let marked = self
                .store
                .move_intent(&intent.id, IntentState::New, IntentState::Sent, sent)
                .await;
            if !matches!(marked, Ok(true)) {
                self.goto.give_back(permit).await;
                marked?;
                return Ok(None);
            }
            if self.goto.is_usable(&permit) {
                let created = self.goto.create_meeting(caller, permit, token, &body);
                return Ok(Some(created.await));
            }
            // The store took so long that the slots may be somebody else's. Nothing was sent.
            self.goto.give_back(permit).await;
            let (from, to) = (IntentState::Sent, IntentState::New);
            self.store
                .move_intent(&intent.id, from, to, IntentChange::default())
                .await?;
        }
        Err(CreateError::Goto(GotoError::Busy { retry_after: 1 }))
    }

    /// The answer was lost: look for the meeting from now on.
    async fn lose(
        &self,
        account: &Account,
        intent: &Intent,
        error: &GotoError,
    ) -> Result<CreateOutcome, CreateError> {
        let cause = match error {
            GotoError::Server { .. } => ConfirmingCause::Failed,
            GotoError::Unreadable { .. } => ConfirmingCause::Unreadable,
            _ => ConfirmingCause::Slow,
        };
        let change = IntentChange {
            cause: Some(cause),
            check_at: Some(self.clock.millis() + FIRST_LOOK),
            ..IntentChange::default()
        };
        self.store
            .move_intent(&intent.id, IntentState::Sent, IntentState::Unknown, change)
            .await?;
        self.note(account, "unknown", &error.to_string()).await;
        Ok(CreateOutcome::Confirming(Confirming {
            cause,
            retry_after: 3,
        }))
    }

    /// Certainly not created. What will pass by itself may be tried again with the same key.
    async fn fail(
        &self,
        account: &Account,
        intent: &Intent,
        error: &CreateError,
    ) -> Result<(), CreateError> {
        self.note(account, "failed", &error.to_string()).await;
        let refusal = match error {
            CreateError::Goto(GotoError::Refused { status, code }) => Some(CreateRefusal {
                status: *status,
                code: code.clone(),
            }),
            CreateError::Goto(GotoError::NotFound) => Some(CreateRefusal {
                status: 404,
                code: String::new(),
            }),
            _ => None,
        };
        let to = match refusal {
            Some(_) => IntentState::Failed,
            None => IntentState::New,
        };
        let change = IntentChange {
            refusal: refusal.as_ref(),
            ..IntentChange::default()
        };
        self.store
            .move_intent(&intent.id, IntentState::Sent, to, change)
            .await?;
        Ok(())
    }
}
