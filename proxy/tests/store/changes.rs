//! Orders to cancel a meeting.

use anyhow::Context;
use goto_microapps::store::{
    ChangeKind, ChangeMove, ChangeState, EditedMeeting, IntentState, MeetingSeen, NewChange, Store,
};
use goto_microapps_api::{InvitationExtra, StopReason};

use crate::creates::{asked, meeting};
use crate::people::{employee, grant};
use crate::{Base, HOUR, NOW, Test};

/// What a meeting is to become.
pub(crate) fn edited() -> EditedMeeting {
    EditedMeeting {
        fingerprint: "fingerprint".into(),
        subject: "Later".into(),
        start_at: NOW + 3 * HOUR,
        end_at: NOW + 4 * HOUR,
        password_required: false,
        co_organizers: vec!["9".into()],
        invitation: InvitationExtra::to(vec![
            "canary@guest.example".into(),
            "new@guest.example".into(),
        ]),
    }
}

pub(crate) fn edit(organizer: &str, meeting: &str) -> NewChange {
    NewChange {
        edited: Some(edited()),
        ..cancel(organizer, meeting)
    }
}

pub(crate) fn cancel(organizer: &str, meeting: &str) -> NewChange {
    NewChange {
        organizer_key: organizer.to_owned(),
        meeting_id: meeting.to_owned(),
        seen: MeetingSeen {
            subject: "Point d’équipe".into(),
            start_at: Some(NOW + HOUR),
            end_at: None,
        },
        due_at: NOW + 10,
        edited: None,
    }
}

async fn moved(
    store: &Store,
    id: &str,
    from: ChangeState,
    to: ChangeState,
) -> anyhow::Result<bool> {
    Ok(store
        .move_change(ChangeKind::Cancel, id, from, to, ChangeMove::default())
        .await?)
}

pub(crate) async fn security_61_a_meeting_has_one_open_order(base: Base) -> Test {
    let store = base.open().await?;
    let makers: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let id = format!("id-{number}");
                store.insert_cancel(&id, &cancel("1", "123"), NOW).await
            })
        })
        .collect();
    let mut made = 0;
    for maker in makers {
        made += usize::from(maker.await??);
    }
    assert_eq!(made, 1);
    assert!(
        store
            .insert_cancel("other", &cancel("1", "124"), NOW)
            .await?
    );
    let first = store
        .change(ChangeKind::Cancel, "1", "123")
        .await?
        .context("ordered")?;
    assert_eq!(first.asked, cancel("1", "123"));
    assert_eq!((first.state, first.ordered_at), (ChangeState::Ordered, NOW));
    // It is its owner's alone.
    assert!(
        store
            .change(ChangeKind::Cancel, "2", "123")
            .await?
            .is_none()
    );
    // The next one is another, and the newest.
    assert!(
        moved(
            &store,
            &first.id,
            ChangeState::Ordered,
            ChangeState::Withdrawn
        )
        .await?
    );
    assert!(
        store
            .insert_cancel("second", &cancel("1", "123"), NOW)
            .await?
    );
    let newest = store
        .change(ChangeKind::Cancel, "1", "123")
        .await?
        .context("ordered")?;
    assert_eq!(newest.id, "second");
    assert_eq!(
        store.changes(ChangeKind::Cancel, "1").await?.len(),
        2,
        "open ones"
    );
    Ok(())
}

pub(crate) async fn security_61_of_undo_and_send_one_comes_first(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_cancel("id", &cancel("1", "123"), NOW).await?;
    let movers: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            let to = match number % 2 {
                0 => ChangeState::Sent,
                _ => ChangeState::Withdrawn,
            };
            tokio::spawn(async move { moved(&store, "id", ChangeState::Ordered, to).await })
        })
        .collect();
    let mut won = 0;
    for mover in movers {
        won += usize::from(mover.await??);
    }
    assert_eq!(won, 1);
    Ok(())
}

pub(crate) async fn an_order_remembers_why_it_stopped(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_cancel("id", &cancel("1", "123"), NOW).await?;
    let found = MeetingSeen {
        subject: "Another".into(),
        start_at: None,
        end_at: Some(NOW),
    };
    let stopped = ChangeMove {
        stopped: Some(StopReason::Changed),
        found: Some(&found),
        ..ChangeMove::default()
    };
    let (from, to) = (ChangeState::Ordered, ChangeState::Failed);
    assert!(
        store
            .move_change(ChangeKind::Cancel, "id", from, to, stopped)
            .await?
    );
    let change = store
        .change(ChangeKind::Cancel, "1", "123")
        .await?
        .context("there")?;
    assert_eq!(change.stopped, Some(StopReason::Changed));
    assert_eq!(change.found, Some(found));
    base.change("UPDATE change_intent SET stopped = 'from the future'")
        .await?;
    let change = store
        .change(ChangeKind::Cancel, "1", "123")
        .await?
        .context("there")?;
    assert_eq!(change.stopped, Some(StopReason::Other));
    store.purge_changes(NOW - 1).await?;
    assert!(
        store
            .change(ChangeKind::Cancel, "1", "123")
            .await?
            .is_some()
    );
    store.purge_changes(NOW).await?;
    assert!(
        store
            .change(ChangeKind::Cancel, "1", "123")
            .await?
            .is_none()
    );
    Ok(())
}

