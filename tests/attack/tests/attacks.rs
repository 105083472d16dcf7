//! Every attack at twice a small cap: `cargo attack` does the same at any size.

use clap::Parser;
use goto_microapps_attack::{Outcome, Size, attacks, print};

#[tokio::test]
async fn security_42_and_43_and_44_and_45_and_46_and_49_and_50_and_52_and_57_and_58_under_attack_an_honest_client_is_served()
-> anyhow::Result<()> {
    let outcomes = Box::pin(attacks::all(&Size::try_parse_from(["attack"])?)).await?;
    print(&outcomes);
    for outcome in &outcomes {
        assert!(outcome.bounced(), "{outcome:?}");
    }
    let rows: std::collections::BTreeSet<u8> = outcomes.iter().map(|o: &Outcome| o.row).collect();
    assert_eq!(rows.len(), 10, "{rows:?}");
    Ok(())
}
