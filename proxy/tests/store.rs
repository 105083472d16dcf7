//! One conformance suite over both databases: whatever the store promises, it promises on SQLite
//! and on PostgreSQL.
//!
//! Each test gets an empty database of its own. Beside the suite: what an operator can do wrong,
//! and what the store then says.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use goto_microapps::clock::Clock;
use goto_microapps::config;
use goto_microapps::proxy::StartError;
use goto_microapps::store::{
    ActivityRow, ClientKind, Grant, Handoff, IntentChange, IntentState, MeetingRow, NewIntent,
    OrganizerRow, Owner, RunState, Store, Transaction,
};
use goto_microapps_harness::postgres::{Postgres, Shutdown};
use secrecy::{ExposeSecret, SecretString};
use sqlx::AnyPool;
use tempfile::TempDir;

type Test = anyhow::Result<()>;

/// Any time will do; the store is told it.
const NOW: i64 = 1_800_000_000_000;
const HOUR: i64 = 3_600_000;

/// An empty database.
struct Base {
    url: String,
    _directory: Option<TempDir>,
}

impl Base {
    fn sqlite() -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        Ok(Self {
            url: format!("sqlite://{}", directory.path().join("store.db").display()),
            _directory: Some(directory),
        })
    }

    fn postgres() -> anyhow::Result<Self> {
        static SERVER: OnceLock<Result<Postgres, String>> = OnceLock::new();
        let server = SERVER.get_or_init(|| Postgres::start().map_err(|error| format!("{error:#}")));
        let server = server
            .as_ref()
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self {
            url: server.database()?,
            _directory: None,
        })
    }

    async fn open_with(&self, keys: &[&str]) -> Result<Store, goto_microapps::store::Error> {
        Store::open(&settings(&self.url, keys), &Clock::system()).await
    }

    async fn open(&self) -> anyhow::Result<Store> {
        Ok(self.open_with(&["old"]).await?)
    }

    /// Past the store, straight into the tables.
    async fn raw(&self) -> anyhow::Result<AnyPool> {
        sqlx::any::install_default_drivers();
        Ok(AnyPool::connect(&self.url).await?)
    }

    async fn texts(&self, query: &'static str) -> anyhow::Result<Vec<String>> {
        let pool = self.raw().await?;
        let texts = sqlx::query_scalar(query).fetch_all(&pool).await?;
        pool.close().await;
        Ok(texts)
    }

    async fn number(&self, query: &'static str) -> anyhow::Result<i64> {
        let pool = self.raw().await?;
        let number = sqlx::query_scalar(query).fetch_one(&pool).await?;
        pool.close().await;
        Ok(number)
    }

    async fn change(&self, statement: &'static str) -> Test {
        let pool = self.raw().await?;
        sqlx::query(statement).execute(&pool).await?;
        pool.close().await;
        Ok(())
    }
}

/// Keys are made of their ids: the same id is the same key in every ring.
fn settings(url: &str, keys: &[&str]) -> config::Store {
    use base64::Engine;
    let engine = base64::engine::general_purpose::STANDARD;
    config::Store {
        url: SecretString::from(url.to_owned()),
        keys: keys
            .iter()
            .map(|id| config::SealingKey {
                id: (*id).to_owned(),
                key: engine.encode([id.as_bytes()[0]; 32]).into(),
            })
            .collect(),
    }
}

macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> super::Test {
                super::$name(super::Base::sqlite()?).await
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> super::Test {
                super::$name(super::Base::postgres()?).await
            })*
        }
    };
}

on_both! {
    migrates_an_empty_database_once
    replicas_that_start_together_migrate_once
    a_database_of_the_first_version_keeps_what_it_holds
    a_newer_schema_is_refused
    a_grant_changes_only_for_whoever_saw_its_newest_version
    a_new_consent_replaces_a_lost_one
    an_idle_grant_is_kept_up_while_somebody_needs_it
    a_session_ends_by_silence_and_by_age
    a_session_nobody_used_can_be_taken_back
    an_administrators_session_ends_by_silence
    a_handoff_is_taken_once
    a_sign_in_is_taken_once
    a_browser_has_few_sign_ins_under_way
    a_lease_has_one_holder
    a_slot_never_has_two_holders
    a_slot_is_free_one_window_after_the_answer
    a_class_keeps_to_its_slots
    a_bucket_that_grows_may_not_use_its_new_slots_at_once
    a_pause_holds_for_answers_under_way
    another_epoch_keeps_every_slot_busy
    an_idempotency_key_makes_one_intent
    an_intent_moves_only_from_where_it_is
    an_intent_and_its_meeting_are_stored_together
    a_meeting_belongs_to_one_intent
    lost_intents_are_found_again
    a_clock_that_was_set_back_holds_nothing_up
    forgotten_keys_are_deleted_but_open_questions_are_not
    a_sync_run_swaps_generations_when_complete
    a_failed_sync_run_leaves_nothing
    a_page_may_come_twice
    settings_are_shared
    the_support_log_forgets
    secrets_are_sealed
    a_ring_without_a_needed_key_is_refused
    a_wrong_key_under_a_known_name_opens_nothing
    rekey_seals_everything_with_the_first_key
    is_alive_for_a_load_balancer
}

// Schema.

/// How many migrations there are.
fn migrations() -> anyhow::Result<i64> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    Ok(i64::try_from(std::fs::read_dir(folder)?.count())?)
}

