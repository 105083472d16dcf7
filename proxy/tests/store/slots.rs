//! Leases and the slots of the upstream limit.

use std::collections::HashSet;

use anyhow::Context;
use goto_microapps::store::Store;

use crate::{Base, NOW, Test};

pub(crate) async fn a_lease_has_one_holder(base: Base) -> Test {
    let store = base.open().await?;
    let takers: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .take_lease("sync", &format!("holder-{number}"), NOW, NOW + 100)
                    .await
            })
        })
        .collect();
    let mut holders = Vec::new();
    for (number, taker) in takers.into_iter().enumerate() {
        if taker.await?? {
            holders.push(format!("holder-{number}"));
        }
    }
    assert_eq!(holders.len(), 1);
    let holder = &holders[0];
    // Its holder prolongs it, nobody else gives it back, time does.
    assert!(
        store
            .take_lease("sync", holder, NOW + 50, NOW + 150)
            .await?
    );
    store.release_lease("sync", "somebody").await?;
    assert!(
        !store
            .take_lease("sync", "somebody", NOW + 149, NOW + 300)
            .await?
    );
    assert!(
        store
            .take_lease("sync", "somebody", NOW + 150, NOW + 300)
            .await?
    );
    assert!(
        !store
            .take_lease("sync", holder, NOW + 160, NOW + 300)
            .await?
    );
    store.release_lease("sync", "somebody").await?;
    assert!(
        store
            .take_lease("sync", holder, NOW + 160, NOW + 300)
            .await?
    );
    Ok(())
}

pub(crate) async fn a_slot_never_has_two_holders(base: Base) -> Test {
    let store = base.open().await?;
    let other = base.open().await?;
    store.prepare_slots("interval", 40, 0).await?;
    let now = store.slots().await?.time(None).await?.now;
    let takers: Vec<_> = (0..80)
        .map(|number| {
            let store = if number % 2 == 0 {
                store.clone()
            } else {
                other.clone()
            };
            tokio::spawn(async move {
                let lease = format!("lease-{number}");
                // Somebody else's row may be the one that was looked at: then again.
                for _ in 0..80 {
                    let taken = store
                        .slots()
                        .await?
                        .take("interval", 0..40, 0..0, now, now + 1_000, &lease)
                        .await?;
                    if taken.is_some() {
                        return Ok::<_, goto_microapps::store::Error>(taken);
                    }
                }
                Ok(None)
            })
        })
        .collect();
    let mut slots = Vec::new();
    for taker in takers {
        slots.extend(taker.await??);
    }
    assert_eq!(slots.len(), 40);
    assert_eq!(slots.iter().collect::<HashSet<_>>().len(), 40);
    assert_eq!(store.slots().await?.in_use("interval", now).await?, 40);
    Ok(())
}

pub(crate) async fn a_slot_is_free_one_window_after_the_answer(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 1, 0).await?;
    let take = async |now: i64, lease: &str| {
        store
            .slots()
            .await?
            .take("interval", 0..1, 0..0, now, now + 9_000, lease)
            .await
    };
    let now = store.slots().await?.time(None).await?.now;
    assert_eq!(take(now, "a").await?, Some(0));
    assert_eq!(take(now + 8_999, "b").await?, None);
    // Nobody else's lease shortens it, and its own never lengthens it.
    store
        .slots()
        .await?
        .release("interval", 0, "b", now)
        .await?;
    store
        .slots()
        .await?
        .release("interval", 0, "a", now + 60_000)
        .await?;
    let free = async |answered: i64| {
        store
            .slots()
            .await?
            .next_free("interval", 0..1, 0, answered)
            .await
    };
    assert_eq!(free(now + 9_001).await?, Some(now + 9_000));
    // On the wire: free one window after an answer that may come now.
    assert_eq!(free(now + 3_000).await?, Some(now + 3_000));
    store
        .slots()
        .await?
        .release("interval", 0, "a", now + 2_000)
        .await?;
    assert_eq!(free(now + 3_000).await?, Some(now + 2_000));
    assert_eq!(take(now + 1_999, "b").await?, None);
    assert_eq!(take(now + 2_000, "b").await?, Some(0));
    // An answer that comes after the slot went to somebody else changes nothing.
    store
        .slots()
        .await?
        .release("interval", 0, "a", now)
        .await?;
    assert_eq!(take(now + 2_001, "c").await?, None);
    Ok(())
}

