//! The sync: every page of the account's users into a new generation, swapped in when complete.
//!
//! [`super::pages`] says which page comes next and when all were read.
//!
//! One runner at a time by a lease. The search answers from the old generation meanwhile. A result
//! that shrinks too much is refused unless the administrator forces it: an outage at GoTo must not
//! empty the directory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;

use super::pages::{Pages, Seen, Step, expected, is_shorter_than_told};
use super::{Builder, Directory};
use crate::activity::Activity;
use crate::clock::{Clock, Millis, millis_of};
use crate::config;
use crate::goto::{Goto, UserPage};
use crate::random;
use crate::store::{self, OrganizerRow, Owner, RunState, SET_BACK, Store, SyncRun};
use crate::tokens::{self, Tokens};

/// Rows asked for at once.
const PAGE: i64 = 100;
/// Pages read at most: a server that never ends must not keep us.
const PAGES_MAX: i64 = 10_000;
/// How long a runner may be silent before another takes over, milliseconds.
const LEASE: Millis = 180_000;
/// A run that was cut off goes on if it began this recently, milliseconds.
const RESUME: Millis = 3_600_000;
/// A failed run is repeated after this at the earliest.
const RETRY: Duration = Duration::from_secs(300);
const LEASE_NAME: &str = "sync";

