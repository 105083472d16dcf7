//! One key, one meeting: a form is taken once, and every further request with its key hears where
//! that create stands.

use chrono::{DateTime, Utc};
use goto_microapps_api::{
    Confirming, ConfirmingCause, Field, FieldCode, FieldError, NewMeeting, Reading,
};

use super::Meetings;
use super::follow::WhenBusy;
use super::local_times::{self, TimesError};
use super::outcome::{CreateError, CreateOutcome};
use super::queue;
use crate::clock::Millis;
use crate::goto::Error as GotoError;
use crate::random;
use crate::signin::Account;
use crate::store::{CreateRefusal, Intent, IntentState, NewIntent};

impl Meetings {
    /// Creates the meeting of a form once, however often it is asked with the same key.
    pub(super) async fn create(
        &self,
        account: &Account,
        key: &str,
        form: &NewMeeting,
        when_busy: WhenBusy,
    ) -> Result<CreateOutcome, CreateError> {
        let now = self.clock.now();
        let asked = match self.check(account, key, form, now) {
            Ok(asked) => asked,
            Err(error) => {
                // A form that came before counts, whatever has become of it since.
                return match self.store.intent(&account.key, key).await? {
                    Some(intent) => self.repeat(account, form, intent, when_busy).await,
                    None => Err(self.refuse(form, error)),
                };
            }
        };
        let (id, now) = (random::name(), now.timestamp_millis());
        if self.store.insert_intent(&id, &asked, now).await? {
            return self.resume(account, begun(id, asked, now), when_busy).await;
        }
        let intent = self.store.intent(&account.key, key).await?;
        let intent = intent.ok_or(CreateError::UnknownKey)?;
        self.repeat(account, form, intent, when_busy).await
    }

    /// Where the create of a key stands that came before.
    async fn repeat(
        &self,
        account: &Account,
        form: &NewMeeting,
        intent: Intent,
        when_busy: WhenBusy,
    ) -> Result<CreateOutcome, CreateError> {
        if intent.asked.fingerprint != fingerprint(form) {
            return Err(CreateError::Mismatch);
        }
        self.resume(account, intent, when_busy).await
    }

    fn refuse(&self, form: &NewMeeting, error: CreateError) -> CreateError {
        if let CreateError::Differs(readings) = &error {
            tracing::info!(
                zone = form.time_zone,
                device = readings.device.start.instant,
                server = readings.server.start.instant,
                tzdata = self.zones.version(),
                "a device counts a time differently"
            );
        }
        error
    }

    /// What a form asks for, if it may be asked.
    pub(super) fn check(
        &self,
        account: &Account,
        key: &str,
        form: &NewMeeting,
        now: DateTime<Utc>,
    ) -> Result<NewIntent, CreateError> {
        let checked = local_times::check(&self.zones, form, now);
        let unknown = self.unknown_co_organizers(form, account);
        let (start, end) = match (checked, unknown) {
            (Ok(instants), None) => instants,
            (Err(TimesError::Differs(readings)), None) => {
                return Err(CreateError::Differs(readings));
            }
            (checked, unknown) => {
                let errors = match checked {
                    Err(TimesError::Mistakes(errors)) => errors,
                    _ => Vec::new(),
                };
                let errors = errors.into_iter().chain(unknown);
                return Err(CreateError::Invalid(errors.collect()));
            }
        };
        let mut invitation = form.invitation.clone();
        invitation.participants = each_once(&invitation.participants);
        Ok(NewIntent {
            organizer_key: account.key.clone(),
            idempotency_key: key.to_owned(),
            fingerprint: fingerprint(form),
            subject: form.subject.trim().to_owned(),
            start_at: start.timestamp_millis(),
            end_at: end.timestamp_millis(),
            password_required: form.password_required,
            co_organizers: each_once(&form.co_organizers),
            invitation,
        })
    }

    /// Where the create with this key stands; what nobody has sent is sent.
    async fn resume(
        &self,
        account: &Account,
        intent: Intent,
        when_busy: WhenBusy,
    ) -> Result<CreateOutcome, CreateError> {
        if intent.state != IntentState::New || queue::is_queued(&intent) {
            return self.stands(account, intent).await;
        }
        let sent = self.send(account, intent.clone()).await;
        let wait = match &sent {
            Err(CreateError::Goto(error)) => error.wait(),
            _ => None,
        };
        match wait {
            Some(seconds)
                if when_busy == WhenBusy::Queue && self.queue(&intent, seconds).await? =>
            {
                self.standing(account, &intent.asked.idempotency_key).await
            }
            _ => sent,
        }
    }

