//! The POST of a create: once for an intent.
//!
//! SENT is durable before anything leaves. A refused access token is certain not to have created
//! anything and may be followed by one more POST; every other doubt is a lost answer.

use goto_microapps_api::{Confirming, ConfirmingCause};
use secrecy::SecretString;

use super::Meetings;
use super::lost_answers::FIRST_LOOK;
use super::outcome::{CreateError, CreateOutcome};
use super::send_once::Once;
use crate::clock::date;
use crate::goto::{Caller, Error as GotoError, MeetingCreated, NewGotoMeeting, Permit, Sent};
use crate::signin::Account;
use crate::store::{self, CreateRefusal, Intent, IntentChange, IntentState};

/// The POST of an intent.
struct Post<'a> {
    meetings: &'a Meetings,
    intent: &'a Intent,
}

impl Once for Post<'_> {
    type Answer = MeetingCreated;

    async fn mark(&self) -> Result<bool, store::Error> {
        let sent = IntentChange {
            sent_at: Some(self.meetings.clock.millis()),
            ..IntentChange::default()
        };
        let (from, to) = (IntentState::New, IntentState::Sent);
        let store = &self.meetings.store;
        store.move_intent(&self.intent.id, from, to, sent).await
    }

    async fn unmark(&self) -> Result<(), store::Error> {
        let (from, to) = (IntentState::Sent, IntentState::New);
        let store = &self.meetings.store;
        let moved = store.move_intent(&self.intent.id, from, to, IntentChange::default());
        moved.await.map(drop)
    }

    async fn send(
        &self,
        permit: Permit,
        token: &SecretString,
    ) -> Result<MeetingCreated, GotoError> {
        let asked = &self.intent.asked;
        let body = NewGotoMeeting::new(
            &asked.subject,
            date(asked.start_at),
            date(asked.end_at),
            asked.password_required,
            asked.co_organizers.clone(),
        );
        let caller = &Caller::create(&asked.organizer_key);
        let goto = &self.meetings.goto;
        goto.create_meeting(caller, permit, token, &body).await
    }
}

impl Meetings {
    /// Sends the POST of an intent that nobody sent yet.
    pub(super) async fn send(
        &self,
        account: &Account,
        intent: Intent,
    ) -> Result<CreateOutcome, CreateError> {
        if let Some(answer) = self.look_before(account, &intent).await? {
            return Ok(answer);
        }
        let request = Post {
            meetings: self,
            intent: &intent,
        };
        let Some(posted) = self.send_once(&account.key, &request).await? else {
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
            Err(GotoError::InvalidToken) => CreateError::Reconnect,
            Err(error) => CreateError::Goto(error),
        };
        self.fail(account, &intent, &error).await?;
        Err(error)
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
