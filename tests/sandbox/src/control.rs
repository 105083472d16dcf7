//! The control API below `/sandbox/`, for tests in other processes: JSON in, JSON out, the same as
//! the methods of [`Sandbox`](crate::Sandbox). Neither metered nor logged.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::faults::Fault;
use crate::hold::Moment;
use crate::log::Received;
use crate::meetings::Meeting;
use crate::person::Person;
use crate::route::Route;
use crate::world::World;

/// Where the control API is.
pub(crate) const PREFIX: &str = "/sandbox/";

type Shared = State<Arc<World>>;

pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/sandbox/log", get(log).delete(clear_log))
        .route("/sandbox/windows", get(windows))
        .route("/sandbox/meetings", get(meetings))
        .route(
            "/sandbox/faults",
            get(faults).post(fault).delete(clear_faults),
        )
        .route("/sandbox/holds", post(hold).delete(release_all))
        .route("/sandbox/holds/{id}", delete(release))
        .route("/sandbox/clock", get(clock).post(advance))
        .route("/sandbox/people", get(people).post(add_person))
        .route("/sandbox/people/count", put(set_people))
        .route("/sandbox/people/foreign", post(add_foreign_person))
        .route("/sandbox/people/{email}/rights", put(change_rights))
        .route("/sandbox/people/{email}", put(rename).delete(remove_person))
        .route("/sandbox/grants/{email}", delete(revoke_grants))
        .route("/sandbox/redirects/{client_id}", put(register_redirects))
        .route("/sandbox/access_tokens", delete(expire_access_tokens))
        .with_state(world)
}

/// What cannot be done.
struct Refusal(anyhow::Error);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "message": self.0.to_string() });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self(error)
    }
}

#[derive(Deserialize)]
struct Which {
    route: Option<Route>,
}

async fn log(State(world): Shared, Query(which): Query<Which>) -> Json<Vec<Received>> {
    let state = world.lock();
    Json(match which.route {
        Some(route) => state.log.of(route).cloned().collect(),
        None => state.log.all().to_vec(),
    })
}

async fn clear_log(State(world): Shared) -> StatusCode {
    world.lock().log.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Window {
    ms: u64,
}

async fn windows(State(world): Shared, Query(window): Query<Window>) -> Json<Value> {
    let most = world.lock().max_in_window(Duration::from_millis(window.ms));
    Json(json!({ "max": most }))
}

async fn meetings(State(world): Shared) -> Json<Vec<Meeting>> {
    Json(world.lock().meetings.all().cloned().collect())
}

async fn faults(State(world): Shared) -> Json<Vec<Fault>> {
    Json(world.lock().faults.all().to_vec())
}

async fn fault(State(world): Shared, Json(fault): Json<Fault>) -> StatusCode {
    world.lock().faults.add(fault);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(world): Shared) -> StatusCode {
    world.lock().faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct NewHold {
    route: Route,
    moment: Moment,
}

async fn hold(State(world): Shared, Json(new): Json<NewHold>) -> Json<Value> {
    let id = world.lock().holds.add(new.route, new.moment);
    Json(json!({ "id": id }))
}

async fn release(State(world): Shared, Path(id): Path<u64>) -> StatusCode {
    world.lock().holds.release(id);
    StatusCode::NO_CONTENT
}

async fn release_all(State(world): Shared) -> StatusCode {
    world.lock().holds.release_all();
    StatusCode::NO_CONTENT
}

async fn clock(State(world): Shared) -> Json<Value> {
    Json(json!({ "now": world.clock.now() }))
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: u64,
}

async fn advance(State(world): Shared, Json(by): Json<Advance>) -> Json<Value> {
    world.clock.advance(Duration::from_millis(by.advance_ms));
    Json(json!({ "now": world.clock.now() }))
}

async fn people(State(world): Shared) -> Json<Value> {
    let state = world.lock();
    let organizers: Vec<&Person> = state.people.organizers().map(AsRef::as_ref).collect();
    Json(json!({
        "organizers": organizers,
        "unlicensed": state.people.unlicensed().as_ref(),
        "admin": state.people.admin().as_ref(),
    }))
}

#[derive(Deserialize)]
struct NewPerson {
    email: String,
    #[serde(flatten)]
    name: Name,
}

#[derive(Deserialize)]
struct Name {
    first_name: String,
    last_name: String,
}

async fn add_person(
    State(world): Shared,
    Json(new): Json<NewPerson>,
) -> Result<Json<Person>, Refusal> {
    let NewPerson { email, name } = new;
    let people = &mut world.lock().people;
    Ok(Json(people.add(
        &email,
        &name.first_name,
        &name.last_name,
    )?))
}

async fn add_foreign_person(
    State(world): Shared,
    Json(new): Json<NewPerson>,
) -> Result<Json<Person>, Refusal> {
    let NewPerson { email, name } = new;
    let people = &mut world.lock().people;
    Ok(Json(people.add_foreign(
        &email,
        &name.first_name,
        &name.last_name,
    )?))
}

/// Changes what the admin API says of somebody: `status`, `products`, `admin`. What is left out stays,
/// null hides the field.
async fn change_rights(
    State(world): Shared,
    Path(email): Path<String>,
    Json(rights): Json<Map<String, Value>>,
) -> Result<Json<Person>, Refusal> {
    let mut changed = world.lock().people.change(&email, |_| {})?;
    for (name, value) in rights {
        match name.as_str() {
            "status" => changed.status = from_value(value)?,
            "products" => {
                let products: Option<Vec<String>> = from_value(value)?;
                let names: Option<Vec<&str>> = products
                    .as_ref()
                    .map(|products| products.iter().map(String::as_str).collect());
                changed.set_products(names.as_deref());
            }
            "admin" => changed.admin = from_value(value)?,
            other => return Err(anyhow::anyhow!("{other} is none of the rights").into()),
        }
    }
    let people = &mut world.lock().people;
    Ok(Json(people.change(&email, |person| *person = changed)?))
}

fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    Ok(serde_json::from_value(value).map_err(anyhow::Error::from)?)
}

async fn register_redirects(
    State(world): Shared,
    Path(client_id): Path<String>,
    Json(urls): Json<Vec<String>>,
) -> Result<StatusCode, Refusal> {
    world.lock().redirects.register(&client_id, urls)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rename(
    State(world): Shared,
    Path(email): Path<String>,
    Json(name): Json<Name>,
) -> Result<Json<Person>, Refusal> {
    let people = &mut world.lock().people;
    let renamed = people.change(&email, |person| {
        person.rename(name.first_name, name.last_name);
    })?;
    Ok(Json(renamed))
}

async fn remove_person(
    State(world): Shared,
    Path(email): Path<String>,
) -> Result<StatusCode, Refusal> {
    world.lock().people.remove(&email)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Count {
    organizers: usize,
}

async fn set_people(State(world): Shared, Json(count): Json<Count>) -> StatusCode {
    world.lock().people.resize(count.organizers);
    StatusCode::NO_CONTENT
}

async fn revoke_grants(
    State(world): Shared,
    Path(email): Path<String>,
) -> Result<StatusCode, Refusal> {
    world.lock().revoke_grants_of(&email)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn expire_access_tokens(State(world): Shared) -> StatusCode {
    let now = world.clock.now();
    world.lock().grants.expire_access(now);
    StatusCode::NO_CONTENT
}