pub(crate) async fn a_class_keeps_to_its_slots(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 10, 0).await?;
    let mut taken = Vec::new();
    for number in 0..8 {
        let lease = format!("{number}");
        taken.push(
            store
                .slots()
                .await?
                .take("interval", 0..6, 0..0, 0, 1_000, &lease)
                .await?,
        );
    }
    // The highest first, and none of the four above.
    let own = (0..6).rev().map(Some).chain([None, None]);
    assert_eq!(taken, own.collect::<Vec<_>>());
    assert_eq!(
        store
            .slots()
            .await?
            .take("interval", 0..10, 0..0, 0, 1_000, "x")
            .await?,
        Some(9)
    );
    assert_eq!(
        store
            .slots()
            .await?
            .next_free("interval", 0..6, 6, 0)
            .await?,
        None
    );
    Ok(())
}

pub(crate) async fn a_bucket_that_grows_may_not_use_its_new_slots_at_once(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 3, 500).await?;
    assert_eq!(
        store
            .slots()
            .await?
            .next_free("interval", 0..9, 0, 0)
            .await?,
        Some(0)
    );
    store.prepare_slots("interval", 1, 500).await?;
    store.prepare_slots("interval", 3, 500).await?;
    assert_eq!(store.slots().await?.in_use("interval", 499).await?, 2);
    assert_eq!(store.slots().await?.in_use("interval", 500).await?, 0);
    store.prepare_slots("interval", 3, 900).await?;
    assert_eq!(
        store.slots().await?.in_use("interval", 500).await?,
        0,
        "nothing grew"
    );
    Ok(())
}

async fn paused_until(store: &Store, api: &str) -> anyhow::Result<Option<i64>> {
    Ok(store.slots().await?.time(Some(api)).await?.paused_until)
}

pub(crate) async fn a_pause_of_one_api_grows_and_is_its_own(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 2, 0).await?;
    assert_eq!(paused_until(&store, "g2m").await?, None);
    store.slots().await?.pause_api("g2m", 600).await?;
    assert_eq!(paused_until(&store, "g2m").await?, Some(600));
    // A shorter pause does not end a longer one.
    store.slots().await?.pause_api("g2m", 300).await?;
    assert_eq!(paused_until(&store, "g2m").await?, Some(600));
    store.slots().await?.pause_api("g2m", 900).await?;
    assert_eq!(paused_until(&store, "g2m").await?, Some(900));
    assert_eq!(paused_until(&store, "identity").await?, None);
    // It takes no slot from the others.
    assert_eq!(store.slots().await?.in_use("interval", 1).await?, 0);
    Ok(())
}

pub(crate) async fn another_epoch_keeps_every_slot_busy(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 3, 0).await?;
    let until = [("interval", 700)];
    // The first epoch of all has nothing behind it.
    assert!(!store.enter_slot_epoch(None, "one", &until).await?);
    let slot = store
        .slots()
        .await?
        .take("interval", 0..3, 0..0, 0, 400, "a")
        .await?
        .context("free")?;
    assert!(!store.enter_slot_epoch(None, "one", &until).await?);
    assert_eq!(store.slots().await?.in_use("interval", 399).await?, 1);
    store.slots().await?.pause_api("g2m", 600).await?;
    assert!(store.enter_slot_epoch(None, "two", &until).await?);
    assert_eq!(paused_until(&store, "g2m").await?, None, "by another clock");
    assert!(
        !store
            .enter_slot_epoch(None, "two", &[("interval", 9_000)])
            .await?
    );
    // Of several who saw the same, one moves the slots.
    let later = [("interval", 9_000)];
    assert!(!store.enter_slot_epoch(Some("one"), "three", &later).await?);
    // A release from before counts for nothing.
    store
        .slots()
        .await?
        .release("interval", slot, "a", 100)
        .await?;
    assert_eq!(store.slots().await?.in_use("interval", 699).await?, 3);
    assert_eq!(store.slots().await?.in_use("interval", 700).await?, 0);
    assert!(store.enter_slot_epoch(Some("two"), "three", &later).await?);
    assert_eq!(store.slots().await?.in_use("interval", 8_999).await?, 3);
    let time = store.slots().await?.time(None).await?;
    assert_eq!(
        time.start,
        base.open().await?.slots().await?.time(None).await?.start
    );
    Ok(())
}
