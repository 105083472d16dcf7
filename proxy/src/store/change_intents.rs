//! Changes of meetings that somebody ordered.

use goto_microapps_api::{InvitationExtra, StopReason};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Result, SET_BACK, Store, flag};
use crate::clock::Millis;

/// How far a change has come. See `meetings` for the rules between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeState {
    /// Nothing was sent, and it can be taken back.
    Ordered,
    /// The request is or was on the wire.
    Sent,
    /// GoTo has done it.
    Done,
    /// It certainly has not.
    Failed,
    /// The answer was lost; it is being looked for.
    Unknown,
    /// It was looked for in vain: a person decides.
    NeedsUser,
    /// Taken back before it was sent.
    Withdrawn,
}

impl ChangeState {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Ordered, "ordered"),
        (Self::Sent, "sent"),
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Unknown, "unknown"),
        (Self::NeedsUser, "needs_user"),
        (Self::Withdrawn, "withdrawn"),
    ];

    pub(super) fn text(self) -> &'static str {
        let found = Self::ALL.iter().find(|(state, _)| *state == self);
        found.map_or("", |(_, text)| text)
    }

    fn read(text: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == text);
        found
            .map(|(state, _)| *state)
            .ok_or_else(|| Error::Row(format!("change state {text}")))
    }
}

/// A meeting as somebody sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeetingSeen {
    /// As text.
    pub subject: String,
    /// Start.
    pub start_at: Option<Millis>,
    /// End.
    pub end_at: Option<Millis>,
}

/// What is ordered. Each has a table of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The meeting is to be gone.
    Cancel,
    /// It is to be another.
    Edit,
}

/// A statement about the table of one kind.
macro_rules! of_kind {
    ($kind:expr, $before:literal, $after:literal) => {
        match $kind {
            ChangeKind::Cancel => concat!($before, "change_intent", $after),
            ChangeKind::Edit => concat!($before, "edit_intent", $after),
        }
    };
}

/// What a meeting is to become: all that GoTo wants to know of it, and what only the invitation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedMeeting {
    /// SHA-256 of the normalised request.
    pub fingerprint: String,
    /// As text.
    pub subject: String,
    /// Start.
    pub start_at: Millis,
    /// End.
    pub end_at: Millis,
    /// Ask for a password at the start.
    pub password_required: bool,
    /// Organizer keys.
    pub co_organizers: Vec<String>,
    /// What only the invitation says; sealed.
    pub invitation: InvitationExtra,
}

/// An order to change a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// Who ordered it.
    pub organizer_key: String,
    /// Which meeting.
    pub meeting_id: String,
    /// As the person saw it.
    pub seen: MeetingSeen,
    /// Not sent before.
    pub due_at: Millis,
    /// What it is to become; `None` where it is to be cancelled.
    pub edited: Option<EditedMeeting>,
}

impl NewChange {
    /// What is ordered.
    pub const fn kind(&self) -> ChangeKind {
        match self.edited {
            Some(_) => ChangeKind::Edit,
            None => ChangeKind::Cancel,
        }
    }
}

/// A stored order.
#[derive(Clone, Debug)]
pub struct ChangeIntent {
    /// Primary key.
    pub id: String,
    /// What was ordered.
    pub asked: NewChange,
    /// How far it came.
    pub state: ChangeState,
    /// Why nothing was done.
    pub stopped: Option<StopReason>,
    /// What GoTo said of the meeting instead.
    pub found: Option<MeetingSeen>,
    /// Looks so far at what became of it.
    pub checks: i64,
    /// When the request left.
    pub sent_at: Option<Millis>,
    /// When it was ordered.
    pub ordered_at: Millis,
}

/// What changes with a move.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChangeMove<'a> {
    /// Why nothing was done.
    pub stopped: Option<StopReason>,
    /// What GoTo said of the meeting instead.
    pub found: Option<&'a MeetingSeen>,
    /// Not sent before; kept when `None`.
    pub due_at: Option<Millis>,
    /// When to look next.
    pub check_at: Option<Millis>,
    /// Counts as a look.
    pub checked: bool,
    /// When the request leaves; kept when `None`.
    pub sent_at: Option<Millis>,
}

