//! Lists of meetings.

use std::time::Duration;

use goto_sandbox::ACCOUNT_KEY;
use serde_json::{Value, json};

use crate::client::{ELODIE, Goto, JUERGEN, body, body_with, quiet};

const UPCOMING: &str = "G2M/rest/upcomingMeetings";

fn subjects(list: &Value) -> Vec<&str> {
    let rows = list.as_array().expect("a bare array");
    rows.iter()
        .filter_map(|row| row["subject"].as_str())
        .collect()
}

#[tokio::test]
async fn rows_carry_the_organizer_and_text_ids() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let id = goto.meeting(&token, &body()).await;
    let list = goto.get(UPCOMING, &token).await.json();
    let row = list[0].as_object().expect("a row");
    let elodie = goto.sandbox.employee(ELODIE).expect("a person");
    assert_eq!(row.len(), 14, "{row:?}");
    assert_eq!(row["meetingId"], id.to_string());
    assert_eq!(row["startTime"], "2026-03-02T13:00:00.+0000");
    assert_eq!(row["organizerKey"], elodie.key.as_str());
    assert_eq!(row["accountKey"], ACCOUNT_KEY);
    assert_eq!(row["email"], ELODIE);
    assert_eq!(row["firstName"], "Élodie");
    assert_eq!(row["passwordRequired"], false);
    assert_eq!(row["status"], "ACTIVE");
    assert!(!row.contains_key("joinURL"));
}

#[tokio::test]
async fn upcoming_is_ones_own_in_order_until_the_end() {
    let goto = Goto::start(quiet()).await;
    let (elodie, juergen) = (goto.access(ELODIE).await, goto.access(JUERGEN).await);
    let later = json!({
        "subject": "Later",
        "starttime": "2026-03-02T15:00:00Z",
        "endtime": "2026-03-02T15:30:00Z",
    });
    goto.meeting(&elodie, &body_with(&later)).await;
    goto.meeting(&elodie, &body()).await;
    goto.meeting(&juergen, &body_with(&json!({ "subject": "Other" })))
        .await;
    let upcoming = || goto.get(UPCOMING, &elodie);
    assert_eq!(subjects(&upcoming().await.json()), ["Planning", "Later"]);
    // It runs: still listed.
    goto.sandbox.advance(Duration::from_secs(100 * 60));
    let again = goto.access(ELODIE).await;
    assert_eq!(
        subjects(&goto.get(UPCOMING, &again).await.json()),
        ["Planning", "Later"]
    );
    goto.sandbox.advance(Duration::from_secs(5 * 60));
    assert_eq!(
        subjects(&goto.get(UPCOMING, &again).await.json()),
        ["Later"]
    );
}

#[tokio::test]
async fn others_lists_are_for_administrators() {
    let goto = Goto::start(quiet()).await;
    let elodie = goto.access(ELODIE).await;
    goto.meeting(&elodie, &body()).await;
    let key = goto.sandbox.employee(ELODIE).expect("a person").key;
    let path = format!("G2M/rest/organizers/{key}/upcomingMeetings");
    let admin = goto.service_access(&goto.sandbox.admin().email, None).await;
    assert_eq!(
        subjects(&goto.get(&path, &elodie).await.json()),
        ["Planning"]
    );
    assert_eq!(
        subjects(&goto.get(&path, &admin).await.json()),
        ["Planning"]
    );
    let scoped = Some("collab: identity:scim.me");
    for token in [
        goto.access(JUERGEN).await,
        goto.service_access(JUERGEN, None).await,
        goto.service_access(&goto.sandbox.admin().email, scoped)
            .await,
    ] {
        let reply = goto.get(&path, &token).await;
        assert_eq!(reply.status, 403);
        assert_ne!(reply.json()["int_err_code"], "InvalidToken");
    }
    let nobody = "G2M/rest/organizers/123/upcomingMeetings";
    assert_eq!(goto.get(nobody, &admin).await.status, 404);
}

#[tokio::test]
async fn history_needs_a_range_and_writes_counts_as_text() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    goto.meeting(&token, &body()).await;
    let path = "G2M/rest/historicalMeetings";
    assert_eq!(goto.get(path, &token).await.status, 400);
    let range = format!("{path}?startDate=2026-03-01T00:00:00Z&endDate=2026-03-03T00:00:00Z");
    assert_eq!(
        goto.get(&range, &token).await.json(),
        json!([]),
        "it is to come"
    );
    goto.sandbox.advance(Duration::from_secs(2 * 3600));
    let token = goto.access(ELODIE).await;
    let list = goto.get(&range, &token).await.json();
    assert_eq!(list[0]["duration"], "45");
    assert!(list[0]["numAttendees"].is_string() && list[0]["sessionId"].is_string());
    assert!(list[0].get("status").is_none());
    let other = format!("{path}?startDate=2026-01-01T00:00:00Z&endDate=2026-02-01T00:00:00Z");
    assert_eq!(goto.get(&other, &token).await.json(), json!([]));
}
