//! `/admin/rest/v1`: the Admin Center's API.

mod filter;
mod row;
mod users;

use serde_json::json;

pub(crate) use users::{Disorder, users};

use crate::ACCOUNT_KEY;
use crate::call::Call;
use crate::oauth::{Caller, IDENTITY};
use crate::person::Person;
use crate::reply::{self, Handled};
use crate::world::World;

/// Name of somebody's account.
pub(crate) fn account_name(person: &Person) -> &'static str {
    if person.account == ACCOUNT_KEY {
        "Corp Example"
    } else {
        "Elsewhere Example"
    }
}

/// `GET /me`. Needs the Admin Center scope but no role.
pub(crate) fn me(world: &World, call: &Call) -> Handled {
    let caller = Caller::of(world, call)?;
    if !caller.may(IDENTITY) {
        return Err(reply::not_authenticated().into());
    }
    let person = caller.person;
    let body = json!({
        "key": person.key,
        "accountKey": person.account,
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "locale": person.locale,
        "timeZone": person.time_zone,
        "createTime": person.invited.timestamp_millis(),
        "adminRoles": row::roles(&person),
        "accounts": [{
            "key": person.account,
            "name": account_name(&person),
            "adminRoles": row::roles(&person),
        }],
    });
    Ok(reply::json(200, &body))
}
