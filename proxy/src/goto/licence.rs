//! Who can host, from what the Admin API says about a user.

use serde_json::Value;

/// Names of GoToMeeting among the products (GoToMeeting API, `Product`).
const MEETING: [&str; 2] = ["G2M", "GOTOMEETING"];

/// Whether a user can be a co-organizer: active, with a licence for meetings. What GoTo does not say
/// counts for them. Where there are licences but no products, it is not said what they are for.
pub(super) fn can_host(
    status: Option<&str>,
    products: Option<&[Value]>,
    licence_keys: Option<&[Value]>,
) -> bool {
    let active = status.is_none_or(|status| status.trim().eq_ignore_ascii_case("ACTIVE"));
    let is_meeting = |product: &Value| {
        let name = product.as_str().unwrap_or_default().trim();
        MEETING
            .iter()
            .any(|meeting| name.eq_ignore_ascii_case(meeting))
    };
    let licensed = match (products, licence_keys) {
        (Some(products), _) if !products.is_empty() => products.iter().any(is_meeting),
        (_, Some(keys)) => !keys.is_empty(),
        (Some(_), None) => false,
        (None, None) => true,
    };
    active && licensed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn active_people_with_a_licence_for_meetings_can_host() {
        for (status, products, keys, right) in [
            (Some("ACTIVE"), json!(["G2M"]), json!(["5"]), true),
            (Some("active"), json!(["g2m", "G2W"]), json!([5]), true),
            (Some("SUSPENDED"), json!(["G2M"]), json!(["5"]), false),
            (Some("INVITED"), json!(["G2M"]), json!(["5"]), false),
            (Some("DELETED"), Value::Null, Value::Null, false),
            (
                Some("ACTIVE"),
                json!(["G2W", "OPENVOICE"]),
                json!(["5"]),
                false,
            ),
            (Some("ACTIVE"), json!(["G2MFREE"]), json!([]), false),
            (Some("ACTIVE"), json!([]), json!([]), false),
            (Some("ACTIVE"), json!([]), Value::Null, false),
            (Some("ACTIVE"), Value::Null, json!([]), false),
            // Licences, but it is not said for what.
            (Some("ACTIVE"), json!([]), json!(["5"]), true),
            (Some("ACTIVE"), Value::Null, json!(["5"]), true),
            // Not said at all, or nothing that can be read.
            (None, Value::Null, Value::Null, true),
            (Some("ACTIVE"), Value::Null, Value::Null, true),
            (None, json!(["G2M"]), Value::Null, true),
        ] {
            let list = |value: &Value| value.as_array().cloned();
            let (listed, kept) = (list(&products), list(&keys));
            let said = can_host(status, listed.as_deref(), kept.as_deref());
            assert_eq!(said, right, "{status:?} {products} {keys}");
        }
    }
}
