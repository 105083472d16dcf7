//! The "All organizers" directory: the sync that fills it, the search over it.

use std::time::Duration;

use goto_microapps_api::Organizers;
use goto_microapps_harness::{ADMIN_PASSWORD, Admin, Harness, Options, Visitor};
use goto_sandbox::{Answer, Fault, FaultKind, Outcome, Received, Route, SERVICE_CLIENT_ID};

use crate::steps::{ELODIE, Test, as_time_passes, connected, count, eventually, quiet, soon};

const HOUR: Duration = Duration::from_secs(3600);

/// Somebody who is not in the way of the searches.
const SEARCHER: &str = "pieter.vanderberg@corp.example";

async fn found(visitor: &Visitor, query: &str) -> anyhow::Result<Vec<String>> {
    let mut url = url::Url::parse("http://x/app/api/organizers")?;
    url.query_pairs_mut().append_pair("q", query);
    let path = format!("app/api/organizers?{}", url.query().unwrap_or_default());
    let reply = visitor.get(&path).await?;
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    let answer: Organizers = reply.json()?;
    assert!(answer.synced);
    Ok(answer
        .organizers
        .into_iter()
        .map(|person| person.name)
        .collect())
}

/// A connected console whose consent's own sync is over, and the log of it forgotten.
async fn at_rest(options: Options) -> anyhow::Result<Harness> {
    let harness = Harness::start(options).await?;
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    let page = admin.authorise(&harness.sandbox.admin().email).await?;
    anyhow::ensure!(page.status == 200, "{}", page.text);
    idle(&admin).await?;
    harness.sandbox.clear_log();
    Ok(harness)
}

/// Waits until no sync runs and at least one was run; the console then.
async fn idle(admin: &Admin<'_>) -> anyhow::Result<String> {
    eventually(async || {
        let page = admin.get("/admin").await?.text;
        let over = page.contains("Last runs") && !page.contains("data-state=\"running\"");
        Ok(over.then_some(page))
    })
    .await
}

async fn signed_in(harness: &Harness) -> anyhow::Result<Admin<'_>> {
    let admin = harness.admin();
    admin.sign_in(ADMIN_PASSWORD).await?;
    Ok(admin)
}

/// Presses *Read now* and waits for `runs` runs to be over; the newest line of the table.
async fn read_now(admin: &Admin<'_>, force: bool) -> anyhow::Result<String> {
    let before = admin
        .get("/admin")
        .await?
        .text
        .matches("<td data-state=")
        .count();
    let form: &[(&str, &str)] = if force { &[("force", "yes")] } else { &[] };
    let pressed = admin.post("/admin/sync", form).await?;
    anyhow::ensure!(pressed.status == 303, "{}", pressed.text);
    eventually(async || {
        let page = admin.get("/admin").await?.text;
        let runs: Vec<&str> = page.split("<td data-state=").skip(1).collect();
        let over = runs.len() > before && !page.contains("data-state=\"running\"");
        let newest = runs
            .first()
            .map(|run| run.split("</td>").next().unwrap_or_default());
        Ok(newest.filter(|_| over).map(str::to_owned))
    })
    .await
}

fn people_on(page: &str) -> Option<usize> {
    let (before, _) = page.split_once(" people</strong>")?;
    before.rsplit("<strong>").next()?.parse().ok()
}

