//! `rekey`.

use goto_microapps::clock::Clock;
use goto_microapps::config::Settings;
use goto_microapps::store::{Grant, Owner, Store};

use crate::place::{Place, good, key, with};

/// Stores a consent, sealed with the key of the configuration.
fn store_a_consent(place: &Place) {
    let file = place.path("goto-microapps.toml");
    let settings = Settings::load(Some(&file), Vec::new()).unwrap();
    let grant = Grant {
        organizer_key: "7".into(),
        account_key: None,
        email: "a@corp.example".into(),
        name: "A".into(),
        access_token: "canary-access".into(),
        refresh_token: "canary-refresh".into(),
        access_expires_at: 0,
        refreshed_at: 0,
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&settings.store, &Clock::system())
            .await
            .unwrap();
        let owner = Owner::ServiceAccount;
        store.put_grant(&owner, &grant).await.unwrap();
        store.close().await;
    });
}

#[test]
fn rekey_lets_the_old_key_go() {
    let place = Place::new();
    let database = format!("sqlite://{}", place.path("store.db").display());
    let old = with(&good(), "sqlite://store.db", &database);
    let ring = |ids: &[char]| {
        let keys: Vec<String> = ids.iter().map(|id| format!("\"{}\"", key(*id))).collect();
        with(&old, &format!("\"{}\"", key('a')), &keys.join(", "))
    };
    place.configure(&old);
    store_a_consent(&place);

    place.configure(&ring(&['b']));
    place
        .run(&["rekey"])
        .exits(1)
        .complains("the key `a` is missing");

    place.configure(&ring(&['b', 'a']));
    place
        .run(&["rekey"])
        .exits(0)
        .says("2 values were sealed anew; all are sealed with `b` now");

    place.configure(&ring(&['b']));
    place.run(&["rekey"]).exits(0).says("0 values");
}