async fn migrates_an_empty_database_once(base: Base) -> Test {
    let first = base.open().await?;
    first.set_setting("kept", "yes").await?;
    // A second proxy beside the first, and one after it.
    let second = base.open().await?;
    assert_eq!(second.setting("kept").await?.as_deref(), Some("yes"));
    first.close().await;
    second.close().await;
    let third = base.open().await?;
    assert_eq!(third.setting("kept").await?.as_deref(), Some("yes"));
    let done = base
        .number("SELECT COUNT(*) FROM _sqlx_migrations WHERE success")
        .await?;
    assert_eq!(done, migrations()?);
    Ok(())
}

async fn replicas_that_start_together_migrate_once(base: Base) -> Test {
    let base = Arc::new(base);
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let base = base.clone();
            tokio::spawn(async move { base.open().await })
        })
        .collect();
    for started in starting {
        started.await??.ping().await?;
    }
    let done = base.number("SELECT COUNT(*) FROM _sqlx_migrations").await?;
    assert_eq!(done, migrations()?);
    Ok(())
}

/// What the second migration did, undone: a database as the first version left it.
const FIRST_VERSION: [&str; 6] = [
    "DROP INDEX oauth_grant_email_folded",
    "ALTER TABLE oauth_grant DROP COLUMN email_folded",
    "ALTER TABLE sign_in_transaction DROP COLUMN expected_email",
    "ALTER TABLE sign_in_transaction DROP COLUMN return_to",
    "DELETE FROM _sqlx_migrations WHERE version > 1",
    // GoTo writes addresses as people do.
    "UPDATE oauth_grant SET email = UPPER(email)",
];

async fn a_database_of_the_first_version_keeps_what_it_holds(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    store.close().await;
    for statement in FIRST_VERSION {
        base.change(statement).await?;
    }
    assert_eq!(
        base.number("SELECT COUNT(*) FROM _sqlx_migrations").await?,
        1
    );

    let store = base.open().await?;
    assert_eq!(
        base.number("SELECT COUNT(*) FROM _sqlx_migrations").await?,
        migrations()?
    );
    let kept = store.grant(&employee("1")).await?.context("the consent")?;
    let given = grant("1");
    assert_eq!(
        kept.grant.refresh_token.expose_secret(),
        given.refresh_token.expose_secret()
    );
    // What the second version looks people up by is made of what was there.
    let organizer = store.organizer_of(&given.email.to_lowercase()).await?;
    assert_eq!(organizer.as_deref(), Some("1"));
    let meeting = store.meeting("1", "123").await?.context("the meeting")?;
    assert!(meeting.join_url.is_some() && meeting.phone.is_some());
    let intent = store.intent("1", "key").await?.context("the intent")?;
    assert_eq!(intent.state, IntentState::Done);
    let sign_in = store.take_transaction("state").await?;
    assert_eq!(sign_in.context("the sign-in")?.return_to, None);
    Ok(())
}

async fn a_newer_schema_is_refused(base: Base) -> Test {
    base.open().await?.close().await;
    base.change("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1")
        .await?;
    let text = refusal(&base.url).await;
    assert!(text.contains("9999"), "{text}");
    assert!(text.contains("run that version"), "{text}");
    Ok(())
}

// Grants.

fn grant(organizer: &str) -> Grant {
    Grant {
        organizer_key: organizer.to_owned(),
        account_key: Some("7304198265500137428".into()),
        email: format!("{organizer}@corp.example"),
        name: "Élodie Martin".into(),
        access_token: "canary-access".to_owned().into(),
        refresh_token: "canary-refresh".to_owned().into(),
        access_expires_at: NOW + HOUR,
        refreshed_at: NOW,
    }
}

fn employee(key: &str) -> Owner {
    Owner::Employee(key.to_owned())
}

async fn a_grant_changes_only_for_whoever_saw_its_newest_version(base: Base) -> Test {
    let store = base.open().await?;
    let owner = employee("1");
    assert!(store.grant(&owner).await?.is_none());
    store.put_grant(&owner, &grant("1")).await?;
    let seen = store.grant(&owner).await?.context("stored")?;
    assert_eq!(seen.grant.access_token.expose_secret(), "canary-access");
    assert_eq!(seen.grant.name, "Élodie Martin");
    assert!(!seen.lost);

    let renewed = Grant {
        access_token: "canary-newer".to_owned().into(),
        ..grant("1")
    };
    assert!(store.renew_grant(&owner, seen.version, &renewed).await?);
    // Whoever comes with the old version changes nothing, in neither way.
    assert!(!store.renew_grant(&owner, seen.version, &grant("1")).await?);
    store.lose_grant(&owner, seen.version).await?;
    let now = store.grant(&owner).await?.context("still there")?;
    assert_eq!(now.grant.access_token.expose_secret(), "canary-newer");
    assert!(!now.lost);

    store.lose_grant(&owner, now.version).await?;
    let lost = store.grant(&owner).await?.context("still there")?;
    assert!(lost.lost);
    assert!(lost.version > now.version);
    Ok(())
}

async fn a_new_consent_replaces_a_lost_one(base: Base) -> Test {
    let store = base.open().await?;
    let owner = Owner::ServiceAccount;
    store.put_grant(&owner, &grant("1")).await?;
    let first = store.grant(&owner).await?.context("stored")?;
    store.lose_grant(&owner, first.version).await?;
    store.put_grant(&owner, &grant("2")).await?;
    let second = store.grant(&owner).await?.context("stored")?;
    assert!(!second.lost);
    assert_eq!(second.grant.organizer_key, "2");
    // A renewal that began before the new consent must not overwrite it.
    assert!(second.version > first.version + 1);
    store.delete_grant(&owner).await?;
    assert!(store.grant(&owner).await?.is_none());
    Ok(())
}

