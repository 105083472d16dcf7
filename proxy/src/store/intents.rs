//! Create intents and the meetings they became.

use goto_microapps_api::{ConfirmingCause, InvitationExtra};
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::sealed::Place;
use super::stored_meetings::{self, keys};
use super::{Error, MeetingRow, Result, SET_BACK, Store, flag, recent_colleagues};
use crate::clock::Millis;

/// How far a create has come. See `meetings` for the rules between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentState {
    /// Nothing was sent.
    New,
    /// A POST is or was on the wire.
    Sent,
    /// The meeting exists.
    Done,
    /// It certainly does not.
    Failed,
    /// The answer was lost; it is being looked for.
    Unknown,
    /// It was looked for in vain: a person decides.
    NeedsUser,
}

impl IntentState {
    const ALL: [(Self, &'static str); 6] = [
        (Self::New, "new"),
        (Self::Sent, "sent"),
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Unknown, "unknown"),
        (Self::NeedsUser, "needs_user"),
    ];

    fn text(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(state, _)| *state == self)
            .map_or("", |(_, text)| text)
    }

    fn read(text: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == text);
        found
            .map(|(state, _)| *state)
            .ok_or_else(|| Error::Row(format!("intent state {text}")))
    }
}

const CAUSES: [(ConfirmingCause, &str); 4] = [
    (ConfirmingCause::Slow, "slow"),
    (ConfirmingCause::Failed, "failed"),
    (ConfirmingCause::Unreadable, "unreadable"),
    (ConfirmingCause::Restarted, "restarted"),
];

fn cause_text(cause: ConfirmingCause) -> &'static str {
    let known = CAUSES.iter().find(|(known, _)| *known == cause);
    known.map_or("slow", |(_, text)| text)
}

/// A cause that only a newer proxy knows is one of no answer in time.
fn cause_of(text: &str) -> ConfirmingCause {
    let known = CAUSES.iter().find(|(_, known)| *known == text);
    known.map_or(ConfirmingCause::Slow, |(cause, _)| *cause)
}

/// How GoTo refused a create for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRefusal {
    /// HTTP status.
    pub status: u16,
    /// GoTo's own code; empty where it gave none.
    pub code: String,
}

impl CreateRefusal {
    /// As the release before writes and reads it, in one text.
    fn text(&self) -> String {
        format!("{} {}", self.status, self.code)
    }

    fn from_text(text: &str) -> Self {
        let (status, code) = text.split_once(' ').unwrap_or_default();
        Self {
            status: status.parse().unwrap_or(400),
            code: code.to_owned(),
        }
    }
}

/// Why a create that waited was never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// Its turn did not come in time.
    Expired,
    /// The employee's consent was lost meanwhile.
    ConsentLost,
    /// The meeting would have begun already.
    StartPassed,
    /// GoTo does not let the employee create meetings.
    Forbidden,
    /// The person took it back.
    Withdrawn,
}

impl DropReason {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Expired, "expired"),
        (Self::ConsentLost, "consent_lost"),
        (Self::StartPassed, "start_passed"),
        (Self::Forbidden, "forbidden"),
        (Self::Withdrawn, "withdrawn"),
    ];

    /// As it is stored and written into the support log.
    pub fn as_str(self) -> &'static str {
        let known = Self::ALL.iter().find(|(reason, _)| *reason == self);
        known.map_or("", |(_, text)| text)
    }

    fn read(text: &str) -> Result<Self> {
        let known = Self::ALL.iter().find(|(_, known)| *known == text);
        known
            .map(|(reason, _)| *reason)
            .ok_or_else(|| Error::Row(format!("reason {text}")))
    }
}

/// What somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIntent {
    /// Who asked.
    pub organizer_key: String,
    /// The form's idempotency key.
    pub idempotency_key: String,
    /// SHA-256 of the normalised request.
    pub fingerprint: String,
    /// Subject as text.
    pub subject: String,
    /// Start instant.
    pub start_at: Millis,
    /// End instant.
    pub end_at: Millis,
    /// Ask for a password at the start.
    pub password_required: bool,
    /// Organizer keys.
    pub co_organizers: Vec<String>,
    /// What only the invitation says; sealed.
    pub invitation: InvitationExtra,
}

