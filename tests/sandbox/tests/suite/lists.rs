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
    assert_eq!(row["status"], "INACTIVE", "nobody started it");
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
async fn lists_by_organizer_are_for_administrators() {
    let goto = Goto::start(quiet()).await;
    let elodie = goto.access(ELODIE).await;
    goto.meeting(&elodie, &body()).await;
    let key = goto.sandbox.employee(ELODIE).expect("a person").key;
    let path = format!("G2M/rest/organizers/{key}/upcomingMeetings");
    let admin = goto.service_access(&goto.sandbox.admin().email, None).await;
    assert_eq!(
        subjects(&goto.get(&path, &admin).await.json()),
        ["Planning"]
    );
    let scoped = Some("collab: identity:scim.me");
    for token in [
        // Not even her own: that is what `/upcomingMeetings` is for.
        elodie,
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
    let id = goto.meeting(&token, &body()).await;
    let path = "G2M/rest/historicalMeetings";
    assert_eq!(goto.get(path, &token).await.status, 400);
    let range = format!("{path}?startDate=2026-03-01T00:00:00Z&endDate=2026-03-03T00:00:00Z");
    assert_eq!(
        goto.get(&range, &token).await.json(),
        json!([]),
        "it is to come"
    );
    goto.meeting(&token, &body_with(&json!({ "subject": "Nobody came" })))
        .await;
    goto.sandbox.advance(Duration::from_secs(3600));
    let token = goto.access(ELODIE).await;
    goto.get(&format!("G2M/rest/meetings/{id}/start"), &token)
        .await;
    assert_eq!(goto.get(&range, &token).await.json(), json!([]), "it runs");
    goto.sandbox.advance(Duration::from_secs(3000));
    let list = goto.get(&range, &token).await.json();
    assert_eq!(subjects(&list), ["Planning"], "what took place");
    assert_eq!(list[0]["duration"], "45");
    assert!(list[0]["numAttendees"].is_string() && list[0]["sessionId"].is_string());
    assert!(list[0].get("status").is_none());
    assert_eq!(list[0]["meetingId"], id.to_string());
    let other = format!("{path}?startDate=2026-01-01T00:00:00Z&endDate=2026-02-01T00:00:00Z");
    assert_eq!(goto.get(&other, &token).await.json(), json!([]));
}

#[tokio::test]
async fn a_meeting_is_active_while_it_runs() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let id = goto.meeting(&token, &body()).await;
    let one = format!("G2M/rest/meetings/{id}");
    let statuses = async |token: &str| {
        let read = goto.get(&one, token).await.json();
        let listed = goto.get(UPCOMING, token).await.json();
        assert_eq!(
            listed[0].get("status"),
            listed[0].get("meetingId").map(|_| &read[0]["status"])
        );
        read[0]["status"].clone()
    };
    assert_eq!(statuses(&token).await, "INACTIVE");
    goto.get(&format!("{one}/start"), &token).await;
    assert_eq!(statuses(&token).await, "ACTIVE");
    goto.sandbox.advance(Duration::from_secs(2 * 3600));
    let token = goto.access(ELODIE).await;
    assert_eq!(statuses(&token).await, "INACTIVE", "it is over");
}

#[tokio::test]
async fn the_deprecated_lists_spell_in_their_own_way() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let admin = goto.service_access(&goto.sandbox.admin().email, None).await;
    let elodie = goto.sandbox.employee(ELODIE).expect("a person");
    let id = goto.meeting(&token, &body()).await;
    let own = "G2M/rest/meetings";
    let by_key = format!("G2M/rest/organizers/{}/meetings", elodie.key);
    for (path, token) in [(own, &token), (by_key.as_str(), &admin)] {
        assert_eq!(goto.get(path, token).await.status, 400, "neither question");
        let list = goto.get(&format!("{path}?scheduled=true"), token).await;
        let row = &list.json()[0];
        assert_eq!(row["meetingid"], id, "a number, and lower case");
        assert_eq!(row["createTime"], "");
        assert!(row.get("meetingId").is_none() && row.get("joinURL").is_none());
    }
    assert_eq!(goto.get(&by_key, &token).await.status, 403);

    goto.get(&format!("{own}/{id}/start"), &token).await;
    goto.sandbox.advance(Duration::from_secs(2 * 3600));
    let token = goto.access(ELODIE).await;
    let range = "startDate=2026-03-01T00:00:00Z&endDate=2026-03-03T00:00:00Z";
    assert_eq!(
        goto.get(&format!("{own}?history=true"), &token)
            .await
            .status,
        400
    );
    let history = format!("{own}?history=true&{range}");
    let row = &goto.get(&history, &token).await.json()[0];
    let digits = id.to_string();
    let dashed = format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]);
    assert_eq!(row["meetingId"], id);
    assert_eq!(row["newMeetingId"], dashed);
    assert_eq!(row["organizerkey"], elodie.key);
    assert_eq!(row["organizerKey"], elodie.key, "both at once");
    assert_eq!(row["date"], "03/02/2026 12:00:00");
    assert_eq!(row["numAttendees"], 1);
}

