//! Changes whose commit fails: on a full disk it is the last step, and comes behind the rows.

use goto_microapps::store::Handoff;

use crate::people::sign_in;
use crate::{Base, HOUR, NOW, Test};

/// Tables that are changed by statements which return what they changed, and how.
const CHANGED: [[&str; 2]; 7] = [
    ["upstream_slot", "UPDATE"],
    ["handoff", "DELETE"],
    ["console_ticket", "DELETE"],
    ["sign_in_transaction", "DELETE"],
    ["session", "UPDATE"],
    ["sync_run", "INSERT"],
    ["replica", "INSERT"],
];

/// Makes the commit of each such change fail: it leaves a row that must not be.
async fn let_commits_fail(base: &Base) -> Test {
    let pool = base.raw().await?;
    for statement in [
        "CREATE TABLE parent (id BIGINT PRIMARY KEY)",
        "CREATE TABLE child (id BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
    ] {
        sqlx::query(statement).execute(&pool).await?;
    }
    let sqlite = base.url.starts_with("sqlite:");
    if !sqlite {
        sqlx::query(
            "CREATE FUNCTION orphan() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN INSERT INTO child VALUES (1); RETURN NULL; END $$",
        )
        .execute(&pool)
        .await?;
    }
    for [table, change] in CHANGED {
        let body = if sqlite {
            "BEGIN INSERT INTO child VALUES (1); END"
        } else {
            "FOR EACH ROW EXECUTE FUNCTION orphan()"
        };
        let trigger = format!("CREATE TRIGGER fail_{table} AFTER {change} ON {table} {body}");
        sqlx::query(sqlx::AssertSqlSafe(trigger))
            .execute(&pool)
            .await?;
    }
    pool.close().await;
    Ok(())
}

pub(crate) async fn a_change_that_was_not_kept_is_not_reported_as_done(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 1, 0).await?;
    let handoff = Handoff {
        origin: "https://a.example".into(),
        challenge: "c".into(),
        organizer_key: "1".into(),
        session_hash: None,
        expires_at: NOW + HOUR,
    };
    store.insert_handoff("code", &handoff, NOW).await?;
    let until = NOW + HOUR;
    store.insert_ticket("ticket", "session", until, NOW).await?;
    store
        .insert_pending_sign_in("state", &sign_in("browser"), NOW, 0)
        .await?;
    store.insert_session("session", "1", NOW, None).await?;
    let_commits_fail(&base).await?;
    let mut slots = store.slots().await?;
    let slot = slots.take("interval", 0..1, 0..0, NOW, NOW + HOUR, "lease");
    assert!(slot.await.is_err(), "a slot that is free");
    drop(slots);
    assert!(store.take_handoff("code").await.is_err(), "a hand-off");
    assert!(store.take_ticket("ticket", NOW).await.is_err(), "a ticket");
    assert!(
        store.take_pending_sign_in("state").await.is_err(),
        "a state"
    );
    let touched = store.touch_session("session", None, NOW, 0, 0).await;
    assert!(touched.is_err(), "a session");
    assert!(store.start_run("admin", NOW).await.is_err(), "a sync run");
    assert!(store.heartbeat(NOW).await.is_err(), "a sign of life");
    // They are all still there.
    for count in [
        "SELECT COUNT(*) FROM upstream_slot WHERE free_at = 0",
        "SELECT COUNT(*) FROM handoff WHERE origin <> 'console'",
        "SELECT COUNT(*) FROM handoff WHERE origin = 'console'",
        "SELECT COUNT(*) FROM console_ticket",
        "SELECT COUNT(*) FROM sign_in_transaction",
        "SELECT COUNT(*) FROM session",
    ] {
        assert_eq!(base.number(count).await?, 1, "{count}");
    }
    Ok(())
}

#[test]
fn statements_that_return_rows_are_fetched_to_their_end() -> Test {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store");
    let mut found = 0;
    for file in std::fs::read_dir(folder)?.flatten() {
        let text = std::fs::read_to_string(file.path())?;
        // Neither the module's first lines nor comments.
        for piece in text.split("RETURNING ").skip(1) {
            let Some((_, call)) = piece.split_once(".fetch_") else {
                continue;
            };
            found += 1;
            assert!(call.starts_with("all("), "{:?}: {piece}", file.path());
        }
    }
    assert!(found >= 6, "{found}");
    Ok(())
}
