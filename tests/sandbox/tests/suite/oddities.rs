//! Faults of content: answers that are read with care or not at all.

use goto_sandbox::{
    ACCOUNT_KEY, Cleaner, Fault, FaultKind, Gone, Options, RetryAfter, Route, Spelling,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{ELODIE, Goto, body, body_with, quiet, string};

const UPCOMING: &str = "G2M/rest/upcomingMeetings";

/// A sandbox with one meeting of this subject; its id and a token.
async fn with_meeting(subject: &str) -> (Goto, u64, String) {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let id = goto
        .meeting(&token, &body_with(&json!({ "subject": subject })))
        .await;
    (goto, id, token)
}

async fn users(goto: &Goto, token: &str, query: &str) -> Value {
    let path = format!("admin/rest/v1/accounts/{ACCOUNT_KEY}/users?{query}");
    goto.get(&path, token).await.json()
}

fn keys(page: &Value) -> Vec<String> {
    let rows = page["results"].as_array().expect("rows");
    rows.iter().map(|row| string(&row["key"])).collect()
}

#[tokio::test]
async fn fields_are_spelt_in_two_ways_at_once() {
    let (goto, id, token) = with_meeting("Planning").await;
    let row = async |spelling| {
        goto.sandbox
            .fault(Fault::once(Route::Upcoming, FaultKind::Spellings(spelling)));
        goto.get(UPCOMING, &token).await.json()[0].clone()
    };
    let id = json!(id.to_string());
    let other = row(Spelling::OtherOnly).await;
    assert_eq!((other.get("meetingId"), &other["meetingid"]), (None, &id));
    let both = row(Spelling::Both).await;
    assert_eq!((&both["meetingId"], &both["meetingid"]), (&id, &id));
    assert_eq!(both["organizerKey"], both["organizerkey"]);
    assert_eq!(both["passwordrequired"], false);
    let usual_empty = row(Spelling::UsualEmpty).await;
    assert_eq!(
        (&usual_empty["meetingId"], &usual_empty["meetingid"]),
        (&json!(""), &id)
    );
    assert_eq!(usual_empty["passwordRequired"], Value::Null);
    let other_empty = row(Spelling::OtherEmpty).await;
    assert_eq!(
        (&other_empty["meetingId"], &other_empty["meetingid"]),
        (&id, &json!(""))
    );
    goto.sandbox.fault(Fault::once(
        Route::CreateMeeting,
        FaultKind::Spellings(Spelling::Both),
    ));
    let made = goto.post("G2M/rest/meetings", &token, &body()).await.json();
    assert_eq!(made[0]["joinURL"], made[0]["joinUrl"]);
    assert_eq!(made[0]["meetingid"], made[0]["meetingId"]);
}

#[tokio::test]
async fn odd_rows_stand_among_the_good_ones() {
    let (goto, id, token) = with_meeting("Planning").await;
    goto.sandbox
        .fault(Fault::new(Route::MeetingsApi, FaultKind::OddRows));
    let list = goto.get(UPCOMING, &token).await.json();
    let rows = list.as_array().expect("rows");
    let id_text = id.to_string();
    let is_good = |row: &&Value| row["meetingId"] == *id_text;
    let good = rows.iter().filter(is_good).count();
    assert_eq!(good, 1);
    assert!(
        rows.first()
            .is_some_and(|row| row.get("meetingId").is_none())
    );
    assert!(rows.last().is_some_and(|row| !is_good(&row)));
    for is_odd in [
        &|row: &Value| row.is_object() && row.get("meetingId").is_none(),
        &|row: &Value| row["meetingId"].is_string() && row["subject"].is_null(),
        &|row: &Value| row["conferenceCallInfo"].is_object(),
        &|row: &Value| row.is_null(),
    ] as [&dyn Fn(&Value) -> bool; 4]
    {
        assert!(rows.iter().any(is_odd), "{list}");
    }
    let one = goto.get(&format!("G2M/rest/meetings/{id}"), &token).await;
    assert_eq!(one.json().as_array().map(Vec::len), Some(1), "no list");
}

#[tokio::test]
async fn odd_people_come_last_and_count() {
    let goto = Goto::start(quiet()).await;
    let token = goto.service_access(&goto.sandbox.admin().email, None).await;
    goto.sandbox
        .fault(Fault::new(Route::Users, FaultKind::OddRows));
    let first = users(&goto, &token, "pageSize=50").await;
    assert_eq!(first["results"].as_array().map(Vec::len), Some(50));
    let last = users(&goto, &token, "pageSize=50&offset=50").await;
    let rows = last["results"].as_array().expect("rows");
    assert_eq!(first["total"], last["total"]);
    assert_eq!(first["total"], 50 + rows.len());
    assert!(rows.len() > 12 + 4, "{last}");
    assert!(rows[..12].iter().all(|row| row["key"].is_string()));
    assert!(rows.iter().any(Value::is_null));
    assert!(rows.iter().any(|row| row["key"].is_object()));
}

#[tokio::test]
async fn subjects_can_be_cleaned() {
    let (goto, id, token) = with_meeting("R&D \"café\" 'x' &lt;b&gt; 😊").await;
    for (cleaner, expected) in [
        (
            Cleaner::Markup,
            "R&amp;D &quot;café&quot; &#39;x&#39; &amp;lt;b&amp;gt; 😊",
        ),
        (
            Cleaner::Names,
            "R&amp;D &quot;caf&eacute;&quot; &apos;x&apos; &amp;lt;b&amp;gt; 😊",
        ),
        (
            Cleaner::Decimal,
            "R&#38;D &#34;caf&#233;&#34; &#39;x&#39; &#38;lt;b&#38;gt; &#128522;",
        ),
        (
            Cleaner::Hexadecimal,
            "R&#x26;D &#x22;caf&#xE9;&#x22; &#x27;x&#x27; &#x26;lt;b&#x26;gt; &#x1F60A;",
        ),
    ] {
        goto.sandbox
            .fault(Fault::new(Route::MeetingsApi, FaultKind::Entities(cleaner)).times(2));
        let listed = goto.get(UPCOMING, &token).await.json();
        assert_eq!(listed[0]["subject"], expected);
        let read = goto.get(&format!("G2M/rest/meetings/{id}"), &token).await;
        assert_eq!(read.json()[0]["subject"], expected);
    }
}

#[tokio::test]
async fn pages_overlap_and_leave_people_out() {
    let goto = Goto::start(quiet()).await;
    let token = goto.service_access(&goto.sandbox.admin().email, None).await;
    let first = users(&goto, &token, "pageSize=50").await;
    let whole = users(&goto, &token, "pageSize=50&offset=50").await;
    let fault = Fault::once(Route::Users, FaultKind::OverlappingPages(10));
    goto.sandbox.fault(fault);
    assert_eq!(
        users(&goto, &token, "pageSize=50").await,
        first,
        "a first page"
    );
    let second = users(&goto, &token, "pageSize=50&offset=50").await;
    assert_eq!(second["total"], 62);
    assert_eq!(keys(&second).len(), 12, "the total fits");
    assert_eq!(keys(&second)[..10], keys(&first)[40..]);
    assert_eq!(keys(&second)[10..], keys(&whole)[..2]);
    assert_eq!(
        users(&goto, &token, "pageSize=50&offset=50").await,
        whole,
        "once"
    );
}

#[tokio::test]
async fn pages_shift_as_people_come_and_go() {
    let goto = Goto::start(quiet()).await;
    let token = goto.service_access(&goto.sandbox.admin().email, None).await;
    let first = users(&goto, &token, "pageSize=50").await;
    let whole = users(&goto, &token, "pageSize=50&offset=50").await;
    goto.sandbox
        .fault(Fault::once(Route::Users, FaultKind::PeopleRemoved(3)));
    let removed = users(&goto, &token, "pageSize=50&offset=50").await;
    assert_eq!(removed["total"], 59);
    assert_eq!(keys(&removed), keys(&whole)[3..]);
    goto.sandbox
        .fault(Fault::once(Route::Users, FaultKind::PeopleAdded(3)));
    let added = users(&goto, &token, "pageSize=50&offset=50").await;
    assert_eq!(added["total"], 65);
    assert_eq!(keys(&added)[..3], keys(&first)[47..]);
    assert_eq!(keys(&added)[3..], keys(&whole));
}

#[tokio::test]
async fn fields_can_have_any_value() {
    let goto = Goto::start(quiet()).await;
    let code = goto.code(ELODIE, &[]).await;
    goto.sandbox.fault(Fault::once(
        Route::Token,
        FaultKind::WithFields(vec![
            ("expires_in".to_owned(), json!(3599.5)),
            ("scope".to_owned(), json!(["collab:", "identity:scim.me"])),
            ("not_there".to_owned(), json!(1)),
        ]),
    ));
    goto.sandbox.fault(Fault::once(
        Route::Token,
        FaultKind::MissingFields(vec!["token_type".to_owned()]),
    ));
    let answer = goto.exchange(&code).await.json();
    assert_eq!(answer["expires_in"].to_string(), "3599.5");
    assert_eq!(answer["scope"][1], "identity:scim.me");
    assert!(answer.get("token_type").is_none() && answer.get("not_there").is_none());

    let token = string(&answer["access_token"]);
    goto.sandbox.fault(Fault::once(
        Route::IdentityApi,
        FaultKind::field("accounts", Value::Null),
    ));
    let me = goto.get("identity/v1/Users/me", &token).await.json();
    let extension = &me["urn:scim:schemas:extension:getgo:1.0"];
    assert!(extension.get("accounts").is_some_and(Value::is_null));
    let admin = goto.service_access(&goto.sandbox.admin().email, None).await;
    goto.sandbox.fault(Fault::once(
        Route::AdminApi,
        FaultKind::field("results", Value::Null),
    ));
    let page = users(&goto, &admin, "").await;
    assert!(page.get("results").is_some_and(Value::is_null));
}

#[tokio::test]
async fn an_identity_can_have_its_address_among_emails() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    goto.sandbox
        .fault(Fault::once(Route::Me, FaultKind::AddressInEmails));
    let me = goto.get("identity/v1/Users/me", &token).await.json();
    assert!(me.get("userName").is_none());
    let emails = me["emails"].as_array().expect("addresses");
    let primary = emails.iter().find(|email| email["primary"] == true);
    assert_eq!(primary.map(|email| &email["value"]), Some(&json!(ELODIE)));
    assert_ne!(emails[0]["value"], ELODIE, "not the first");
}