async fn an_idle_grant_is_kept_up_while_somebody_needs_it(base: Base) -> Test {
    let store = base.open().await?;
    for key in ["with", "without", "fresh"] {
        let mut grant = grant(key);
        grant.refreshed_at = if key == "fresh" { NOW } else { NOW - 10 };
        store.put_grant(&employee(key), &grant).await?;
    }
    let mut service = grant("9");
    service.refreshed_at = NOW - 20;
    store.put_grant(&Owner::ServiceAccount, &service).await?;
    store.insert_session("a", "with", NOW).await?;
    store.insert_session("b", "fresh", NOW).await?;
    let idle = store.idle_grants(NOW - 10, false).await?;
    let idle: Vec<Owner> = idle.into_iter().map(|(owner, _)| owner).collect();
    assert_eq!(idle, [Owner::ServiceAccount, employee("with")]);

    store.purge_grants(NOW - 10).await?;
    assert!(store.grant(&employee("without")).await?.is_none());
    for kept in [Owner::ServiceAccount, employee("with"), employee("fresh")] {
        assert!(store.grant(&kept).await?.is_some(), "{kept}");
    }
    Ok(())
}

// Sessions and sign-ins.

async fn a_session_ends_by_silence_and_by_age(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_session("hash", "1", NOW).await?;
    // An id that exists already must fail, not take over.
    assert!(store.insert_session("hash", "2", NOW).await.is_err());
    let touch = async |at: i64| {
        store
            .touch_session("hash", at, at - 10 * HOUR, at - HOUR)
            .await
    };
    let seen = touch(NOW + HOUR - 1).await?.context("in time")?;
    assert_eq!(seen.organizer_key, "1");
    assert_eq!(seen.created_at, NOW);
    assert!(touch(NOW + 2 * HOUR - 1).await?.is_none(), "silent an hour");
    for hour in 1..10 {
        store.insert_session(&format!("{hour}"), "1", NOW).await?;
    }
    assert_eq!(store.count_sessions("1").await?, 10);
    let late = NOW + 10 * HOUR;
    let old = store.touch_session("1", late, late - 10 * HOUR, 0).await?;
    assert!(old.is_none(), "ten hours old");
    store.purge_sessions(NOW, 0).await?;
    assert_eq!(store.count_sessions("1").await?, 0);
    Ok(())
}

async fn a_session_nobody_used_can_be_taken_back(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_session("unseen", "1", NOW).await?;
    store.insert_session("seen", "1", NOW).await?;
    store.touch_session("seen", NOW, 0, 0).await?;
    assert!(store.delete_unseen_session("unseen").await?);
    assert!(!store.delete_unseen_session("unseen").await?);
    assert!(!store.delete_unseen_session("seen").await?);
    store.delete_session("seen").await?;
    assert!(store.touch_session("seen", NOW, 0, 0).await?.is_none());
    Ok(())
}

async fn an_administrators_session_ends_by_silence(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_admin_session("hash", NOW).await?;
    assert!(
        store
            .touch_admin_session("hash", NOW + 5, NOW - 1, NOW - 1)
            .await?
    );
    assert!(
        !store
            .touch_admin_session("hash", NOW + 9, 0, NOW + 5)
            .await?
    );
    assert!(!store.touch_admin_session("other", NOW, 0, 0).await?);
    store.delete_admin_session("hash").await?;
    assert!(!store.touch_admin_session("hash", NOW, 0, 0).await?);
    Ok(())
}

async fn a_handoff_is_taken_once(base: Base) -> Test {
    let store = base.open().await?;
    let handoff = Handoff {
        origin: "https://intranet.example".into(),
        challenge: "challenge".into(),
        organizer_key: "1".into(),
        session_hash: None,
        expires_at: NOW + 60_000,
    };
    store.insert_handoff("code", &handoff, NOW).await?;
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_handoff("code").await })
        })
        .collect();
    let mut taken = Vec::new();
    for taker in takers {
        taken.extend(taker.await??);
    }
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].origin, handoff.origin);
    assert_eq!(taken[0].expires_at, handoff.expires_at);

    // All of one sign-in go together, and old ones go by themselves.
    store.insert_handoff("long", &handoff, NOW).await?;
    store.insert_handoff("typed", &handoff, NOW).await?;
    store.delete_handoffs("challenge").await?;
    assert!(store.take_handoff("typed").await?.is_none());
    store.insert_handoff("old", &handoff, NOW).await?;
    let newer = Handoff {
        expires_at: NOW + 2 * HOUR,
        ..handoff
    };
    store.insert_handoff("new", &newer, NOW + HOUR).await?;
    assert!(store.take_handoff("old").await?.is_none());
    assert!(store.take_handoff("new").await?.is_some());
    Ok(())
}

fn sign_in(browser: &str) -> Transaction {
    Transaction {
        client: ClientKind::Employee,
        issuer: "https://goto.example/authorize".into(),
        browser_hash: browser.to_owned(),
        verifier: Some("canary-verifier".to_owned().into()),
        origin: Some("https://intranet.example".into()),
        challenge: Some("challenge".into()),
        language: "fr".into(),
        admin_hash: None,
        return_to: None,
        expected_email: None,
        expires_at: NOW + 600_000,
    }
}

