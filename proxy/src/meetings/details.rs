//! Reading a meeting back: what GoTo says now, over what was kept from the create.

use goto_microapps_api::{Meeting, Person};
use secrecy::{ExposeSecret, SecretString};

use super::Meetings;
use crate::clock::date;
use crate::goto::{Caller, Error as GotoError};
use crate::signin::Account;
use crate::store::{self, MeetingRow, Owner};
use crate::tokens;

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum DetailsError {
    /// Does not exist, or is somebody else's: one answer for both.
    #[error("not found or not yours")]
    NotFound,
    /// GoTo, the consent or the settings.
    #[error(transparent)]
    Tokens(#[from] tokens::Error),
    /// The store is away.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Meetings {
    /// One of the employee's own meetings.
    pub async fn details(&self, account: &Account, id: &str) -> Result<Meeting, DetailsError> {
        if id.is_empty() || id.len() > 20 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DetailsError::NotFound);
        }
        let own = self.store.meeting(&account.key, id).await?;
        if own.is_none() && self.store.is_known_meeting(id).await? {
            return Err(DetailsError::NotFound);
        }
        let owner = Owner::Employee(account.key.clone());
        let caller = &Caller::read(&account.key);
        let live = self
            .tokens
            .with(&owner, |token| async move {
                self.goto.meeting(caller, &token, id).await
            })
            .await;
        let live = match live {
            Ok(live) => live,
            Err(tokens::Error::Goto(GotoError::NotFound | GotoError::Forbidden { .. })) => {
                return Err(DetailsError::NotFound);
            }
            Err(error) => return Err(error.into()),
        };
        // GoTo shows a meeting to its co-organizers too, but not whose it is.
        if own.is_none() && live.coorganizer_keys.contains(&account.key) {
            return Err(DetailsError::NotFound);
        }
        let (join_url, phone, keys) = match own {
            Some(row) => (row.join_url, row.phone, row.co_organizers),
            None => (None, None, Vec::new()),
        };
        // GoTo leaves co-organizers out of some answers; what was asked for is the better guess.
        let keys = if live.coorganizer_keys.is_empty() {
            keys
        } else {
            live.coorganizer_keys.clone()
        };
        let phone = live.conference_call_info.clone().or(phone);
        Ok(Meeting {
            id: live.meeting_id.clone(),
            subject: live.subject(),
            start: live.start_time.map(text),
            end: live.end_time.map(text),
            organizer: organizer(account),
            co_organizers: self.people(&keys),
            join_url: join_url_of(join_url.as_ref(), &live.meeting_id),
            phone: phone_of(phone.as_ref()),
            password_required: live.password_required,
        })
    }

    /// A meeting created here, from what was kept.
    pub(super) fn show_own(&self, account: &Account, row: &MeetingRow) -> Meeting {
        Meeting {
            id: row.id.clone(),
            subject: row.subject.clone(),
            start: Some(text(date(row.start_at))),
            end: Some(text(date(row.end_at))),
            organizer: organizer(account),
            co_organizers: self.people(&row.co_organizers),
            join_url: join_url_of(row.join_url.as_ref(), &row.id),
            phone: phone_of(row.phone.as_ref()),
            password_required: row.password_required,
        }
    }

    fn people(&self, keys: &[String]) -> Vec<Person> {
        let directory = self.organizers.directory();
        keys.iter()
            .map(|key| match directory.get(key) {
                Some(entry) => Person {
                    name: entry.name.to_owned(),
                    email: Some(entry.email.to_owned()),
                },
                None => Person {
                    name: key.clone(),
                    email: None,
                },
            })
            .collect()
    }
}

fn organizer(account: &Account) -> Person {
    Person {
        name: account.name.clone(),
        email: Some(account.email.clone()),
    }
}

fn text(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn phone_of(phone: Option<&SecretString>) -> Option<String> {
    let text = phone?.expose_secret().trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The join URL GoTo gave; where its answer was lost, today's form of it. A page that is not https
/// is not offered to click on.
fn join_url_of(given: Option<&SecretString>, id: &str) -> String {
    match given.map(ExposeSecret::expose_secret) {
        Some(url) if url.starts_with("https://") => url.to_owned(),
        _ => format!("https://meet.goto.com/{id}"),
    }
}
