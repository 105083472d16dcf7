//! The negative controls that reach into the database. Nothing in the proxy knows of them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::AnyPool;

use crate::options::Control;
use crate::store::Database;

/// Takes the lease of every renewal away.
const FREE_RENEWALS: &[&str] = &["DELETE FROM lease WHERE name LIKE 'renew:%'"];
/// As if the marks had not reached the disk.
const ORDER_SENT: &[&str] = &[
    "UPDATE edit_intent SET state = 'ordered' WHERE state = 'sent'",
    "UPDATE change_intent SET state = 'ordered' WHERE state = 'sent'",
];
/// As if nobody had taken them back.
const QUEUE_WITHDRAWN: &[&str] = &["UPDATE create_intent SET state = 'new', dropped = NULL, \
     check_at = 0 WHERE state = 'failed' AND dropped = 'withdrawn'"];
const ORDER_UNDONE: &[&str] =
    &["UPDATE change_intent SET state = 'ordered', due_at = 0 WHERE state = 'withdrawn'"];

/// Breaks a promise from outside, once or for as long as it runs.
#[derive(Debug)]
pub struct Sabotage {
    control: Option<Control>,
    pool: AnyPool,
}

impl Sabotage {
    /// Sets up what `control` needs; the schema is there already.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start(control: Option<Control>, database: &Database) -> anyhow::Result<Self> {
        let pool = database.pool().await?;
        match control {
            Some(Control::Window) => shorten_windows(&pool, database.is_sqlite()).await?,
            Some(Control::Refresh) => {
                tokio::spawn(again_and_again(pool.clone(), FREE_RENEWALS));
            }
            Some(Control::Changes) => {
                tokio::spawn(again_and_again(pool.clone(), ORDER_SENT));
            }
            Some(Control::Withdrawn) => {
                tokio::spawn(again_and_again(pool.clone(), QUEUE_WITHDRAWN));
            }
            Some(Control::Undone) => {
                tokio::spawn(again_and_again(pool.clone(), ORDER_UNDONE));
            }
            Some(Control::Stuck) => {
                tokio::spawn(hold_queue(pool.clone()));
            }
            Some(Control::Durable | Control::Retry) | None => {}
        }
        Ok(Self { control, pool })
    }

    /// A replica was just killed.
    pub async fn after_kill(&self) {
        if self.control != Some(Control::Durable) {
            return;
        }
        // As if the mark had not reached the disk. While the database is away nothing is lost.
        let _ = sqlx::query("UPDATE create_intent SET state = 'new' WHERE state = 'sent'")
            .execute(&self.pool)
            .await;
    }

    /// An hour is over: whoever needs a token has to renew it. In every storm, with or without a
    /// negative control.
    pub async fn end_tokens(&self) {
        // While the database is away, GoTo's refusals alone have to tell.
        let _ = sqlx::query("UPDATE oauth_grant SET access_expires_at = 0")
            .execute(&self.pool)
            .await;
    }

    /// Minutes are over: a cancellation whose answer was lost is looked for once more now. Nobody can
    /// ask for that, other than for a create or an edit. In every storm, with or without a negative
    /// control.
    pub async fn end_waits(&self) {
        // The first look keeps its time: a request that is late may still arrive before it.
        let due = "UPDATE change_intent SET check_at = 0 WHERE state = 'unknown' AND checks > 0";
        let _ = sqlx::query(due).execute(&self.pool).await;
    }
}

/// Each slot of the interval is free a tenth of a two-second window too early.
async fn shorten_windows(pool: &AnyPool, sqlite: bool) -> anyhow::Result<()> {
    let statements: &[&'static str] = if sqlite {
        &[
            "CREATE TRIGGER shorten AFTER UPDATE OF free_at ON upstream_slot \
           WHEN NEW.bucket = 'interval' BEGIN \
             UPDATE upstream_slot SET free_at = NEW.free_at - 200 \
             WHERE bucket = NEW.bucket AND slot = NEW.slot; END",
        ]
    } else {
        &[
            "CREATE FUNCTION shorten() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN NEW.free_at := NEW.free_at - 200; RETURN NEW; END'",
            "CREATE TRIGGER shorten BEFORE UPDATE OF free_at ON upstream_slot FOR EACH ROW \
             WHEN (NEW.bucket = 'interval') EXECUTE FUNCTION shorten()",
        ]
    };
    for statement in statements {
        sqlx::query(*statement).execute(pool).await?;
    }
    Ok(())
}

/// Breaks the same promise again and again.
async fn again_and_again(pool: AnyPool, statements: &'static [&'static str]) {
    loop {
        for statement in statements {
            // While the database is away there is nothing to break.
            let _ = sqlx::query(*statement).execute(&pool).await;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Holds the lease of whoever sends what waits, and never does.
async fn hold_queue(pool: AnyPool) {
    loop {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let until = now.unwrap_or_default() + Duration::from_secs(8);
        let held = sqlx::query(
            "INSERT INTO lease (name, holder, until) VALUES ('queue', 'nobody', $1) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until",
        )
        .bind(i64::try_from(until.as_millis()).unwrap_or(i64::MAX));
        let _ = held.execute(&pool).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
