//! The form: sent twice, corrected, times that are asked about, long meetings.

use std::time::Duration;

use futures::future::select;
use goto_microapps_harness::Harness;
use goto_sandbox::Route;

use super::{Form, signed_in};
use crate::steps::{Test, as_time_passes, connected, count, soon};

#[tokio::test]
async fn the_same_form_sent_twice_is_one_meeting_and_a_changed_one_another() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let hold = harness.sandbox.hold(Route::CreateMeeting);
    let press = || Box::pin(form.press(&visitor, "create"));
    let sent = async {
        soon(harness.sandbox.received(Route::CreateMeeting, 1)).await;
        hold.release();
    };
    // The clock stands until the one that sent is answered: the looks of the one that waits must not
    // be over before.
    let (pressed, ()) = tokio::join!(select(press(), press()), sent);
    let (first, other) = pressed.factor_first();
    let second = as_time_passes(&harness, Duration::from_secs(2), other).await;
    assert_eq!(first?.header("location"), second?.header("location"));
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    let other = form
        .set("subject", "Another")
        .press(&visitor, "create")
        .await?;
    assert_eq!(other.status, 303);
    assert_eq!(count(&harness, Route::CreateMeeting), 2);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_field_and_nothing_is_lost() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    for (name, value, words) in [
        ("subject", "", "Enter a subject"),
        ("subject", &"x".repeat(101) as &str, "Shorten the subject"),
        ("end", "14:00", "Choose an end after the start."),
        ("date", "2026-03-01", "Choose a start in the future."),
        ("date", "", "Choose a date."),
        ("date", "1999-99-99", "Enter a date and time that exist."),
        ("start", "", "Enter a time."),
        ("time_zone", "Mars/Base", "time zone"),
        ("co", "12", "no longer"),
    ] {
        let changed = form.clone().set(name, value);
        let page = changed.press(&visitor, "create").await?;
        assert_eq!(page.status, 422, "{name}={value}: {}", page.text);
        assert!(page.text.contains(words), "{name}={value}: {}", page.text);
        let kept = Form::of(&page);
        assert_eq!(kept.get(name), value, "kept");
        if name != "subject" {
            assert_eq!(kept.get("subject"), "Plain <words>");
        }
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}

#[tokio::test]
async fn a_time_that_occurs_twice_asks_which() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let form = form
        .set("date", "2026-10-25")
        .set("start", "02:30")
        .set("end", "03:30");
    let page = form.press(&visitor, "create").await?;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("The second time"), "{}", page.text);
    let reply = Form::of(&page)
        .set("start_fold", "later")
        .press(&visitor, "create")
        .await?;
    assert!(
        reply
            .text
            .contains("02:30\u{2013}03:30</strong> Paris (UTC+1)"),
        "{}",
        reply.text
    );
    let reply = Form::of(&reply).press(&visitor, "create").await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let sent = harness.sandbox.log_of(Route::CreateMeeting)[0].json();
    assert_eq!(sent["starttime"], "2026-10-25T01:30:00Z");
    Ok(())
}

#[tokio::test]
async fn the_offset_and_the_instant_are_shown_before_anything_is_made() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let form = form
        .set("date", "2026-12-15")
        .set("start", "10:00")
        .set("end", "11:00")
        .set("time_zone", "america/vancouver");
    let page = form.press(&visitor, "create").await?;
    assert_eq!(page.status, 200);
    for words in [
        "Is this the right time?",
        "Tuesday 15 December 2026, 10:00\u{2013}11:00 Vancouver (UTC\u{2212}7)",
        "2026-12-15 17:00\u{2013}18:00 UTC",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    let shown = Form::of(&page);
    assert_eq!(
        shown.get("subject"),
        "Plain <words>",
        "nothing typed is lost"
    );
    // Other times are shown again, whatever was shown before.
    let later = shown.clone().set("end", "11:30");
    let page = later.press(&visitor, "create").await?;
    assert!(
        page.text.contains("17:00\u{2013}18:30 UTC"),
        "{}",
        page.text
    );
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    let reply = shown.press(&visitor, "create").await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let sent = harness.sandbox.log_of(Route::CreateMeeting)[0].json();
    assert_eq!(sent["starttime"], "2026-12-15T17:00:00Z");
    // What people call a zone is found, and shown before anything is made.
    let mumbai = shown.clone().set("time_zone", "Mumbai");
    let page = mumbai.press(&visitor, "create").await?;
    assert_eq!(Form::of(&page).get("time_zone"), "Asia/Kolkata");
    // In French as well, and without a step where nothing was changed.
    let page = visitor.open("form?lang=fr&tz=asia%2Fkolkata").await?;
    let form = Form::of(&page).set("subject", "Tout de suite");
    assert_eq!(form.get("time_zone"), "Asia/Kolkata");
    assert!(page.text.contains("Kolkata (UTC+5:30)"), "{}", page.text);
    let changed = form
        .clone()
        .set("end", "19:30")
        .press(&visitor, "create")
        .await?;
    assert!(
        changed.text.contains("Est-ce le bon horaire"),
        "{}",
        changed.text
    );
    assert_eq!(form.press(&visitor, "create").await?.status, 303);
    Ok(())
}