#[tokio::test]
async fn a_gone_meeting_is_told_in_other_ways() {
    let (goto, id, token) = with_meeting("Planning").await;
    let one = format!("G2M/rest/meetings/{id}");
    for gone in [Gone::BadRequest, Gone::Gone, Gone::NoRows] {
        let fault = Fault::new(Route::GetMeeting, FaultKind::GoneAs(gone)).times(2);
        goto.sandbox.fault(fault);
        assert_eq!(goto.get(&one, &token).await.status, 200, "it is there");
        let other = goto.get("G2M/rest/meetings/1", &token).await;
        let expected = match gone {
            Gone::BadRequest => 400,
            Gone::Gone => 410,
            Gone::NoRows => 200,
        };
        assert_eq!(other.status, expected);
        if gone == Gone::NoRows {
            assert_eq!(other.json(), json!([]));
        }
    }
    let delete = goto.request(Method::DELETE, "G2M/rest/meetings/1");
    let delete = goto.send(delete.bearer_auth(&token)).await;
    assert_eq!(delete.status, 404, "only where it was set");
}

#[tokio::test]
async fn ids_with_dashes_and_answers_of_2012() {
    let (goto, id, token) = with_meeting("Planning").await;
    goto.sandbox
        .fault(Fault::once(Route::Upcoming, FaultKind::DashedIds));
    let listed = goto.get(UPCOMING, &token).await.json();
    let dashed = string(&listed[0]["meetingId"]);
    assert_eq!(dashed.replace('-', ""), id.to_string());
    assert_eq!(dashed.len(), 11);
    goto.sandbox
        .fault(Fault::once(Route::GetMeeting, FaultKind::LikeIn2012));
    let read = goto.get(&format!("G2M/rest/meetings/{id}"), &token).await;
    let read = &read.json()[0];
    assert_eq!(read["createTime"], "2012-06-25T22:10:46.+0000");
    assert_eq!(read["passwordRequired"], "false");
    assert_eq!(read["meetingType"], "Scheduled");
}

