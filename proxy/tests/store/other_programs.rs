//! Databases of somebody else: recognised before anything is written.

use crate::mistakes::refusal;
use crate::{Base, Test};

/// Makes a database that another program uses, and says what is in it afterwards.
async fn tables(base: &Base) -> anyhow::Result<Vec<String>> {
    let query = if base.url.starts_with("sqlite:") {
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    } else {
        "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    };
    base.texts(query).await
}

async fn is_left_alone(base: Base, statements: &[&'static str], named: &str) -> Test {
    for statement in statements {
        base.change(statement).await?;
    }
    let before = tables(&base).await?;
    let text = refusal(&base.url).await;
    for part in [
        "another program",
        named,
        "give goto-microapps a database of its own",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("backup"), "{text}");
    assert_eq!(tables(&base).await?, before, "nothing was written");
    Ok(())
}

const OTHER_MIGRATIONS: &str = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, \
    description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, \
    success BOOLEAN NOT NULL, checksum TEXT NOT NULL, execution_time BIGINT NOT NULL)";

pub(crate) async fn migrations_of_another_program_are_left_alone(base: Base) -> Test {
    let statements = [
        OTHER_MIGRATIONS,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (20230401120000, 'users', TRUE, 'x', 0)",
        "CREATE TABLE users (id BIGINT PRIMARY KEY)",
    ];
    is_left_alone(base, &statements, "users").await
}

pub(crate) async fn migrations_numbered_as_ours_are_left_alone(base: Base) -> Test {
    let statements = [
        OTHER_MIGRATIONS,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (1, 'initial', TRUE, 'x', 0)",
    ];
    is_left_alone(base, &statements, "_sqlx_migrations").await
}

pub(crate) async fn a_table_of_another_program_is_left_alone(base: Base) -> Test {
    let statements = ["CREATE TABLE setting (id BIGINT PRIMARY KEY, colour TEXT)"];
    is_left_alone(base, &statements, "setting").await
}

pub(crate) async fn tables_with_other_names_are_another_programs_too(base: Base) -> Test {
    let statements = [
        "CREATE TABLE customer (id BIGINT PRIMARY KEY)",
        "CREATE VIEW customers AS SELECT id FROM customer",
    ];
    is_left_alone(base, &statements, "customer").await
}

pub(crate) async fn a_table_somebody_added_to_ours_is_let_be(base: Base) -> Test {
    base.open().await?.close().await;
    base.change("CREATE TABLE report (id BIGINT PRIMARY KEY)")
        .await?;
    base.open().await?.close().await;
    Ok(())
}