#[tokio::test]
async fn accents_case_apostrophes_and_scripts_do_not_get_in_the_way() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let cases = [
        ("elodie mar", vec!["Élodie Martin", "Élodie Martin"]),
        ("ÉLODIE DUPONT", vec!["Élodie Dupont"]),
        ("eloise", vec!["Éloïse Bernard"]),
        ("gross", vec!["Jürgen Groß"]),
        ("Groß", vec!["Jürgen Groß"]),
        ("o'neill", vec!["Zoë O’Neill"]),
        ("O’Neill", vec!["Zoë O’Neill"]),
        ("o’connor", vec!["Sean O'Connor"]),
        ("zolc", vec!["Łukasz Żółć"]),
        ("lukasz zo", vec!["Łukasz Żółć"]),
        // Stored with combining accents, searched with precomposed ones, and the other way round.
        ("josé garcía", vec!["Jose\u{301} Garci\u{301}a"]),
        ("E\u{301}lodie Dupont", vec!["Élodie Dupont"]),
        ("buttner", vec!["Zoe\u{308} Bu\u{308}ttner"]),
        ("山田", vec!["太郎 山田"]),
        ("太郎", vec!["太郎 山田"]),
        ("김", vec!["민준 김"]),
        ("민준", vec!["민준 김"]),
        ("محمد", vec!["محمد العلي"]),
        ("לוי", vec!["דוד לוי"]),
        ("кузнецова", vec!["Анна Кузнецова"]),
        ("АННА", vec!["Анна Кузнецова"]),
        ("παπαδοπουλου", vec!["Ελένη Παπαδοπούλου"]),
        ("ibrahim", vec!["İbrahim Çağlar"]),
        ("caglar", vec!["İbrahim Çağlar"]),
        ("nguyen", vec!["Thị Minh Khai Nguyễn"]),
        ("thordur", vec!["Þórður Jónsson"]),
        ("sorensen", vec!["Ingrid Sørensen"]),
        ("प्रिया", vec!["प्रिया शर्मा"]),
        ("สมชาย", vec!["สมชาย ใจดี"]),
        ("anne-marie lef", vec!["Anne-Marie Lefèvre"]),
        ("lefevre anne", vec!["Anne-Marie Lefèvre"]),
        ("suharto", vec!["Suharto"]),
        // Known by nothing but an address.
        ("conference.room", vec!["conference.room.4@corp.example"]),
        ("elodie.martin2@", vec!["Élodie Martin"]),
        ("nobody of that name", vec![]),
    ];
    for (query, names) in cases {
        assert_eq!(found(&visitor, query).await?, names, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn the_best_match_comes_first() -> Test {
    let harness = Harness::start(quiet()).await?;
    for (email, first, last) in [
        ("inside@corp.example", "Susannazz", "Best"),
        ("word@corp.example", "Bob", "Annazz"),
        ("first@corp.example", "Annazz", "Zola"),
        ("annazz.by.mail@corp.example", "Mail", "Only"),
        ("whole@corp.example", "Annazz Maria", "Abel"),
    ] {
        harness.sandbox.add_person(email, first, last)?;
    }
    harness.connect().await?;
    let visitor = harness.employee(SEARCHER).await?;
    assert_eq!(
        found(&visitor, "annazz").await?,
        [
            "Annazz Maria Abel",
            "Annazz Zola",
            "Mail Only",
            "Bob Annazz",
            "Susannazz Best"
        ]
    );
    assert_eq!(found(&visitor, "annazz m").await?[0], "Annazz Maria Abel");
    Ok(())
}

#[tokio::test]
async fn names_do_not_identify_but_keys_and_addresses_do() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let reply = visitor.get("app/api/organizers?q=elodie+martin").await?;
    let answer: Organizers = reply.json()?;
    let [one, other] = &answer.organizers[..] else {
        panic!("two of that name: {}", reply.text);
    };
    assert_eq!(one.name, other.name);
    assert_ne!(one.key, other.key);
    assert_ne!(one.email, other.email);
    Ok(())
}

#[tokio::test]
async fn nobody_finds_themselves() -> Test {
    let harness = Harness::start(connected()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let reply = elodie.get("app/api/organizers?q=elodie+martin").await?;
    let answer: Organizers = reply.json()?;
    let emails: Vec<&str> = answer
        .organizers
        .iter()
        .map(|person| person.email.as_str())
        .collect();
    assert_eq!(emails, ["elodie.martin2@corp.example"]);
    Ok(())
}

#[tokio::test]
async fn odd_queries_find_nobody_and_break_nothing() -> Test {
    let harness = Harness::start(connected()).await?;
    let visitor = harness.employee(SEARCHER).await?;
    let long = "a".repeat(1000);
    let many = "a ".repeat(500);
    for query in [
        "", "   ", "\t\n", "%", "_", "*", ".*", "\\", "\"", "\u{0}", "\u{301}", "🎉", &long,
    ] {
        assert!(found(&visitor, query).await?.is_empty(), "{query:?}");
    }
    assert!(!found(&visitor, &many).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_search_gives_as_many_as_asked_within_reason() -> Test {
    let mut options = connected();
    options.sandbox.organizers = 120;
    let harness = Harness::start(options).await?;
    let visitor = harness.employee(SEARCHER).await?;
    for (limit, expected) in [
        ("", 20),
        ("&limit=3", 3),
        ("&limit=0", 1),
        ("&limit=1000", 50),
    ] {
        let path = format!("app/api/organizers?q=corp.example{limit}");
        let answer: Organizers = visitor.get(&path).await?.json()?;
        assert_eq!(answer.organizers.len(), expected, "{limit}");
    }
    Ok(())
}

#[tokio::test]
async fn before_the_first_sync_the_widget_learns_that_nobody_can_be_found_yet() -> Test {
    let harness = Harness::start(quiet()).await?;
    let visitor = harness.employee(ELODIE).await?;
    let answer: Organizers = visitor.get("app/api/organizers?q=juergen").await?.json()?;
    assert_eq!((answer.organizers.len(), answer.synced), (0, false));
    harness.connect().await?;
    let answer: Organizers = visitor.get("app/api/organizers?q=juergen").await?.json()?;
    assert_eq!((answer.organizers.len(), answer.synced), (1, true));
    Ok(())
}

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
    let expected: Vec<Option<String>> = (0..total)
        .step_by(100)
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
    admin.post("/admin/sync", &[]).await?;
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
    assert_eq!(offsets, [Some("100".to_owned()), Some("200".to_owned())]);
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
    assert_eq!(outcomes, [Outcome::Answered(401), Outcome::Answered(401)]);
    assert_eq!(count(&harness, Route::Token), 1, "renewed once");
    assert_eq!(people_on(&idle(&admin).await?), Some(42));
    Ok(())
}