async fn a_sign_in_is_taken_once(base: Base) -> Test {
    let store = base.open().await?;
    store
        .insert_transaction("state", &sign_in("browser"), NOW)
        .await?;
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_transaction("state").await })
        })
        .collect();
    let mut taken = Vec::new();
    for taker in takers {
        taken.extend(taker.await??);
    }
    assert_eq!(taken.len(), 1);
    let verifier = taken[0].verifier.as_ref().context("kept")?;
    assert_eq!(verifier.expose_secret(), "canary-verifier");
    assert_eq!(taken[0].client, ClientKind::Employee);
    assert_eq!(taken[0].language, "fr");
    Ok(())
}

async fn a_browser_has_few_sign_ins_under_way(base: Base) -> Test {
    let store = base.open().await?;
    store
        .insert_transaction("other", &sign_in("other"), NOW)
        .await?;
    for number in 0..25 {
        let state = format!("state-{number:02}");
        store
            .insert_transaction(&state, &sign_in("browser"), NOW + number)
            .await?;
    }
    // The oldest of this browser went, nobody else's.
    assert!(store.take_transaction("state-04").await?.is_none());
    assert!(store.take_transaction("state-05").await?.is_some());
    assert!(store.take_transaction("other").await?.is_some());
    store
        .insert_transaction("late", &sign_in("late"), NOW + 700_000)
        .await?;
    assert!(
        store.take_transaction("state-24").await?.is_none(),
        "expired"
    );
    Ok(())
}

// Leases and slots.

async fn a_lease_has_one_holder(base: Base) -> Test {
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

async fn a_slot_never_has_two_holders(base: Base) -> Test {
    let store = base.open().await?;
    let other = base.open().await?;
    store.prepare_slots("interval", 40, 0).await?;
    let now = store.slot_time().await?.now;
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
                        .take_slot("interval", 40, now, now + 1_000, &lease)
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
    assert_eq!(store.slots_in_use("interval", now).await?, 40);
    Ok(())
}

async fn a_slot_is_free_one_window_after_the_answer(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 1, 0).await?;
    let take = async |now: i64, lease: &str| {
        store
            .take_slot("interval", 1, now, now + 9_000, lease)
            .await
    };
    let now = store.slot_time().await?.now;
    assert_eq!(take(now, "a").await?, Some(0));
    assert_eq!(take(now + 8_999, "b").await?, None);
    // Nobody else's lease shortens it, and its own never lengthens it.
    store.release_slot("interval", 0, "b", now).await?;
    store.release_slot("interval", 0, "a", now + 60_000).await?;
    let free = async |answered: i64| store.next_free_slot("interval", 1, 0, answered).await;
    assert_eq!(free(now + 9_001).await?, Some(now + 9_000));
    // On the wire: free one window after an answer that may come now.
    assert_eq!(free(now + 3_000).await?, Some(now + 3_000));
    store.release_slot("interval", 0, "a", now + 2_000).await?;
    assert_eq!(free(now + 3_000).await?, Some(now + 2_000));
    assert_eq!(take(now + 1_999, "b").await?, None);
    assert_eq!(take(now + 2_000, "b").await?, Some(0));
    // An answer that comes after the slot went to somebody else changes nothing.
    store.release_slot("interval", 0, "a", now).await?;
    assert_eq!(take(now + 2_001, "c").await?, None);
    Ok(())
}

async fn a_class_keeps_to_its_slots(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 10, 0).await?;
    let mut taken = Vec::new();
    for number in 0..8 {
        let lease = format!("{number}");
        taken.push(store.take_slot("interval", 6, 0, 1_000, &lease).await?);
    }
    // The highest first, and none of the four above.
    let own = (0..6).rev().map(Some).chain([None, None]);
    assert_eq!(taken, own.collect::<Vec<_>>());
    assert_eq!(
        store.take_slot("interval", 10, 0, 1_000, "x").await?,
        Some(9)
    );
    assert_eq!(store.next_free_slot("interval", 6, 6, 0).await?, None);
    Ok(())
}

async fn a_bucket_that_grows_may_not_use_its_new_slots_at_once(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 3, 500).await?;
    assert_eq!(store.next_free_slot("interval", 9, 0, 0).await?, Some(0));
    store.prepare_slots("interval", 1, 500).await?;
    store.prepare_slots("interval", 3, 500).await?;
    assert_eq!(store.slots_in_use("interval", 499).await?, 2);
    assert_eq!(store.slots_in_use("interval", 500).await?, 0);
    store.prepare_slots("interval", 3, 900).await?;
    assert_eq!(
        store.slots_in_use("interval", 500).await?,
        0,
        "nothing grew"
    );
    Ok(())
}

async fn a_pause_holds_for_answers_under_way(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 2, 0).await?;
    store.prepare_slots("second", 2, 0).await?;
    let slot = store
        .take_slot("interval", 2, 0, 900, "a")
        .await?
        .context("free")?;
    store.pause_slots(600).await?;
    // The answer to a request that was under way is no reason to go on earlier.
    store.release_slot("interval", slot, "a", 100).await?;
    for bucket in ["interval", "second"] {
        assert_eq!(store.slots_in_use(bucket, 599).await?, 2, "{bucket}");
    }
    assert_eq!(store.slots_in_use("second", 600).await?, 0);
    // A shorter pause does not end a longer one.
    store.pause_slots(300).await?;
    assert_eq!(store.slots_in_use("second", 599).await?, 2);
    Ok(())
}

