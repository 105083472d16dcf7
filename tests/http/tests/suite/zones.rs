//! Time zones: the newest rules count, and what device and server count differently is asked.

use goto_microapps_api::{Code, Field, FieldCode, IDEMPOTENCY_KEY};
use goto_microapps_harness::{Harness, Reply, Visitor};
use goto_sandbox::Route;
use reqwest::Method;
use serde_json::{Value, json};

use crate::steps::{ELODIE, Test, code, count, fresh_key, quiet};

/// Ten to eleven in Vancouver, under the rules of before 2026 an hour later than it is.
fn in_vancouver() -> Value {
    json!({
        "subject": "Between two databases",
        "start": "2026-12-15T10:00",
        "end": "2026-12-15T11:00",
        "time_zone": "America/Vancouver",
    })
}

fn with(mut form: Value, fields: &Value) -> Value {
    let (Some(form_fields), Some(fields)) = (form.as_object_mut(), fields.as_object()) else {
        return form;
    };
    form_fields.extend(fields.clone());
    form
}

/// What a device with old rules sends.
fn by_an_old_device() -> Value {
    let shown = json!({
        "start_instant": "2026-12-15T18:00:00Z",
        "end_instant": "2026-12-15T19:00:00Z",
    });
    with(in_vancouver(), &shown)
}

async fn post(visitor: &Visitor, key: &str, form: &Value) -> anyhow::Result<Reply> {
    let request = visitor
        .call(Method::POST, "app/api/meetings")
        .header(IDEMPOTENCY_KEY, key)
        .json(form);
    visitor.send(request).await
}

/// Start and end of the meetings that GoTo was asked for.
fn sent(harness: &Harness) -> Vec<(Value, Value)> {
    let posts = harness.sandbox.log_of(Route::CreateMeeting);
    let times = posts.iter().map(|post| {
        let post = post.json();
        (post["starttime"].clone(), post["endtime"].clone())
    });
    times.collect()
}

#[tokio::test]
async fn zones_whose_rules_changed_lately_are_counted_by_the_new_ones() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let cases = [
        (
            "America/Vancouver",
            "2026-12-15T10:00",
            "2026-12-15T17:00:00Z",
        ),
        (
            "America/Edmonton",
            "2026-12-15T10:00",
            "2026-12-15T16:00:00Z",
        ),
        (
            "America/Winnipeg",
            "2026-12-15T10:00",
            "2026-12-15T15:00:00Z",
        ),
        ("America/Inuvik", "2026-12-15T10:00", "2026-12-15T16:00:00Z"),
        (
            "Africa/Casablanca",
            "2026-12-15T10:00",
            "2026-12-15T10:00:00Z",
        ),
        (
            "Africa/El_Aaiun",
            "2026-12-15T10:00",
            "2026-12-15T10:00:00Z",
        ),
        (
            "America/Vancouver",
            "2027-03-14T02:30",
            "2027-03-14T09:30:00Z",
        ),
        (
            "America/Vancouver",
            "2027-11-07T01:30",
            "2027-11-07T08:30:00Z",
        ),
    ];
    for (zone, start, instant) in cases {
        let end = start.replace(":30", ":45").replace(":00", ":15");
        let times = json!({ "start": start, "end": end, "time_zone": zone });
        let reply = post(&elodie, &fresh_key(), &with(in_vancouver(), &times)).await?;
        assert_eq!(reply.status, 201, "{zone} {start}: {}", reply.text);
        let (sent, _) = sent(&harness).pop().expect("a POST");
        assert_eq!(sent, instant, "{zone} {start}");
    }
    Ok(())
}

#[tokio::test]
async fn a_zone_is_known_by_its_name_in_any_case() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for (zone, instant) in [
        ("utc", "2026-12-15T10:00:00Z"),
        ("asia/kolkata", "2026-12-15T04:30:00Z"),
        ("AMERICA/VANCOUVER", "2026-12-15T17:00:00Z"),
    ] {
        let form = with(in_vancouver(), &json!({ "time_zone": zone }));
        let reply = post(&elodie, &fresh_key(), &form).await?;
        assert_eq!(reply.status, 201, "{zone}: {}", reply.text);
        let (sent, _) = sent(&harness).pop().expect("a POST");
        assert_eq!(sent, instant, "{zone}");
    }
    for zone in [
        "Etc/Unknown",
        "etc/unknown",
        "Factory",
        "+02:00",
        "",
        "posixrules",
        "right/UTC",
    ] {
        let form = with(in_vancouver(), &json!({ "time_zone": zone }));
        let reply = post(&elodie, &fresh_key(), &form).await?;
        assert_eq!(code(&reply)?, (422, Code::InvalidMeeting), "{zone}");
        let errors = reply.problem()?.errors;
        assert_eq!(errors[0].field, Field::TimeZone, "{zone}");
        assert_eq!(errors[0].code, FieldCode::UnknownTimeZone, "{zone}");
    }
    assert_eq!(count(&harness, Route::CreateMeeting), 3);
    Ok(())
}

