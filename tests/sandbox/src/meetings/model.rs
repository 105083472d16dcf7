//! The meetings that exist.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::random;

/// A meeting, including one that was deleted.
#[derive(Clone, Debug, Serialize)]
pub struct Meeting {
    /// Nine digits.
    pub id: u64,
    /// The other id, beyond 2^53.
    pub unique_id: u64,
    /// Subject, escaped as it was sent.
    pub subject: String,
    /// Start.
    pub start: DateTime<Utc>,
    /// End.
    pub end: DateTime<Utc>,
    /// Whether the organizer is asked for a password when starting it.
    pub password_required: bool,
    /// `immediate`, `recurring` or `scheduled`.
    pub kind: &'static str,
    /// The audio asked for.
    pub audio: String,
    /// Key of the organizer.
    pub organizer: String,
    /// Keys of the co-organizers.
    pub coorganizers: Vec<String>,
    /// Join URL, as the answer to its creation said.
    pub join_url: String,
    /// When it was made, by the sandbox's clock.
    pub created_at: DateTime<Utc>,
    /// How many host URLs were handed out.
    pub starts: u32,
    /// When the first was. There is no page here that it leads to, so the meeting counts as started.
    pub started_at: Option<DateTime<Utc>>,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// One time that a meeting took place. All stay until its end, as there is nobody here to leave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) id: u64,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
}

impl Session {
    pub(crate) fn minutes(self) -> i64 {
        (self.end - self.start).num_minutes()
    }
}

/// See the module; in the order of their ids.
#[derive(Debug, Default)]
pub(crate) struct Meetings(BTreeMap<u64, Meeting>);

/// What a create or update says.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) subject: String,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) password_required: bool,
    pub(crate) kind: &'static str,
    pub(crate) audio: String,
    pub(crate) coorganizers: Vec<String>,
}

impl Meetings {
    pub(crate) fn create(
        &mut self,
        content: Content,
        organizer: &str,
        join_host: &str,
        now: DateTime<Utc>,
    ) -> &Meeting {
        let id = loop {
            let id = random::number(100_000_000..1_000_000_000);
            if !self.0.contains_key(&id) {
                break id;
            }
        };
        let meeting = Meeting {
            id,
            unique_id: 200_000_000_000_000_000 + random::number(0..1_000_000) * 1_000_000_000 + id,
            subject: content.subject,
            start: content.start,
            end: content.end,
            password_required: content.password_required,
            kind: content.kind,
            audio: content.audio,
            organizer: organizer.to_owned(),
            coorganizers: content.coorganizers,
            join_url: format!("https://{join_host}/{id}"),
            created_at: now,
            starts: 0,
            started_at: None,
            deleted: false,
        };
        self.0.entry(id).or_insert(meeting)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Meeting> {
        self.0.values()
    }

    /// A meeting that was not deleted, by the id in a path.
    pub(crate) fn alive(&mut self, id: &str) -> Option<&mut Meeting> {
        let meeting = self.0.get_mut(&id.parse().ok()?)?;
        (!meeting.deleted).then_some(meeting)
    }
}

impl Meeting {
    pub(crate) fn change(&mut self, content: Content) {
        self.subject = content.subject;
        self.start = content.start;
        self.end = content.end;
        self.password_required = content.password_required;
        self.kind = content.kind;
        self.audio = content.audio;
        self.coorganizers = content.coorganizers;
    }

    pub(crate) fn is_hosted_by(&self, key: &str) -> bool {
        self.organizer == key
            || self
                .coorganizers
                .iter()
                .any(|coorganizer| coorganizer == key)
    }

    pub(crate) fn minutes(&self) -> i64 {
        (self.end - self.start).num_minutes()
    }

    pub(crate) fn begin(&mut self, now: DateTime<Utc>) {
        self.starts += 1;
        self.started_at.get_or_insert(now);
    }

    /// Whether it is running.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> &'static str {
        let running = self.started_at.is_some() && now < self.end;
        if running { "ACTIVE" } else { "INACTIVE" }
    }

    /// The session that took place, once it is over.
    pub(crate) fn session(&self, now: DateTime<Utc>) -> Option<Session> {
        let start = self.started_at?;
        (self.end <= now).then(|| Session {
            id: self.unique_id + 1,
            start,
            end: self.end.max(start),
        })
    }
}