#[tokio::test]
async fn a_long_meeting_is_chosen_never_slipped_into() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    let slip = form.clone().set("start", "13:00").set("end", "07:30");
    let page = slip.press(&visitor, "create").await?;
    assert_eq!(page.status, 422, "{}", page.text);
    for words in [
        "That would be a very long meeting. Which end do you mean?",
        "name=\"end_choice\" value=\"19:30\">Use 19:30",
        "name=\"end_choice\" value=\"13:30\">Use 13:30",
        "name=\"end_choice\" value=\"1110\">Until Wednesday 4 March, 07:30 (18 h 30)",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    for (choice, end) in [
        ("13:30", "2026-03-03T12:30:00Z"),
        ("1110", "2026-03-04T06:30:00Z"),
    ] {
        let chosen = Form::of(&page)
            .set("subject", choice)
            .add("end_choice", choice);
        let seen = chosen.press(&visitor, "create").await?;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let reply = Form::of(&seen).press(&visitor, "create").await?;
        assert_eq!(reply.status, 303, "{}", reply.text);
        let sent = harness
            .sandbox
            .log_of(Route::CreateMeeting)
            .pop()
            .expect("a POST")
            .json();
        assert_eq!(sent["starttime"], "2026-03-03T12:00:00Z");
        assert_eq!(sent["endtime"], end);
    }
    // Up to four hours the next day is meant, and said.
    let late = form.set("start", "22:00").set("end", "02:00");
    let page = late.press(&visitor, "create").await?;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("22:00\u{2013}Wednesday 02:00"),
        "{}",
        page.text
    );
    assert!(page.text.contains("It ends the next day."), "{}", page.text);
    Ok(())
}

#[tokio::test]
async fn the_end_moves_along_with_a_start_that_was_changed_alone() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    // The page shows 14:00 to 15:00. Half typed, there is no start to follow yet.
    let page = form.set("start", "").press(&visitor, "search").await?;
    assert_eq!(Form::of(&page).get("end"), "15:00");
    let form = Form::of(&page);
    let moved = "The end moved along with the start: 17:30.";
    for action in ["search", "create"] {
        let page = form.clone().set("start", "16:30");
        let page = page.press(&visitor, action).await?;
        assert_eq!(page.status, 200, "{}", page.text);
        let when = "Tuesday 3 March 2026, 16:30\u{2013}17:30";
        for words in [moved, when] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        assert_eq!(Form::of(&page).get("end"), "17:30");
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 0);

    // Whoever says both means both, and who moves only the day keeps its times.
    let both = form.clone().set("start", "16:30").set("end", "18:00");
    let day = form.set("start", "14:00").set("date", "2026-03-04");
    for (form, end) in [(both, "18:00"), (day, "15:00")] {
        let page = form.press(&visitor, "create").await?;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(!page.text.contains("moved along"), "{}", page.text);
        assert_eq!(Form::of(&page).get("end"), end);
    }

    let page = visitor.open("form?lang=fr&tz=Europe%2FParis").await?;
    let form = Form::of(&page).set("subject", "Plus tard");
    let page = form.set("start", "23:45").press(&visitor, "create").await?;
    assert!(page.text.contains("a suivi le début"), "{}", page.text);
    let form = Form::of(&page);
    assert_eq!(form.get("end"), "00:15");
    let reply = form.press(&visitor, "create").await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_the_times_is_said_once() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    for (name, field) in [("date", "date"), ("start", "start"), ("end", "end")] {
        let page = form.clone().set(name, "").press(&visitor, "create").await?;
        assert_eq!(page.status, 422, "{name}: {}", page.text);
        let at = format!("<p class=\"error\" id=\"{field}-error\">");
        assert!(page.text.contains(&at), "{name}: {}", page.text);
        assert_eq!(page.text.matches("class=\"error\"").count(), 1, "{name}");
    }
    // What the proxy alone can tell stands beside what the form's own rules tell.
    let page = form.set("subject", "").set("date", "2026-03-01");
    let page = page.press(&visitor, "create").await?;
    for words in ["Enter a subject", "Choose a start in the future."] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    Ok(())
}

#[tokio::test]
async fn half_an_emoji_never_reaches_goto() -> Test {
    let harness = Harness::start(connected()).await?;
    let (visitor, form) = signed_in(&harness).await?;
    // What a browser sends for `hello` and the first half of an emoji.
    let reply = form
        .set("subject", "hello \u{fffd}")
        .press(&visitor, "create")
        .await?;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let sent = harness.sandbox.log_of(Route::CreateMeeting)[0].json();
    assert_eq!(sent["subject"], "hello");
    Ok(())
}