/// A stored intent.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Primary key.
    pub id: String,
    /// What was asked for.
    pub asked: NewIntent,
    /// How far it came.
    pub state: IntentState,
    /// Why the outcome is unknown.
    pub cause: Option<ConfirmingCause>,
    /// Why it failed.
    pub refusal: Option<CreateRefusal>,
    /// The meeting, once known.
    pub meeting_id: Option<String>,
    /// Looks for it so far.
    pub checks: i64,
    /// When to look next.
    pub check_at: Option<Millis>,
    /// When the POST left.
    pub sent_at: Option<Millis>,
    /// When the form was sent in.
    pub created_at: Millis,
    /// Since when it waits for its turn; it is sent without being asked for again.
    pub queued_at: Option<Millis>,
    /// Why it was never sent although it waited.
    pub dropped: Option<DropReason>,
}

/// The refusal of an intent that failed. One that a proxy of the release before wrote is in one
/// text.
fn refusal(row: &AnyRow) -> Result<Option<CreateRefusal>> {
    let status: Option<i64> = row.try_get("refused_status")?;
    let code: Option<String> = row.try_get("refused_code")?;
    if let (Some(status), Some(code)) = (status, code) {
        let unreadable = |_| Error::Row(format!("status {status}"));
        let status = u16::try_from(status).map_err(unreadable)?;
        return Ok(Some(CreateRefusal { status, code }));
    }
    let problem: Option<String> = row.try_get("problem")?;
    Ok(problem.as_deref().map(CreateRefusal::from_text))
}

fn of_invitation(id: &str) -> Place<'_> {
    Place {
        table: "create_intent",
        column: "participants",
        row: id,
    }
}

impl Store {
    pub(super) fn read_intent(&self, row: &AnyRow) -> Result<Intent> {
        let cause: Option<String> = row.try_get("cause")?;
        let dropped: Option<String> = row.try_get("dropped")?;
        let id: String = row.try_get("id")?;
        let invitation: Option<String> = row.try_get("participants")?;
        let invitation = self.open_invitation(of_invitation(&id), invitation.as_deref())?;
        Ok(Intent {
            asked: NewIntent {
                organizer_key: row.try_get("organizer_key")?,
                idempotency_key: row.try_get("idem_key")?,
                fingerprint: row.try_get("fingerprint")?,
                subject: row.try_get("subject")?,
                start_at: row.try_get("start_at")?,
                end_at: row.try_get("end_at")?,
                password_required: row.try_get::<i64, _>("password")? != 0,
                co_organizers: keys(&row.try_get::<String, _>("co_organizers")?),
                invitation,
            },
            state: IntentState::read(&row.try_get::<String, _>("state")?)?,
            cause: cause.as_deref().map(cause_of),
            refusal: refusal(row)?,
            meeting_id: row.try_get("meeting_id")?,
            checks: row.try_get("checks")?,
            check_at: row.try_get("check_at")?,
            sent_at: row.try_get("sent_at")?,
            created_at: row.try_get("created_at")?,
            queued_at: row.try_get("queued_at")?,
            dropped: dropped.as_deref().map(DropReason::read).transpose()?,
            id,
        })
    }

