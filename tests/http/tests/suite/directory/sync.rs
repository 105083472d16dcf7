//! When everybody is read, how, and what becomes of what goes wrong.

use std::time::Duration;

use goto_microapps_harness::Harness;
use goto_sandbox::{Answer, Fault, FaultKind, Outcome, Received, Route, SERVICE_CLIENT_ID};

use super::{SEARCHER, at_rest, found, idle, people_on, read_now, signed_in, start_reading};
use crate::steps::{ELODIE, Test, as_time_passes, connected, count, quiet, soon};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_sync_reads_pages_of_a_hundred_as_the_service_account_with_the_filter() -> Test {
    let filter = r#"(email="(?i).*@corp\\.example") & (timeZone="Europe/Paris")"#;
    let mut options = quiet().set(
        "organizers.filter",
        &format!("'''{}'''", filter.replace("\\\\", "\\")),
    );
    options.sandbox.organizers = 330;
    let harness = at_rest(options).await?;
    let admin = signed_in(&harness).await?;
    let newest = read_now(&admin, false).await?;
    let pages = harness.sandbox.log_of(Route::Users);
    let total = people_on(&admin.get("/admin").await?.text).expect("a count");
    assert!(
        (200..330).contains(&total),
        "the filter left some out: {total}"
    );
    assert!(
        newest.contains(&format!("done: {total} people")),
        "{newest}"
    );
    let offsets: Vec<Option<String>> = pages.iter().map(|page| page.parameter("offset")).collect();
    // Each page begins with the last row of the one before.
    let expected: Vec<Option<String>> = (0..total - 1)
        .step_by(99)
        .map(|offset| Some(offset.to_string()))
        .collect();
    assert_eq!(offsets, expected);
    for page in &pages {
        assert_eq!(page.parameter("pageSize").as_deref(), Some("100"));
        assert_eq!(
            page.parameter("filter").as_deref(),
            Some(r#"(email="(?i).*@corp\.example") & (timeZone="Europe/Paris")"#)
        );
        let query = page.query.as_deref().unwrap_or_default();
        assert!(!query.contains('+') && query.contains("%20"), "{query}");
        let who = &page.authorization;
        assert_eq!(who.client_id.as_deref(), Some(SERVICE_CLIENT_ID));
        assert_eq!(who.person, Some(harness.sandbox.admin().email));
    }
    Ok(())
}

#[tokio::test]
async fn goto_may_give_smaller_pages_than_asked_for() -> Test {
    let mut options = connected();
    options.sandbox.max_page_size = 7;
    let harness = Harness::start(options).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let admin = signed_in(&harness).await?;
    assert_eq!(people_on(&idle(&admin).await?), Some(42));
    assert_eq!(found(&visitor, "suharto").await?, ["Suharto"]);
    Ok(())
}

#[tokio::test]
async fn an_account_where_nobody_matches_is_an_empty_directory() -> Test {
    for omitted in [true, false] {
        let mut options =
            connected().set("organizers.filter", r#"'email eq "nobody@corp.example"'"#);
        options.sandbox.results_omitted_when_empty = omitted;
        let harness = Harness::start(options).await?;
        let visitor = harness.employee(SEARCHER).await?;
        assert!(
            found(&visitor, "e").await?.is_empty(),
            "and it counts as read"
        );
    }
    Ok(())
}

#[tokio::test]
async fn rows_that_lack_everything_but_the_key_do_not_stop_a_sync() -> Test {
    let harness = Harness::start(quiet()).await?;
    let essentials = FaultKind::MissingFields(Vec::new());
    harness.sandbox.fault(Fault::new(Route::Users, essentials));
    let swapped = FaultKind::WrongTypes;
    harness.sandbox.fault(Fault::new(Route::Users, swapped));
    harness.connect().await?;
    let visitor = harness.employee(SEARCHER).await?;
    assert_eq!(found(&visitor, "suharto").await?, ["suharto@corp.example"]);
    Ok(())
}

#[tokio::test]
async fn a_directory_that_would_shrink_too_much_is_kept_until_somebody_insists() -> Test {
    let harness = at_rest(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let last = harness.sandbox.employees().pop().expect("somebody");
    // 42 people; 20 % of them may go.
    harness.sandbox.remove_people(9);
    let newest = read_now(&admin, false).await?;
    assert!(
        newest.contains("GoTo listed 33 people where the directory has 42"),
        "{newest}"
    );
    assert_eq!(people_on(&idle(&admin).await?), Some(42));
    assert_eq!(found(&visitor, &last.email).await?.len(), 1);

    let newest = read_now(&admin, true).await?;
    assert!(newest.contains("done: 33 people"), "{newest}");
    assert_eq!(people_on(&idle(&admin).await?), Some(33));
    assert!(found(&visitor, &last.email).await?.is_empty());
    // A little less is everyday life.
    harness.sandbox.remove_people(6);
    let newest = read_now(&admin, false).await?;
    assert!(newest.contains("done: 27 people"), "{newest}");
    Ok(())
}

#[tokio::test]
async fn a_page_that_fails_keeps_the_whole_old_directory() -> Test {
    let mut options = quiet();
    options.sandbox.max_page_size = 10;
    let harness = at_rest(options).await?;
    let admin = signed_in(&harness).await?;
    let visitor = harness.employee(SEARCHER).await?;
    harness.sandbox.rename_person(ELODIE, "Renamed", "Person")?;
    for kind in [
        FaultKind::status(500),
        FaultKind::Html,
        FaultKind::status(403),
    ] {
        harness.sandbox.clear_log();
        // The first pages come whole: with the new name.
        let hold = harness.sandbox.hold(Route::Users);
        let running = read_now(&admin, false);
        let failing = async {
            soon(harness.sandbox.received(Route::Users, 1)).await;
            let whole = Answer {
                body: page_of_one(),
                ..Answer::status(200)
            };
            harness
                .sandbox
                .fault(Fault::once(Route::Users, FaultKind::Instead(whole)));
            harness
                .sandbox
                .fault(Fault::new(Route::Users, kind.clone()));
            hold.release();
        };
        let (newest, ()) = tokio::join!(running, failing);
        let newest = newest?;
        assert!(newest.contains("failed: "), "{kind:?}: {newest}");
        assert!(count(&harness, Route::Users) >= 2, "{kind:?}");
        harness.sandbox.clear_faults();
        assert_eq!(people_on(&idle(&admin).await?), Some(42));
        assert_eq!(found(&visitor, "elodie dupont").await?.len(), 1);
        assert!(found(&visitor, "renamed").await?.is_empty());
        assert!(found(&visitor, "half-read").await?.is_empty());
    }
    read_now(&admin, false).await?;
    assert_eq!(found(&visitor, "renamed").await?, ["Renamed Person"]);
    Ok(())
}

/// A page with one person of forty-two.
fn page_of_one() -> String {
    r#"{"results":[{"key":"1","email":"half-read@corp.example"}],"fromIndex":0,"toIndex":0,"total":42}"#.to_owned()
}

#[tokio::test]
async fn a_sync_is_due_every_hour_and_no_sooner() -> Test {
    let harness = at_rest(quiet()).await?;
    harness.advance(HOUR - Duration::from_secs(1));
    // The schedule looks every half minute; what it looks at is the time since the last run began.
    let sync = harness.sandbox.finished(Route::Users, 1);
    as_time_passes(&harness, Duration::from_secs(5), sync).await;
    let [first] = &harness.sandbox.log_of(Route::Users)[..] else {
        panic!("one page");
    };
    let admin = signed_in(&harness).await?;
    let page = idle(&admin).await?;
    assert!(page.contains("every hour"), "{page}");
    assert!(page.contains("<td>schedule</td>"), "{page}");
    let started = crate::steps::noon();
    assert!(
        first.at - started >= chrono::TimeDelta::hours(1),
        "{}",
        first.at
    );
    Ok(())
}

#[tokio::test]
async fn a_schedule_of_days_or_none_is_kept_to() -> Test {
    for (schedule, word) in [
        ("\"daily\"", "every 24 hours"),
        ("\"manual\"", "only by hand"),
    ] {
        let harness = at_rest(quiet().set("organizers.sync", schedule)).await?;
        harness.advance(12 * HOUR);
        let admin = signed_in(&harness).await?;
        let page = idle(&admin).await?;
        assert!(page.contains(word), "{page}");
        assert!(!page.contains("<td>schedule</td>"), "{page}");
        assert_eq!(count(&harness, Route::Users), 0);
    }
    Ok(())
}

#[tokio::test]
async fn a_failed_sync_is_tried_again_before_the_hour_but_not_at_once() -> Test {
    let harness = at_rest(quiet()).await?;
    let admin = signed_in(&harness).await?;
    harness
        .sandbox
        .fault(Fault::once(Route::Users, FaultKind::status(500)));
    assert!(read_now(&admin, false).await?.contains("failed"));
    let before = harness.clock.now();
    harness.sandbox.clear_log();
    let again = harness.sandbox.finished(Route::Users, 1);
    as_time_passes(&harness, Duration::from_secs(1), again).await;
    let waited = harness.sandbox.log_of(Route::Users)[0].at - before;
    let minutes = waited.num_minutes();
    assert!((5..15).contains(&minutes), "{waited}");
    Ok(())
}

#[tokio::test]
async fn the_console_shows_how_far_a_running_sync_is_and_employees_search_meanwhile() -> Test {
    let mut options = quiet();
    options.sandbox.organizers = 248;
    let harness = at_rest(options).await?;
    let admin = signed_in(&harness).await?;
    let visitor = harness.employee(SEARCHER).await?;
    harness.sandbox.clear_log();
    let hold = harness.sandbox.hold_answers(Route::Users);
    start_reading(&harness, &admin).await?;
    soon(harness.sandbox.received(Route::Users, 1)).await;
    let page = admin.get("/admin").await?;
    assert!(
        page.text.contains("<strong>Reading:</strong> 0 people"),
        "{}",
        page.text
    );
    assert_eq!(page.header("refresh"), "2");
    // Another press does nothing but show the same.
    admin.post("/admin/sync", &[]).await?;

    // From the second page on they wait again.
    let next = harness.sandbox.hold(Route::Users);
    hold.release();
    soon(harness.sandbox.received(Route::Users, 2)).await;
    let page = admin.get("/admin").await?.text;
    assert!(
        page.contains("<strong>Reading:</strong> 100 of 250 people"),
        "{page}"
    );
    assert!(
        page.contains("<progress value=\"100\" max=\"250\""),
        "{page}"
    );
    assert_eq!(found(&visitor, "suharto").await?, ["Suharto"]);
    next.release();
    let page = idle(&admin).await?;
    assert_eq!(people_on(&page), Some(250));
    assert_eq!(count(&harness, Route::Users), 3);
    Ok(())
}

#[tokio::test]
async fn a_sync_that_was_cut_off_goes_on_where_it_was() -> Test {
    let mut options = quiet();
    options.sandbox.organizers = 248;
    let mut harness = at_rest(options).await?;
    {
        let admin = signed_in(&harness).await?;
        let hold = harness.sandbox.hold_answers(Route::Users);
        admin.post("/admin/sync", &[]).await?;
        soon(harness.sandbox.received(Route::Users, 1)).await;
        let next = harness.sandbox.hold(Route::Users);
        hold.release();
        soon(harness.sandbox.received(Route::Users, 2)).await;
        drop(admin);
        harness.kill_proxy().await?;
        next.release();
    }
    soon(harness.sandbox.finished(Route::Users, 2)).await;
    harness.sandbox.clear_log();
    harness.start_proxy().await?;
    let rest = harness.sandbox.finished(Route::Users, 2);
    as_time_passes(&harness, Duration::from_secs(5), rest).await;
    let offsets: Vec<Option<String>> = harness
        .sandbox
        .log_of(Route::Users)
        .iter()
        .map(|page| page.parameter("offset"))
        .collect();
    assert_eq!(offsets, [Some("99".to_owned()), Some("198".to_owned())]);
    let admin = signed_in(&harness).await?;
    assert_eq!(people_on(&idle(&admin).await?), Some(250));
    Ok(())
}

#[tokio::test]
async fn the_directory_outlives_a_restart() -> Test {
    let mut harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    harness.stop_proxy().await?;
    harness.start_proxy().await?;
    assert_eq!(found(&visitor, "suharto").await?, ["Suharto"]);
    Ok(())
}

#[tokio::test]
async fn a_service_account_that_lost_its_role_is_told_to_the_administrator() -> Test {
    let harness = at_rest(quiet()).await?;
    let admin = signed_in(&harness).await?;
    let refused: Fault = Fault::new(Route::Users, FaultKind::InvalidToken);
    harness.sandbox.fault(refused);
    let newest = read_now(&admin, false).await?;
    assert!(newest.contains("failed: "), "{newest}");
    let outcomes: Vec<Outcome> = harness
        .sandbox
        .log_of(Route::Users)
        .iter()
        .map(|received: &Received| received.outcome)
        .collect();
    assert_eq!(outcomes, [Outcome::Answered(401); 3]);
    assert_eq!(count(&harness, Route::Token), 2);
    assert_eq!(people_on(&idle(&admin).await?), Some(42));
    Ok(())
}
