//! Rows that are odd one by one, each in another way. They are rows of their own: nobody's meeting
//! and nobody of the account is lost through them.

use serde_json::{Value, json};

use crate::route::Route;

/// The answer with odd rows before, among and behind its own. Anything but a list stays.
pub(super) fn among(route: Route, value: Value) -> Value {
    match (route, value) {
        (Route::Users, Value::Object(mut fields)) => {
            let end = fields.get("toIndex").and_then(Value::as_u64).unwrap_or(0) + 1;
            let total = fields.get("total").and_then(Value::as_u64).unwrap_or(0);
            let odd = people();
            // They count, and come last: a page may only have so many rows.
            fields.insert("total".to_owned(), (total + odd.len() as u64).into());
            if end >= total {
                let rows = fields.entry("results").or_insert_with(|| json!([]));
                if let Value::Array(rows) = rows {
                    rows.extend(odd);
                }
            }
            Value::Object(fields)
        }
        (Route::Upcoming | Route::Historical | Route::OldList, Value::Array(rows)) => {
            let mut odd = meetings().into_iter();
            let mut mixed: Vec<Value> = odd.by_ref().take(2).collect();
            for row in rows {
                mixed.push(row);
                mixed.extend(odd.next());
            }
            mixed.extend(odd);
            mixed.into()
        }
        (_, value) => value,
    }
}

fn meetings() -> Vec<Value> {
    let row = |changes: Value| {
        let mut row = json!({
            "meetingId": "999999990",
            "subject": "Odd",
            "meetingType": "scheduled",
            "conferenceCallInfo": "",
            "startTime": "2035-01-01T09:00:00.+0000",
            "endTime": "2035-01-01T10:00:00.+0000",
            "status": "INACTIVE",
            "passwordRequired": false,
        });
        changed(&mut row, changes);
        row
    };
    let mut without_id = row(json!({}));
    if let Some(fields) = without_id.as_object_mut() {
        fields.remove("meetingId");
    }
    vec![
        without_id,
        row(json!({ "meetingId": "999999991", "subject": null })),
        row(json!({ "meetingId": "999999992", "conferenceCallInfo": { "us": "+1 571 555 0123" } })),
        row(json!({ "meetingId": null })),
        row(json!({ "meetingId": { "value": 999_999_993 } })),
        row(json!({ "meetingId": "999999994", "startTime": 2_051_254_800, "endTime": null })),
        row(json!({ "meetingId": "999999995", "subject": ["Odd"], "passwordRequired": {} })),
        Value::Null,
        json!("a row"),
        json!([]),
        json!({}),
    ]
}

fn people() -> Vec<Value> {
    vec![
        json!({ "email": "no.key@corp.example", "firstName": "No", "lastName": "Key" }),
        json!({ "key": null, "email": "null.key@corp.example" }),
        json!({ "key": {}, "email": "object.key@corp.example" }),
        json!({ "key": "999999999999999991", "email": null, "firstName": "No", "lastName": "Address" }),
        json!({ "key": "999999999999999992", "email": ["list@corp.example"], "firstName": {} }),
        Value::Null,
        json!("a row"),
        json!({}),
    ]
}

fn changed(row: &mut Value, changes: Value) {
    if let (Value::Object(fields), Value::Object(changes)) = (row, changes) {
        fields.extend(changes);
    }
}
