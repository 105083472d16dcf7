//! What anybody can make the store do.

use std::time::{Duration, Instant};

use goto_microapps::store::Store;

use crate::people::sign_in;
use crate::{Base, NOW, Test};

/// How long it takes to begin a sign-in, as a rule, and to forget the oldest for it.
async fn cost(store: &Store, round: &str) -> anyhow::Result<Duration> {
    let mut times = Vec::new();
    for number in 0..31 {
        let state = format!("{round}-{number}");
        let sign_in = sign_in(&state);
        let began = Instant::now();
        store.insert_transaction(&state, &sign_in, NOW, 1).await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

pub(crate) async fn security_46_a_sign_in_costs_the_same_beside_a_hundred_thousand(
    base: Base,
) -> Test {
    let store = base.open().await?;
    let alone = cost(&store, "alone").await?;
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
    pool.close().await;
    let beside = cost(&store, "beside").await?;
    // Without an index it was three hundred times as much.
    assert!(beside < 10 * alone, "{beside:?} beside, {alone:?} alone");
    let rows = "SELECT COUNT(*) FROM sign_in_transaction WHERE state_hash LIKE 'planted-%'";
    let left = base.number(rows).await?;
    assert!((99_950..100_000).contains(&left), "the oldest went: {left}");
    assert_eq!(store.sweep_transactions(NOW + 10_000_000).await?, 0);
    Ok(())
}
