//! One-time tickets from the console to the public address.

use goto_microapps::store::Handoff;

use crate::{Base, HOUR, NOW, Test};

const MINUTE: i64 = 60_000;

pub(crate) async fn a_ticket_is_taken_once(base: Base) -> Test {
    let store = base.open().await?;
    let until = NOW + MINUTE;
    store.insert_ticket("ticket", "session", until, NOW).await?;
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_ticket("ticket", NOW + 1).await })
        })
        .collect();
    let mut taken = Vec::new();
    for taker in takers {
        taken.extend(taker.await??);
    }
    assert_eq!(taken, ["session"]);

    // Too late, and spent all the same.
    store.insert_ticket("late", "session", until, NOW).await?;
    assert_eq!(store.take_ticket("late", until).await?, None);
    assert_eq!(store.take_ticket("late", NOW).await?, None);
    // Old ones go by themselves.
    store.insert_ticket("old", "session", until, NOW).await?;
    let later = NOW + HOUR;
    store
        .insert_ticket("new", "session", later + MINUTE, later)
        .await?;
    let left = base.texts("SELECT ticket_hash FROM console_ticket").await?;
    assert_eq!(left, ["new"]);
    Ok(())
}

/// A console of the release before and a public address of this one.
pub(crate) async fn a_ticket_of_the_release_before_is_taken_once(base: Base) -> Test {
    let store = base.open().await?;
    let until = NOW + MINUTE;
    let row = |origin: &str| Handoff {
        origin: origin.to_owned(),
        challenge: "session".to_owned(),
        organizer_key: String::new(),
        session_hash: None,
        expires_at: until,
    };
    store.insert_handoff("ticket", &row("console"), NOW).await?;
    let taken = store.take_ticket("ticket", NOW + 1).await?;
    assert_eq!(taken.as_deref(), Some("session"));
    assert_eq!(store.take_ticket("ticket", NOW + 1).await?, None);
    store.insert_handoff("late", &row("console"), NOW).await?;
    assert_eq!(store.take_ticket("late", until).await?, None);

    // An employee's code is none, and is still good for what it is.
    let page = row("https://intranet.example");
    store.insert_handoff("code", &page, NOW).await?;
    assert_eq!(store.take_ticket("code", NOW + 1).await?, None);
    assert!(store.take_handoff("code").await?.is_some());
    // And a ticket is no code.
    store.insert_ticket("mine", "session", until, NOW).await?;
    assert!(store.take_handoff("mine").await?.is_none());
    Ok(())
}