/// Why a sync did not replace the directory.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Another runner is at it.
    #[error("a sync is already running")]
    Running,
    /// No service account yet, or its consent is lost.
    #[error("the service account is not connected: press Authorise on the admin page")]
    NotConnected,
    /// Fewer people than the guard allows.
    #[error(
        "GoTo listed {found} people where the directory has {had}; sync again with “accept fewer people” if that is right"
    )]
    Shrunk {
        /// People before.
        had: i64,
        /// People now.
        found: i64,
    },
    /// The list changed while it was read, twice.
    #[error(
        "GoTo said {expected} people and gave {found} different ones: its list changed while it was read, twice. Everybody of the last complete reading can still be found; sync again, with “accept fewer people” if {found} is right"
    )]
    Moved {
        /// How many there must be at least.
        expected: i64,
        /// How many different people came.
        found: i64,
    },
    /// GoTo.
    #[error("{0}")]
    Goto(#[from] tokens::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// See the module.
#[derive(Debug)]
pub struct DirectorySync {
    store: Store,
    goto: Arc<Goto>,
    tokens: Arc<Tokens>,
    activity: Activity,
    clock: Clock,
    settings: config::Organizers,
    directory: RwLock<Arc<Directory>>,
    loaded: RwLock<Option<i64>>,
    wanted: AtomicBool,
    asked: Notify,
}

impl DirectorySync {
    /// A sync over the service account's tokens; loads the directory of the last one.
    pub async fn new(
        settings: &config::Organizers,
        store: Store,
        goto: Arc<Goto>,
        tokens: Arc<Tokens>,
        activity: Activity,
        clock: Clock,
    ) -> Result<Self, store::Error> {
        let sync = Self {
            store,
            goto,
            tokens,
            activity,
            clock,
            settings: settings.clone(),
            directory: RwLock::default(),
            loaded: RwLock::default(),
            wanted: AtomicBool::new(false),
            asked: Notify::new(),
        };
        sync.reload().await?;
        Ok(sync)
    }

    /// Who can be found now.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Loads the generation in use if another replica replaced it.
    pub async fn reload(&self) -> Result<(), store::Error> {
        let current = self.store.current_generation().await?;
        if current == *self.loaded.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(());
        }
        if let Some(generation) = current {
            let mut builder = Builder::new(self.settings.offer);
            self.store
                .each_organizer(generation, |person| builder.add(person))
                .await?;
            let directory = Arc::new(builder.build());
            *self
                .directory
                .write()
                .unwrap_or_else(PoisonError::into_inner) = directory;
        }
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = current;
        Ok(())
    }

    /// The newest runs, newest first.
    pub async fn runs(&self) -> Result<Vec<SyncRun>, store::Error> {
        self.store.recent_runs(5).await
    }

    /// Has the background task read everybody now: the service account was just connected.
    pub fn ask(&self) {
        self.wanted.store(true, Ordering::SeqCst);
        self.asked.notify_one();
    }

    /// Runs when asked, when the schedule says, and keeps the directory of other replicas in view.
    pub async fn serve(self: Arc<Self>) {
        loop {
            if let Err(error) = self.reload().await {
                tracing::warn!(%error, "the directory could not be reloaded");
            }
            let trigger = if self.wanted.swap(false, Ordering::SeqCst) {
                Some("consent")
            } else {
                match self.is_due().await {
                    Ok(due) => due.then_some("schedule"),
                    Err(error) => {
                        tracing::warn!(%error, "the sync schedule could not be read");
                        None
                    }
                }
            };
            if let Some(trigger) = trigger {
                match self.run(trigger, false).await {
                    Ok(_) | Err(SyncError::Running) => {}
                    Err(error) => tracing::warn!(%error, "sync"),
                }
            }
            tokio::select! {
                () = self.asked.notified() => {}
                () = self.clock.sleep(Duration::from_secs(30)) => {}
            }
        }
    }

    async fn is_due(&self) -> Result<bool, store::Error> {
        let Some(every) = self.settings.sync_every else {
            return Ok(false);
        };
        let grant = self.store.grant(&Owner::ServiceAccount).await?;
        if grant.is_none_or(|row| row.lost) {
            return Ok(false);
        }
        let newest = self.store.recent_runs(1).await?.into_iter().next();
        Ok(newest.is_none_or(|run| {
            if run.state == RunState::Running {
                // Under way, or cut off: whoever gets the lease finds out.
                return true;
            }
            // What failed is tried again sooner than what worked, but never in a hurry.
            let wait = if run.state == RunState::Failed {
                every.min(RETRY)
            } else {
                every
            };
            let age = self.clock.millis() - run.started_at;
            age >= millis_of(wait) || age < -SET_BACK
        }))
    }

    /// Reads everybody. `force` accepts a directory that shrinks.
    pub async fn run(&self, trigger: &str, force: bool) -> Result<SyncRun, SyncError> {
        // One name for each run: two of this process must not share the lease either.
        let holder = random::name();
        self.hold(&holder).await?;
        let outcome = self.run_alone(&holder, trigger, force).await;
        self.store.release_lease(LEASE_NAME, &holder).await?;
        let (result, detail) = match &outcome {
            Ok(run) => ("ok", format!("{} people", run.fetched)),
            Err(refusal) => ("failed", refusal.to_string()),
        };
        self.activity
            .note("organizers.sync", None, result, &detail)
            .await;
        outcome
    }

    /// Takes the lease, or holds it a while longer.
    async fn hold(&self, holder: &str) -> Result<(), SyncError> {
        let now = self.clock.millis();
        let until = now + LEASE;
        let store = &self.store;
        if store.take_lease(LEASE_NAME, holder, now, until).await? {
            Ok(())
        } else {
            Err(SyncError::Running)
        }
    }

    async fn run_alone(
        &self,
        holder: &str,
        trigger: &str,
        force: bool,
    ) -> Result<SyncRun, SyncError> {
        let mut run = match self.left_behind().await? {
            Some(run) => run,
            None => self.store.start_run(trigger, self.clock.millis()).await?,
        };
        match self.read_all(holder, &mut run, force).await {
            Ok(()) => {
                let filter = self.settings.filter.as_deref();
                let left = self
                    .store
                    .finish_run(run.generation, filter, self.clock.millis())
                    .await?;
                if left > 0 {
                    tracing::info!(left, "people who left the account were signed out");
                }
                self.reload().await?;
                run.state = RunState::Done;
                run.fetched = self.store.count_organizers(run.generation).await?;
                tracing::info!(
                    people = run.fetched,
                    restarts = run.restarts,
                    trigger,
                    "organizers synced"
                );
                Ok(run)
            }
            // Another runner took over; the run is theirs.
            Err(SyncError::Running) => Err(SyncError::Running),
            Err(refusal) => {
                let now = self.clock.millis();
                self.store
                    .fail_run(run.generation, &refusal.to_string(), now)
                    .await?;
                Err(refusal)
            }
        }
    }

    /// A run that a crash left behind: the lease proves that nobody works on it. A young one goes
    /// on after its last page, an old one is worth nothing any more.
    async fn left_behind(&self) -> Result<Option<SyncRun>, store::Error> {
        let now = self.clock.millis();
        let mut resumed = None;
        for run in self.store.recent_runs(5).await? {
            if run.state != RunState::Running {
                continue;
            }
            if resumed.is_none() && now - run.started_at <= RESUME {
                tracing::info!(fetched = run.fetched, "a sync goes on after a stop");
                resumed = Some(run);
            } else {
                self.store
                    .fail_run(run.generation, "the proxy was stopped", now)
                    .await?;
            }
        }
        Ok(resumed)
    }

    async fn read_all(
        &self,
        holder: &str,
        run: &mut SyncRun,
        force: bool,
    ) -> Result<(), SyncError> {
        loop {
            let step = self.read_to_the_end(holder, run).await?;
            let found = self.store.count_organizers(run.generation).await?;
            let expected = expected(run);
            if step != Step::Lost && (found >= expected || force) {
                break;
            }
            if run.restarts > 0 {
                if step == Step::AtEnd && is_shorter_than_told(run, found) {
                    tracing::warn!(
                        found,
                        total = run.total,
                        "GoTo lists fewer people than it says"
                    );
                    break;
                }
                return Err(SyncError::Moved { expected, found });
            }
            tracing::warn!(
                found,
                expected,
                "the list of organizers changed while it was read: it is read again"
            );
            self.store.restart_run(run).await?;
        }
        self.guard_against_shrinking(run, force).await
    }

    /// Reads page after page until there are all people, or no more pages.
    async fn read_to_the_end(&self, holder: &str, run: &mut SyncRun) -> Result<Step, SyncError> {
        let mut pages = Pages::new();
        for _ in 0..PAGES_MAX {
            let page = self.page(pages.offset(run)).await?;
            let first = page.users.first();
            let seen = Seen {
                rows: page.rows,
                unreadable: page.rows - i64::try_from(page.users.len()).unwrap_or(page.rows),
                total: page.total,
                is_joined: match first {
                    Some(first) => self.store.has_organizer(run.generation, &first.key).await?,
                    None => false,
                },
            };
            let step = pages.take(run, seen);
            let users = page.users.into_iter().filter(|_| step != Step::Back);
            let people: Vec<OrganizerRow> = users
                .map(|user| OrganizerRow {
                    name: user.name(),
                    can_host: user.can_host,
                    group: user.group.unwrap_or_default(),
                    key: user.key,
                    email: user.email,
                })
                .collect();
            self.store.store_page(run, &people).await?;
            self.hold(holder).await?;
            match step {
                Step::On | Step::Back => {}
                // Whom a page has left out stands behind the total's place.
                Step::AtTotal => {
                    let found = self.store.count_organizers(run.generation).await?;
                    if found >= expected(run) {
                        return Ok(step);
                    }
                }
                Step::AtEnd | Step::Lost => return Ok(step),
            }
        }
        Ok(Step::Lost)
    }

    async fn page(&self, offset: i64) -> Result<UserPage, SyncError> {
        let filter = self.settings.filter.as_deref();
        self.tokens
            .with(&Owner::ServiceAccount, |token| async move {
                self.goto.users(&token, offset, PAGE, filter).await
            })
            .await
            .map_err(|error| match error {
                tokens::Error::NoGrant => SyncError::NotConnected,
                other => SyncError::Goto(other),
            })
    }

    async fn guard_against_shrinking(&self, run: &SyncRun, force: bool) -> Result<(), SyncError> {
        let Some(current) = self.store.current_generation().await? else {
            return Ok(());
        };
        let had = self.store.count_organizers(current).await?;
        let found = self.store.count_organizers(run.generation).await?;
        let least = had - had * i64::from(self.settings.max_shrink_percent) / 100;
        if found < least && !force {
            Err(SyncError::Shrunk { had, found })
        } else {
            Ok(())
        }
    }
}
