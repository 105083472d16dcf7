//! One-time tickets from the console to the public address.

use goto_microapps::store::Handoff;
use sqlx::{AnyPool, Row};

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
    let copies = base.texts("SELECT code_hash FROM handoff").await?;
    assert_eq!(copies, ["new"]);
    Ok(())
}

/// A public address of the release before, by its own statement: the session that a ticket was made
/// for.
async fn take_as_before(pool: &AnyPool, ticket: &str) -> sqlx::Result<Option<String>> {
    let rows = sqlx::query(
        "DELETE FROM handoff WHERE code_hash = $1 RETURNING origin, challenge, organizer_key, \
         session_hash, expires_at",
    )
    .bind(ticket.to_owned())
    .fetch_all(pool)
    .await?;
    let of_console = rows
        .iter()
        .filter(|row| row.get::<String, _>("origin") == "console");
    Ok(of_console.map(|row| row.get("challenge")).next())
}

/// What lies among the codes of employees: a ticket of the release before, or a code.
fn code(origin: &str) -> Handoff {
    Handoff {
        origin: origin.to_owned(),
        challenge: "session".to_owned(),
        organizer_key: String::new(),
        session_hash: None,
        expires_at: NOW + MINUTE,
    }
}

/// A console of the release before and a public address of this one.
pub(crate) async fn a_ticket_of_the_release_before_is_taken_once(base: Base) -> Test {
    let store = base.open().await?;
    let console = code("console");
    store.insert_handoff("ticket", &console, NOW).await?;
    let taken = store.take_ticket("ticket", NOW + 1).await?;
    assert_eq!(taken.as_deref(), Some("session"));
    assert_eq!(store.take_ticket("ticket", NOW + 1).await?, None);
    store.insert_handoff("late", &console, NOW).await?;
    assert_eq!(store.take_ticket("late", NOW + MINUTE).await?, None);
    Ok(())
}

/// A console of this release, and public addresses of both: of all who come, one is let in.
pub(crate) async fn a_ticket_is_taken_once_beside_the_release_before(base: Base) -> Test {
    let store = base.open().await?;
    let pool = base.raw().await?;
    let until = NOW + MINUTE;
    store.insert_ticket("theirs", "session", until, NOW).await?;
    let taken = take_as_before(&pool, "theirs").await?;
    assert_eq!(taken.as_deref(), Some("session"));
    assert_eq!(store.take_ticket("theirs", NOW + 1).await?, None);
    store.insert_ticket("ours", "session", until, NOW).await?;
    let taken = store.take_ticket("ours", NOW + 1).await?;
    assert_eq!(taken.as_deref(), Some("session"));
    assert_eq!(take_as_before(&pool, "ours").await?, None);

    for round in 0..20 {
        let ticket = format!("ticket {round}");
        store.insert_ticket(&ticket, "session", until, NOW).await?;
        let takers: Vec<_> = (0..8)
            .map(|taker| {
                let (store, pool, ticket) = (store.clone(), pool.clone(), ticket.clone());
                tokio::spawn(async move {
                    anyhow::Ok(if taker % 2 == 0 {
                        store.take_ticket(&ticket, NOW + 1).await?
                    } else {
                        take_as_before(&pool, &ticket).await?
                    })
                })
            })
            .collect();
        let mut taken = Vec::new();
        for taker in takers {
            taken.extend(taker.await??);
        }
        assert_eq!(taken, ["session"], "{ticket}");
    }
    // One release later nobody looks for a copy, and none is made.
    base.change("INSERT INTO console_ticket (ticket_hash, session_hash, expires_at) VALUES ('next', 'session', 9000000000000)")
        .await?;
    let taken = store.take_ticket("next", NOW).await?;
    assert_eq!(taken.as_deref(), Some("session"));
    pool.close().await;
    Ok(())
}

/// However the two lie together.
pub(crate) async fn a_ticket_is_no_code_and_a_code_no_ticket(base: Base) -> Test {
    let store = base.open().await?;
    store
        .insert_handoff("code", &code("https://intranet.example"), NOW)
        .await?;
    assert_eq!(store.take_ticket("code", NOW + 1).await?, None);
    store
        .insert_ticket("ticket", "session", NOW + MINUTE, NOW)
        .await?;
    assert!(store.take_handoff("ticket").await?.is_none());
    // Neither is spent by it.
    assert!(store.take_handoff("code").await?.is_some());
    let taken = store.take_ticket("ticket", NOW + 1).await?;
    assert_eq!(taken.as_deref(), Some("session"));
    Ok(())
}