impl Store {
    fn read_change(&self, kind: ChangeKind, row: &AnyRow) -> Result<ChangeIntent> {
        let stopped: Option<String> = row.try_get("stopped")?;
        let found: Option<String> = row.try_get("found_subject")?;
        let found = match found {
            Some(subject) => Some(MeetingSeen {
                subject,
                start_at: row.try_get("found_start_at")?,
                end_at: row.try_get("found_end_at")?,
            }),
            None => None,
        };
        let id: String = row.try_get("id")?;
        let edited = match kind {
            ChangeKind::Cancel => None,
            ChangeKind::Edit => Some(self.read_edited(&id, row)?),
        };
        Ok(ChangeIntent {
            id,
            asked: NewChange {
                organizer_key: row.try_get("organizer_key")?,
                meeting_id: row.try_get("meeting_id")?,
                seen: MeetingSeen {
                    subject: row.try_get("subject")?,
                    start_at: row.try_get("start_at")?,
                    end_at: row.try_get("end_at")?,
                },
                due_at: row.try_get("due_at")?,
                edited,
            },
            state: ChangeState::read(&row.try_get::<String, _>("state")?)?,
            // One that only a newer proxy knows is some other one.
            stopped: stopped.map(|text| text.parse().unwrap_or(StopReason::Other)),
            found,
            checks: row.try_get("checks")?,
            sent_at: row.try_get("sent_at")?,
            ordered_at: row.try_get("ordered_at")?,
        })
    }

    fn read_changes(&self, kind: ChangeKind, rows: &[AnyRow]) -> Result<Vec<ChangeIntent>> {
        let rows = rows.iter();
        rows.map(|row| self.read_change(kind, row)).collect()
    }

    /// Records an order; false while another one of this meeting is open.
    pub async fn insert_cancel(&self, id: &str, asked: &NewChange, now: Millis) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO change_intent (id, kind, organizer_key, meeting_id, turn, state, subject, \
             start_at, end_at, due_at, checks, ordered_at) \
             SELECT $1, 'cancel', $2, $3, COALESCE(MAX(turn), 0) + 1, 'ordered', $4, \
             CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($7 AS BIGINT), 0, CAST($8 AS BIGINT) \
             FROM change_intent WHERE meeting_id = $3 \
             ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(&asked.organizer_key)
        .bind(&asked.meeting_id)
        .bind(&asked.seen.subject)
        .bind(asked.seen.start_at)
        .bind(asked.seen.end_at)
        .bind(asked.due_at)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// An employee's newest order of a meeting.
    pub async fn change(
        &self,
        kind: ChangeKind,
        organizer_key: &str,
        meeting_id: &str,
    ) -> Result<Option<ChangeIntent>> {
        let row = sqlx::query(of_kind!(
            kind,
            "SELECT * FROM ",
            " WHERE organizer_key = $1 AND meeting_id = $2 ORDER BY turn DESC LIMIT 1"
        ))
        .bind(organizer_key)
        .bind(meeting_id)
        .fetch_optional(&self.pool)
        .await?;
        let row = row.as_ref();
        row.map(|row| self.read_change(kind, row)).transpose()
    }

    /// An order as it stands now.
    pub async fn change_by_id(&self, kind: ChangeKind, id: &str) -> Result<Option<ChangeIntent>> {
        let row = sqlx::query(of_kind!(kind, "SELECT * FROM ", " WHERE id = $1"))
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        let row = row.as_ref();
        row.map(|row| self.read_change(kind, row)).transpose()
    }

    /// An employee's orders that are open or were carried out.
    pub async fn changes(
        &self,
        kind: ChangeKind,
        organizer_key: &str,
    ) -> Result<Vec<ChangeIntent>> {
        let rows = sqlx::query(of_kind!(
            kind,
            "SELECT * FROM ",
            " WHERE organizer_key = $1 AND state IN ('ordered', 'sent', 'unknown', 'done')"
        ))
        .bind(organizer_key)
        .fetch_all(&self.pool)
        .await?;
        self.read_changes(kind, &rows)
    }

