//! Local times of a form: which instants they become, which are refused, which are asked about.

use goto_microapps_api::{Field, FieldCode, Fold, NewMeeting};
use goto_microapps_harness::Harness;
use goto_sandbox::Route;
use serde_json::json;

use super::{fields, made, wrong};
use crate::steps::{ELODIE, Test, form, quiet};

#[tokio::test]
async fn local_times_become_the_right_instants() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let (early, late) = (Some(Fold::Earlier), Some(Fold::Later));
    // Zone, start, which one, end, which one, start and end in UTC.
    let cases = [
        (
            "UTC",
            "2027-01-15T10:00",
            None,
            "2027-01-15T10:30",
            None,
            "2027-01-15T10:00:00Z",
            "2027-01-15T10:30:00Z",
        ),
        (
            "Europe/Paris",
            "2027-01-15T10:00",
            None,
            "2027-01-15T10:30",
            None,
            "2027-01-15T09:00:00Z",
            "2027-01-15T09:30:00Z",
        ),
        (
            "Europe/Paris",
            "2027-07-15T10:00",
            None,
            "2027-07-15T10:30",
            None,
            "2027-07-15T08:00:00Z",
            "2027-07-15T08:30:00Z",
        ),
        // Over the gap of 28 March: an hour and a half on the wall, half an hour long.
        (
            "Europe/Paris",
            "2027-03-28T01:45",
            None,
            "2027-03-28T03:15",
            None,
            "2027-03-28T00:45:00Z",
            "2027-03-28T01:15:00Z",
        ),
        // In the overlap of 31 October, first, second, and from the first into the second.
        (
            "Europe/Paris",
            "2027-10-31T02:30",
            early,
            "2027-10-31T02:45",
            early,
            "2027-10-31T00:30:00Z",
            "2027-10-31T00:45:00Z",
        ),
        (
            "Europe/Paris",
            "2027-10-31T02:30",
            late,
            "2027-10-31T02:45",
            late,
            "2027-10-31T01:30:00Z",
            "2027-10-31T01:45:00Z",
        ),
        (
            "Europe/Paris",
            "2027-10-31T02:30",
            early,
            "2027-10-31T02:30",
            late,
            "2027-10-31T00:30:00Z",
            "2027-10-31T01:30:00Z",
        ),
        // A fold where there is nothing to choose between is no mistake.
        (
            "Europe/Paris",
            "2027-07-15T10:00",
            late,
            "2027-07-15T10:30",
            early,
            "2027-07-15T08:00:00Z",
            "2027-07-15T08:30:00Z",
        ),
        (
            "America/New_York",
            "2027-03-14T01:30",
            None,
            "2027-03-14T03:30",
            None,
            "2027-03-14T06:30:00Z",
            "2027-03-14T07:30:00Z",
        ),
        (
            "America/New_York",
            "2027-11-07T01:30",
            early,
            "2027-11-07T01:30",
            late,
            "2027-11-07T05:30:00Z",
            "2027-11-07T06:30:00Z",
        ),
        // Lord Howe Island moves its clocks by half an hour.
        (
            "Australia/Lord_Howe",
            "2027-04-04T01:45",
            early,
            "2027-04-04T01:45",
            late,
            "2027-04-03T14:45:00Z",
            "2027-04-03T15:15:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2027-10-03T01:45",
            None,
            "2027-10-03T02:45",
            None,
            "2027-10-02T15:15:00Z",
            "2027-10-02T15:45:00Z",
        ),
        // Offsets of three quarters of an hour, and of more than half a day.
        (
            "Asia/Kathmandu",
            "2027-01-15T10:00",
            None,
            "2027-01-15T10:30",
            None,
            "2027-01-15T04:15:00Z",
            "2027-01-15T04:45:00Z",
        ),
        (
            "Pacific/Kiritimati",
            "2027-01-15T10:00",
            None,
            "2027-01-15T10:30",
            None,
            "2027-01-14T20:00:00Z",
            "2027-01-14T20:30:00Z",
        ),
        (
            "Europe/Paris",
            "2028-02-29T23:30",
            None,
            "2028-03-01T00:30",
            None,
            "2028-02-29T22:30:00Z",
            "2028-02-29T23:30:00Z",
        ),
    ];
    for (zone, start, start_fold, end, end_fold, from, to) in cases {
        let asked = NewMeeting {
            start: start.to_owned(),
            end: end.to_owned(),
            time_zone: zone.to_owned(),
            start_fold,
            end_fold,
            ..form()
        };
        let meeting = made(&elodie, &asked).await?;
        let posts = harness.sandbox.log_of(Route::CreateMeeting);
        let sent = posts.last().expect("a POST").json();
        assert_eq!(
            (&sent["starttime"], &sent["endtime"]),
            (&json!(from), &json!(to)),
            "{asked:?}"
        );
        assert_eq!(meeting.start.as_deref(), Some(from));
        assert_eq!(meeting.end.as_deref(), Some(to));
    }
    Ok(())
}

#[tokio::test]
async fn a_time_that_the_clocks_skip_is_refused_with_its_neighbours() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    let cases = [
        (
            "Europe/Paris",
            "2027-03-28T02:00",
            ["2027-03-28T01:59", "2027-03-28T03:00"],
        ),
        (
            "Europe/Paris",
            "2027-03-28T02:59",
            ["2027-03-28T01:59", "2027-03-28T03:00"],
        ),
        (
            "America/New_York",
            "2027-03-14T02:30",
            ["2027-03-14T01:59", "2027-03-14T03:00"],
        ),
        (
            "Australia/Lord_Howe",
            "2027-10-03T02:15",
            ["2027-10-03T01:59", "2027-10-03T02:30"],
        ),
    ];
    for (zone, start, near) in cases {
        let asked = NewMeeting {
            start: start.to_owned(),
            end: format!("{}T05:00", &start[..10]),
            time_zone: zone.to_owned(),
            start_fold: Some(Fold::Earlier),
            ..form()
        };
        let errors = wrong(&harness, &elodie, &asked).await?;
        assert_eq!(fields(&errors), [(Field::Start, FieldCode::TimeSkipped)]);
        assert_eq!(errors[0].values, near, "{zone} {start}");
    }
    Ok(())
}

#[tokio::test]
async fn a_time_that_occurs_twice_is_asked_about() -> Test {
    let harness = Harness::start(quiet()).await?;
    let elodie = harness.employee(ELODIE).await?;
    for (zone, twice) in [
        ("Europe/Paris", "2027-10-31T02:30"),
        ("America/New_York", "2027-11-07T01:30"),
        ("Australia/Lord_Howe", "2027-04-04T01:45"),
    ] {
        let asked = NewMeeting {
            start: twice.to_owned(),
            end: twice.to_owned(),
            time_zone: zone.to_owned(),
            ..form()
        };
        let errors = wrong(&harness, &elodie, &asked).await?;
        let expected = [Field::Start, Field::End].map(|field| (field, FieldCode::TimeAmbiguous));
        assert_eq!(fields(&errors), expected, "{zone}");
    }
    Ok(())
}
