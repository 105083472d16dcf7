//! Create intents and the meetings they became.

use anyhow::Context;
use goto_microapps::store::{CreateRefusal, IntentChange, IntentState, MeetingRow, NewIntent};
use goto_microapps_api::{ConfirmingCause, InvitationExtra};
use secrecy::ExposeSecret;

use crate::{Base, HOUR, NOW, Test};

pub(crate) fn asked(organizer: &str, key: &str) -> NewIntent {
    NewIntent {
        organizer_key: organizer.to_owned(),
        idempotency_key: key.to_owned(),
        fingerprint: "fingerprint".into(),
        subject: "Point d’équipe".into(),
        start_at: NOW + HOUR,
        end_at: NOW + 2 * HOUR,
        password_required: true,
        co_organizers: vec!["7".into(), "8".into()],
        invitation: InvitationExtra::to(vec![
            "canary@guest.example".into(),
            "b@guest.example".into(),
        ]),
    }
}

pub(crate) async fn an_idempotency_key_makes_one_intent(base: Base) -> Test {
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

pub(crate) async fn an_intent_moves_only_from_where_it_is(base: Base) -> Test {
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
        cause: Some(ConfirmingCause::Unreadable),
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
    assert_eq!(intent.cause, Some(ConfirmingCause::Unreadable), "kept");
    assert_eq!(intent.check_at, None);
    Ok(())
}

pub(crate) async fn a_refusal_is_kept_as_what_it_is(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    let refusal = CreateRefusal {
        status: 409,
        code: "Too many meetings".into(),
    };
    let change = IntentChange {
        refusal: Some(&refusal),
        ..IntentChange::default()
    };
    let (from, to) = (IntentState::New, IntentState::Failed);
    assert!(store.move_intent("id", from, to, change).await?);
    let intent = store.intent("1", "key").await?.context("there")?;
    assert_eq!(intent.refusal, Some(refusal));
    // The release before finds it where it looks,
    let before = "SELECT problem FROM create_intent";
    assert_eq!(base.texts(before).await?, ["409 Too many meetings"]);
    // and what it wrote is found.
    base.change(
        "UPDATE create_intent SET problem = '404 ', refused_status = NULL, refused_code = NULL",
    )
    .await?;
    let intent = store.intent("1", "key").await?.context("there")?;
    let gone = CreateRefusal {
        status: 404,
        code: String::new(),
    };
    assert_eq!(intent.refusal, Some(gone));
    Ok(())
}

pub(crate) fn meeting(id: &str, intent: &str) -> MeetingRow {
    MeetingRow {
        id: id.to_owned(),
        intent_id: intent.to_owned(),
        organizer_key: "1".into(),
        subject: "Point d’équipe".into(),
        start_at: NOW + HOUR,
        end_at: NOW + 2 * HOUR,
        password_required: true,
        co_organizers: vec!["7".into()],
        invitation: InvitationExtra::to(vec!["canary@guest.example".into()]),
        join_url: Some("https://canary.example/123".to_owned().into()),
        phone: None,
        created_at: NOW,
        cancelled_at: None,
        sequence: 0,
    }
}

pub(crate) async fn an_intent_and_its_meeting_are_stored_together(base: Base) -> Test {
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

pub(crate) async fn a_meeting_belongs_to_one_intent(base: Base) -> Test {
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

pub(crate) async fn lost_intents_are_found_again(base: Base) -> Test {
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

pub(crate) async fn a_clock_that_was_set_back_holds_nothing_up(base: Base) -> Test {
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

pub(crate) async fn forgotten_keys_are_deleted_but_open_questions_are_not(base: Base) -> Test {
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