    /// Where a create stands of which something was sent, or that waits for its turn.
    async fn stands(
        &self,
        account: &Account,
        intent: Intent,
    ) -> Result<CreateOutcome, CreateError> {
        match intent.state {
            IntentState::New => Ok(self.queued(&intent)),
            IntentState::Sent => Ok(CreateOutcome::Confirming(Confirming {
                cause: ConfirmingCause::Slow,
                retry_after: 2,
            })),
            IntentState::Done => {
                let id = intent.meeting_id.as_deref().unwrap_or_default();
                let row = self.store.meeting(&account.key, id).await?;
                // It exists at GoTo, whatever became of what was kept of it here.
                let row = row.ok_or(CreateError::NeedsUser)?;
                let meeting = Box::new(self.show_own(account, &row));
                Ok(CreateOutcome::Created {
                    meeting,
                    replayed: true,
                })
            }
            IntentState::Failed => Err(match intent.dropped {
                Some(reason) => queue::told(reason),
                None => CreateError::Goto(failure(intent)),
            }),
            IntentState::Unknown => Ok(CreateOutcome::Confirming(self.confirming(&intent))),
            IntentState::NeedsUser => Err(CreateError::NeedsUser),
        }
    }

    /// Where the create with this key stands, whatever form it came with. Sends nothing.
    pub(super) async fn standing(
        &self,
        account: &Account,
        key: &str,
    ) -> Result<CreateOutcome, CreateError> {
        let intent = self
            .store
            .intent(&account.key, key)
            .await?
            .ok_or(CreateError::UnknownKey)?;
        match intent.state {
            IntentState::New if queue::is_queued(&intent) => Ok(self.queued(&intent)),
            // Another request may be about to send it; only when none can be, nothing was created.
            IntentState::New if self.clock.millis() - intent.created_at < self.stranded => {
                Ok(CreateOutcome::Confirming(Confirming {
                    cause: ConfirmingCause::Slow,
                    retry_after: 2,
                }))
            }
            IntentState::New => Err(CreateError::UnknownKey),
            _ => self.stands(account, intent).await,
        }
    }

    fn confirming(&self, intent: &Intent) -> Confirming {
        let wait = intent
            .check_at
            .map_or(2_000, |at| at - self.clock.millis())
            .clamp(1_000, 30_000);
        let retry_after = u32::try_from(wait / 1000).unwrap_or(1) + 1;
        Confirming {
            cause: intent.cause.unwrap_or(ConfirmingCause::Slow),
            retry_after,
        }
    }

    fn unknown_co_organizers(&self, form: &NewMeeting, account: &Account) -> Option<FieldError> {
        let directory = self.organizers.directory();
        let unknown: Vec<String> = form
            .co_organizers
            .iter()
            .filter(|key| {
                let is_offered = directory.get(key).is_some_and(|entry| entry.is_offered);
                !is_offered || **key == account.key
            })
            .cloned()
            .collect();
        (!unknown.is_empty()).then(|| FieldError {
            field: Field::CoOrganizers,
            code: FieldCode::UnknownCoOrganizer,
            detail: "not another person of the organizer directory".into(),
            values: unknown,
        })
    }
}

/// In the order in which they were chosen: so they are shown.
fn each_once(people: &[String]) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for person in people {
        if !once.contains(person) {
            once.push(person.clone());
        }
    }
    once
}

/// An intent that was just recorded.
fn begun(id: String, asked: NewIntent, now: Millis) -> Intent {
    Intent {
        id,
        asked,
        state: IntentState::New,
        cause: None,
        refusal: None,
        meeting_id: None,
        checks: 0,
        check_at: None,
        sent_at: None,
        created_at: now,
        queued_at: None,
        dropped: None,
    }
}

/// What makes a form another one. The instants that its reader saw do so only where they are what
/// is made; else they depend on the device alone.
pub(super) fn fingerprint(form: &NewMeeting) -> String {
    let mut form = form.clone();
    if form.reading != Some(Reading::Device) {
        (form.start_instant, form.end_instant, form.reading) = (None, None, None);
    }
    let text = serde_json::to_string(&form).unwrap_or_default();
    random::sha256(&text)
}

/// The refusal an intent ended with.
fn failure(intent: Intent) -> GotoError {
    let refusal = intent.refusal.unwrap_or_else(|| CreateRefusal {
        status: 400,
        code: String::new(),
    });
    GotoError::Refused {
        status: refusal.status,
        code: refusal.code,
    }
}