#[tokio::test]
async fn what_device_and_server_count_differently_is_asked_and_then_made_as_chosen() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for (reading, start, end) in [
        ("server", "2026-12-15T17:00:00Z", "2026-12-15T18:00:00Z"),
        ("device", "2026-12-15T18:00:00Z", "2026-12-15T19:00:00Z"),
    ] {
        let key = fresh_key();
        let before = count(&harness, Route::CreateMeeting);
        // However often it is asked, nothing is made.
        for _ in 0..2 {
            let reply = post(&elodie, &key, &by_an_old_device()).await?;
            assert_eq!(reply.status, 409, "{}", reply.text);
            let problem: Value = reply.json()?;
            assert_eq!(problem["code"], "time_zone_differs");
            let counted =
                |instant: &str, offset: i32| json!({ "instant": instant, "offset": offset });
            let expected = json!({
                "device": {
                    "start": counted("2026-12-15T18:00:00Z", -480),
                    "end": counted("2026-12-15T19:00:00Z", -480),
                },
                "server": {
                    "start": counted("2026-12-15T17:00:00Z", -420),
                    "end": counted("2026-12-15T18:00:00Z", -420),
                },
            });
            assert_eq!(problem["readings"], expected);
            assert_eq!(count(&harness, Route::CreateMeeting), before);
        }
        let chosen = with(by_an_old_device(), &json!({ "reading": reading }));
        for _ in 0..2 {
            let reply = post(&elodie, &key, &chosen).await?;
            assert_eq!(reply.status, 201, "{}", reply.text);
            let meeting: Value = reply.json()?;
            assert_eq!(
                (&meeting["start"], &meeting["end"]),
                (&json!(start), &json!(end))
            );
        }
        assert_eq!(
            sent(&harness)[before..],
            [(json!(start), json!(end))],
            "{reading}: once"
        );
    }
    Ok(())
}

#[tokio::test]
async fn readings_that_agree_and_older_widgets_are_asked_nothing() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for shown in [
        json!({}),
        json!({ "start_instant": "2026-12-15T17:00:00Z", "end_instant": "2026-12-15T18:00:00Z" }),
        json!({ "start_instant": "2026-12-15T17:00:00.000Z" }),
        json!({ "end_instant": "2026-12-15T19:00:00+01:00" }),
        json!({ "start_instant": "2026-12-15T17:00:00Z", "reading": "device" }),
        json!({ "reading": "server" }),
    ] {
        let reply = post(&elodie, &fresh_key(), &with(in_vancouver(), &shown)).await?;
        assert_eq!(reply.status, 201, "{shown}: {}", reply.text);
        let expected = (json!("2026-12-15T17:00:00Z"), json!("2026-12-15T18:00:00Z"));
        assert_eq!(sent(&harness).pop(), Some(expected), "{shown}");
    }
    Ok(())
}

#[tokio::test]
async fn one_difference_is_enough_and_the_length_stays() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for (shown, start, end) in [
        (
            json!({ "start_instant": "2026-12-15T18:00:00Z" }),
            "2026-12-15T18:00:00Z",
            "2026-12-15T19:00:00Z",
        ),
        (
            json!({ "end_instant": "2026-12-15T19:00:00Z" }),
            "2026-12-15T17:00:00Z",
            "2026-12-15T19:00:00Z",
        ),
    ] {
        let key = fresh_key();
        let form = with(in_vancouver(), &shown);
        let reply = post(&elodie, &key, &form).await?;
        assert_eq!(code(&reply)?, (409, Code::TimeZoneDiffers), "{shown}");
        let reply = post(&elodie, &key, &with(form, &json!({ "reading": "device" }))).await?;
        assert_eq!(reply.status, 201, "{}", reply.text);
        assert_eq!(sent(&harness).pop(), Some((json!(start), json!(end))));
    }
    Ok(())
}

#[tokio::test]
async fn a_device_that_is_hours_away_is_refused_whatever_was_chosen() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for (shown, field) in [
        (
            json!({ "start_instant": "2026-12-15T20:00:01Z" }),
            Field::Start,
        ),
        (
            json!({ "start_instant": "2026-12-15T13:59:59Z" }),
            Field::Start,
        ),
        (json!({ "end_instant": "2027-12-15T18:00:00Z" }), Field::End),
    ] {
        for reading in [
            json!({}),
            json!({ "reading": "device" }),
            json!({ "reading": "server" }),
        ] {
            let form = with(with(in_vancouver(), &shown), &reading);
            let reply = post(&elodie, &fresh_key(), &form).await?;
            assert_eq!(code(&reply)?, (422, Code::InvalidMeeting), "{form}");
            let errors = reply.problem()?.errors;
            assert_eq!(
                (errors[0].field, errors[0].code),
                (field, FieldCode::InstantTooFar)
            );
        }
    }
    for text in ["", "tomorrow", "2026-12-15T17:00", "18446744073709551616"] {
        let form = with(in_vancouver(), &json!({ "start_instant": text }));
        let reply = post(&elodie, &fresh_key(), &form).await?;
        assert_eq!(code(&reply)?, (422, Code::InvalidMeeting), "{text}");
        assert_eq!(reply.problem()?.errors[0].code, FieldCode::NotATime);
    }
    let exactly = json!({ "start_instant": "2026-12-15T20:00:00Z" });
    let reply = post(&elodie, &fresh_key(), &with(in_vancouver(), &exactly)).await?;
    assert_eq!(code(&reply)?, (409, Code::TimeZoneDiffers));
    assert_eq!(count(&harness, Route::CreateMeeting), 0);
    Ok(())
}

