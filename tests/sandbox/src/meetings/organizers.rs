//! The deprecated reading of organizers, with keys as numbers.

use serde_json::{Value, json};

use super::changes::MAX_PARTICIPANTS;
use super::{caller, forbidden, subject_of};
use crate::call::Call;
use crate::oauth::IDENTITY;
use crate::person::Person;
use crate::reply::{self, Handled};
use crate::world::World;

/// `GET /organizers`, with `email` or all of them, for administrators; and
/// `GET /organizers/{organizerKey}`, which everybody may ask about themselves.
pub(crate) fn organizer(world: &World, call: &Call) -> Handled {
    let caller = caller(world, call)?;
    let account = &caller.person.account;
    if let Some(key) = &call.id {
        let person = if *key == caller.person.key {
            caller.person
        } else {
            subject_of(world, &caller, key)?
        };
        return Ok(reply::json(200, &json!([row(&person)])));
    }
    if !(caller.person.admin && caller.may(IDENTITY)) {
        return Err(forbidden("The caller is not an administrator"));
    }
    let state = world.lock();
    let query = call.query();
    let rows: Vec<Value> = match query.get("email") {
        Some(email) => {
            let person = state.people.with_email(email);
            let person = person.filter(|person| person.account == *account);
            let person = person
                .ok_or_else(|| reply::meeting_error(404, "NotFound", "Organizer not found"))?;
            vec![row(person)]
        }
        None => {
            let everybody = state.people.all().chain(state.people.foreign());
            let own = everybody.filter(|person| person.account == *account && person.licensed);
            own.map(|person| row(person)).collect()
        }
    };
    Ok(reply::json(200, &rows.into()))
}

fn row(person: &Person) -> Value {
    json!({
        "organizerKey": number(&person.key),
        "groupId": person.group_key(),
        "groupName": person.group,
        "email": person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "status": if person.is_active() { "active" } else { "suspended" },
        "products": person.products.as_deref().unwrap_or_default(),
        "maxNumAttendeesAllowed": MAX_PARTICIPANTS,
    })
}

/// A key as the number it is in these answers, with all its digits.
pub(super) fn number(key: &str) -> Value {
    serde_json::from_str(key).unwrap_or_else(|_| key.into())
}
