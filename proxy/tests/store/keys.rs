//! The key ring against what is stored.

use anyhow::Context;
use goto_microapps::clock::Clock;
use goto_microapps::config;
use goto_microapps::proxy::StartError;
use goto_microapps::store::{Owner, Store};
use secrecy::ExposeSecret;
use sqlx::AssertSqlSafe;

use crate::people::{employee, grant};
use crate::sealed::{SEALED, fill};
use crate::{Base, Test, settings};

/// A ring in which a key has another one's name.
pub(crate) fn named(url: &str, name: &str, key: &str) -> config::Store {
    let mut ring = settings(url, &[name]);
    ring.keys[0].key = settings(url, &[key]).keys[0].key.clone();
    ring
}

async fn refused(settings: &config::Store) -> String {
    let opened = Store::open(settings, &Clock::system()).await;
    StartError::from(opened.expect_err("not to be used")).to_string()
}

pub(crate) async fn security_51_a_replaced_key_of_the_same_name_is_refused(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    store.close().await;
    let text = refused(&named(&base.url, "old", "x")).await;
    for part in ["store.keys", "`old`", "another key of that name"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // Behind a good key as well.
    let mut two = settings(&base.url, &["new", "old"]);
    two.keys[1] = named(&base.url, "old", "x").keys.remove(0);
    let text = refused(&two).await;
    assert!(text.contains("`old`"), "{text}");
    base.open().await?.close().await;
    Ok(())
}

/// The same secrets in the same rows, sealed with that key: by column, place and value.
async fn sealed_with(base: &Base, key: &str) -> anyhow::Result<Vec<Vec<(String, String)>>> {
    for statement in [
        "DELETE FROM oauth_grant",
        "DELETE FROM sign_in_transaction",
        "DELETE FROM meeting",
        "DELETE FROM my_meetings",
        "DELETE FROM create_intent",
        "DELETE FROM edit_intent",
    ] {
        base.change(statement).await?;
    }
    let store = base.open_with(&[key]).await?;
    fill(&store).await?;
    store.close().await;
    let raw = base.raw().await?;
    let mut columns = Vec::new();
    for (table, column, place) in SEALED {
        let query = format!("SELECT {place}, {column} FROM {table}");
        let query = sqlx::query_as(AssertSqlSafe(query));
        columns.push(query.fetch_all(&raw).await?);
    }
    raw.close().await;
    Ok(columns)
}

pub(crate) async fn security_51_any_column_alone_gives_a_wrong_key_away(base: Base) -> Test {
    base.open().await?.close().await;
    let old = sealed_with(&base, "old").await?;
    let new = sealed_with(&base, "new").await?;
    let mut replaced = settings(&base.url, &["new", "old"]);
    replaced.keys[1] = named(&base.url, "old", "x").keys.remove(0);
    let missing = settings(&base.url, &["new"]);
    for (alone, (_, name, _)) in SEALED.into_iter().enumerate() {
        let raw = base.raw().await?;
        for (number, (table, column, place)) in SEALED.into_iter().enumerate() {
            let values = if number == alone { &old } else { &new };
            assert!(!values[number].is_empty(), "{table}.{column} is filled");
            let change = format!("UPDATE {table} SET {column} = $1 WHERE {place} = $2");
            for (row, value) in &values[number] {
                let change = sqlx::query(AssertSqlSafe(change.clone()));
                change.bind(value).bind(row).execute(&raw).await?;
            }
        }
        raw.close().await;
        let text = refused(&replaced).await;
        let said = "another key of that name than `old`";
        assert!(text.contains(said), "{name}: {text}");
        let text = refused(&missing).await;
        assert!(text.contains("`old` is missing"), "{name}: {text}");
    }
    Ok(())
}

pub(crate) async fn security_51_both_keys_of_one_name_open_what_each_sealed(base: Base) -> Test {
    let store = base.open().await?;
    store.put_grant(&employee("1"), &grant("1")).await?;
    store.close().await;
    // What an earlier version allowed: a second key of the same day.
    let mut both = named(&base.url, "old", "x");
    both.keys.push(settings(&base.url, &["old"]).keys.remove(0));
    let store = Store::open(&both, &Clock::system()).await?;
    store.put_grant(&Owner::ServiceAccount, &grant("9")).await?;
    for owner in [employee("1"), Owner::ServiceAccount] {
        let grant = store.grant(&owner).await?.context("there")?;
        assert_eq!(grant.grant.refresh_token.expose_secret(), "canary-refresh");
    }
    store.close().await;
    Ok(())
}

pub(crate) async fn names_that_differ_in_case_are_two_names(base: Base) -> Test {
    let store = base.open_with(&["Key"]).await?;
    fill(&store).await?;
    store.close().await;
    let error = base.open_with(&["key"]).await.expect_err("another name");
    assert!(error.to_string().contains("`Key` is missing"), "{error}");
    Ok(())
}
