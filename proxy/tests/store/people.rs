//! Consents, sessions, hand-offs and sign-ins under way.

use anyhow::Context;
use goto_microapps::store::{ClientKind, Grant, Handoff, Identity, Owner, PendingSignIn};
use secrecy::ExposeSecret;

use crate::{Base, HOUR, NOW, Test};

pub(crate) fn grant(organizer: &str) -> Grant {
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

/// Whoever has the address of [`grant`], as a gateway names people: without a subject.
pub(crate) fn by_address(organizer: &str) -> Identity {
    Identity {
        email: grant(organizer).email.to_lowercase(),
        subject: None,
    }
}

pub(crate) fn employee(key: &str) -> Owner {
    Owner::Employee(key.to_owned())
}

pub(crate) async fn a_grant_changes_only_for_whoever_saw_its_newest_version(base: Base) -> Test {
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

pub(crate) async fn a_new_consent_replaces_a_lost_one(base: Base) -> Test {
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

pub(crate) async fn an_idle_grant_is_kept_up_while_somebody_needs_it(base: Base) -> Test {
    let store = base.open().await?;
    for key in ["with", "without", "fresh"] {
        let mut grant = grant(key);
        grant.refreshed_at = if key == "fresh" { NOW } else { NOW - 10 };
        store.put_grant(&employee(key), &grant).await?;
    }
    let mut service = grant("9");
    service.refreshed_at = NOW - 20;
    store.put_grant(&Owner::ServiceAccount, &service).await?;
    store.insert_session("a", "with", NOW, None).await?;
    store.insert_session("b", "fresh", NOW, None).await?;
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

pub(crate) async fn a_session_ends_by_silence_and_by_age(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_session("hash", "1", NOW, None).await?;
    // An id that exists already must fail, not take over.
    assert!(store.insert_session("hash", "2", NOW, None).await.is_err());
    let touch = async |at: i64| {
        store
            .touch_session("hash", None, at, at - 10 * HOUR, at - HOUR)
            .await
    };
    let seen = touch(NOW + HOUR - 1).await?.context("in time")?;
    assert_eq!(seen.organizer_key, "1");
    assert_eq!(seen.created_at, NOW);
    assert!(touch(NOW + 2 * HOUR - 1).await?.is_none(), "silent an hour");
    for hour in 1..10 {
        store
            .insert_session(&format!("{hour}"), "1", NOW, None)
            .await?;
    }
    assert_eq!(store.count_sessions("1").await?, 10);
    let late = NOW + 10 * HOUR;
    let old = store
        .touch_session("1", None, late, late - 10 * HOUR, 0)
        .await?;
    assert!(old.is_none(), "ten hours old");
    store.purge_sessions(NOW, 0, 0).await?;
    assert_eq!(store.count_sessions("1").await?, 0);
    Ok(())
}

pub(crate) async fn a_session_nobody_used_can_be_taken_back(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_session("unseen", "1", NOW, None).await?;
    store.insert_session("seen", "1", NOW, None).await?;
    store.touch_session("seen", None, NOW, 0, 0).await?;
    assert!(store.delete_unseen_session("unseen").await?);
    assert!(!store.delete_unseen_session("unseen").await?);
    assert!(!store.delete_unseen_session("seen").await?);
    store.delete_session("seen").await?;
    assert!(
        store
            .touch_session("seen", None, NOW, 0, 0)
            .await?
            .is_none()
    );
    Ok(())
}

pub(crate) async fn an_administrators_session_ends_by_silence(base: Base) -> Test {
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

/// Two who have both got past the look at their own code: the second finds that the first took
/// theirs along. Then eight of each at once.
pub(crate) async fn security_57_one_sign_in_has_one_taker_by_whichever_code(base: Base) -> Test {
    let store = base.open().await?;
    let handoff = Handoff {
        origin: "https://intranet.example".into(),
        challenge: "challenge".into(),
        organizer_key: "1".into(),
        session_hash: None,
        expires_at: NOW + 60_000,
    };
    let offer = async || {
        store.insert_handoff("posted", &handoff, NOW).await?;
        store.insert_handoff("typed", &handoff, NOW).await
    };
    for (first, second) in [("posted", "typed"), ("typed", "posted")] {
        offer().await?;
        let taken = store.take_handoff(first).await?;
        assert!(taken.is_some(), "{first}");
        let taken = store.take_handoff(second).await?;
        assert!(taken.is_none(), "{second} after {first}");
    }
    let other = Handoff {
        challenge: "another".into(),
        ..handoff.clone()
    };
    store.insert_handoff("other", &other, NOW).await?;
    for _ in 0..8 {
        offer().await?;
        let takers: Vec<_> = ["posted", "typed"]
            .into_iter()
            .cycle()
            .take(16)
            .map(|code| {
                let store = store.clone();
                tokio::spawn(async move { store.take_handoff(code).await })
            })
            .collect();
        let mut taken = 0;
        for taker in takers {
            taken += usize::from(taker.await??.is_some());
        }
        assert_eq!(taken, 1);
    }
    assert!(store.take_handoff("other").await?.is_some());
    Ok(())
}

pub(crate) async fn a_handoff_is_taken_once(base: Base) -> Test {
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
    let taken = store.take_handoff("long").await?;
    assert!(taken.is_some());
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

pub(crate) fn sign_in(browser: &str) -> PendingSignIn {
    PendingSignIn {
        client: ClientKind::Employee,
        issuer: "https://goto.example/authorize".into(),
        browser_hash: browser.to_owned(),
        verifier: Some("canary-verifier".to_owned().into()),
        origin: Some("https://intranet.example".into()),
        challenge: Some("challenge".into()),
        language: "fr".into(),
        admin_hash: None,
        return_to: None,
        expected: None,
        tokens: None,
        severed: false,
        expires_at: NOW + 600_000,
    }
}

fn late() -> PendingSignIn {
    PendingSignIn {
        expires_at: NOW + 1_200_000,
        ..sign_in("late")
    }
}

pub(crate) async fn a_sign_in_is_taken_once(base: Base) -> Test {
    let store = base.open().await?;
    store
        .insert_pending_sign_in("state", &sign_in("browser"), NOW, 0)
        .await?;
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_pending_sign_in("state").await })
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

pub(crate) async fn a_browser_has_few_sign_ins_under_way(base: Base) -> Test {
    let store = base.open().await?;
    store
        .insert_pending_sign_in("other", &sign_in("other"), NOW, 0)
        .await?;
    for number in 0..25 {
        let state = format!("state-{number:02}");
        store
            .insert_pending_sign_in(&state, &sign_in("browser"), NOW + number, 0)
            .await?;
    }
    // The oldest of this browser went, nobody else's.
    assert!(store.take_pending_sign_in("state-04").await?.is_none());
    assert!(store.take_pending_sign_in("state-05").await?.is_some());
    assert!(store.take_pending_sign_in("other").await?.is_some());
    store
        .insert_pending_sign_in("late", &late(), NOW, 0)
        .await?;
    assert_eq!(
        store.sweep_pending_sign_ins(NOW + 700_000).await?,
        1,
        "late"
    );
    assert!(
        store.take_pending_sign_in("state-24").await?.is_none(),
        "expired"
    );
    Ok(())
}
