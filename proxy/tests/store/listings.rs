//! What GoTo listed of somebody's next meetings.

use anyhow::Context;
use goto_microapps::store::{IntentState, Store};
use secrecy::ExposeSecret;

use crate::creates::{asked, meeting};
use crate::people::{employee, grant};
use crate::{Base, NOW, Test};

const MINUTE: i64 = 60_000;

async fn listed(store: &Store, key: &str, now: i64) -> anyhow::Result<Option<String>> {
    let listing = store.listing(key, now - MINUTE, now).await?;
    Ok(listing.map(|(listed, _)| listed.expose_secret().to_owned()))
}

/// A look that ends as it began.
async fn look(store: &Store, key: &str, text: &str) -> anyhow::Result<bool> {
    store.begin_listing(key, text, NOW).await?;
    let listed = text.to_owned().into();
    Ok(store.keep_listing(key, text, &listed, NOW).await?)
}

pub(crate) async fn security_67_a_list_goes_with_its_consent_and_with_its_time(base: Base) -> Test {
    let store = base.open().await?;
    for key in ["1", "2"] {
        store.put_grant(&employee(key), &grant(key)).await?;
    }
    assert!(look(&store, "1", "of one").await?);
    assert_eq!(listed(&store, "1", NOW).await?.as_deref(), Some("of one"));
    assert_eq!(listed(&store, "2", NOW).await?, None, "somebody else's");
    assert_eq!(
        listed(&store, "1", NOW + MINUTE).await?,
        None,
        "a minute old"
    );
    assert_eq!(listed(&store, "1", NOW - 1).await?, None, "not yet");

    store.delete_grant(&employee("1")).await?;
    assert_eq!(base.number("SELECT COUNT(*) FROM my_meetings").await?, 0);
    assert!(!look(&store, "1", "without a consent").await?);
    store.put_grant(&employee("1"), &grant("1")).await?;
    assert_eq!(base.number("SELECT COUNT(*) FROM my_meetings").await?, 0);
    assert!(look(&store, "1", "of the new one").await?);
    store.forget_employee("1").await?;
    assert_eq!(base.number("SELECT COUNT(*) FROM my_meetings").await?, 0);

    assert!(look(&store, "2", "of two").await?);
    store.purge_listings(NOW - 1).await?;
    assert_eq!(listed(&store, "2", NOW).await?.as_deref(), Some("of two"));
    store.purge_listings(NOW).await?;
    assert_eq!(base.number("SELECT COUNT(*) FROM my_meetings").await?, 0);
    Ok(())
}

pub(crate) async fn security_67_the_look_that_began_last_keeps_its_list(base: Base) -> Test {
    let store = base.open().await?;
    store.put_grant(&employee("1"), &grant("1")).await?;
    let keep = async |stamp: &str| {
        let text = stamp.to_owned().into();
        store.keep_listing("1", stamp, &text, NOW).await
    };
    store.begin_listing("1", "first", NOW).await?;
    store.begin_listing("1", "second", NOW).await?;
    assert!(!keep("first").await?);
    assert_eq!(listed(&store, "1", NOW).await?, None);
    assert!(keep("second").await?);
    // A look under way shows nothing old to whoever comes meanwhile.
    store.begin_listing("1", "third", NOW).await?;
    assert_eq!(listed(&store, "1", NOW).await?, None);
    // Dropped meanwhile.
    store.drop_listing("1").await?;
    assert!(!keep("third").await?);
    // A sign-out and a sign-in meanwhile.
    store.begin_listing("1", "fourth", NOW).await?;
    store.delete_grant(&employee("1")).await?;
    store.put_grant(&employee("1"), &grant("1")).await?;
    assert!(!keep("fourth").await?);
    assert_eq!(listed(&store, "1", NOW).await?, None);
    Ok(())
}

pub(crate) async fn what_changes_a_meeting_drops_the_list(base: Base) -> Test {
    let store = base.open().await?;
    store.put_grant(&employee("1"), &grant("1")).await?;
    assert!(look(&store, "1", "before").await?);
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    let row = meeting("123", "id");
    assert!(store.finish_intent(IntentState::New, &row).await?);
    assert_eq!(listed(&store, "1", NOW).await?, None);
    assert_eq!(store.own_meetings("1").await?, ["123"]);
    assert!(store.own_meetings("2").await?.is_empty());
    let row = store.meeting("1", "123").await?.context("there")?;
    assert_eq!(row.id, "123");
    Ok(())
}