#[tokio::test]
async fn the_proxy_alone_says_which_times_exist() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    // A device with old rules knows no such time, so it sends no instant.
    let skipped = json!({ "start": "2027-03-14T02:30", "end": "2027-03-14T03:30" });
    let reply = post(&elodie, &fresh_key(), &with(in_vancouver(), &skipped)).await?;
    assert_eq!(reply.status, 201, "{}", reply.text);
    // A device for which clocks never change shows an instant for a time that does not exist.
    let gap = json!({
        "start": "2027-03-28T02:30", "end": "2027-03-28T03:30", "time_zone": "Europe/Paris",
        "start_instant": "2027-03-28T01:30:00Z", "end_instant": "2027-03-28T02:30:00Z",
        "reading": "device",
    });
    let reply = post(&elodie, &fresh_key(), &with(in_vancouver(), &gap)).await?;
    let errors = reply.problem()?.errors;
    assert_eq!(
        (errors[0].field, errors[0].code),
        (Field::Start, FieldCode::TimeSkipped)
    );
    // And one for a time that occurs twice: which of the two is asked, with their offsets.
    let twice = json!({
        "start": "2026-10-25T02:30", "end": "2026-10-25T03:30", "time_zone": "Europe/Paris",
        "start_instant": "2026-10-25T00:30:00Z",
    });
    let reply = post(&elodie, &fresh_key(), &with(in_vancouver(), &twice)).await?;
    let errors = reply.problem()?.errors;
    assert_eq!(
        (errors[0].field, errors[0].code),
        (Field::Start, FieldCode::TimeAmbiguous)
    );
    assert_eq!(errors[0].values, ["120", "60"]);
    assert_eq!(count(&harness, Route::CreateMeeting), 1);
    Ok(())
}

#[tokio::test]
async fn health_and_console_say_which_rules_count() -> Test {
    let harness = Harness::start(quiet()).await?;
    let zones = &harness.settings().zones;
    let ready: Value = harness.admin().get("/health/ready").await?.json()?;
    assert_eq!(
        ready["tzdata"],
        json!({ "version": zones.version(), "from": zones.origin().to_string() })
    );
    let admin = harness.admin();
    admin
        .sign_in(goto_microapps_harness::ADMIN_PASSWORD)
        .await?;
    let console = admin.get("/admin").await?;
    let words = format!("tzdata {}</strong> ({})", zones.version(), zones.origin());
    assert!(console.text.contains(&words), "{}", console.text);
    Ok(())
}

#[tokio::test]
async fn zones_are_found_by_what_people_call_them_without_asking_goto() -> Test {
    let harness = Harness::start(quiet()).await?;
    let before = harness.sandbox.log().len();
    // Nobody is signed in.
    let visitor = harness.visitor();
    let found = async |query: &str| -> anyhow::Result<Value> {
        let path = format!("app/api/time-zones?{query}&at=2026-12-15T13:00:00Z");
        let reply = visitor.get(&path).await?;
        assert_eq!(reply.status, 200, "{query}: {}", reply.text);
        Ok(reply.json::<Value>()?["zones"].take())
    };
    let mumbai = found("lang=en&q=mumbai").await?;
    assert_eq!(
        mumbai[0],
        json!({
            "name": "Asia/Kolkata",
            "place": "Mumbai",
            "time": "India Standard Time",
            "offset": 330,
        })
    );
    let londres = found("lang=fr&q=londres").await?;
    assert_eq!(londres[0]["name"], "Europe/London");
    assert_eq!(londres[0]["place"], "Londres");
    let named = found("lang=de&names=Europe/Zurich,Mars/Base,,Asia/Tokyo").await?;
    let places: Vec<&Value> = named.as_array().into_iter().flatten().collect();
    let places: Vec<&Value> = places.iter().map(|zone| &zone["place"]).collect();
    assert_eq!(places, ["Z\u{fc}rich", "Tokio"]);
    for nothing in ["lang=en&q=", "lang=en", "lang=xx&q=%00", "q=%F0%9F%98%80"] {
        assert_eq!(found(nothing).await?, json!([]), "{nothing}");
    }
    let long = format!("lang=en&q={}", "a".repeat(5000));
    assert_eq!(found(&long).await?, json!([]));
    let not_a_time = visitor.get("app/api/time-zones?q=a&at=tomorrow").await?;
    assert_eq!(code(&not_a_time)?, (400, Code::MalformedRequest));
    assert_eq!(harness.sandbox.log().len(), before, "GoTo was not asked");
    Ok(())
}
