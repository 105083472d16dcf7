//! `/G2M/rest`: the GoToMeeting API.

mod body;
mod changes;
mod lists;
mod model;
mod old;
mod organizers;
mod phone;
mod read;
mod times;

pub(crate) use changes::{create, delete, update};
pub(crate) use lists::{historical, upcoming};
pub use model::Meeting;
pub(crate) use model::{Content, Meetings};
pub(crate) use old::{attendees, old_list};
pub(crate) use organizers::organizer;
pub(crate) use read::{get, start};

use crate::call::Call;
use crate::oauth::{COLLAB, Caller, IDENTITY};
use crate::person::Person;
use crate::reply::{self, Refusal};
use crate::world::World;

/// The caller of this API: a usable token with the product's scope.
fn caller(world: &World, call: &Call) -> Result<Caller, Refusal> {
    let caller = Caller::of(world, call)?;
    if caller.may(COLLAB) {
        Ok(caller)
    } else {
        Err(forbidden("The token lacks the scope collab:"))
    }
}

/// The person named in the path of a by-organizer call, which is for administrators of their account
/// only: GoTo's description says "only available to users with the admin role".
fn subject_of(world: &World, caller: &Caller, key: &str) -> Result<Person, Refusal> {
    if !caller.person.admin {
        return Err(forbidden("The caller is not an administrator"));
    }
    if key == caller.person.key {
        return Ok(caller.person.clone());
    }
    if !caller.may(IDENTITY) {
        return Err(forbidden("The token lacks the scope identity:"));
    }
    let state = world.lock();
    let person = state.people.in_account(&caller.person.account, key);
    person
        .map(|person| Person::clone(person))
        .ok_or_else(|| reply::meeting_error(404, "NotFound", "Organizer not found").into())
}

/// A refusal that a new token would not cure.
fn forbidden(message: &str) -> Refusal {
    reply::meeting_error(403, "AccessDenied", message).into()
}

/// A meeting that does not exist, was deleted, or is somebody else's: one answer for all, so that
/// ids cannot be probed.
fn no_such_meeting() -> Refusal {
    reply::meeting_error(404, "NotFound", "Meeting not found").into()
}
