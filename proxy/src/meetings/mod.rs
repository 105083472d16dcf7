//! Meetings: what may be asked for, at most one POST per intent whatever breaks, and reading them
//! back.
//!
//! ```text
//! NEW -> SENT -> DONE | FAILED | UNKNOWN -> DONE | NEEDS_USER
//! ```
//! Changes of meetings go a way of their own, see [`change_once`].
//!
//! [`follow`] waits with whoever asks. [`create_once`] says where a create stands, [`queue`] lets it
//! wait for its turn, [`post`] sends it, [`lost_answers`] looks for what became of it, [`restored`] for
//! what a restored database has forgotten. [`sharing`] makes what a meeting is handed on with.

mod calendar_file;
mod cancelling;
mod change_once;
mod chosen_lately;
mod create_once;
mod details;
mod editing;
mod follow;
mod hosting;
mod invitation;
mod local_times;
mod lost_answers;
mod outcome;
mod phone;
mod post;
mod queue;
mod restored;
mod send_once;
mod share_links;
mod sharing;
mod standing;
mod upcoming;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::activity::Activity;
use crate::clock::{Clock, Millis, millis_of};
use crate::goto::{Goto, Id};
use crate::organizers::DirectorySync;
use crate::random;
use crate::signin::Account;
use crate::store::{self, Intent, MeetingRow, Store};
use crate::tokens::Tokens;
use crate::zones::Zones;

pub use cancelling::UNDO;
pub use details::{DetailsError, KnownMeeting};
pub use editing::EditError;
pub use follow::{Order, WhenBusy};
pub use local_times::{TimesError, check, times};
pub use outcome::{CreateError, CreateOutcome};
pub(crate) use sharing::Reader;

/// How long the join URL of a meeting is kept after its end, milliseconds.
const KEPT: Millis = 90 * 24 * 3600 * 1000;
/// How long a key is remembered, milliseconds.
const REMEMBERED: Millis = 24 * 3600 * 1000;
/// How long a list of somebody's meetings may lie, milliseconds; it is shown for a shorter time.
const LISTED: Millis = 120_000;
/// A POST older than the longest request and this has no process waiting for it any more,
/// milliseconds.
const STRANDED: Millis = 20_000;

/// See the module.
#[derive(Debug)]
pub struct Meetings {
    store: Store,
    goto: Arc<Goto>,
    tokens: Arc<Tokens>,
    organizers: Arc<DirectorySync>,
    activity: Activity,
    zones: Zones,
    clock: Clock,
    /// See [`STRANDED`].
    stranded: Millis,
    /// Names this process.
    holder: String,
    /// When a backup was restored, once it was asked for: nobody restores under a running proxy.
    restored_at: tokio::sync::OnceCell<Option<Millis>>,
}

impl Meetings {
    /// Over the employees' tokens, by the rules of `zones`. `timeout` is how long one request may take.
    #[expect(clippy::too_many_arguments, reason = "called once, where all are made")]
    pub fn new(
        store: Store,
        goto: Arc<Goto>,
        tokens: Arc<Tokens>,
        organizers: Arc<DirectorySync>,
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

    /// Forgets keys older than a day, and meetings that are long over.
    pub async fn purge(&self) -> Result<(), store::Error> {
        let now = self.clock.millis();
        self.store.purge_intents(now - REMEMBERED).await?;
        self.store.purge_meetings(now - KEPT).await?;
        self.store.purge_listings(now - LISTED).await?;
        self.purge_colleagues().await?;
        self.store.purge_changes(now - KEPT).await
    }

    fn row(
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
            invitation: asked.invitation.clone(),
            join_url,
            phone,
            created_at: self.clock.millis(),
            cancelled_at: None,
            sequence: 0,
        }
    }

    async fn note(&self, account: &Account, outcome: &str, detail: &str) {
        self.activity
            .note("meeting.create", Some(&account.email), outcome, detail)
            .await;
    }
}
