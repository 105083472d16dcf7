//! Meetings that were created here.

use goto_microapps_api::InvitationExtra;
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;

use super::sealed::Place;
use super::{Error, Result, Store};
use crate::clock::Millis;

/// A meeting created here.
#[derive(Clone, Debug)]
pub struct MeetingRow {
    /// GoTo's id.
    pub id: String,
    /// Intent it came from.
    pub intent_id: String,
    /// Owner.
    pub organizer_key: String,
    /// Subject as text.
    pub subject: String,
    /// Start instant.
    pub start_at: Millis,
    /// End instant.
    pub end_at: Millis,
    /// GoTo asks for a password at the start.
    pub password_required: bool,
    /// Organizer keys.
    pub co_organizers: Vec<String>,
    /// What only the invitation says; sealed.
    pub invitation: InvitationExtra,
    /// Where participants join; sealed. `None` when the answer with it was lost.
    pub join_url: Option<SecretString>,
    /// Dial-in text with access code; sealed.
    pub phone: Option<SecretString>,
    /// When it was created.
    pub created_at: Millis,
    /// When it was cancelled here.
    pub cancelled_at: Option<Millis>,
    /// How often what is handed on of it has changed.
    pub sequence: u32,
}

/// Organizer keys as they are stored.
pub(super) fn keys(text: &str) -> Vec<String> {
    text.split(',')
        .filter(|key| !key.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Where that is which only the invitation says, in a column named after the first of it.
pub(super) fn of_invitation(id: &str) -> Place<'_> {
    Place {
        table: "meeting",
        column: "participants",
        row: id,
    }
}

/// What only the invitation says, from its text: JSON, or lines of addresses as builds before
/// migration 0019 wrote them.
fn extra(text: &str) -> serde_json::Result<InvitationExtra> {
    if text.starts_with('{') {
        return serde_json::from_str(text);
    }
    Ok(InvitationExtra::to(
        text.lines().map(str::to_owned).collect(),
    ))
}

impl Store {
    /// What only the invitation says, as JSON and sealed for its place; nothing where it says nothing.
    pub(super) fn seal_invitation(
        &self,
        place: Place<'_>,
        extra: &InvitationExtra,
    ) -> Result<Option<String>> {
        if extra.is_empty() {
            return Ok(None);
        }
        let text = serde_json::to_string(extra).map_err(|error| Error::Row(error.to_string()))?;
        Ok(Some(self.sealer.seal(place, &text.into())?))
    }

    /// And as they are read.
    pub(super) fn open_invitation(
        &self,
        place: Place<'_>,
        sealed: Option<&str>,
    ) -> Result<InvitationExtra> {
        let Some(sealed) = sealed else {
            return Ok(InvitationExtra::default());
        };
        let text = self.sealer.open(place, sealed)?;
        // What it says is nobody's business, not even a log's.
        extra(text.expose_secret())
            .map_err(|_| Error::Row("what only the invitation says".to_owned()))
    }

    /// A meeting created here by this employee.
    pub async fn meeting(&self, organizer_key: &str, id: &str) -> Result<Option<MeetingRow>> {
        let row = sqlx::query("SELECT * FROM meeting WHERE id = $1 AND organizer_key = $2")
            .bind(id)
            .bind(organizer_key)
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let open = |column: &'static str| -> Result<Option<SecretString>> {
            let sealed: Option<String> = row.try_get(column)?;
            let place = Place {
                table: "meeting",
                column,
                row: id,
            };
            Ok(match sealed {
                Some(sealed) => Some(self.sealer.open(place, &sealed)?),
                None => None,
            })
        };
        let invitation: Option<String> = row.try_get("participants")?;
        Ok(Some(MeetingRow {
            id: row.try_get("id")?,
            intent_id: row.try_get("intent_id")?,
            organizer_key: row.try_get("organizer_key")?,
            subject: row.try_get("subject")?,
            start_at: row.try_get("start_at")?,
            end_at: row.try_get("end_at")?,
            password_required: row.try_get::<i64, _>("password")? != 0,
            co_organizers: keys(&row.try_get::<String, _>("co_organizers")?),
            invitation: self.open_invitation(of_invitation(id), invitation.as_deref())?,
            join_url: open("join_url")?,
            phone: open("phone")?,
            created_at: row.try_get("created_at")?,
            cancelled_at: row.try_get("cancelled_at")?,
            sequence: u32::try_from(row.try_get::<i64, _>("sequence")?).unwrap_or_default(),
        }))
    }

    /// Whether a meeting already belongs to an intent.
    pub async fn is_known_meeting(&self, id: &str) -> Result<bool> {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM meeting WHERE id = $1")
            .bind(id)
            .fetch_one(&self.pool)
            .await?;
        Ok(count > 0)
    }

    /// Ids of the meetings that an employee made here.
    pub async fn own_meetings(&self, organizer_key: &str) -> Result<Vec<String>> {
        Ok(
            sqlx::query_scalar("SELECT id FROM meeting WHERE organizer_key = $1")
                .bind(organizer_key)
                .fetch_all(&self.pool)
                .await?,
        )
    }

    /// Forgets meetings that ended before `before`.
    pub async fn purge_meetings(&self, before: Millis) -> Result<()> {
        sqlx::query("DELETE FROM meeting WHERE end_at <= $1")
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn participants_of_earlier_builds_are_read() {
        let two = InvitationExtra::to(vec!["a@example.org".into(), "b@example.org".into()]);
        let json = serde_json::to_string(&two).expect("JSON");
        for stored in ["a@example.org\nb@example.org", &json] {
            assert_eq!(extra(stored).expect("readable"), two, "{stored}");
        }
        assert!(extra("{\"participants\":").is_err(), "a broken row is said");
    }
}
