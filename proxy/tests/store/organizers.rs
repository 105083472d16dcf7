//! The directory, settings and the support log.

use goto_microapps::store::{ActivityRow, OrganizerRow, RunState};

use crate::{Base, NOW, Test};

pub(crate) fn people(from: usize, to: usize) -> Vec<OrganizerRow> {
    (from..to)
        .map(|number| OrganizerRow {
            key: format!("{number}"),
            name: format!("Zoé {number}"),
            email: format!("{number}@corp.example"),
            group: format!("Group {}", number % 3),
            can_host: number % 2 == 0,
        })
        .collect()
}

pub(crate) async fn a_sync_run_swaps_generations_when_complete(base: Base) -> Test {
    let store = base.open().await?;
    assert_eq!(store.current_generation().await?, None);
    let mut first = store.start_run("admin", NOW).await?;
    (first.fetched, first.total) = (3, Some(5));
    store.store_page(&first, &people(0, 3)).await?;
    assert_eq!(store.current_generation().await?, None, "half");
    first.fetched = 5;
    store.store_page(&first, &people(3, 5)).await?;
    store.finish_run(first.generation, None, NOW + 1).await?;
    assert_eq!(store.current_generation().await?, Some(first.generation));
    assert_eq!(store.count_organizers(first.generation).await?, 5);

    let mut second = store.start_run("schedule", NOW + 2).await?;
    (second.fetched, second.unreadable, second.added) = (4, 2, 1);
    store.store_page(&second, &people(0, 2)).await?;
    assert_eq!(store.current_generation().await?, Some(first.generation));
    let runs = store.recent_runs(5).await?;
    assert_eq!(runs[0].state, RunState::Running);
    assert_eq!((runs[0].fetched, runs[0].total), (4, None), "the cursor");
    assert_eq!((runs[0].unreadable, runs[0].added), (2, 1));
    assert!(store.has_organizer(second.generation, "1").await?);
    assert!(!store.has_organizer(second.generation, "2").await?);
    store.finish_run(second.generation, None, NOW + 3).await?;
    assert_eq!(store.recent_runs(1).await?[0].fetched, 2, "people");
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
    store.store_page(&run, &people(0, 3)).await?;
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
    store.store_page(&run, &people(0, 3)).await?;
    // After a crash between the page and its cursor, and when rows move between pages.
    store.store_page(&run, &people(1, 5)).await?;
    assert_eq!(store.count_organizers(run.generation).await?, 5);
    Ok(())
}

pub(crate) async fn a_run_that_begins_again_forgets_what_it_read(base: Base) -> Test {
    let store = base.open().await?;
    let mut run = store.start_run("admin", NOW).await?;
    (run.fetched, run.total, run.added, run.unreadable) = (3, Some(4), 1, 1);
    store.store_page(&run, &people(0, 3)).await?;
    store.restart_run(&mut run).await?;
    assert_eq!(store.count_organizers(run.generation).await?, 0);
    let kept = store.recent_runs(1).await?.remove(0);
    for run in [kept, run] {
        assert_eq!((run.fetched, run.total), (0, None));
        assert_eq!((run.added, run.unreadable, run.restarts), (0, 0, 1));
    }
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

fn line(at: i64) -> ActivityRow {
    ActivityRow {
        id: String::new(),
        at,
        kind: "meeting.create".into(),
        actor: (at > NOW).then(|| "elodie@corp.example".into()),
        outcome: "ok".into(),
        detail: "é <b>".into(),
    }
}

pub(crate) async fn the_support_log_is_switched_for_all(base: Base) -> Test {
    let (one, other) = (base.open().await?, base.open().await?);
    let mut at = NOW;
    for (switched, default, is_kept) in [
        (None, false, false),
        (None, true, true),
        (Some("off"), true, false),
        (Some("on"), false, true),
        (Some("?"), false, false),
        (Some("?"), true, true),
    ] {
        at += 1;
        if let Some(switched) = switched {
            other.set_setting("log", switched).await?;
        }
        one.insert_activity(&line(at), "log", default).await?;
        let kept = one.activity(at, "", 10).await?;
        assert_eq!(kept.len(), usize::from(is_kept), "{switched:?} {default}");
    }
    Ok(())
}

pub(crate) async fn the_support_log_forgets(base: Base) -> Test {
    let store = base.open().await?;
    for at in [NOW, NOW + 1, NOW + 2] {
        store.insert_activity(&line(at), "log", true).await?;
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