async fn another_epoch_keeps_every_slot_busy(base: Base) -> Test {
    let store = base.open().await?;
    store.prepare_slots("interval", 3, 0).await?;
    let until = [("interval", 700)];
    // The first epoch of all has nothing behind it.
    assert!(!store.enter_slot_epoch("one", &until).await?);
    let slot = store
        .take_slot("interval", 3, 0, 400, "a")
        .await?
        .context("free")?;
    assert!(!store.enter_slot_epoch("one", &until).await?);
    assert_eq!(store.slots_in_use("interval", 399).await?, 1);
    assert!(store.enter_slot_epoch("two", &until).await?);
    assert!(
        !store
            .enter_slot_epoch("two", &[("interval", 9_000)])
            .await?
    );
    // A release from before counts for nothing.
    store.release_slot("interval", slot, "a", 100).await?;
    assert_eq!(store.slots_in_use("interval", 699).await?, 3);
    assert_eq!(store.slots_in_use("interval", 700).await?, 0);
    let time = store.slot_time().await?;
    assert_eq!(time.epoch, base.open().await?.slot_time().await?.epoch);
    Ok(())
}

// Creates.

fn asked(organizer: &str, key: &str) -> NewIntent {
    NewIntent {
        organizer_key: organizer.to_owned(),
        idempotency_key: key.to_owned(),
        fingerprint: "fingerprint".into(),
        subject: "Point d’équipe".into(),
        start_at: NOW + HOUR,
        end_at: NOW + 2 * HOUR,
        password_required: true,
        co_organizers: vec!["7".into(), "8".into()],
    }
}

async fn an_idempotency_key_makes_one_intent(base: Base) -> Test {
    let store = base.open().await?;
    let makers: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .insert_intent(&format!("id-{number}"), &asked("1", "key"), NOW)
                    .await
            })
        })
        .collect();
    let mut made = 0;
    for maker in makers {
        made += usize::from(maker.await??);
    }
    assert_eq!(made, 1);
    let intent = store.intent("1", "key").await?.context("made")?;
    assert_eq!(intent.asked, asked("1", "key"));
    assert_eq!(intent.state, IntentState::New);
    // The key is the employee's own.
    assert!(store.intent("2", "key").await?.is_none());
    assert!(
        store
            .insert_intent("other", &asked("2", "key"), NOW)
            .await?
    );
    Ok(())
}

async fn an_intent_moves_only_from_where_it_is(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    let sent = IntentChange {
        sent_at: Some(NOW + 1),
        ..IntentChange::default()
    };
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let (from, to) = (IntentState::New, IntentState::Sent);
                store.move_intent("id", from, to, sent).await
            })
        })
        .collect();
    let mut moved = 0;
    for sender in senders {
        moved += usize::from(sender.await??);
    }
    assert_eq!(moved, 1, "one of them sends");
    let lost = IntentChange {
        cause: Some("slow"),
        check_at: Some(NOW + 5),
        checked: true,
        ..IntentChange::default()
    };
    let (from, to) = (IntentState::Sent, IntentState::Unknown);
    assert!(store.move_intent("id", from, to, lost).await?);
    let intent = store.intent("1", "key").await?.context("there")?;
    assert_eq!(intent.state, IntentState::Unknown);
    assert_eq!((intent.checks, intent.check_at), (1, Some(NOW + 5)));
    assert_eq!(intent.sent_at, Some(NOW + 1), "kept");
    let (from, to) = (IntentState::Unknown, IntentState::NeedsUser);
    assert!(
        store
            .move_intent("id", from, to, IntentChange::default())
            .await?
    );
    let intent = store.intent("1", "key").await?.context("there")?;
    assert_eq!(intent.cause.as_deref(), Some("slow"), "kept");
    assert_eq!(intent.check_at, None);
    Ok(())
}

fn meeting(id: &str, intent: &str) -> MeetingRow {
    MeetingRow {
        id: id.to_owned(),
        intent_id: intent.to_owned(),
        organizer_key: "1".into(),
        subject: "Point d’équipe".into(),
        start_at: NOW + HOUR,
        end_at: NOW + 2 * HOUR,
        password_required: true,
        co_organizers: vec!["7".into()],
        join_url: Some("https://canary.example/123".to_owned().into()),
        phone: None,
        created_at: NOW,
    }
}

async fn an_intent_and_its_meeting_are_stored_together(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    let row = meeting("123", "id");
    assert!(
        !store.finish_intent(IntentState::Sent, &row).await?,
        "not sent"
    );
    assert!(!store.is_known_meeting("123").await?);
    assert!(store.finish_intent(IntentState::New, &row).await?);
    assert!(!store.finish_intent(IntentState::New, &row).await?, "done");
    let intent = store.intent("1", "key").await?.context("there")?;
    assert_eq!(intent.state, IntentState::Done);
    assert_eq!(intent.meeting_id.as_deref(), Some("123"));
    let kept = store.meeting("1", "123").await?.context("there")?;
    let url = kept.join_url.context("kept")?;
    assert_eq!(url.expose_secret(), "https://canary.example/123");
    assert_eq!(kept.co_organizers, ["7"]);
    assert!(
        store.meeting("2", "123").await?.is_none(),
        "somebody else's"
    );
    Ok(())
}

async fn a_meeting_belongs_to_one_intent(base: Base) -> Test {
    let store = base.open().await?;
    for key in ["a", "b"] {
        store.insert_intent(key, &asked("1", key), NOW).await?;
    }
    assert!(
        store
            .finish_intent(IntentState::New, &meeting("123", "a"))
            .await?
    );
    assert!(
        !store
            .finish_intent(IntentState::New, &meeting("123", "b"))
            .await?
    );
    let other = store.intent("1", "b").await?.context("there")?;
    assert_eq!(other.state, IntentState::New, "as it was");
    Ok(())
}

