//! Reading a meeting back: what GoTo says now, over what was kept from the create.

use chrono::{DateTime, Utc};
use goto_microapps_api::{InvitationExtra, Meeting, Person};
use secrecy::{ExposeSecret, SecretString};

use super::Meetings;
use super::phone;
use crate::clock::{Millis, date};
use crate::goto::{Caller, Error as GotoError, GotoMeeting, Id};
use crate::signin::Account;
use crate::store::{self, ChangeState, MeetingRow, Owner};
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

/// A meeting with what only those need to know who hand it on.
#[derive(Clone, Debug)]
pub struct KnownMeeting {
    /// The meeting.
    pub meeting: Meeting,
    /// How often what is handed on of it has changed.
    pub(super) sequence: u32,
}

impl Meetings {
    /// One of the employee's own meetings.
    pub async fn details(&self, account: &Account, id: &str) -> Result<KnownMeeting, DetailsError> {
        let id = &asked_for(id).ok_or(DetailsError::NotFound)?;
        let own = self.store.meeting(&account.key, id.as_str()).await?;
        if own.is_none() && self.store.is_known_meeting(id.as_str()).await? {
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
        if own.is_none() && live.co_organizer_keys.contains(&account.key) {
            return Err(DetailsError::NotFound);
        }
        let Some(stored) = own else {
            let meeting = self.show_other(account, live)?;
            return Ok(KnownMeeting {
                meeting,
                sequence: 0,
            });
        };
        let mut row = now(stored.clone(), live);
        if has_changed(&stored, &row) {
            // What is handed on is made from what is stored, and says the same as this page.
            self.store.update_meeting(&row).await?;
            let kept = self.store.meeting(&account.key, &row.id).await?;
            row.sequence = kept.map_or(row.sequence, |kept| kept.sequence);
        }
        Ok(self.known_own(account, &row))
    }

    fn known_own(&self, account: &Account, row: &MeetingRow) -> KnownMeeting {
        KnownMeeting {
            meeting: self.show_own(account, row),
            sequence: row.sequence,
        }
    }

    /// One of the employee's own meetings as it was last heard of; GoTo is asked only about a meeting
    /// that was not made here.
    pub(super) async fn known(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<KnownMeeting, DetailsError> {
        let plain = asked_for(id).ok_or(DetailsError::NotFound)?;
        match self.store.meeting(&account.key, plain.as_str()).await? {
            Some(row) if row.cancelled_at.is_some() => Err(DetailsError::NotFound),
            Some(row) => Ok(self.known_own(account, &row)),
            None => self.details(account, id).await,
        }
    }

    /// A meeting that the employee has cancelled here, as they saw it last.
    pub(super) async fn cancelled(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<KnownMeeting, DetailsError> {
        let change = self.ordered(account, id).await?;
        if change.state != ChangeState::Done {
            return Err(DetailsError::NotFound);
        }
        let stored = self.store.meeting(&account.key, &change.asked.meeting_id);
        let stored = stored.await?;
        let seen = change.asked.seen;
        let meeting = Meeting {
            id: change.asked.meeting_id.clone(),
            subject: seen.subject,
            start: seen.start_at.map(|at| text(date(at))),
            end: seen.end_at.map(|at| text(date(at))),
            organizer: organizer(account),
            // Whoever was invited is told.
            co_organizers: stored
                .as_ref()
                .map(|row| self.people(&row.co_organizers))
                .unwrap_or_default(),
            invitation: stored
                .as_ref()
                .map(|row| row.invitation.clone())
                .unwrap_or_default(),
            join_url: String::new(),
            phone: None,
            phone_lines: Vec::new(),
            password_required: false,
        };
        Ok(KnownMeeting {
            meeting,
            // One that was not made here may have been handed on once.
            sequence: stored.map_or(1, |row| row.sequence),
        })
    }

    /// A meeting of the employee's that was not made here: all there is is what GoTo says.
    fn show_other(&self, account: &Account, live: GotoMeeting) -> Result<Meeting, DetailsError> {
        let id = live.id.ok_or(tokens::Error::Goto(GotoError::Unreadable {
            status: 200,
            why: "a meeting without its id",
        }))?;
        let phone = phone_of(live.phone.as_ref());
        Ok(Meeting {
            id: id.as_str().to_owned(),
            subject: live.subject.unwrap_or_default(),
            start: live.start.map(text),
            end: live.end.map(text),
            organizer: organizer(account),
            co_organizers: self.people(&live.co_organizer_keys),
            invitation: InvitationExtra::default(),
            join_url: join_url_of(None, id.as_str()),
            phone_lines: phone.as_deref().map(phone::lines).unwrap_or_default(),
            phone,
            password_required: live.password_required.unwrap_or_default(),
        })
    }

    /// A meeting created here, from what was kept.
    pub(super) fn show_own(&self, account: &Account, row: &MeetingRow) -> Meeting {
        let phone = phone_of(row.phone.as_ref());
        Meeting {
            id: row.id.clone(),
            subject: row.subject.clone(),
            start: Some(text(date(row.start_at))),
            end: Some(text(date(row.end_at))),
            organizer: organizer(account),
            co_organizers: self.people(&row.co_organizers),
            invitation: row.invitation.clone(),
            join_url: join_url_of(row.join_url.as_ref(), &row.id),
            phone_lines: phone.as_deref().map(phone::lines).unwrap_or_default(),
            phone,
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

/// An id as somebody asks for it: digits, or in groups as it is printed everywhere.
pub(super) fn asked_for(text: &str) -> Option<Id> {
    let plain = text.len() <= 26
        && text
            .split(['-', ' '])
            .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let id = plain.then(|| Id::read(text)).flatten();
    id.filter(|id| id.as_str().len() <= 20)
}

/// What was stored of a meeting, with what GoTo says now; what GoTo leaves out or spoils stays.
fn now(stored: MeetingRow, live: GotoMeeting) -> MeetingRow {
    let (start_at, end_at) = period(&stored, &live);
    // As it was typed, unless it was changed at GoTo.
    let changed = live
        .subject
        .clone()
        .filter(|_| !live.is_called(&stored.subject));
    MeetingRow {
        subject: changed.unwrap_or(stored.subject),
        start_at,
        end_at,
        password_required: live.password_required.unwrap_or(stored.password_required),
        // GoTo leaves co-organizers out of some answers; what was asked for is the better guess.
        co_organizers: if live.co_organizer_keys.is_empty() {
            stored.co_organizers
        } else {
            live.co_organizer_keys
        },
        phone: live.phone.or(stored.phone),
        ..stored
    }
}

/// Whether something was changed at GoTo since it was stored.
fn has_changed(stored: &MeetingRow, now: &MeetingRow) -> bool {
    fn phone(row: &MeetingRow) -> Option<&str> {
        row.phone.as_ref().map(ExposeSecret::expose_secret)
    }
    stored.subject != now.subject
        || (stored.start_at, stored.end_at) != (now.start_at, now.end_at)
        || stored.password_required != now.password_required
        || stored.co_organizers != now.co_organizers
        || phone(stored) != phone(now)
}

/// Start and end; of a meeting that was moved and whose other time is missing, the stored one as
/// long as it can be, else the stored length.
fn period(stored: &MeetingRow, live: &GotoMeeting) -> (Millis, Millis) {
    let length = stored.end_at - stored.start_at;
    let millis = |time: DateTime<Utc>| time.timestamp_millis();
    match (live.start.map(millis), live.end.map(millis)) {
        (Some(start), Some(end)) => (start, end),
        (Some(start), None) if start < stored.end_at => (start, stored.end_at),
        (Some(start), None) => (start, start + length),
        (None, Some(end)) if stored.start_at < end => (stored.start_at, end),
        _ => (stored.start_at, stored.end_at),
    }
}

fn organizer(account: &Account) -> Person {
    Person {
        name: account.name.clone(),
        email: Some(account.email.clone()),
    }
}

pub(super) fn text(time: DateTime<Utc>) -> String {
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
