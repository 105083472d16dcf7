//! `keygen` and `rekey`: names of keys, and changes of keys while a proxy runs.

use goto_microapps::clock::Clock;
use goto_microapps::config::Settings;
use goto_microapps::store::{Grant, Owner, Store};

use crate::place::{Place, REFUSED, Serving, good, key, with};

/// Stores a consent, sealed with the key of the configuration.
pub(crate) fn store_a_consent(place: &Place) {
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
        .exits(REFUSED)
        .complains("the key `a` is missing");

    place.configure(&ring(&['b', 'a']));
    place
        .run(&["rekey"])
        .exits(0)
        .says("2 values were sealed anew with `b`")
        .says("Nothing needs `a` any more");

    place.configure(&ring(&['b']));
    place.run(&["rekey"]).exits(0).says("0 values");
}

#[test]
fn security_51_keys_of_one_day_have_names_of_their_own() {
    let place = Place::new();
    let names: std::collections::HashSet<String> = (0..20)
        .map(|_| {
            let said = place.run(&["keygen"]).exits(0);
            said.out.split(':').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names.len(), 20, "{names:?}");
}

/// The commands of the README's block about backups and keys.
pub(crate) fn commands() -> Vec<String> {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, section) = readme
        .split_once("\n### Backups, keys, upgrades\n")
        .unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let commands = block.lines().map(|line| line.split('#').next().unwrap());
    commands.map(|line| line.trim().to_owned()).collect()
}

/// Stops a proxy as an operator does.
#[track_caller]
pub(crate) fn stop(serving: Serving) {
    serving.signal("TERM");
    let (log, code) = serving.ended();
    assert_eq!(code, Some(0), "{log:#?}");
}

/// A configuration whose keys are in a file.
fn with_keys_file(place: &Place, ring: &[String]) {
    let file = place.write("keys", ring.join("\n"));
    let keys = format!("keys = [\"{}\"]", key('a'));
    let keys_file = format!("keys_file = \"{}\"", file.display());
    place.configure(&with(&good(), &keys, &keys_file));
}

fn id(line: &str) -> &str {
    line.split(':').next().unwrap()
}

#[test]
fn security_51_keys_are_changed_twice_in_one_day_by_the_readme() {
    let commands = commands();
    let run = |place: &Place, command: &str| {
        let whole = format!("goto-microapps {command}");
        assert!(commands.contains(&whole), "{whole} in {commands:?}");
        place.run(&[command])
    };
    let place = Place::new();
    let mut ring = vec![key('a')];
    with_keys_file(&place, &ring);
    store_a_consent(&place);
    let mut serving = place.serve();
    for _ in 0..2 {
        let made = run(&place, "keygen").exits(0).out.trim().to_owned();
        assert!(ring.iter().all(|other| id(other) != id(&made)));
        ring.insert(0, made);
        with_keys_file(&place, &ring);
        // Too early: the proxy that runs has not read it.
        run(&place, "rekey")
            .exits(1)
            .complains("1 running proxy does not know the key")
            .complains(id(&ring[0]));
        stop(serving);
        serving = place.serve();
        run(&place, "rekey")
            .exits(0)
            .says("2 values were sealed anew")
            .says(&format!("Nothing needs `{}` any more", id(&ring[1])));
        ring.truncate(1);
        with_keys_file(&place, &ring);
        stop(serving);
        serving = place.serve();
    }
    stop(serving);
}

#[test]
fn security_51_two_keys_of_one_name_are_both_tried_and_rekey_lets_both_go() {
    let place = Place::new();
    let twin = key('b').replacen("b:", "a:", 1);
    with_keys_file(&place, &[key('a')]);
    store_a_consent(&place);
    // An earlier version let the second key of one day take the first one's place.
    with_keys_file(&place, std::slice::from_ref(&twin));
    place
        .run(&["rekey"])
        .exits(REFUSED)
        .complains("another key of that name than `a`");
    with_keys_file(&place, &[key('c'), twin.clone(), key('a')]);
    place
        .run(&["check"])
        .exits(0)
        .says("two keys have the name `a`");
    place
        .run(&["rekey"])
        .exits(0)
        .says("2 values were sealed anew with `c`")
        .says("Nothing needs `a` any more");
    with_keys_file(&place, &[key('c')]);
    place.run(&["rekey"]).exits(0).says("0 values");
    // The same line twice is a slip.
    with_keys_file(&place, &[key('c'), key('c')]);
    place
        .run(&["check"])
        .exits(REFUSED)
        .complains("has the key `c` twice");
}

#[test]
fn security_51_rekey_says_what_it_could_not_open() {
    let place = Place::new();
    with_keys_file(&place, &[key('a')]);
    store_a_consent(&place);
    let file = place.path("goto-microapps.toml");
    let settings = Settings::load(Some(&file), Vec::new()).unwrap();
    // One more consent, sealed with another key of the same name: what a start samples opens.
    let mut twin = settings.store.clone();
    twin.keys[0].key = key('b').split(':').nth(1).unwrap().to_owned().into();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&settings.store, &Clock::system())
            .await
            .unwrap();
        let sealer = goto_microapps::store::Sealer::new(&twin.keys);
        let row = "employee:9";
        let seal = |column| {
            let table = "oauth_grant";
            let place = goto_microapps::store::sealed::Place { table, column, row };
            sealer.seal(place, &"canary".into()).unwrap()
        };
        let pool =
            sqlx::SqlitePool::connect(&format!("sqlite://{}", place.path("store.db").display()))
                .await
                .unwrap();
        sqlx::query(
            "INSERT INTO oauth_grant (owner, organizer_key, email, name, access_token, \
             refresh_token, access_expires_at, refreshed_at, lost, version) \
             VALUES ($1, '9', 'e', 'n', $2, $3, 0, 0, 0, 1)",
        )
        .bind(row)
        .bind(seal("access_token"))
        .bind(seal("refresh_token"))
        .execute(&pool)
        .await
        .unwrap();
        // The one that opens is found first.
        sqlx::query("UPDATE oauth_grant SET rowid = rowid + 100 WHERE owner = $1")
            .bind(row)
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        store.close().await;
    });
    with_keys_file(&place, &[key('c'), key('a')]);
    let said = place.run(&["rekey"]).exits(1);
    said.says("2 values were sealed anew with `c`")
        .says("2 values bear the name of the key `a` and were sealed with another one")
        .says("`a` must stay");
}
