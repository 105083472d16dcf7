//! Columns that hold secrets, and changes of the keys.

use anyhow::Context;
use goto_microapps::store::{IntentState, MeetingRow, Owner, PendingSignIn, Store};
use secrecy::ExposeSecret;

use crate::changes::{edit, edited};
use crate::creates::{asked, meeting};
use crate::people::{employee, grant, sign_in};
use crate::{Base, NOW, Test};

/// Every column that holds secrets, and where its row is found.
pub(crate) const SEALED: [(&str, &str, &str); 10] = [
    ("oauth_grant", "access_token", "owner"),
    ("oauth_grant", "refresh_token", "owner"),
    ("sign_in_transaction", "verifier", "state_hash"),
    ("sign_in_transaction", "tokens", "state_hash"),
    ("meeting", "join_url", "id"),
    ("meeting", "phone", "id"),
    ("meeting", "participants", "id"),
    ("create_intent", "participants", "id"),
    ("edit_intent", "new_participants", "id"),
    ("my_meetings", "listed", "organizer_key"),
];

/// One of each secret there is.
pub(crate) async fn fill(store: &Store) -> Test {
    store.put_grant(&employee("1"), &grant("1")).await?;
    store.put_grant(&Owner::ServiceAccount, &grant("9")).await?;
    let put_off = PendingSignIn {
        tokens: Some("canary-tokens".to_owned().into()),
        ..sign_in("browser")
    };
    store
        .insert_pending_sign_in("state", &put_off, NOW, 0)
        .await?;
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    let row = MeetingRow {
        phone: Some("canary-phone".to_owned().into()),
        ..meeting("123", "id")
    };
    store.finish_intent(IntentState::New, &row).await?;
    store
        .insert_edit("edit", &edit("1", "123"), &edited(), NOW)
        .await?;
    let listed = "canary-listed".to_owned().into();
    store.begin_listing("1", "stamp", NOW).await?;
    store.keep_listing("1", "stamp", &listed, NOW).await?;
    Ok(())
}

pub(crate) async fn secrets_are_sealed(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    for query in [
        "SELECT access_token FROM oauth_grant",
        "SELECT refresh_token FROM oauth_grant",
        "SELECT verifier FROM sign_in_transaction",
        "SELECT tokens FROM sign_in_transaction",
        "SELECT join_url FROM meeting",
        "SELECT phone FROM meeting",
        "SELECT participants FROM meeting",
        "SELECT participants FROM create_intent",
        "SELECT new_participants FROM edit_intent",
        "SELECT listed FROM my_meetings",
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

pub(crate) async fn rekey_seals_everything_with_the_first_key(base: Base) -> Test {
    fill(&base.open().await?).await?;
    let both = base.open_with(&["new", "old"]).await?;
    let rekeyed = both.rekey(NOW).await?;
    assert_eq!(rekeyed.sealed, 12);
    assert_eq!(
        (rekeyed.first.as_str(), &rekeyed.removable[..]),
        ("new", &["old".to_owned()][..])
    );
    assert_eq!(both.rekey(NOW).await?.sealed, 0, "nothing is left");
    both.close().await;
    let store = base.open_with(&["new"]).await?;
    let grant = store.grant(&employee("1")).await?.context("there")?;
    assert_eq!(grant.grant.refresh_token.expose_secret(), "canary-refresh");
    let meeting = store.meeting("1", "123").await?.context("there")?;
    assert_eq!(
        meeting.phone.context("kept")?.expose_secret(),
        "canary-phone"
    );
    let put_off = store
        .take_pending_sign_in("state")
        .await?
        .context("there")?;
    let tokens = put_off.tokens.context("kept")?;
    assert_eq!(tokens.expose_secret(), "canary-tokens");
    Ok(())
}

pub(crate) async fn is_ready_for_a_load_balancer_while_it_writes(base: Base) -> Test {
    let store = base.open().await?;
    store.heartbeat(NOW).await?;
    store.heartbeat(NOW).await?;
    assert_eq!(base.number("SELECT COUNT(*) FROM replica").await?, 1);
    store.close().await;
    assert!(store.heartbeat(NOW).await.is_err());
    assert_eq!(
        base.number("SELECT COUNT(*) FROM replica").await?,
        0,
        "it left"
    );
    Ok(())
}
