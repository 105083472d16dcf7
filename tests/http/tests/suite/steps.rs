//! What most tests begin with.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use goto_microapps_api::NewMeeting;
use goto_microapps_harness::{Harness, Options, Reply, Visitor};
use goto_sandbox::Route;
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

/// What a test comes to.
pub(crate) type Test = anyhow::Result<()>;

pub(crate) const ELODIE: &str = "elodie.martin@corp.example";
pub(crate) const JUERGEN: &str = "juergen.gross@corp.example";
pub(crate) const ZOE: &str = "zoe.oneill@corp.example";

/// What a widget keeps to itself while its window is open.
pub(crate) const VERIFIER: &str = "a-verifier-of-the-widget-0123456789-0123456789";

/// Longest a step may take on a busy machine before the test is red.
const PATIENCE: Duration = Duration::from_secs(30);

/// The instant at which standing clocks stand.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().expect("a time")
}

/// A standing clock, and limits nobody reaches: on a clock that stands, no slot ever becomes free.
/// Nobody is connected.
pub(crate) fn quiet() -> Options {
    Options {
        start: Some(noon()),
        connected: false,
        sandbox: goto_sandbox::Options {
            organizers: 40,
            requests_per_second: 0,
            ..goto_sandbox::Options::default()
        },
        ..Options::default()
    }
    .set("goto.requests", "300")
    .set("goto.requests_per_second", "300")
}

/// The same with a directory.
pub(crate) fn connected() -> Options {
    Options {
        connected: true,
        ..quiet()
    }
}

/// A form that everybody may send at noon: an hour tomorrow.
pub(crate) fn form() -> NewMeeting {
    NewMeeting {
        subject: "Point d’équipe".to_owned(),
        start: "2026-03-03T14:00".to_owned(),
        end: "2026-03-03T15:00".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        ..NewMeeting::default()
    }
}

/// An idempotency key that no test used before.
pub(crate) fn fresh_key() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("5f3c1a52-77a4-4b7e-9a0e-{number:012}")
}

/// Lets time pass on the standing clocks, a `step` at a time, while `work` waits for it.
pub(crate) async fn as_time_passes<T>(
    harness: &Harness,
    step: Duration,
    work: impl Future<Output = T>,
) -> T {
    let work = async {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = sleep(Duration::from_millis(10)) => harness.advance(step),
            }
        }
    };
    timeout(PATIENCE, work).await.expect("done in time")
}

/// Looks again and again until `look` sees it; for what announces itself to nobody.
pub(crate) async fn eventually<T, F>(mut look: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        anyhow::ensure!(Instant::now() < deadline, "it did not happen");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Waits for something of the sandbox, not for ever.
pub(crate) async fn soon<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("in time")
}

/// How many requests of `route` GoTo got.
pub(crate) fn count(harness: &Harness, route: Route) -> usize {
    harness.sandbox.log_of(route).len()
}

/// Signs in up to the way back from GoTo, which is not taken.
pub(crate) async fn way_back(
    harness: &Harness,
    visitor: &Visitor,
    email: &str,
) -> anyhow::Result<String> {
    let departure = visitor.depart(VERIFIER).await?;
    harness.sandbox.consent(&departure, email).await
}

/// Signs in up to the one-time code that the window posts.
pub(crate) async fn posted_code(
    harness: &Harness,
    visitor: &Visitor,
    email: &str,
) -> anyhow::Result<String> {
    let back = way_back(harness, visitor, email).await?;
    let page = visitor.open(&back).await?;
    let (message, _) = Visitor::posted(&page).with_context(|| page.text.clone())?;
    message.code.context("no code")
}

/// The code of a problem document.
pub(crate) fn code(reply: &Reply) -> anyhow::Result<(u16, goto_microapps_api::Code)> {
    Ok((reply.status, reply.problem()?.code))
}

/// A place for a store that a test wants to look into.
pub(crate) struct Disk {
    directory: TempDir,
}

impl Disk {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            directory: tempfile::tempdir()?,
        })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("store.db")
    }

    /// With the store here.
    pub(crate) fn under(&self, options: Options) -> Options {
        Options {
            store_url: Some(self.url()),
            ..options
        }
    }

    /// For [`Options::store_url`].
    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.path().display())
    }

    /// The one number a query answers.
    pub(crate) async fn number(&self, query: &'static str) -> anyhow::Result<i64> {
        let pool = open(&self.path()).await?;
        let number = sqlx::query_scalar(query).fetch_one(&pool).await?;
        pool.close().await;
        Ok(number)
    }

    /// The texts of a query's first column.
    pub(crate) async fn texts(&self, query: &'static str) -> anyhow::Result<Vec<String>> {
        let pool = open(&self.path()).await?;
        let texts = sqlx::query_scalar(query).fetch_all(&pool).await?;
        pool.close().await;
        Ok(texts)
    }
}

async fn open(path: &Path) -> anyhow::Result<sqlx::SqlitePool> {
    Ok(sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await?)
}
