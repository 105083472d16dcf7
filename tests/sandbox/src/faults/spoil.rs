//! JSON that is not what the documentation promises.

use serde_json::{Map, Number, Value, json};

use super::Spelling;
use crate::route::Route;

/// Fields that are spelt in two ways, in GoTo's descriptions or by its clients.
const TWO_SPELLINGS: &[[&str; 2]] = &[
    ["starttime", "startTime"],
    ["endtime", "endTime"],
    ["meetingid", "meetingId"],
    ["passwordrequired", "passwordRequired"],
    ["conferencecallinfo", "conferenceCallInfo"],
    ["meetingtype", "meetingType"],
    ["organizerkey", "organizerKey"],
    ["groupkey", "groupKey"],
    ["joinURL", "joinUrl"],
    ["hostURL", "hostUrl"],
];

/// Numbers and booleans become strings, strings of digits become numbers.
pub(super) fn swap_types(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(flag) => Value::String(flag.to_string()),
        Value::String(text) => as_number(&text).map_or(Value::String(text), Value::Number),
        Value::Array(items) => items.into_iter().map(swap_types).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, swap_types(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Null => Value::Null,
    }
}

/// Keeps every digit: keys are longer than any machine integer.
fn as_number(text: &str) -> Option<Number> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| serde_json::from_str(text).ok()).flatten()
}

/// Without the fields of these names, wherever they are.
pub(super) fn without(names: &[String], value: Value) -> Value {
    prune(value, &|name, _| !names.iter().any(|gone| gone == name))
}

/// Only the fields that an answer of this call is useless without.
pub(super) fn only_essentials(route: Route, value: Value) -> Value {
    let essential: &[&str] = match route {
        Route::Token => &["access_token", "token_type"],
        Route::Me => &["id", "userName"],
        Route::AdminMe | Route::Users => &["key", "email"],
        Route::CreateMeeting => &["meetingid"],
        Route::GetMeeting | Route::Upcoming | Route::Historical => &["meetingId"],
        Route::StartMeeting => &["hostURL"],
        _ => return value,
    };
    let containers = ["results"];
    prune(value, &|name, value| {
        essential.contains(&name) || (value.is_array() && containers.contains(&name))
    })
}

fn prune(value: Value, keeps: &dyn Fn(&str, &Value) -> bool) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| prune(item, keeps)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, value)| keeps(name, value))
            .map(|(name, value)| (name, prune(value, keeps)))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}

/// Changes every object, the inner ones first.
fn each_object(value: Value, change: &dyn Fn(&mut Map<String, Value>)) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| each_object(item, change))
            .collect(),
        Value::Object(fields) => {
            let mut fields: Map<String, Value> = fields
                .into_iter()
                .map(|(name, value)| (name, each_object(value, change)))
                .collect();
            change(&mut fields);
            Value::Object(fields)
        }
        other => other,
    }
}

/// With these values in the fields of these names, wherever they are.
pub(super) fn with(values: &[(String, Value)], value: Value) -> Value {
    each_object(value, &|fields| {
        for (name, value) in values {
            if let Some(field) = fields.get_mut(name) {
                *field = value.clone();
            }
        }
    })
}

/// Fields with two spellings, spelt so.
pub(super) fn respelt(spelling: Spelling, value: Value) -> Value {
    each_object(value, &|fields| {
        for [one, other] in TWO_SPELLINGS {
            match (fields.contains_key(*one), fields.contains_key(*other)) {
                (true, false) => respell(fields, spelling, one, other),
                (false, true) => respell(fields, spelling, other, one),
                _ => {}
            }
        }
    })
}

fn respell(fields: &mut Map<String, Value>, spelling: Spelling, usual: &str, other: &str) {
    let Some(value) = fields.remove(usual) else {
        return;
    };
    let nothing = if value.is_string() {
        json!("")
    } else {
        Value::Null
    };
    let (in_usual, in_other) = match spelling {
        Spelling::OtherOnly => (None, value),
        Spelling::Both => (Some(value.clone()), value),
        Spelling::UsualEmpty => (Some(nothing), value),
        Spelling::OtherEmpty => (Some(value), nothing),
    };
    if let Some(in_usual) = in_usual {
        fields.insert(usual.to_owned(), in_usual);
    }
    fields.insert(other.to_owned(), in_other);
}

/// Meeting ids in groups of three digits.
pub(super) fn dashed(value: Value) -> Value {
    each_object(value, &|fields| {
        for name in ["meetingid", "meetingId", "meetingKey"] {
            let Some(field) = fields.get_mut(name) else {
                continue;
            };
            let digits = match field {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => continue,
            };
            let nine = digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
            if nine {
                *field = format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]).into();
            }
        }
    })
}

/// As an answer of 2012 had it. The time of creation is that of the vendor's sample.
pub(super) fn like_in_2012(value: Value) -> Value {
    each_object(value, &|fields| {
        if let Some(created) = fields.get_mut("createTime") {
            *created = "2012-06-25T22:10:46.+0000".into();
        }
        if let Some(Value::Bool(flag)) = fields.get("passwordRequired") {
            let text = flag.to_string();
            fields.insert("passwordRequired".to_owned(), text.into());
        }
        if let Some(Value::String(kind)) = fields.get_mut("meetingType")
            && let Some(first) = kind.get_mut(..1)
        {
            first.make_ascii_uppercase();
        }
    })
}

/// SCIM's other place for an address: `emails`, with one that is the primary.
pub(super) fn address_in_emails(value: Value) -> Value {
    each_object(value, &|fields| {
        let Some(address) = fields.remove("userName") else {
            return;
        };
        let older = address.as_str().map(|address| format!("old.{address}"));
        let emails = json!([
            { "value": older, "type": "other", "primary": false },
            { "value": address, "type": "work", "primary": true },
        ]);
        fields.insert("emails".to_owned(), emails);
    })
}
