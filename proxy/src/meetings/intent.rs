//! Create intents: at most one POST per intent, whatever breaks.
//!
//! ```text
//! NEW -> SENT -> DONE | FAILED | UNKNOWN -> DONE | NEEDS_USER
//! ```
//! SENT is durable before anything leaves. A lost answer is looked for among the organizer's
//! upcoming meetings, never repeated; only a person orders a second POST, with a new key. A refused
//! access token is certain not to have created anything and may be followed by one more POST.

use std::sync::Arc;
use std::time::Duration;

use goto_microapps_api::{
    Confirming, ConfirmingCause, Field, FieldCode, FieldError, Meeting, NewMeeting, Reading,
    Readings,
};

use secrecy::SecretString;

use super::when::{self, Refused};
use crate::activity::Activity;
use crate::clock::{Clock, Millis, date, millis_of};
use crate::goto::{
    Caller, Error as GotoError, Goto, Id, MeetingCreated, NewGotoMeeting, Sent, Upcoming,
};
use crate::organizers::Sync;
use crate::random;
use crate::signin::Account;
use crate::store::{self, Intent, IntentChange, IntentState, MeetingRow, NewIntent, Owner, Store};
use crate::tokens::{self, TOKENS_TRIED, Tokens};
use crate::zones::Zones;

/// How long the join URL of a meeting is kept after its end, milliseconds.
const KEPT: Millis = 90 * 24 * 3600 * 1000;
/// When to look for a meeting whose answer was lost: after the loss, then after each look.
const LOOKS: [Millis; 4] = [2_000, 8_000, 20_000, 90_000];
/// How long a key is remembered, milliseconds.
pub(super) const REMEMBERED: Millis = 24 * 3600 * 1000;
/// A POST older than the longest request and this has no process waiting for it any more,
/// milliseconds.
const STRANDED: Millis = 20_000;
/// How often an intent is marked for one POST while the store is slow.
const MARKS_MAX: u32 = 3;
/// A replica that looks for lost answers does so for the others for this long, milliseconds.
const LOOKING: Millis = 10_000;
/// A look that could not be sent is put off, not used up, until this long after the POST,
/// milliseconds: the person must not wait for ever.
const PUT_OFF_MAX: Millis = 600_000;
/// GoTo may say that a meeting was made this much before it was asked for, milliseconds: clocks
/// differ.
const CLOCKS_DIFFER: Millis = 120_000;

/// Answer to a create.
#[derive(Debug)]
pub enum Answer {
    /// The meeting exists. `replayed` when an earlier request with this key made it.
    Created {
        /// The meeting.
        meeting: Box<Meeting>,
        /// Not made by this request.
        replayed: bool,
    },
    /// Being looked for.
    Confirming(Confirming),
}

