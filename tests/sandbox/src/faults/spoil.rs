//! JSON that is not what the documentation promises.

use serde_json::{Map, Number, Value};

use crate::route::Route;

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
