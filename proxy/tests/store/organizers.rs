//! The directory, settings and the support log.

use goto_microapps::store::{ActivityRow, OrganizerRow, RunState};

use crate::{Base, NOW, Test};

pub(crate) fn people(from: usize, to: usize) -> Vec<OrganizerRow> {
    (from..to)
        .map(|number| OrganizerRow {
            key: format!("{number}"),
            name: format!("Zoé {number}"),
            email: format!("{number}@corp.example"),
        })
        .collect()
}

pub(crate) async fn a_sync_run_swaps_generations_when_complete(base: Base) -> Test {
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

pub(crate) async fn a_failed_sync_run_leaves_nothing(base: Base) -> Test {
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

pub(crate) async fn a_page_may_come_twice(base: Base) -> Test {
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

pub(crate) async fn settings_are_shared(base: Base) -> Test {
    let (one, other) = (base.open().await?, base.open().await?);
    assert_eq!(one.setting("log").await?, None);
    one.set_setting("log", "on").await?;
    assert_eq!(other.setting("log").await?.as_deref(), Some("on"));
    other.set_setting("log", "off").await?;
    assert_eq!(one.setting("log").await?.as_deref(), Some("off"));
    Ok(())
}

pub(crate) async fn the_support_log_forgets(base: Base) -> Test {
    let store = base.open().await?;
    for at in [NOW, NOW + 1, NOW + 2] {
        store
            .insert_activity(&ActivityRow {
                id: String::new(),
                at,
                kind: "meeting.create".into(),
                actor: (at > NOW).then(|| "elodie@corp.example".into()),
                outcome: "ok".into(),
                detail: "é <b>".into(),
            })
            .await?;
    }
    let rows = store.activity(NOW + 1, "", 10).await?;
    assert_eq!(
        rows.iter().map(|row| row.at).collect::<Vec<_>>(),
        [NOW + 1, NOW + 2]
    );
    assert_eq!(rows[0].detail, "é <b>");
    store.purge_activity(NOW + 1).await?;
    let rows = store.activity(0, "", 10).await?;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].at, NOW + 2);
    Ok(())
}