/// Why nothing was created, or nobody knows.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The form.
    #[error("the form has mistakes")]
    Invalid(Vec<FieldError>),
    /// Device and proxy count the times differently. Nothing is recorded, nothing is sent.
    #[error("device and server count the times differently")]
    Differs(Box<Readings>),
    /// The same key came with another form.
    #[error("the key was used for another meeting")]
    Mismatch,
    /// The key names no create.
    #[error("nothing was asked with this key")]
    UnknownKey,
    /// A person decides.
    #[error("it is not known whether the meeting exists")]
    NeedsUser,
    /// Certainly not created.
    #[error(transparent)]
    Goto(GotoError),
    /// The consent is gone.
    #[error("the employee's consent is no longer accepted")]
    Reconnect,
    /// The administrator must look.
    #[error("the employees' OAuth client is wrongly configured")]
    Misconfigured,
    /// A defect ended the work early; what became of the create is not known.
    #[error("the work on a create ended early")]
    Broken,
    /// The store is away.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<tokens::Error> for CreateError {
    fn from(error: tokens::Error) -> Self {
        match error {
            tokens::Error::NoGrant => Self::Reconnect,
            tokens::Error::Goto(error) => Self::Goto(error),
            tokens::Error::Misconfigured(_) => Self::Misconfigured,
            tokens::Error::Store(error) => Self::Store(error),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Meetings {
    pub(super) store: Store,
    pub(super) goto: Arc<Goto>,
    pub(super) tokens: Arc<Tokens>,
    pub(super) organizers: Arc<Sync>,
    activity: Activity,
    zones: Zones,
    clock: Clock,
    /// See [`STRANDED`].
    stranded: Millis,
    /// Names this process.
    holder: String,
    /// When a backup was restored, once it was asked for: nobody restores under a running proxy.
    pub(super) restored_at: tokio::sync::OnceCell<Option<Millis>>,
}

/// What makes a form another one. The instants that its reader saw do so only where they are what
/// is made; else they depend on the device alone.
fn fingerprint(form: &NewMeeting) -> String {
    let mut form = form.clone();
    if form.reading != Some(Reading::Device) {
        (form.start_instant, form.end_instant, form.reading) = (None, None, None);
    }
    let text = serde_json::to_string(&form).unwrap_or_default();
    random::sha256(&text)
}

fn cause_text(cause: ConfirmingCause) -> &'static str {
    match cause {
        ConfirmingCause::Slow => "slow",
        ConfirmingCause::Failed => "failed",
        ConfirmingCause::Unreadable => "unreadable",
        ConfirmingCause::Restarted => "restarted",
    }
}

fn cause_of(intent: &Intent) -> ConfirmingCause {
    match intent.cause.as_deref() {
        Some("failed") => ConfirmingCause::Failed,
        Some("unreadable") => ConfirmingCause::Unreadable,
        Some("restarted") => ConfirmingCause::Restarted,
        _ => ConfirmingCause::Slow,
    }
}

impl Meetings {
    /// Over the employees' tokens, by the rules of `zones`. `timeout` is how long one request may take.
    #[expect(clippy::too_many_arguments, reason = "called once, where all are made")]
    pub fn new(
        store: Store,
        goto: Arc<Goto>,
        tokens: Arc<Tokens>,
        organizers: Arc<Sync>,
        activity: Activity,
        zones: Zones,
        timeout: Duration,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            goto,
            tokens,
            organizers,
            activity,
            zones,
            clock,
            stranded: millis_of(timeout) + STRANDED,
            holder: random::name(),
            restored_at: tokio::sync::OnceCell::new(),
        }
    }

    /// Creates the meeting of a form once, however often it is asked with the same key.
    pub async fn create(
        &self,
        account: &Account,
        key: &str,
        form: &NewMeeting,
    ) -> Result<Answer, CreateError> {
        let fingerprint = fingerprint(form);
        if let Some(intent) = self.store.intent(&account.key, key).await? {
            if intent.asked.fingerprint != fingerprint {
                return Err(CreateError::Mismatch);
            }
            return self.resume(account, intent).await;
        }
        let now = self.clock.now();
        let checked = when::check(&self.zones, form, now);
        let unknown = self.unknown_co_organizers(form, account);
        let (start, end) = match (checked, unknown) {
            (Ok(instants), None) => instants,
            (Err(Refused::Differs(readings)), None) => {
                tracing::info!(
                    zone = form.time_zone,
                    device = readings.device.start.instant,
                    server = readings.server.start.instant,
                    tzdata = self.zones.version(),
                    "a device counts a time differently"
                );
                return Err(CreateError::Differs(readings));
            }
            (checked, unknown) => {
                let errors = match checked {
                    Err(Refused::Mistakes(errors)) => errors,
                    _ => Vec::new(),
                };
                let errors = errors.into_iter().chain(unknown);
                return Err(CreateError::Invalid(errors.collect()));
            }
        };
        // In the order in which they were chosen: so they are shown.
        let mut co_organizers: Vec<String> = Vec::new();
        for key in &form.co_organizers {
            if !co_organizers.contains(key) {
                co_organizers.push(key.clone());
            }
        }
        let asked = NewIntent {
            organizer_key: account.key.clone(),
            idempotency_key: key.to_owned(),
            fingerprint,
            subject: form.subject.trim().to_owned(),
            start_at: start.timestamp_millis(),
            end_at: end.timestamp_millis(),
            password_required: form.password_required,
            co_organizers,
        };
        self.store
            .insert_intent(&random::name(), &asked, now.timestamp_millis())
            .await?;
        let intent = self
            .store
            .intent(&account.key, key)
            .await?
            .ok_or(CreateError::UnknownKey)?;
        self.resume(account, intent).await
    }

    /// Where the create with this key stands.
    async fn resume(&self, account: &Account, intent: Intent) -> Result<Answer, CreateError> {
        match intent.state {
            IntentState::New => self.send(account, intent).await,
            IntentState::Sent => Ok(Answer::Confirming(Confirming {
                cause: ConfirmingCause::Slow,
                retry_after: 2,
            })),
            IntentState::Done => {
                let id = intent.meeting_id.as_deref().unwrap_or_default();
                let row = self.store.meeting(&account.key, id).await?;
                // It exists at GoTo, whatever became of what was kept of it here.
                let row = row.ok_or(CreateError::NeedsUser)?;
                let meeting = Box::new(self.show_own(account, &row));
                Ok(Answer::Created {
                    meeting,
                    replayed: true,
                })
            }
            IntentState::Failed => Err(CreateError::Goto(failure(&intent))),
            IntentState::Unknown => Ok(Answer::Confirming(self.confirming(&intent))),
            IntentState::NeedsUser => Err(CreateError::NeedsUser),
        }
    }

    fn confirming(&self, intent: &Intent) -> Confirming {
        let wait = intent
            .check_at
            .map_or(2_000, |at| at - self.clock.millis())
            .clamp(1_000, 30_000);
        let retry_after = u32::try_from(wait / 1000).unwrap_or(1) + 1;
        Confirming {
            cause: cause_of(intent),
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

    /// Sends the POST of an intent that nobody sent yet. A refused token is certain to have made
    /// nothing, so another may follow with another token.
    async fn send(&self, account: &Account, intent: Intent) -> Result<Answer, CreateError> {
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
            return Ok(Answer::Confirming(Confirming {
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
                return Ok(Answer::Created {
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
    ) -> Result<Answer, CreateError> {
        let cause = match error {
            GotoError::Server { .. } => ConfirmingCause::Failed,
            GotoError::Unreadable { .. } => ConfirmingCause::Unreadable,
            _ => ConfirmingCause::Slow,
        };
        let change = IntentChange {
            cause: Some(cause_text(cause)),
            check_at: Some(self.clock.millis() + LOOKS[0]),
            ..IntentChange::default()
        };
        self.store
            .move_intent(&intent.id, IntentState::Sent, IntentState::Unknown, change)
            .await?;
        self.note(account, "unknown", &error.to_string()).await;
        Ok(Answer::Confirming(Confirming {
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
        let (to, problem) = match error {
            CreateError::Goto(GotoError::Refused { status, code }) => {
                (IntentState::Failed, Some(format!("{status} {code}")))
            }
            CreateError::Goto(GotoError::NotFound) => {
                (IntentState::Failed, Some("404 ".to_owned()))
            }
            _ => (IntentState::New, None),
        };
        let change = IntentChange {
            problem: problem.as_deref(),
            ..IntentChange::default()
        };
        self.store
            .move_intent(&intent.id, IntentState::Sent, to, change)
            .await?;
        Ok(())
    }

    pub(super) fn row(
        &self,
        intent: &Intent,
        id: Id,
        join_url: Option<SecretString>,
        phone: Option<SecretString>,
    ) -> MeetingRow {
        let asked = &intent.asked;
        MeetingRow {
            id: id.into_string(),
            intent_id: intent.id.clone(),
            organizer_key: asked.organizer_key.clone(),
            subject: asked.subject.clone(),
            start_at: asked.start_at,
            end_at: asked.end_at,
            password_required: asked.password_required,
            co_organizers: asked.co_organizers.clone(),
            join_url,
            phone,
            created_at: self.clock.millis(),
        }
    }

    /// *Check again*: looks now instead of waiting.
    pub async fn check_again(&self, account: &Account, key: &str) -> Result<Answer, CreateError> {
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

    /// Where the create with this key stands, whatever form it came with. Sends nothing.
    pub async fn standing(&self, account: &Account, key: &str) -> Result<Answer, CreateError> {
        let intent = self
            .store
            .intent(&account.key, key)
            .await?
            .ok_or(CreateError::UnknownKey)?;
        match intent.state {
            // Another request may be about to send it; only when none can be, nothing was created.
            IntentState::New if self.clock.millis() - intent.created_at < self.stranded => {
                Ok(Answer::Confirming(Confirming {
                    cause: ConfirmingCause::Slow,
                    retry_after: 2,
                }))
            }
            IntentState::New => Err(CreateError::UnknownKey),
            _ => self.resume(account, intent).await,
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
        let next = usize::try_from(intent.checks + 1)
            .ok()
            .and_then(|n| LOOKS.get(n));
        let (to, check_at) = match next {
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
        let upcoming = self
            .tokens
            .with(&owner, |token| async move {
                self.goto.upcoming_meetings(caller, &token).await
            })
            .await?;
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
                cause: Some(cause_text(ConfirmingCause::Restarted)),
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

    /// Forgets keys older than a day, and meetings that are long over.
    pub async fn purge(&self) -> Result<(), store::Error> {
        let now = self.clock.millis();
        self.store.purge_intents(now - REMEMBERED).await?;
        self.store.purge_meetings(now - KEPT).await
    }

    async fn note(&self, account: &Account, outcome: &str, detail: &str) {
        self.activity
            .note("meeting.create", Some(&account.email), outcome, detail)
            .await;
    }
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

/// The refusal an intent ended with.
fn failure(intent: &Intent) -> GotoError {
    let problem = intent.problem.as_deref().unwrap_or_default();
    let (status, code) = problem.split_once(' ').unwrap_or_default();
    GotoError::Refused {
        status: status.parse().unwrap_or(400),
        code: code.to_owned(),
    }
}