pub(crate) async fn orders_are_found_when_their_time_has_come(base: Base) -> Test {
    let store = base.open().await?;
    store.insert_cancel("id", &cancel("1", "123"), NOW).await?;
    let due = async |now: i64| -> anyhow::Result<usize> {
        Ok(store.due_changes(ChangeKind::Cancel, now).await?.len())
    };
    assert_eq!(due(NOW + 9).await?, 0);
    assert_eq!(due(NOW + 10).await?, 1);
    assert_eq!(due(NOW - HOUR).await?, 1, "the clock was set back");
    let sent = ChangeMove {
        sent_at: Some(NOW + 10),
        ..ChangeMove::default()
    };
    let (from, to) = (ChangeState::Ordered, ChangeState::Sent);
    assert!(
        store
            .move_change(ChangeKind::Cancel, "id", from, to, sent)
            .await?
    );
    assert_eq!(due(NOW + HOUR).await?, 0);
    let stranded = async |now: i64| store.stranded_changes(ChangeKind::Cancel, now, 20).await;
    assert_eq!(stranded(NOW + 29).await?.len(), 0);
    assert_eq!(stranded(NOW + 30).await?.len(), 1);
    let look = ChangeMove {
        check_at: Some(NOW + 40),
        checked: true,
        ..ChangeMove::default()
    };
    let (from, to) = (ChangeState::Sent, ChangeState::Unknown);
    assert!(
        store
            .move_change(ChangeKind::Cancel, "id", from, to, look)
            .await?
    );
    assert_eq!(due(NOW + 39).await?, 0);
    assert_eq!(due(NOW + 40).await?, 1);
    let change = store
        .change(ChangeKind::Cancel, "1", "123")
        .await?
        .context("there")?;
    assert_eq!((change.checks, change.sent_at), (1, Some(NOW + 10)));
    store.purge_changes(NOW + HOUR).await?;
    assert!(
        store
            .change(ChangeKind::Cancel, "1", "123")
            .await?
            .is_some(),
        "still open"
    );
    Ok(())
}

pub(crate) async fn a_cancelled_meeting_says_so_and_is_another_revision(base: Base) -> Test {
    let store = base.open().await?;
    store.put_grant(&employee("1"), &grant("1")).await?;
    store.insert_intent("made", &asked("1", "key"), NOW).await?;
    let row = meeting("123", "made");
    store.finish_intent(IntentState::New, &row).await?;
    store.insert_cancel("id", &cancel("1", "123"), NOW).await?;
    let change = store
        .change(ChangeKind::Cancel, "1", "123")
        .await?
        .context("ordered")?;
    assert!(!store.finish_cancel(ChangeState::Sent, &change, NOW).await?);
    let kept = store.meeting("1", "123").await?.context("there")?;
    assert_eq!((kept.cancelled_at, kept.sequence), (None, 0));
    moved(&store, "id", ChangeState::Ordered, ChangeState::Sent).await?;
    assert!(
        store
            .finish_cancel(ChangeState::Sent, &change, NOW + 5)
            .await?
    );
    let kept = store.meeting("1", "123").await?.context("there")?;
    assert_eq!((kept.cancelled_at, kept.sequence), (Some(NOW + 5), 1));
    let change = store
        .change(ChangeKind::Cancel, "1", "123")
        .await?
        .context("there")?;
    assert_eq!(change.state, ChangeState::Done);
    // A meeting that is seen otherwise at GoTo is another revision as well; the rest is not.
    let mut changed = kept;
    changed.password_required = !changed.password_required;
    store.update_meeting(&changed).await?;
    changed.end_at += 1;
    store.update_meeting(&changed).await?;
    let kept = store.meeting("1", "123").await?.context("there")?;
    assert_eq!(kept.sequence, 2);
    Ok(())
}

pub(crate) async fn security_62_an_edit_is_ordered_once_and_becomes_the_meeting(
    base: Base,
) -> Test {
    let store = base.open().await?;
    store.insert_intent("id", &asked("1", "key"), NOW).await?;
    store
        .finish_intent(IntentState::New, &meeting("123", "id"))
        .await?;
    let ordered = edit("1", "123");
    assert!(store.insert_edit("a", &ordered, &edited(), NOW).await?);
    assert!(!store.insert_edit("a", &ordered, &edited(), NOW).await?);
    assert!(!store.insert_edit("b", &ordered, &edited(), NOW).await?);
    // To a cancellation it is not there, and the other way round.
    assert!(
        store
            .change(ChangeKind::Cancel, "1", "123")
            .await?
            .is_none()
    );
    assert!(
        store
            .due_changes(ChangeKind::Cancel, NOW + HOUR)
            .await?
            .is_empty()
    );
    let due = store.due_changes(ChangeKind::Edit, NOW + HOUR).await?;
    let change = due.first().context("due")?;
    assert_eq!(change.asked, ordered);
    let finish = async |from| store.finish_edit(from, change, &edited(), 1_000).await;
    assert!(!finish(ChangeState::Sent).await?);
    assert!(finish(ChangeState::Ordered).await?);
    assert!(!finish(ChangeState::Ordered).await?);
    let kept = store.meeting("1", "123").await?.context("kept")?;
    assert_eq!((&*kept.subject, kept.sequence), ("Later", 1));
    assert_eq!(
        (kept.start_at, kept.end_at),
        (NOW + 3 * HOUR, NOW + 4 * HOUR)
    );
    assert_eq!(kept.invitation, edited().invitation);
    assert_eq!(kept.co_organizers, edited().co_organizers);
    assert!(!kept.password_required && kept.join_url.is_some());
    // The next one may come.
    assert!(store.insert_edit("b", &ordered, &edited(), NOW).await?);
    Ok(())
}
