//! Everything a sandbox knows, behind one lock.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::{Notify, watch};

use crate::clock::Clock;
use crate::faults::Faults;
use crate::hold::Holds;
use crate::log::Log;
use crate::meetings::Meetings;
use crate::meter::Meter;
use crate::oauth::{Grants, Redirects};
use crate::options::Options;
use crate::people::People;
use crate::route::Route;
use crate::windows::max_in_window;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) clock: Clock,
    /// Scheme, host and port, without a slash at the end.
    pub(crate) origin: String,
    /// Told whenever the log changed.
    pub(crate) changed: Notify,
    started: Instant,
    stop: watch::Sender<bool>,
    state: Mutex<State>,
}

/// What changes. The lock is never held over an await.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) people: People,
    pub(crate) grants: Grants,
    pub(crate) redirects: Redirects,
    pub(crate) meetings: Meetings,
    pub(crate) faults: Faults,
    pub(crate) holds: Holds,
    pub(crate) log: Log,
    pub(crate) meter: Meter,
}

impl World {
    pub(crate) fn new(options: Options, origin: String) -> Self {
        let state = State {
            people: People::new(options.organizers, options.seed),
            grants: Grants::default(),
            redirects: Redirects::default(),
            meetings: Meetings::default(),
            faults: Faults::new(options.seed),
            holds: Holds::default(),
            log: Log::default(),
            meter: Meter::default(),
        };
        Self {
            clock: Clock::new(options.start),
            options,
            origin,
            changed: Notify::new(),
            started: Instant::now(),
            stop: watch::Sender::new(false),
            state: Mutex::new(state),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Monotonic time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until the sandbox stops.
    pub(crate) async fn stopped(&self) {
        // An error would mean that the sender is gone, but it lives in `self`.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }
}

impl State {
    /// The most requests of [`Route::Any`] that arrived in any window of this length.
    pub(crate) fn max_in_window(&self, window: Duration) -> usize {
        let arrivals: Vec<Duration> = self
            .log
            .of(Route::Any)
            .map(|received| received.arrived)
            .collect();
        max_in_window(&arrivals, window)
    }

    /// Ends the refresh tokens and consents of a person.
    pub(crate) fn revoke_grants_of(&mut self, email: &str) -> anyhow::Result<()> {
        let person = self.people.with_email(email);
        let key = &person
            .with_context(|| format!("nobody has the address {email}"))?
            .key;
        self.grants.revoke_person(key);
        Ok(())
    }
}