async fn lost_intents_are_found_again(base: Base) -> Test {
    let store = base.open().await?;
    for (key, at) in [("old", NOW), ("young", NOW + 50)] {
        store.insert_intent(key, &asked("1", key), NOW).await?;
        let sent = IntentChange {
            sent_at: Some(at),
            ..IntentChange::default()
        };
        let (from, to) = (IntentState::New, IntentState::Sent);
        store.move_intent(key, from, to, sent).await?;
    }
    let stranded = store.stranded_intents(NOW + 20, 10).await?;
    assert_eq!(stranded.len(), 1);
    assert_eq!(stranded[0].id, "old");
    let due = IntentChange {
        check_at: Some(NOW + 20),
        ..IntentChange::default()
    };
    let (from, to) = (IntentState::Sent, IntentState::Unknown);
    store.move_intent("old", from, to, due).await?;
    assert!(store.stranded_intents(NOW + 20, 10).await?.is_empty());
    assert!(store.due_intents(NOW + 19).await?.is_empty());
    assert_eq!(store.due_intents(NOW + 20).await?.len(), 1);
    Ok(())
}

async fn a_clock_that_was_set_back_holds_nothing_up(base: Base) -> Test {
    let store = base.open().await?;
    for key in ["sent", "unknown"] {
        store.insert_intent(key, &asked("1", key), NOW).await?;
        let sent = IntentChange {
            sent_at: Some(NOW),
            ..IntentChange::default()
        };
        let (from, to) = (IntentState::New, IntentState::Sent);
        store.move_intent(key, from, to, sent).await?;
    }
    let due = IntentChange {
        check_at: Some(NOW + 90_000),
        ..IntentChange::default()
    };
    let (from, to) = (IntentState::Sent, IntentState::Unknown);
    store.move_intent("unknown", from, to, due).await?;
    assert!(store.take_lease("sync", "dead", NOW, NOW + 30_000).await?);
    // A second or a minute is how far clocks of replicas differ; then everything still holds.
    for back in [0, 1_000, 60_000] {
        let now = NOW - back;
        assert!(store.stranded_intents(now, 50_000).await?.is_empty());
        assert!(store.due_intents(now).await?.is_empty());
        assert!(!store.take_lease("sync", "other", now, now + 30_000).await?);
    }
    let now = NOW - HOUR;
    assert_eq!(store.stranded_intents(now, 50_000).await?.len(), 1);
    assert_eq!(store.due_intents(now).await?.len(), 1);
    assert!(store.take_lease("sync", "other", now, now + 30_000).await?);
    Ok(())
}

async fn forgotten_keys_are_deleted_but_open_questions_are_not(base: Base) -> Test {
    let store = base.open().await?;
    for key in ["new", "sent", "unknown"] {
        store.insert_intent(key, &asked("1", key), NOW).await?;
        if key != "new" {
            let (from, to) = (IntentState::New, IntentState::Sent);
            store
                .move_intent(key, from, to, IntentChange::default())
                .await?;
        }
    }
    let (from, to) = (IntentState::Sent, IntentState::Unknown);
    store
        .move_intent("unknown", from, to, IntentChange::default())
        .await?;
    store
        .insert_intent("done", &asked("1", "done"), NOW)
        .await?;
    store
        .finish_intent(IntentState::New, &meeting("123", "done"))
        .await?;
    store.purge_intents(NOW).await?;
    for (key, kept) in [
        ("new", false),
        ("done", false),
        ("sent", true),
        ("unknown", true),
    ] {
        assert_eq!(store.intent("1", key).await?.is_some(), kept, "{key}");
    }
    assert!(store.is_known_meeting("123").await?);
    store.purge_meetings(NOW + 2 * HOUR).await?;
    assert!(!store.is_known_meeting("123").await?);
    Ok(())
}

// Organizers.

fn people(from: usize, to: usize) -> Vec<OrganizerRow> {
    (from..to)
        .map(|number| OrganizerRow {
            key: format!("{number}"),
            name: format!("Zoé {number}"),
            email: format!("{number}@corp.example"),
        })
        .collect()
}

async fn a_sync_run_swaps_generations_when_complete(base: Base) -> Test {
    let store = base.open().await?;
    assert_eq!(store.current_generation().await?, None);
    let first = store.start_run("admin", NOW).await?;
    store
        .store_page(first.generation, &people(0, 3), 3, Some(5))
        .await?;
    assert_eq!(store.current_generation().await?, None, "half");
    store
        .store_page(first.generation, &people(3, 5), 5, Some(5))
        .await?;
    store.finish_run(first.generation, NOW + 1).await?;
    assert_eq!(store.current_generation().await?, Some(first.generation));
    assert_eq!(store.count_organizers(first.generation).await?, 5);

    let second = store.start_run("schedule", NOW + 2).await?;
    store
        .store_page(second.generation, &people(0, 2), 2, None)
        .await?;
    assert_eq!(store.current_generation().await?, Some(first.generation));
    let runs = store.recent_runs(5).await?;
    assert_eq!(runs[0].state, RunState::Running);
    assert_eq!((runs[0].fetched, runs[0].total), (2, None), "the cursor");
    store.finish_run(second.generation, NOW + 3).await?;
    assert_eq!(store.current_generation().await?, Some(second.generation));
    assert_eq!(store.count_organizers(first.generation).await?, 0, "swept");
    let mut all = Vec::new();
    let each = |person: &OrganizerRow| all.push(person.clone());
    store.each_organizer(second.generation, each).await?;
    all.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(all, people(0, 2));
    Ok(())
}

