//! What was changed at GoTo of meetings that were created here.

use secrecy::ExposeSecret;

use super::sealed::Place;
use super::{MeetingRow, Result, Store, flag};

impl Store {
    /// Keeps a meeting as it is at GoTo now. Where participants join is said once, by the create, and
    /// stays. An entry of a calendar that says something else now is another revision of it.
    pub async fn update_meeting(&self, meeting: &MeetingRow) -> Result<()> {
        let place = Place {
            table: "meeting",
            column: "phone",
            row: &meeting.id,
        };
        let phone = meeting.phone.as_ref();
        let phone = phone.filter(|phone| !phone.expose_secret().is_empty());
        let phone = phone
            .map(|phone| self.sealer.seal(place, phone))
            .transpose()?;
        sqlx::query(
            "UPDATE meeting SET sequence = sequence + CASE WHEN subject = $3 AND start_at = $4 \
             AND end_at = $5 THEN 0 ELSE 1 END, \
             subject = $3, start_at = $4, end_at = $5, password = $6, \
             co_organizers = $7, phone = $8 WHERE id = $1 AND organizer_key = $2",
        )
        .bind(&meeting.id)
        .bind(&meeting.organizer_key)
        .bind(&meeting.subject)
        .bind(meeting.start_at)
        .bind(meeting.end_at)
        .bind(flag(meeting.password_required))
        .bind(meeting.co_organizers.join(","))
        .bind(phone)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