#[tokio::test]
async fn attendees_are_of_sessions_and_name_the_organizer() {
    let goto = Goto::start(quiet()).await;
    let (elodie, juergen) = (goto.access(ELODIE).await, goto.access(JUERGEN).await);
    let person = goto.sandbox.employee(ELODIE).expect("a person");
    let id = goto.meeting(&elodie, &body()).await;
    let path = format!("G2M/rest/meetings/{id}/attendees");
    assert_eq!(goto.get(&path, &elodie).await.json(), json!([]), "to come");
    assert_eq!(goto.get(&path, &juergen).await.status, 404);
    goto.get(&format!("G2M/rest/meetings/{id}/start"), &elodie)
        .await;
    goto.sandbox.advance(Duration::from_secs(2 * 3600));
    let elodie = goto.access(ELODIE).await;
    let admin = goto.service_access(&goto.sandbox.admin().email, None).await;
    let range = "startDate=2026-03-01T00:00:00Z&endDate=2026-03-03T00:00:00Z";
    let by_key = format!("G2M/rest/organizers/{}/attendees", person.key);
    assert_eq!(goto.get(&by_key, &admin).await.status, 400, "no dates");
    let by_key = format!("{by_key}?{range}");
    for (path, token) in [(&path, &elodie), (&path, &admin), (&by_key, &admin)] {
        let row = &goto.get(path, token).await.json()[0];
        assert_eq!(row["meetingId"], id);
        assert_eq!(row["organizerkey"].to_string(), person.key, "a number");
        assert_eq!(row["email"], ELODIE);
        assert_eq!(row["duration"], 105);
    }
    assert_eq!(goto.get(&by_key, &elodie).await.status, 403);
}

#[tokio::test]
async fn organizers_may_read_themselves() {
    let goto = Goto::start(quiet()).await;
    let elodie = goto.access(ELODIE).await;
    let admin = goto.service_access(&goto.sandbox.admin().email, None).await;
    let key = |email: &str| goto.sandbox.employee(email).expect("a person").key;
    let one = |key: &str| format!("G2M/rest/organizers/{key}");
    let own = goto.get(&one(&key(ELODIE)), &elodie).await;
    let row = &own.json()[0];
    assert_eq!(row["organizerKey"].to_string(), key(ELODIE), "a number");
    assert_eq!(row["status"], "active");
    assert_eq!(row["products"], json!(["G2M"]));
    assert_eq!(goto.get(&one(&key(JUERGEN)), &elodie).await.status, 403);
    assert_eq!(goto.get(&one(&key(JUERGEN)), &admin).await.status, 200);
    assert_eq!(goto.get(&one("123"), &admin).await.status, 404);

    let all = "G2M/rest/organizers";
    assert_eq!(goto.get(all, &elodie).await.status, 403);
    let everybody = goto.get(all, &admin).await.json();
    assert_eq!(everybody.as_array().map(Vec::len), Some(60), "organizers");
    let by_email = goto.get(&format!("{all}?email={ELODIE}"), &admin).await;
    assert_eq!(by_email.json()[0]["email"], ELODIE);
    let nobody = goto
        .get(&format!("{all}?email=nobody@corp.example"), &admin)
        .await;
    assert_eq!(nobody.status, 404);
}
