//! Columns that hold secrets, and changes of the keys.

use anyhow::Context;
use goto_microapps::clock::Clock;
use goto_microapps::store::{IntentState, MeetingRow, Owner, Store};
use secrecy::ExposeSecret;

use crate::creates::{asked, meeting};
use crate::people::{employee, grant, sign_in};
use crate::{Base, NOW, Test, settings};

/// One of each secret there is.
pub(crate) async fn fill(store: &Store) -> Test {
    store.put_grant(&employee("1"), &grant("1")).await?;
    store.put_grant(&Owner::ServiceAccount, &grant("9")).await?;
    store
        .insert_transaction("state", &sign_in("browser"), NOW, 0)
        .await?;
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    let row = MeetingRow {
        phone: Some("canary-phone".to_owned().into()),
        ..meeting("123", "id")
    };
    store.finish_intent(IntentState::New, &row).await?;
    Ok(())
}

pub(crate) async fn secrets_are_sealed(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    for query in [
        "SELECT access_token FROM oauth_grant",
        "SELECT refresh_token FROM oauth_grant",
        "SELECT verifier FROM sign_in_transaction",
        "SELECT join_url FROM meeting",
        "SELECT phone FROM meeting",
    ] {
        for text in base.texts(query).await? {
            assert!(text.starts_with("1.old."), "{query}");
            assert!(!text.contains("canary"), "{query}");
        }
    }
    // A value that was moved to another row does not open.
    base.change(
        "UPDATE oauth_grant SET access_token = (SELECT access_token FROM oauth_grant \
         WHERE owner = 'service_account') WHERE owner = 'employee:1'",
    )
    .await?;
    assert!(store.grant(&employee("1")).await.is_err());
    assert!(store.grant(&Owner::ServiceAccount).await.is_ok());
    Ok(())
}

pub(crate) async fn a_ring_without_a_needed_key_is_refused(base: Base) -> Test {
    let store = base.open().await?;
    // As long as nothing is sealed, no key is missed.
    base.open_with(&["new"]).await?.close().await;
    fill(&store).await?;
    store.close().await;
    let error = base
        .open_with(&["new"])
        .await
        .expect_err("a key is missing");
    let text = error.to_string();
    for part in ["store.keys", "`old`", "put it back", "goto-microapps rekey"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(base.open_with(&["new", "old"]).await.is_ok());
    Ok(())
}

pub(crate) async fn a_wrong_key_under_a_known_name_opens_nothing(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    let mut wrong = settings(&base.url, &["old"]);
    wrong.keys[0].key = settings(&base.url, &["x"]).keys[0].key.clone();
    let store = Store::open(&wrong, &Clock::system()).await?;
    let error = store.grant(&employee("1")).await.expect_err("another key");
    assert!(
        error.to_string().contains("does not open with its key"),
        "{error}"
    );
    Ok(())
}

pub(crate) async fn rekey_seals_everything_with_the_first_key(base: Base) -> Test {
    fill(&base.open().await?).await?;
    let both = base.open_with(&["new", "old"]).await?;
    assert_eq!(both.rekey().await?, 7);
    assert_eq!(both.rekey().await?, 0, "nothing is left");
    both.close().await;
    let store = base.open_with(&["new"]).await?;
    let grant = store.grant(&employee("1")).await?.context("there")?;
    assert_eq!(grant.grant.refresh_token.expose_secret(), "canary-refresh");
    let meeting = store.meeting("1", "123").await?.context("there")?;
    assert_eq!(
        meeting.phone.context("kept")?.expose_secret(),
        "canary-phone"
    );
    assert!(store.take_transaction("state").await?.is_some());
    Ok(())
}

pub(crate) async fn is_alive_for_a_load_balancer(base: Base) -> Test {
    let store = base.open().await?;
    store.ping().await?;
    store.close().await;
    assert!(store.ping().await.is_err());
    Ok(())
}