    /// Records an intent; false if the employee used this key before.
    pub async fn insert_intent(&self, id: &str, asked: &NewIntent, now: Millis) -> Result<bool> {
        let invitation = self.seal_invitation(of_invitation(id), &asked.invitation)?;
        let done = sqlx::query(
            "INSERT INTO create_intent (id, organizer_key, idem_key, fingerprint, subject, \
             start_at, end_at, password, co_organizers, state, checks, created_at, participants) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'new', 0, $10, $11) \
             ON CONFLICT (organizer_key, idem_key) DO NOTHING",
        )
        .bind(id)
        .bind(&asked.organizer_key)
        .bind(&asked.idempotency_key)
        .bind(&asked.fingerprint)
        .bind(&asked.subject)
        .bind(asked.start_at)
        .bind(asked.end_at)
        .bind(flag(asked.password_required))
        .bind(asked.co_organizers.join(","))
        .bind(now)
        .bind(invitation)
        .execute(&self.hasty)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The intent of an employee's key.
    pub async fn intent(&self, organizer_key: &str, idem_key: &str) -> Result<Option<Intent>> {
        let row =
            sqlx::query("SELECT * FROM create_intent WHERE organizer_key = $1 AND idem_key = $2")
                .bind(organizer_key)
                .bind(idem_key)
                .fetch_optional(&self.pool)
                .await?;
        row.as_ref().map(|row| self.read_intent(row)).transpose()
    }

    /// Moves an intent from one state to another; false if it is no longer in `from`.
    pub async fn move_intent(
        &self,
        id: &str,
        from: IntentState,
        to: IntentState,
        change: IntentChange<'_>,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE create_intent SET state = $3, \
             cause = COALESCE($4, cause), problem = $5, check_at = $6, checks = checks + $7, \
             sent_at = COALESCE($8, sent_at), refused_status = $9, refused_code = $10 \
             WHERE id = $1 AND state = $2",
        )
        .bind(id)
        .bind(from.text())
        .bind(to.text())
        .bind(change.cause.map(cause_text))
        .bind(change.refusal.map(CreateRefusal::text))
        .bind(change.check_at)
        .bind(flag(change.checked))
        .bind(change.sent_at)
        .bind(change.refusal.map(|refusal| i64::from(refusal.status)))
        .bind(change.refusal.map(|refusal| &refusal.code))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Marks an intent as done together with its meeting, in one transaction; false if the intent is
    /// no longer in `from` or the meeting belongs to another one.
    pub async fn finish_intent(&self, from: IntentState, meeting: &MeetingRow) -> Result<bool> {
        let seal = |column: &'static str, value: &Option<SecretString>| -> Result<Option<String>> {
            let place = Place {
                table: "meeting",
                column,
                row: &meeting.id,
            };
            Ok(match value {
                Some(secret) if !secret.expose_secret().is_empty() => {
                    Some(self.sealer.seal(place, secret)?)
                }
                _ => None,
            })
        };
        let place = stored_meetings::of_invitation(&meeting.id);
        let invitation = self.seal_invitation(place, &meeting.invitation)?;
        let mut tx = self.pool.begin().await?;
        let done = sqlx::query(
            "UPDATE create_intent SET state = 'done', meeting_id = $3, problem = NULL, \
             check_at = NULL WHERE id = $1 AND state = $2",
        )
        .bind(&meeting.intent_id)
        .bind(from.text())
        .bind(&meeting.id)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            tx.rollback().await?;
            return Ok(false);
        }
        let owned = sqlx::query(
            "INSERT INTO meeting (id, intent_id, organizer_key, subject, start_at, end_at, \
             password, co_organizers, join_url, phone, created_at, participants) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING",
        )
        .bind(&meeting.id)
        .bind(&meeting.intent_id)
        .bind(&meeting.organizer_key)
        .bind(&meeting.subject)
        .bind(meeting.start_at)
        .bind(meeting.end_at)
        .bind(flag(meeting.password_required))
        .bind(meeting.co_organizers.join(","))
        .bind(seal("join_url", &meeting.join_url)?)
        .bind(seal("phone", &meeting.phone)?)
        .bind(meeting.created_at)
        .bind(invitation)
        .execute(&mut *tx)
        .await?;
        if owned.rows_affected() != 1 {
            // Another intent, looked for at the same moment, has it.
            tx.rollback().await?;
            return Ok(false);
        }
        let (owner, chosen) = (&meeting.organizer_key, &meeting.co_organizers);
        recent_colleagues::remember(&mut tx, owner, chosen, meeting.created_at).await?;
        sqlx::query("DELETE FROM my_meetings WHERE organizer_key = $1")
            .bind(&meeting.organizer_key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Intents whose time to be looked for has come, or was put off by a clock that was set back.
    pub async fn due_intents(&self, now: Millis) -> Result<Vec<Intent>> {
        let rows = sqlx::query(
            "SELECT * FROM create_intent WHERE state = 'unknown' \
             AND (check_at <= $1 OR check_at > $2) ORDER BY check_at LIMIT 50",
        )
        .bind(now)
        .bind(now + SET_BACK)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| self.read_intent(row)).collect()
    }

    /// Intents left on the wire by a process that died: sent `age` before `now`, or at a time that
    /// is yet to come, by a clock that was set back.
    pub async fn stranded_intents(&self, now: Millis, age: Millis) -> Result<Vec<Intent>> {
        let rows = sqlx::query(
            "SELECT * FROM create_intent WHERE state = 'sent' AND (sent_at <= $1 OR sent_at > $2)",
        )
        .bind(now - age)
        .bind(now + SET_BACK)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| self.read_intent(row)).collect()
    }

    /// Forgets answered intents whose keys nobody repeats any more.
    pub async fn purge_intents(&self, before: Millis) -> Result<()> {
        sqlx::query(
            "DELETE FROM create_intent WHERE created_at <= $1 \
             AND state IN ('done', 'failed', 'needs_user', 'new')",
        )
        .bind(before)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// What changes with a move.
#[derive(Clone, Copy, Debug, Default)]
pub struct IntentChange<'a> {
    /// Why the outcome is unknown; kept when `None`.
    pub cause: Option<ConfirmingCause>,
    /// Why it failed.
    pub refusal: Option<&'a CreateRefusal>,
    /// When to look next.
    pub check_at: Option<Millis>,
    /// Counts as a look.
    pub checked: bool,
    /// When the POST leaves; kept when `None`.
    pub sent_at: Option<Millis>,
}
