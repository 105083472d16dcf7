//! `/G2M/rest`: the GoToMeeting API.

mod body;
mod changes;
mod lists;
mod model;
mod phone;
mod read;
mod times;

pub(crate) use changes::{create, delete, update};
pub(crate) use lists::{historical, upcoming};
pub use model::Meeting;
pub(crate) use model::Meetings;
pub(crate) use read::{get, start};

use crate::call::Call;
use crate::oauth::{COLLAB, Caller};
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

/// A refusal that a new token would not cure.
fn forbidden(message: &str) -> Refusal {
    reply::meeting_error(403, "AccessDenied", message).into()
}

/// A meeting that does not exist, was deleted, or is somebody else's: one answer for all, so that
/// ids cannot be probed.
fn no_such_meeting() -> Refusal {
    reply::meeting_error(404, "NotFound", "Meeting not found").into()
}