async fn a_failed_sync_run_leaves_nothing(base: Base) -> Test {
    let store = base.open().await?;
    let run = store.start_run("admin", NOW).await?;
    store
        .store_page(run.generation, &people(0, 3), 3, None)
        .await?;
    store
        .fail_run(run.generation, "GoTo did not answer", NOW + 1)
        .await?;
    assert_eq!(store.count_organizers(run.generation).await?, 0);
    assert_eq!(store.current_generation().await?, None);
    let runs = store.recent_runs(1).await?;
    assert_eq!(runs[0].state, RunState::Failed);
    assert_eq!(runs[0].problem.as_deref(), Some("GoTo did not answer"));
    let next = store.start_run("admin", NOW + 2).await?;
    assert!(next.generation > run.generation);
    Ok(())
}

async fn a_page_may_come_twice(base: Base) -> Test {
    let store = base.open().await?;
    let run = store.start_run("admin", NOW).await?;
    store
        .store_page(run.generation, &people(0, 3), 3, None)
        .await?;
    // After a crash between the page and its cursor, and when rows move between pages.
    store
        .store_page(run.generation, &people(1, 5), 5, None)
        .await?;
    assert_eq!(store.count_organizers(run.generation).await?, 5);
    Ok(())
}

// The rest.

async fn settings_are_shared(base: Base) -> Test {
    let (one, other) = (base.open().await?, base.open().await?);
    assert_eq!(one.setting("log").await?, None);
    one.set_setting("log", "on").await?;
    assert_eq!(other.setting("log").await?.as_deref(), Some("on"));
    other.set_setting("log", "off").await?;
    assert_eq!(one.setting("log").await?.as_deref(), Some("off"));
    Ok(())
}

async fn the_support_log_forgets(base: Base) -> Test {
    let store = base.open().await?;
    for at in [NOW, NOW + 1, NOW + 2] {
        store
            .insert_activity(&ActivityRow {
                at,
                kind: "meeting.create".into(),
                actor: (at > NOW).then(|| "elodie@corp.example".into()),
                outcome: "ok".into(),
                detail: "é <b>".into(),
            })
            .await?;
    }
    let rows = store.activity(NOW).await?;
    assert_eq!(
        rows.iter().map(|row| row.at).collect::<Vec<_>>(),
        [NOW + 1, NOW + 2]
    );
    assert_eq!(rows[0].detail, "é <b>");
    store.purge_activity(NOW + 1).await?;
    let rows = store.activity(0).await?;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].at, NOW + 2);
    Ok(())
}

// Sealed columns.

/// One of each secret there is.
async fn fill(store: &Store) -> Test {
    store.put_grant(&employee("1"), &grant("1")).await?;
    store.put_grant(&Owner::ServiceAccount, &grant("9")).await?;
    store
        .insert_transaction("state", &sign_in("browser"), NOW)
        .await?;
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    let row = MeetingRow {
        phone: Some("canary-phone".to_owned().into()),
        ..meeting("123", "id")
    };
    store.finish_intent(IntentState::New, &row).await?;
    Ok(())
}

async fn secrets_are_sealed(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    for query in [
        "SELECT access_token FROM oauth_grant",
        "SELECT refresh_token FROM oauth_grant",
        "SELECT verifier FROM sign_in_transaction",
        "SELECT join_url FROM meeting",
        "SELECT phone FROM meeting",
    ] {
        for text in base.texts(query).await? {
            assert!(text.starts_with("1.old."), "{query}");
            assert!(!text.contains("canary"), "{query}");
        }
    }
    // A value that was moved to another row does not open.
    base.change(
        "UPDATE oauth_grant SET access_token = (SELECT access_token FROM oauth_grant \
         WHERE owner = 'service_account') WHERE owner = 'employee:1'",
    )
    .await?;
    assert!(store.grant(&employee("1")).await.is_err());
    assert!(store.grant(&Owner::ServiceAccount).await.is_ok());
    Ok(())
}

