//! What people do with their meetings in GoTo's own programs, past whoever is tested.

use anyhow::Context;
use chrono::{DateTime, Utc};

use crate::meetings::{Content, Meeting};
use crate::sandbox::Sandbox;

impl Sandbox {
    /// Somebody makes a meeting; its id.
    ///
    /// # Errors
    /// When nobody has the address.
    pub fn make_elsewhere(
        &self,
        email: &str,
        subject: &str,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> anyhow::Result<u64> {
        let organizer = self.employee(email).context("an organizer")?;
        let content = Content {
            subject: subject.to_owned(),
            start,
            end,
            password_required: false,
            kind: "scheduled",
            audio: "Hybrid".to_owned(),
            coorganizers: Vec::new(),
        };
        let now = self.now();
        let mut state = self.world().lock();
        let join_host = &self.world().options.join_host;
        let meeting = state
            .meetings
            .create(content, &organizer.key, join_host, now);
        Ok(meeting.id)
    }

    /// Somebody changes a meeting.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn change_elsewhere(
        &self,
        id: u64,
        change: impl FnOnce(&mut Meeting),
    ) -> anyhow::Result<()> {
        let mut state = self.world().lock();
        let meeting = state.meetings.alive(&id.to_string());
        change(meeting.context("a meeting")?);
        Ok(())
    }

    /// Somebody starts a meeting.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn start_elsewhere(&self, id: u64) -> anyhow::Result<()> {
        let now = self.now();
        self.change_elsewhere(id, |meeting| meeting.begin(now))
    }

    /// Somebody deletes a meeting.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn delete_elsewhere(&self, id: u64) -> anyhow::Result<()> {
        self.change_elsewhere(id, |meeting| meeting.deleted = true)
    }
}
