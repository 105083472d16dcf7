//! `/admin/rest/v1`: the Admin Center's API.

mod filter;
mod row;
mod users;

use serde_json::json;

pub(crate) use users::users;

use crate::ACCOUNT_KEY;
use crate::call::Call;
use crate::oauth::{Caller, IDENTITY};
use crate::reply::{self, Handled};
use crate::world::World;

/// Name of the one account.
pub(crate) const ACCOUNT_NAME: &str = "Corp Example";

/// `GET /me`. Needs the Admin Center scope but no role.
pub(crate) fn me(world: &World, call: &Call) -> Handled {
    let caller = Caller::of(world, call)?;
    if !caller.may(IDENTITY) {
        return Err(reply::not_authenticated().into());
    }
    let person = caller.person;
    let body = json!({
        "key": person.key,
        "accountKey": ACCOUNT_KEY,
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "locale": person.locale,
        "timeZone": person.time_zone,
        "createTime": person.invited.timestamp_millis(),
        "adminRoles": row::roles(&person),
        "accounts": [{
            "key": ACCOUNT_KEY,
            "name": ACCOUNT_NAME,
            "adminRoles": row::roles(&person),
        }],
    });
    Ok(reply::json(200, &body))
}
