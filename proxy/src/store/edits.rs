//! Orders to make a meeting another: what is theirs alone, beside what all changes have in common.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::sealed::Place;
use super::stored_meetings::{self, keys};
use super::{
    ChangeIntent, ChangeState, EditedMeeting, NewChange, Result, Store, flag, recent_colleagues,
};
use crate::clock::Millis;

fn of_invitation(id: &str) -> Place<'_> {
    Place {
        table: "edit_intent",
        column: "new_participants",
        row: id,
    }
}

impl Store {
    pub(super) fn read_edited(&self, id: &str, row: &AnyRow) -> Result<EditedMeeting> {
        let invitation: Option<String> = row.try_get("new_participants")?;
        let place = of_invitation(id);
        Ok(EditedMeeting {
            fingerprint: row.try_get("fingerprint")?,
            subject: row.try_get("new_subject")?,
            start_at: row.try_get("new_start_at")?,
            end_at: row.try_get("new_end_at")?,
            password_required: row.try_get::<i64, _>("new_password")? != 0,
            co_organizers: keys(&row.try_get::<String, _>("new_co_organizers")?),
            invitation: self.open_invitation(place, invitation.as_deref())?,
        })
    }

    /// Records an order; false while another one of this meeting is open, or where this one is there.
    pub async fn insert_edit(
        &self,
        id: &str,
        asked: &NewChange,
        edited: &EditedMeeting,
        now: Millis,
    ) -> Result<bool> {
        let invitation = self.seal_invitation(of_invitation(id), &edited.invitation)?;
        let done = sqlx::query(
            "INSERT INTO edit_intent (id, organizer_key, meeting_id, turn, state, subject, \
             start_at, end_at, due_at, checks, ordered_at, fingerprint, new_subject, new_start_at, \
             new_end_at, new_password, new_co_organizers, new_participants) \
             SELECT $1, $2, $3, COALESCE(MAX(turn), 0) + 1, 'ordered', $4, \
             CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($7 AS BIGINT), 0, CAST($8 AS BIGINT), $9, \
             $10, CAST($11 AS BIGINT), CAST($12 AS BIGINT), CAST($13 AS BIGINT), $14, \
             CAST($15 AS TEXT) FROM edit_intent WHERE meeting_id = $3 \
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
        .bind(&edited.fingerprint)
        .bind(&edited.subject)
        .bind(edited.start_at)
        .bind(edited.end_at)
        .bind(flag(edited.password_required))
        .bind(edited.co_organizers.join(","))
        .bind(invitation)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Marks an order as carried out, and its meeting as it is now, in one transaction; false if it is
    /// no longer in `from`. What was handed on before says something else: another revision.
    pub async fn finish_edit(
        &self,
        from: ChangeState,
        change: &ChangeIntent,
        edited: &EditedMeeting,
        now: Millis,
    ) -> Result<bool> {
        let asked = &change.asked;
        let place = stored_meetings::of_invitation(&asked.meeting_id);
        let invitation = self.seal_invitation(place, &edited.invitation)?;
        let mut tx = self.pool.begin().await?;
        let done = sqlx::query(
            "UPDATE edit_intent SET state = 'done', check_at = NULL, stopped = NULL \
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
            "UPDATE meeting SET subject = $3, start_at = $4, end_at = $5, password = $6, \
             co_organizers = $7, participants = $8, sequence = sequence + 1 \
             WHERE id = $1 AND organizer_key = $2",
        )
        .bind(&asked.meeting_id)
        .bind(&asked.organizer_key)
        .bind(&edited.subject)
        .bind(edited.start_at)
        .bind(edited.end_at)
        .bind(flag(edited.password_required))
        .bind(edited.co_organizers.join(","))
        .bind(invitation)
        .execute(&mut *tx)
        .await?;
        let (owner, chosen) = (&asked.organizer_key, &edited.co_organizers);
        recent_colleagues::remember(&mut tx, owner, chosen, now).await?;
        sqlx::query("DELETE FROM my_meetings WHERE organizer_key = $1")
            .bind(&asked.organizer_key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}
