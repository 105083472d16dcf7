//! `/identity/v1`: the SCIM 1.1 flavour in which everybody may read their own identity.

use serde_json::json;

use crate::admin::account_name;
use crate::call::Call;
use crate::oauth::Caller;
use crate::reply::{self, Handled};
use crate::world::World;

/// `GET /Users/me`. Any token will do; no scope is needed.
pub(crate) fn me(world: &World, call: &Call) -> Handled {
    let person = Caller::of(world, call)?.person;
    let entitlements: &[&str] = if person.licensed { &["g2m"] } else { &[] };
    let location = format!("{}/identity/v1/Users/{}", world.origin, person.key);
    let body = json!({
        "schemas": [
            "urn:scim:schemas:core:1.0",
            "urn:scim:schemas:extension:getgo:1.0",
            "urn:scim:schemas:extension:jive:1.0",
        ],
        "id": person.key,
        "userName": person.email,
        "displayName": person.name,
        "name": { "givenName": person.first_name, "familyName": person.last_name },
        "locale": person.locale,
        "timezone": person.time_zone,
        "active": person.is_active(),
        "meta": {
            "created": person.invited.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            "location": location,
        },
        // The accounts are in the extension, not where SCIM would have put them.
        "urn:scim:schemas:extension:getgo:1.0": {
            "accounts": [{
                "value": person.account,
                "display": account_name(&person),
                "entitlements": entitlements,
            }],
        },
        "urn:scim:schemas:extension:jive:1.0": {},
    });
    Ok(reply::json(200, &body))
}
