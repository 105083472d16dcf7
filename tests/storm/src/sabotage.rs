//! The negative controls that reach into the database. Nothing in the proxy knows of them.

use std::time::Duration;

use sqlx::AnyPool;

use crate::options::Control;
use crate::store::Database;

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
                tokio::spawn(free_renewals(pool.clone()));
            }
            _ => {}
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

/// Takes the lease of every renewal away again and again.
async fn free_renewals(pool: AnyPool) {
    loop {
        let freed = sqlx::query("DELETE FROM lease WHERE name LIKE 'renew:%'");
        // While the database is away there is nothing to free.
        let _ = freed.execute(&pool).await;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