    /// Moves an order from one state to another; false if it is no longer in `from`.
    pub async fn move_change(
        &self,
        kind: ChangeKind,
        id: &str,
        from: ChangeState,
        to: ChangeState,
        change: ChangeMove<'_>,
    ) -> Result<bool> {
        let done = sqlx::query(of_kind!(
            kind,
            "UPDATE ",
            " SET state = $3, stopped = $4, found_subject = $5, \
             found_start_at = $6, found_end_at = $7, due_at = COALESCE($8, due_at), \
             check_at = $9, checks = checks + $10, sent_at = COALESCE($11, sent_at) \
             WHERE id = $1 AND state = $2"
        ))
        .bind(id)
        .bind(from.text())
        .bind(to.text())
        .bind(change.stopped.map(StopReason::as_str))
        .bind(change.found.map(|found| &found.subject))
        .bind(change.found.and_then(|found| found.start_at))
        .bind(change.found.and_then(|found| found.end_at))
        .bind(change.due_at)
        .bind(change.check_at)
        .bind(flag(change.checked))
        .bind(change.sent_at)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Marks an order as carried out, and its meeting as cancelled, in one transaction; false if it is
    /// no longer in `from`.
    pub async fn finish_cancel(
        &self,
        from: ChangeState,
        change: &ChangeIntent,
        now: Millis,
    ) -> Result<bool> {
        let asked = &change.asked;
        let mut tx = self.pool.begin().await?;
        let done = sqlx::query(
            "UPDATE change_intent SET state = 'done', check_at = NULL, stopped = NULL \
             WHERE id = $1 AND state = $2",
        )
        .bind(&change.id)
        .bind(from.text())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            tx.rollback().await?;
            return Ok(false);
        }
        sqlx::query(
            "UPDATE meeting SET cancelled_at = $3, sequence = sequence + 1 \
             WHERE id = $1 AND organizer_key = $2 AND cancelled_at IS NULL",
        )
        .bind(&asked.meeting_id)
        .bind(&asked.organizer_key)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM my_meetings WHERE organizer_key = $1")
            .bind(&asked.organizer_key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Orders whose time has come: to be sent, or to be looked for; or were put off by a clock that
    /// was set back.
    pub async fn due_changes(&self, kind: ChangeKind, now: Millis) -> Result<Vec<ChangeIntent>> {
        let rows = sqlx::query(of_kind!(
            kind,
            "SELECT * FROM ",
            " WHERE (state = 'ordered' AND (due_at <= $1 OR due_at > $2)) \
             OR (state = 'unknown' AND (check_at <= $1 OR check_at > $2)) \
             ORDER BY due_at LIMIT 50"
        ))
        .bind(now)
        .bind(now + SET_BACK)
        .fetch_all(&self.pool)
        .await?;
        self.read_changes(kind, &rows)
    }

    /// Orders left on the wire by a process that died, as [`Store::stranded_intents`].
    pub async fn stranded_changes(
        &self,
        kind: ChangeKind,
        now: Millis,
        age: Millis,
    ) -> Result<Vec<ChangeIntent>> {
        let rows = sqlx::query(of_kind!(
            kind,
            "SELECT * FROM ",
            " WHERE state = 'sent' AND (sent_at <= $1 OR sent_at > $2)"
        ))
        .bind(now - age)
        .bind(now + SET_BACK)
        .fetch_all(&self.pool)
        .await?;
        self.read_changes(kind, &rows)
    }

    /// Forgets orders that nothing is open of and that are older than `before`.
    pub async fn purge_changes(&self, before: Millis) -> Result<()> {
        for kind in [ChangeKind::Cancel, ChangeKind::Edit] {
            sqlx::query(of_kind!(
                kind,
                "DELETE FROM ",
                " WHERE ordered_at <= $1 \
                 AND state IN ('done', 'failed', 'needs_user', 'withdrawn')"
            ))
            .bind(before)
            .execute(&self.pool)
            .await?;
        }
        Ok(())
    }
}