async fn a_ring_without_a_needed_key_is_refused(base: Base) -> Test {
    let store = base.open().await?;
    // As long as nothing is sealed, no key is missed.
    base.open_with(&["new"]).await?.close().await;
    fill(&store).await?;
    store.close().await;
    let error = base
        .open_with(&["new"])
        .await
        .expect_err("a key is missing");
    let text = error.to_string();
    for part in ["store.keys", "`old`", "put it back", "goto-microapps rekey"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(base.open_with(&["new", "old"]).await.is_ok());
    Ok(())
}

async fn a_wrong_key_under_a_known_name_opens_nothing(base: Base) -> Test {
    let store = base.open().await?;
    fill(&store).await?;
    let mut wrong = settings(&base.url, &["old"]);
    wrong.keys[0].key = settings(&base.url, &["x"]).keys[0].key.clone();
    let store = Store::open(&wrong, &Clock::system()).await?;
    let error = store.grant(&employee("1")).await.expect_err("another key");
    assert!(
        error.to_string().contains("does not open with its key"),
        "{error}"
    );
    Ok(())
}

async fn rekey_seals_everything_with_the_first_key(base: Base) -> Test {
    fill(&base.open().await?).await?;
    let both = base.open_with(&["new", "old"]).await?;
    assert_eq!(both.rekey().await?, 7);
    assert_eq!(both.rekey().await?, 0, "nothing is left");
    both.close().await;
    let store = base.open_with(&["new"]).await?;
    let grant = store.grant(&employee("1")).await?.context("there")?;
    assert_eq!(grant.grant.refresh_token.expose_secret(), "canary-refresh");
    let meeting = store.meeting("1", "123").await?.context("there")?;
    assert_eq!(
        meeting.phone.context("kept")?.expose_secret(),
        "canary-phone"
    );
    assert!(store.take_transaction("state").await?.is_some());
    Ok(())
}

async fn is_alive_for_a_load_balancer(base: Base) -> Test {
    let store = base.open().await?;
    store.ping().await?;
    store.close().await;
    assert!(store.ping().await.is_err());
    Ok(())
}

// What an operator can do wrong.

/// What the proxy says when it does not start.
async fn refusal(url: &str) -> String {
    let opened = Store::open(&settings(url, &["old"]), &Clock::system()).await;
    StartError::from(opened.expect_err("not to be used")).to_string()
}

fn assert_says(text: &str, parts: &[&str]) {
    for part in ["store.url: ", "cure: "].iter().chain(parts) {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_said_at_start() {
    let text = refusal("postgres://goto@127.0.0.1:1/nothing").await;
    assert_says(&text, &["refused", "start the database server"]);
}

#[tokio::test]
async fn a_database_nobody_made_is_said_at_start() -> Test {
    let url = Base::postgres()?.url.replace("/test_", "/nobody_made_");
    assert_says(&refusal(&url).await, &["does not exist", "createdb"]);
    Ok(())
}

#[tokio::test]
async fn a_folder_that_is_missing_is_said_at_start() {
    let text = refusal("sqlite:///nowhere/at/all/store.db").await;
    let parts = ["unable to open database file", "create the folder"];
    assert_says(&text, &parts);
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_said_at_start() -> Test {
    let base = Base::sqlite()?;
    base.open().await?.close().await;
    let text = refusal(&format!("{}?mode=ro", base.url)).await;
    assert_says(&text, &["readonly", "let the proxy's user write"]);
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_no_database_is_said_at_start() -> Test {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("store.db");
    let text = "not a database, and longer than its header would be".repeat(40);
    std::fs::write(&file, text)?;
    let text = refusal(&format!("sqlite://{}", file.display())).await;
    assert_says(&text, &["file is not a database", "name another file"]);
    Ok(())
}

#[tokio::test]
async fn a_full_disk_is_said_and_loses_nothing() -> Test {
    let base = Base::sqlite()?;
    let store = base.open().await?;
    store
        .insert_intent("kept", &asked("1", "kept"), NOW)
        .await?;
    store.close().await;
    // The page count is where SQLite itself says that the disk is full, without one.
    let url = format!("{}?mode=rwc", base.url);
    sqlx::any::install_default_drivers();
    let full = sqlx::any::AnyPoolOptions::new()
        .max_connections(1)
        .connect(&url)
        .await?;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&full)
        .await?;
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "PRAGMA max_page_count = {pages}"
    )))
    .execute(&full)
    .await?;
    let long = "x".repeat(64 * 1024);
    let error = sqlx::query("INSERT INTO setting (name, value) VALUES ('long', $1)")
        .bind(long)
        .execute(&full)
        .await
        .expect_err("no page is left");
    assert!(
        error.to_string().contains("database or disk is full"),
        "{error}"
    );
    full.close().await;
    let store = base.open().await?;
    assert!(store.intent("1", "kept").await?.is_some());
    assert!(store.setting("long").await?.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_proxies_on_one_file_wait_for_each_other() -> Test {
    let base = Base::sqlite()?;
    let (one, other) = (base.open().await?, base.open().await?);
    let writers: Vec<_> = [one, other]
        .into_iter()
        .enumerate()
        .flat_map(|(side, store)| {
            (0..4).map(move |task| {
                let store = store.clone();
                tokio::spawn(async move {
                    for number in 0..25 {
                        let key = format!("{side}-{task}-{number}");
                        store.insert_intent(&key, &asked("1", &key), NOW).await?;
                        let (from, to) = (IntentState::New, IntentState::Sent);
                        let change = IntentChange::default();
                        store.move_intent(&key, from, to, change).await?;
                    }
                    Ok::<_, goto_microapps::store::Error>(())
                })
            })
        })
        .collect();
    for writer in writers {
        writer.await??;
    }
    let sent = "SELECT COUNT(*) FROM create_intent WHERE state = 'sent'";
    assert_eq!(base.number(sent).await?, 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_comes_back_is_used_again() -> Test {
    let server = Postgres::start()?;
    let url = server.database()?;
    let store = Store::open(&settings(&url, &["old"]), &Clock::system()).await?;
    store.prepare_slots("interval", 2, 0).await?;
    let before = store.slot_time().await?;
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    server.stop(Shutdown::Immediate)?;
    assert!(store.ping().await.is_err());
    assert!(store.slot_time().await.is_err(), "nothing is counted");
    server.start_again()?;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while store.ping().await.is_err() {
        anyhow::ensure!(tokio::time::Instant::now() < deadline, "still away");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        store.intent("1", "key").await?.is_some(),
        "what was said is kept"
    );
    assert_ne!(
        store.slot_time().await?.epoch,
        before.epoch,
        "another start"
    );
    Ok(())
}
