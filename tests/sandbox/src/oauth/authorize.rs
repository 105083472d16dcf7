//! `/oauth/authorize`: who are you, and do you allow it?
//!
//! Keeps nothing between its pages: each form carries the whole request along.

use axum::response::Response;
use http::Method;

use super::pages;
use super::request::Ask;
use crate::call::{Call, Params};
use crate::person::Person;
use crate::reply::Handled;
use crate::world::World;

/// People on the sign-in page, besides the administrator.
const SHOWN: usize = 10;

/// Shows the sign-in page, or handles the answer of either page.
pub(crate) fn authorize(world: &World, call: &Call) -> Handled {
    let posted = call.head.method == Method::POST;
    let params = if posted { call.form() } else { call.query() };
    let ask = Ask::read(world, &params)?;
    if !posted {
        return Ok(sign_in(world, &ask, &params, None));
    }
    if params.get("decision") == Some("deny") {
        return Ok(ask.denied());
    }
    let email = params.get("email").unwrap_or_default();
    let person = world.lock().people.with_email(email).cloned();
    let Some(person) = person else {
        let complaint = Some("Nobody here has that address.");
        return Ok(sign_in(world, &ask, &params, complaint));
    };
    if !person.is_active() {
        let complaint = Some("This user is suspended, or has not taken up the invitation.");
        return Ok(sign_in(world, &ask, &params, complaint));
    }
    Ok(decide(world, &ask, &params, &person))
}

/// Sends the person back with a code, or asks for consent the first time.
fn decide(world: &World, ask: &Ask, params: &Params, person: &Person) -> Response {
    let grant = ask.grant(person);
    let mut state = world.lock();
    if params.get("decision") == Some("allow") {
        state.grants.consent(&grant);
    }
    if !state.grants.consented(&grant) {
        return pages::consent(ask, params, person);
    }
    let now = world.clock.now();
    let challenge = ask.challenge.as_deref();
    let code = state
        .grants
        .issue_code(grant, ask.redirect_uri.as_deref(), challenge, now);
    ask.allowed(&code)
}

fn sign_in(world: &World, ask: &Ask, params: &Params, complaint: Option<&str>) -> Response {
    let wanted = params.get("q").unwrap_or_default();
    let people = found(world, wanted);
    pages::sign_in(
        ask,
        params,
        &pages::SignIn {
            wanted,
            people: &people,
            complaint,
        },
    )
}

/// The first people and the administrator; with a filter, the first whose name or address has it.
fn found(world: &World, wanted: &str) -> Vec<Person> {
    let state = world.lock();
    let wanted = wanted.trim().to_lowercase();
    let has = |person: &Person| {
        person.name.to_lowercase().contains(&wanted) || person.email.contains(&wanted)
    };
    let admin = state.people.admin();
    let everybody = state.people.all().chain(state.people.foreign());
    let others = everybody.filter(|person| person.key != admin.key);
    let mut people: Vec<Person> = others
        .filter(|person| has(person))
        .take(SHOWN)
        .map(|person| Person::clone(person))
        .collect();
    if has(admin) {
        people.push(Person::clone(admin));
    }
    people
}
