//! What may stand between the proxy and PostgreSQL, or happen to it.

use std::time::Duration;

use goto_microapps::clock::Clock;
use goto_microapps::proxy::StartError;
use goto_microapps::store::Store;
use goto_microapps_harness::pgbouncer::PgBouncer;
use goto_microapps_harness::postgres::Postgres;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::people::{employee, grant};
use crate::{Base, Test, settings};

async fn is_refused_by_name(pool_mode: &str) -> Test {
    let base = Base::postgres()?;
    let pooler = PgBouncer::start(&base.url, pool_mode).await?;
    let url = pooler.in_front_of(&base.url)?;
    // Also after the first attempt has left whatever it leaves.
    for _ in 0..3 {
        let opened = Store::open(&settings(&url, &["old"]), &Clock::system()).await;
        let error = StartError::from(opened.expect_err("not to be used"));
        let text = error.to_string();
        for part in [
            "pooler",
            "PgBouncer",
            "pool_mode = session",
            "PostgreSQL itself",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(error.is_configuration(), "nothing to wait for");
    }
    assert_eq!(
        base.number("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'")
            .await?,
        0,
        "nothing was written"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_changes_servers_between_transactions_is_refused_by_name() -> Test {
    is_refused_by_name("transaction").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_changes_servers_between_statements_is_refused_by_name() -> Test {
    is_refused_by_name("statement").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_keeps_a_server_for_each_connection_works() -> Test {
    let base = Base::postgres()?;
    let pooler = PgBouncer::start(&base.url, "session").await?;
    let url = pooler.in_front_of(&base.url)?;
    for _ in 0..3 {
        let store = Store::open(&settings(&url, &["old"]), &Clock::system()).await?;
        let asking = (0..40).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let key = number.to_string();
                store.put_grant(&employee(&key), &grant(&key)).await?;
                store.grant(&employee(&key)).await
            })
        });
        for asked in asking.collect::<Vec<_>>() {
            assert!(asked.await??.is_some());
        }
        store.close().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_refuses_a_parameter_is_named_with_the_line_to_add() -> Test {
    let base = Base::postgres()?;
    let pooler = PgBouncer::start_with(&base.url, "session", "").await?;
    let text = crate::mistakes::refusal(&pooler.in_front_of(&base.url)?).await;
    for part in [
        "PgBouncer",
        "ignore_startup_parameters = extra_float_digits",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    Ok(())
}

/// Statements of the server's administrator, whatever is read-only.
async fn administer(url: &str, statements: &[String]) -> Test {
    sqlx::any::install_default_drivers();
    let url = format!("{url}?options=-c%20default_transaction_read_only%3Doff");
    let mut connection = AnyConnection::connect(&url).await?;
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement.clone()))
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_only_read_are_dropped() -> Test {
    let server = Postgres::start()?;
    let url = server.database()?;
    let name = url.rsplit('/').next().unwrap_or_default().to_owned();
    let store = Store::open(&settings(&url, &["old"]), &Clock::system()).await?;
    // As many connections as there may be.
    let asking: Vec<_> = (0..40)
        .map(|number: i32| {
            let store = store.clone();
            tokio::spawn(async move {
                let key = number.to_string();
                store.put_grant(&employee(&key), &grant(&key)).await
            })
        })
        .collect();
    for asked in asking {
        asked.await??;
    }
    // What is open reads only, what is opened writes: as after a failover.
    let mut watching = AnyConnection::connect(&url).await?;
    let writes = format!("ALTER DATABASE {name} SET default_transaction_read_only = off");
    let reads = "ALTER SYSTEM SET default_transaction_read_only = on".to_owned();
    administer(&url, &[writes, reads, "SELECT pg_reload_conf()".to_owned()]).await?;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !sqlx::query_scalar::<_, String>("SHOW default_transaction_read_only")
        .fetch_one(&mut watching)
        .await?
        .contains("on")
    {
        anyhow::ensure!(tokio::time::Instant::now() < deadline, "not reloaded");
    }
    for number in 0..40 {
        let key = number.to_string();
        store.put_grant(&employee(&key), &grant(&key)).await?;
    }
    assert!(store.grant(&employee("1")).await?.is_some());
    Ok(())
}
