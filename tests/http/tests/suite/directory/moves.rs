//! People who come and go while everybody is read: nobody who was there throughout is lost, or the
//! last complete directory stays and the administrator is told.

use goto_microapps_harness::{Harness, Options};
use goto_sandbox::{Fault, FaultKind, Route};

use super::{SEARCHER, at_rest, found, idle, people_on, read_now, signed_in, start_reading};
use crate::steps::{ELODIE, Test, count, quiet, soon};

/// 250 people on three pages, the directory complete.
async fn three_pages() -> anyhow::Result<Harness> {
    let mut options: Options = quiet();
    options.sandbox.organizers = 248;
    at_rest(options).await
}

#[tokio::test]
async fn a_page_that_repeats_rows_of_the_one_before_is_read_again() -> Test {
    let harness = three_pages().await?;
    let admin = signed_in(&harness).await?;
    let everybody = harness.sandbox.employees();
    harness
        .sandbox
        .fault(Fault::once(Route::Users, FaultKind::OverlappingPages(10)));
    let newest = read_now(&admin, false).await?;
    assert!(newest.contains("done: 250 people"), "{newest}");
    let visitor = harness.employee(SEARCHER).await?;
    // Rows 180 to 198 were at the seam of the second page and the third.
    for person in &everybody[175..205] {
        assert!(
            !found(&visitor, &person.email).await?.is_empty(),
            "{}",
            person.email
        );
    }
    Ok(())
}

#[tokio::test]
async fn pages_that_always_repeat_rows_leave_the_last_complete_directory_and_are_told() -> Test {
    let harness = three_pages().await?;
    let admin = signed_in(&harness).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let last = harness.sandbox.employees().pop().expect("somebody");
    harness.sandbox.rename_person(ELODIE, "Renamed", "Person")?;
    harness
        .sandbox
        .fault(Fault::new(Route::Users, FaultKind::OverlappingPages(10)));
    let newest = read_now(&admin, false).await?;
    assert!(newest.contains("failed: "), "{newest}");
    assert!(newest.contains("changed while it was read"), "{newest}");
    assert_eq!(people_on(&idle(&admin).await?), Some(250));
    assert_eq!(found(&visitor, &last.email).await?.len(), 1);
    assert!(found(&visitor, "renamed").await?.is_empty(), "the old one");
    // Somebody who knows better may insist.
    let newest = read_now(&admin, true).await?;
    assert!(newest.contains("done: "), "{newest}");
    Ok(())
}

#[tokio::test]
async fn people_removed_or_added_between_two_pages_cost_nobody_else_their_place() -> Test {
    for kind in [
        FaultKind::PeopleRemoved(1),
        FaultKind::PeopleRemoved(7),
        FaultKind::PeopleAdded(1),
        FaultKind::PeopleAdded(30),
    ] {
        let harness = three_pages().await?;
        let admin = signed_in(&harness).await?;
        let everybody = harness.sandbox.employees();
        harness
            .sandbox
            .fault(Fault::new(Route::Users, kind.clone()));
        let newest = read_now(&admin, false).await?;
        assert!(newest.contains("done: "), "{kind:?}: {newest}");
        let visitor = harness.employee(SEARCHER).await?;
        for person in &everybody[90..115] {
            let found = found(&visitor, &person.email).await?;
            assert!(!found.is_empty(), "{kind:?}: {}", person.email);
        }
        let reads = count(&harness, Route::Users);
        assert!((3..=8).contains(&reads), "{kind:?}: {reads} requests");
    }
    Ok(())
}

#[tokio::test]
async fn somebody_deleted_at_goto_while_pages_are_read_takes_nobody_along() -> Test {
    let harness = three_pages().await?;
    let admin = signed_in(&harness).await?;
    let everybody = harness.sandbox.employees();
    harness.sandbox.clear_log();
    let hold = harness.sandbox.hold_answers(Route::Users);
    start_reading(&harness, &admin).await?;
    soon(harness.sandbox.handled(Route::Users, 1)).await;
    // In front of the second page, which now begins three rows later.
    for person in &everybody[20..23] {
        harness.sandbox.remove_person(&person.email)?;
    }
    hold.release();
    let page = idle(&admin).await?;
    // Who left after they were read stays until the next time.
    assert_eq!(people_on(&page), Some(250));
    let visitor = harness.employee(SEARCHER).await?;
    for person in &everybody[95..110] {
        assert!(
            !found(&visitor, &person.email).await?.is_empty(),
            "{}",
            person.email
        );
    }
    let newest = read_now(&admin, false).await?;
    assert!(newest.contains("done: 247 people"), "{newest}");
    Ok(())
}
