//! Creates that wait for their turn, and colleagues chosen lately.

use anyhow::Context;
use goto_microapps::store::{DropReason, IntentChange, IntentState, MeetingRow, Store};
use goto_microapps_api::InvitationExtra;

use crate::creates::asked;
use crate::{Base, HOUR, NOW, Test};

const DAY: i64 = 24 * HOUR;

async fn new(store: &Store, id: &str) -> Test {
    anyhow::ensure!(store.insert_intent(id, &asked("1", id), NOW).await?);
    Ok(())
}

/// Ids of those whose turn has come at `now`, where nobody has waited too long since `oldest`.
async fn due(store: &Store, now: i64, oldest: i64) -> anyhow::Result<Vec<String>> {
    let due = store.due_queued(now, oldest).await?;
    Ok(due.into_iter().map(|intent| intent.id).collect())
}

pub(crate) async fn a_create_waits_until_its_turn_and_keeps_its_place(base: Base) -> Test {
    let store = base.open().await?;
    for id in ["a", "b", "c"] {
        new(&store, id).await?;
    }
    assert_eq!(
        due(&store, NOW + DAY, NOW + DAY).await?,
        [""; 0],
        "nobody asked to wait"
    );
    assert!(store.queue_intent("b", NOW, NOW + 100).await?);
    assert!(store.queue_intent("a", NOW + 1, NOW + 50).await?);
    assert_eq!(store.queued_of("1").await?, 2);
    assert_eq!(store.queued_of("2").await?, 0);
    assert_eq!(due(&store, NOW + 10, NOW - HOUR).await?, [""; 0]);
    assert_eq!(due(&store, NOW + 50, NOW - HOUR).await?, ["a"]);
    // Put off, it keeps the moment since when it waits.
    assert!(store.queue_intent("b", NOW + 90, NOW + 120).await?);
    assert_eq!(due(&store, NOW + 120, NOW - HOUR).await?, ["b", "a"]);
    assert_eq!(
        due(&store, NOW + 60, NOW).await?,
        ["b", "a"],
        "one has waited too long"
    );
    let intent = store.intent("1", "b").await?.context("b")?;
    assert_eq!(intent.queued_at, Some(NOW));

    // Sent, it waits no more, and cannot be taken back.
    let (from, to) = (IntentState::New, IntentState::Sent);
    let sent = IntentChange::default();
    assert!(store.move_intent("a", from, to, sent).await?);
    assert!(!store.queue_intent("a", NOW, NOW).await?);
    assert!(!store.drop_queued("a", DropReason::Withdrawn).await?);
    assert_eq!(store.queued_of("1").await?, 1);
    Ok(())
}

pub(crate) async fn a_dropped_create_is_sent_by_nobody(base: Base) -> Test {
    let store = base.open().await?;
    let reasons = [
        DropReason::Expired,
        DropReason::ConsentLost,
        DropReason::StartPassed,
        DropReason::Forbidden,
        DropReason::Withdrawn,
    ];
    for reason in reasons {
        let id = reason.as_str();
        new(&store, id).await?;
        assert!(!store.drop_queued(id, reason).await?, "it does not wait");
        assert!(store.queue_intent(id, NOW, NOW).await?);
        assert!(store.drop_queued(id, reason).await?);
        assert!(!store.drop_queued(id, reason).await?, "once");
        let intent = store.intent("1", id).await?.context("kept")?;
        assert_eq!(
            (intent.state, intent.dropped),
            (IntentState::Failed, Some(reason))
        );
        let (from, to) = (IntentState::New, IntentState::Sent);
        let sent = IntentChange::default();
        assert!(!store.move_intent(id, from, to, sent).await?);
    }
    assert_eq!(due(&store, NOW + DAY, NOW + DAY).await?, [""; 0]);
    Ok(())
}

pub(crate) async fn colleagues_are_remembered_with_the_meeting_and_forgotten(base: Base) -> Test {
    let store = base.open().await?;
    let people =
        |from: usize| -> Vec<String> { (from..from + 15).map(|at| at.to_string()).collect() };
    for (id, people, at) in [("x", people(0), NOW), ("y", people(10), NOW + HOUR)] {
        new(&store, id).await?;
        let meeting = MeetingRow {
            id: format!("meeting-{id}"),
            intent_id: id.to_owned(),
            organizer_key: "1".into(),
            subject: "s".into(),
            start_at: NOW + DAY,
            end_at: NOW + DAY + HOUR,
            password_required: false,
            co_organizers: people,
            invitation: InvitationExtra::default(),
            join_url: None,
            phone: None,
            created_at: at,
            cancelled_at: None,
            sequence: 0,
        };
        assert!(store.finish_intent(IntentState::New, &meeting).await?);
    }
    let recent = store.recent_colleagues("1", 0).await?;
    let mut expected = people(10);
    expected.extend((0..5).map(|at| at.to_string()));
    assert_eq!(recent, expected, "twenty, the latest first, each once");
    assert_eq!(store.recent_colleagues("1", NOW + 1).await?, people(10));
    assert_eq!(store.recent_colleagues("2", 0).await?, [""; 0]);
    store.purge_colleagues(NOW).await?;
    assert_eq!(store.recent_colleagues("1", 0).await?, people(10));
    store.forget_colleagues("2").await?;
    assert_eq!(store.recent_colleagues("1", 0).await?.len(), 15);
    store.forget_colleagues("1").await?;
    assert_eq!(store.recent_colleagues("1", 0).await?, [""; 0]);
    Ok(())
}
