//! One-time leaves to be sent to the page that hosts a meeting.
//!
//! The host's address starts a meeting without a sign-in, so it travels only as the `Location` of an
//! answer to a form that the owner sent with a ticket. The window that the form opens on another site
//! has no cookie of ours: there the ticket alone speaks for the session that fetched it, for a
//! minute, and as long as that session lives.

use std::time::Duration;

use super::session::{Account, SessionId, Sessions};
use crate::clock::{Clock, millis_of};
use crate::random;
use crate::store::{self, StartTicket, Store};

/// How long a ticket is good that a press has fetched.
pub const PRESSED: Duration = Duration::from_secs(60);
/// How long one is good that a page carries.
pub const CARRIED: Duration = Duration::from_secs(3600);

/// Who brings a ticket.
#[derive(Debug)]
pub enum Bearer<'a> {
    /// A window that somebody's page has opened: what it brings of a session is not ours to see. Of
    /// whoever is known nevertheless, the key.
    Window(Option<&'a str>),
    /// A page of the proxy's own, in this session.
    Page(&'a Account, Option<&'a SessionId>),
}

/// See the module.
#[derive(Clone, Debug)]
pub struct StartTickets {
    store: Store,
    sessions: Sessions,
    clock: Clock,
}

impl StartTickets {
    /// Over the store.
    pub fn new(store: Store, sessions: Sessions, clock: Clock) -> Self {
        Self {
            store,
            sessions,
            clock,
        }
    }

    /// A ticket for somebody's session on the page `origin`, for one meeting or any of theirs.
    pub async fn offer(
        &self,
        account: &Account,
        session: Option<&SessionId>,
        origin: &str,
        meeting_id: Option<&str>,
        life: Duration,
    ) -> Result<String, store::Error> {
        let now = self.clock.millis();
        let ticket = random::token();
        let offered = StartTicket {
            session_hash: session.map(SessionId::hash),
            organizer_key: account.key.clone(),
            meeting_id: meeting_id.map(str::to_owned),
            origin: origin.to_owned(),
            expires_at: now + millis_of(life),
        };
        let hash = random::sha256(&ticket);
        self.store.insert_start_ticket(&hash, &offered, now).await?;
        Ok(ticket)
    }

    /// Spends a ticket: who may start which meeting by it, if it is what it seems to be. `meeting_id`
    /// is what the form asks for, where it says so; a form sent from another page than `origin` is
    /// none.
    pub async fn take(
        &self,
        ticket: &str,
        origin: Option<&str>,
        bearer: Bearer<'_>,
        meeting_id: Option<&str>,
    ) -> Result<Option<(Account, String)>, store::Error> {
        if !random::looks_like_token(ticket) {
            return Ok(None);
        }
        let hash = random::sha256(ticket);
        let taken = self.store.take_start_ticket(&hash, self.clock.millis());
        let Some(taken) = taken.await? else {
            return Ok(None);
        };
        // Where the page sends no referrer, browsers say so of its origin as well.
        let is_from_there = matches!(origin, None | Some("null")) || origin == Some(&taken.origin);
        let is_theirs = match bearer {
            Bearer::Window(known) => known.is_none_or(|key| key == taken.organizer_key),
            Bearer::Page(account, session) => {
                account.key == taken.organizer_key
                    && session.map(SessionId::hash) == taken.session_hash
            }
        };
        let wanted = match (&taken.meeting_id, meeting_id) {
            (Some(bound), Some(asked)) if bound != asked => None,
            (Some(id), _) => Some(id.clone()),
            (None, asked) => asked.map(str::to_owned),
        };
        let Some(id) = wanted.filter(|_| is_from_there && is_theirs) else {
            return Ok(None);
        };
        let account = self.sessions.behind(&taken).await?;
        Ok(account
            .filter(|account| !account.lost)
            .map(|account| (account, id)))
    }
}
