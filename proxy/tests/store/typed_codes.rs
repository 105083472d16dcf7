//! Windows that were cut off from their pages: the widget's word, the code, the session it gives.

use anyhow::Context;
use goto_microapps::store::{Handoff, SessionBounds, Store};

use crate::people::sign_in;
use crate::{Base, HOUR, NOW, Test};

const PAGE: &str = "https://intranet.example";
const MINUTE: i64 = 60_000;

fn handoff() -> Handoff {
    Handoff {
        origin: PAGE.into(),
        challenge: "challenge".into(),
        organizer_key: "1".into(),
        session_hash: None,
        expires_at: NOW + 5 * MINUTE,
    }
}

/// A finished sign-in with its window.
async fn offer(store: &Store, severed: bool) -> Test {
    store.insert_handoff("posted", &handoff(), NOW).await?;
    store.insert_window("window", &handoff(), severed).await?;
    Ok(())
}

/// Whether the window shows a code now.
async fn shows(store: &Store, code: &str, now: i64) -> anyhow::Result<Option<bool>> {
    let until = now + 5 * MINUTE;
    let window = store.show_code("window", code, now, until).await?;
    Ok(window.map(|window| {
        assert_eq!(window.origin, PAGE);
        window.said
    }))
}

pub(crate) async fn security_47_the_word_of_a_widget_stays_with_its_sign_in(base: Base) -> Test {
    let store = base.open().await?;
    let kept = "SELECT (SELECT COUNT(*) FROM sign_in_transaction WHERE severed = 1) \
         + (SELECT COUNT(*) FROM handoff WHERE severed = 1)";
    store
        .insert_pending_sign_in("state", &sign_in("browser"), NOW, 0)
        .await?;
    for (challenge, origin, at) in [
        ("another", PAGE, NOW),
        ("challenge", "https://other.example", NOW),
        ("challenge", PAGE, NOW + 600_000),
    ] {
        assert!(!store.note_severed(challenge, origin, at).await?);
    }
    assert_eq!(base.number(kept).await?, 0);
    for _ in 0..2 {
        assert!(store.note_severed("challenge", PAGE, NOW).await?);
    }
    assert_eq!(base.number(kept).await?, 1);
    let taken = store.take_pending_sign_in("state").await?;
    let taken = taken.context("there")?;
    assert!(taken.severed);
    // While it is being finished nobody keeps the word; it has to be said again.
    assert!(!store.note_severed("challenge", PAGE, NOW).await?);
    // Put off, it still has it.
    store
        .insert_pending_sign_in("state", &taken, NOW, 0)
        .await?;
    let taken = store.take_pending_sign_in("state").await?;
    assert!(taken.context("there")?.severed);

    offer(&store, false).await?;
    assert_eq!(shows(&store, "typed", NOW).await?, Some(false));
    assert!(store.take_handoff("typed").await?.is_none());
    assert!(
        !store
            .note_severed("challenge", "https://other.example", NOW)
            .await?
    );
    assert!(store.note_severed("challenge", PAGE, NOW).await?);
    assert_eq!(shows(&store, "typed", NOW).await?, Some(true));
    // A second sign-in in the same window takes its place; the word stays.
    store.insert_window("window", &handoff(), false).await?;
    assert!(store.take_handoff("typed").await?.is_none());
    assert_eq!(shows(&store, "typed", NOW).await?, Some(true));
    assert!(store.take_handoff("typed").await?.is_some());
    assert_eq!(base.number("SELECT COUNT(*) FROM handoff").await?, 0);
    Ok(())
}

/// However often somebody begins with the same challenge, a word costs the same.
pub(crate) async fn security_47_one_word_changes_few_rows(base: Base) -> Test {
    let store = base.open().await?;
    for number in 0..30 {
        let sign_in = sign_in(&format!("browser {number}"));
        store
            .insert_pending_sign_in(&format!("{number}"), &sign_in, NOW, 0)
            .await?;
    }
    assert!(store.note_severed("challenge", PAGE, NOW).await?);
    let kept = "SELECT COUNT(*) FROM sign_in_transaction WHERE severed = 1";
    assert_eq!(base.number(kept).await?, 20);
    Ok(())
}

pub(crate) async fn security_47_a_shown_code_is_good_for_five_minutes(base: Base) -> Test {
    let store = base.open().await?;
    offer(&store, true).await?;
    // Shown late, it lasts as long as any; shown again, no longer.
    let late = NOW + 4 * MINUTE;
    assert_eq!(shows(&store, "first", late).await?, Some(true));
    assert_eq!(
        shows(&store, "second", late + 4 * MINUTE).await?,
        Some(true)
    );
    assert!(store.take_handoff("first").await?.is_none());
    assert_eq!(shows(&store, "third", late + 5 * MINUTE).await?, None);
    let taken = store.take_handoff("second").await?.context("there")?;
    assert_eq!(taken.expires_at, late + 5 * MINUTE);
    assert_eq!(taken.origin, PAGE);
    assert_eq!(taken.organizer_key, "1");
    Ok(())
}

/// Whoever takes the hand-off leaves no code behind, however close together it is shown.
pub(crate) async fn security_57_no_code_is_shown_past_the_one_who_took_it(base: Base) -> Test {
    let store = base.open().await?;
    for _ in 0..12 {
        offer(&store, true).await?;
        let shown: Vec<_> = (0..4)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { shows(&store, "typed", NOW).await })
            })
            .collect();
        let taken = {
            let store = store.clone();
            tokio::spawn(async move { store.take_handoff("posted").await })
        };
        for shown in shown {
            shown.await??;
        }
        assert!(taken.await??.is_some());
        assert!(store.take_handoff("typed").await?.is_none());
        assert_eq!(base.number("SELECT COUNT(*) FROM handoff").await?, 0);
    }
    Ok(())
}

pub(crate) async fn security_47_a_bounded_session_ends_early_and_serves_one_page(
    base: Base,
) -> Test {
    let store = base.open().await?;
    let bounds = SessionBounds {
        origin: PAGE.into(),
        ends_at: NOW + HOUR,
    };
    store
        .insert_session("bounded", "1", NOW, Some(&bounds))
        .await?;
    store.insert_session("usual", "2", NOW, None).await?;
    let seen = async |id: &str, origin: Option<&str>, at: i64| {
        let seen = store.touch_session(id, origin, at, 0, 0).await?;
        anyhow::Ok(seen.is_some())
    };
    for origin in [None, Some("https://other.example"), Some("")] {
        assert!(!seen("bounded", origin, NOW).await?, "{origin:?}");
        assert!(seen("usual", origin, NOW).await?, "{origin:?}");
    }
    assert!(seen("bounded", Some(PAGE), NOW + HOUR - 1).await?);
    assert!(!seen("bounded", Some(PAGE), NOW + HOUR).await?);
    store.purge_sessions(0, 0, NOW + HOUR - 1).await?;
    assert_eq!(store.count_sessions("1").await?, 1);
    store.purge_sessions(0, 0, NOW + HOUR).await?;
    assert_eq!(store.count_sessions("1").await?, 0);
    assert_eq!(store.count_sessions("2").await?, 1);
    Ok(())
}
