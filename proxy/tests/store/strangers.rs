//! What anybody can make the store do.

use sqlx::Row;

use crate::people::sign_in;
use crate::{Base, NOW, Test};

/// What every sign-in that begins looks up or deletes, as the store asks for it.
const LOOKS: [&str; 4] = [
    "SELECT state_hash FROM sign_in_transaction WHERE browser_hash = 'x' \
     ORDER BY created_at DESC, state_hash LIMIT 100 OFFSET 20",
    "SELECT state_hash FROM sign_in_transaction ORDER BY expires_at LIMIT 1",
    "DELETE FROM sign_in_transaction WHERE state_hash = 'x'",
    "DELETE FROM sign_in_transaction WHERE expires_at <= 1",
];

pub(crate) async fn security_46_a_sign_in_costs_the_same_beside_a_hundred_thousand(
    base: Base,
) -> Test {
    let store = base.open().await?;
    let pool = base.raw().await?;
    sqlx::query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
         INSERT INTO sign_in_transaction (state_hash, client, issuer, browser_hash, language, \
         created_at, expires_at) \
         SELECT 'planted-' || i, 'employee', 'https://goto.example/authorize', 'browser-' || i, \
         'en', $1 + i, $2 + i FROM n",
    )
    .bind(NOW)
    .bind(NOW + 300_000)
    .execute(&pool)
    .await?;
    sqlx::query("ANALYZE").execute(&pool).await?;
    let explain = if base.url.starts_with("sqlite:") {
        "EXPLAIN QUERY PLAN"
    } else {
        "EXPLAIN"
    };
    for look in LOOKS {
        let explained = sqlx::query(sqlx::AssertSqlSafe(format!("{explain} {look}")));
        let rows = explained.fetch_all(&pool).await?;
        let lines: Vec<String> = rows
            .iter()
            .filter_map(|row| row.try_get::<String, _>(row.len() - 1).ok())
            .collect();
        let plan = lines.join("\n");
        assert!(plan.to_uppercase().contains("INDEX"), "{look}:\n{plan}");
        assert!(!plan.contains("Seq Scan"), "{look}:\n{plan}");
    }
    pool.close().await;
    for number in 0..31 {
        let state = format!("beside-{number}");
        let sign_in = sign_in(&state);
        store
            .insert_pending_sign_in(&state, &sign_in, NOW, 1)
            .await?;
    }
    let rows = "SELECT COUNT(*) FROM sign_in_transaction WHERE state_hash LIKE 'planted-%'";
    let left = base.number(rows).await?;
    assert!((99_950..100_000).contains(&left), "the oldest went: {left}");
    assert_eq!(store.sweep_pending_sign_ins(NOW + 10_000_000).await?, 0);
    Ok(())
}