#[tokio::test]
async fn one_api_or_the_token_endpoint_is_over_its_limit() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    let admin = goto.service_access(&goto.sandbox.admin().email, None).await;
    let calls = [UPCOMING, "admin/rest/v1/me", "identity/v1/Users/me"];
    for (over, route) in [Route::MeetingsApi, Route::AdminApi, Route::IdentityApi]
        .into_iter()
        .enumerate()
    {
        for retry_after in [RetryAfter::Absent, RetryAfter::Seconds(2)] {
            let kind = FaultKind::TooManyRequests(retry_after);
            goto.sandbox.fault(Fault::new(route, kind));
            for (number, path) in calls.iter().enumerate() {
                let reply = goto.get(path, &admin).await;
                assert_eq!(reply.status == 429, number == over, "{route:?} {path}");
                if number == over {
                    let seconds = (retry_after != RetryAfter::Absent).then_some("2");
                    assert_eq!(reply.header("retry-after"), seconds);
                }
            }
            goto.sandbox.clear_faults();
        }
    }
    let kind = FaultKind::TooManyRequests(RetryAfter::Absent);
    goto.sandbox.fault(Fault::new(Route::Token, kind));
    assert_eq!(goto.refresh("any").await.status, 429);
    assert_eq!(goto.get(UPCOMING, &token).await.status, 200);
}

#[tokio::test]
async fn rows_say_status_and_products_or_neither() {
    let goto = Goto::start(Options {
        organizers: 5,
        ..quiet()
    })
    .await;
    let token = goto.service_access(&goto.sandbox.admin().email, None).await;
    let people = goto.sandbox.employees();
    let sandbox = &goto.sandbox;
    let email = |number: usize| people[number].email.as_str();
    sandbox
        .set_status(email(0), Some("SUSPENDED"))
        .expect("a person");
    sandbox
        .set_products(email(1), Some(&["G2W", "G2T"]))
        .expect("a person");
    sandbox.set_status(email(2), None).expect("a person");
    sandbox.set_products(email(2), None).expect("a person");
    let page = users(&goto, &token, "").await;
    let rows = page["results"].as_array().expect("rows");
    assert_eq!(rows[0]["status"], "SUSPENDED");
    assert_eq!(rows[0]["canAuthenticate"], false);
    assert_eq!(rows[1]["products"], json!(["G2W", "G2T"]));
    assert!(rows[1]["settings"].get("G2M").is_none());
    assert!(rows[2].get("status").is_none() && rows[2].get("products").is_none());
    assert_eq!(rows[3]["status"], "ACTIVE");
    let suspended = users(&goto, &token, "filter=(status=%22SUSPENDED%22)").await;
    assert_eq!(keys(&suspended), [people[0].key.as_str()]);
}
