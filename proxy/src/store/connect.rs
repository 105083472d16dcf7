//! Connections: how they are set up, which of them may be used, and what stands in between.

use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnectionMetadata;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};

use super::{Error, Result};

/// How long a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often two connections are compared. A pooler gives both the same server at once when it is
/// idle, and one of them another server soon when it is not.
const COMPARISONS: usize = 8;

/// When SQLite syncs the disk (<https://sqlite.org/pragma.html#pragma_synchronous>).
#[derive(Clone, Copy, Debug)]
pub(super) enum Synchronous {
    /// At each commit: what was committed survives a power cut.
    Full,
    /// From time to time, and in order: a power cut takes the latest commits.
    Normal,
}

/// Sets a connection to SQLite up.
pub(super) async fn prepare(
    connection: &mut AnyConnection,
    synchronous: Synchronous,
) -> sqlx::Result<()> {
    connection.execute("PRAGMA busy_timeout = 5000").await?;
    let synchronous = match synchronous {
        Synchronous::Full => "PRAGMA synchronous = FULL",
        Synchronous::Normal => "PRAGMA synchronous = NORMAL",
    };
    connection.execute(synchronous).await?;
    Ok(())
}

/// Connections to a SQLite file.
pub(super) async fn sqlite_pool(
    options: &AnyConnectOptions,
    most: u32,
    synchronous: Synchronous,
) -> Result<AnyPool> {
    Ok(AnyPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        .after_connect(move |connection, _| Box::pin(prepare(connection, synchronous)))
        .connect_with(options.clone())
        .await?)
}

/// Connections to PostgreSQL. Each is asked before each use whether it can write: after a failover,
/// those to the server that was the primary stay open and read.
pub(super) async fn postgres_pool(options: &AnyConnectOptions, most: u32) -> Result<AnyPool> {
    Ok(AnyPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        .after_connect(|connection, _| {
            Box::pin(async move {
                if can_write(connection).await? {
                    return Ok(());
                }
                // Tried again until the patience is over: a load balancer may have another server.
                Err(sqlx::Error::Configuration(
                    "this server only reads; store.url must lead to the primary".into(),
                ))
            })
        })
        // Ours does the same and costs the same round trip.
        .test_before_acquire(false)
        .before_acquire(|connection, _: PoolConnectionMetadata| {
            Box::pin(async move {
                let usable = can_write(connection).await?;
                if !usable {
                    tracing::warn!("a connection to a database server that only reads is closed");
                }
                Ok(usable)
            })
        })
        .connect_with(options.clone())
        .await?)
}

/// Whether what begins now may write. On a standby it is never so
/// (<https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-USERS>), and a server plans
/// nothing to say it.
async fn can_write(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    let query = sqlx::raw_sql("SHOW transaction_read_only");
    let reads_only: String = sqlx::Row::try_get(&connection.fetch_one(query).await?, 0)?;
    Ok(reads_only == "off")
}

/// Refuses a pooler that gives each transaction another server: statements are prepared in one
/// round trip and executed in the next. Two connections of ours that are open at once and have the
/// same server process, or one that changes its own, can be nothing else. Asked with simple queries,
/// so that nothing is left behind in the pooler's connections.
pub(super) async fn refuse_pooler(options: &AnyConnectOptions) -> Result<()> {
    let mut one = AnyConnection::connect_with(options).await.map_err(named)?;
    let mut other = AnyConnection::connect_with(options).await.map_err(named)?;
    let mut compare = async || {
        let (first, second) = (process(&mut one).await?, process(&mut other).await?);
        for _ in 0..COMPARISONS {
            let again = (process(&mut one).await?, process(&mut other).await?);
            if first == second || again != (first, second) {
                return Err(Error::Pooler);
            }
        }
        Ok(())
    };
    compare().await?;
    one.close().await?;
    other.close().await?;
    Ok(())
}

/// Names the start of the server that answers a query.
pub(super) async fn server(connection: &mut AnyConnection) -> Result<i64> {
    let query = "SELECT CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) * 1000 AS BIGINT)";
    let row = connection.fetch_one(sqlx::raw_sql(query)).await;
    Ok(sqlx::Row::try_get(&row.map_err(named)?, 0)?)
}

/// Refuses what sends reads to another server than writes. `reads` answered outside of a transaction;
/// inside of one that has written, everybody asks the server that writes.
pub(super) async fn refuse_split(written: &mut AnyConnection, reads: i64) -> Result<()> {
    if server(written).await? == reads {
        Ok(())
    } else {
        Err(Error::Split)
    }
}

async fn process(connection: &mut AnyConnection) -> Result<i64> {
    let query = sqlx::raw_sql("SELECT CAST(pg_backend_pid() AS BIGINT)");
    let row = connection.fetch_one(query).await.map_err(named)?;
    Ok(sqlx::Row::try_get(&row, 0)?)
}

/// A pooler that gives itself away by what it refuses.
pub(super) fn named(error: sqlx::Error) -> Error {
    let Some(told) = error.as_database_error() else {
        return error.into();
    };
    if told.message().contains("unsupported startup parameter") {
        return Error::PoolerRefuses(told.message().to_owned());
    }
    // 42P05: another client's statement has the name of ours; 26000: ours is with another server.
    let code = told.code();
    let pooler = matches!(code.as_deref(), Some("42P05" | "26000"))
        || told.message().contains("statement pooling mode");
    if pooler { Error::Pooler } else { error.into() }
}
