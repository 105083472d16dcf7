//! The handle that tests and demos hold.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

use crate::faults::Fault;
use crate::hold::{Hold, Moment};
use crate::log::{Outcome, Received};
use crate::meetings::Meeting;
use crate::options::Options;
use crate::person::Person;
use crate::route::Route;
use crate::server;
use crate::visit;
use crate::world::World;

/// A running GoTo on loopback. Stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.world.stop();
    }
}

impl Sandbox {
    /// Starts listening.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let port = options.port;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.with_context(|| format!("127.0.0.1:{port}"))?;
        let host = options.public_host.as_deref().unwrap_or("127.0.0.1");
        let origin = format!("http://{host}:{}", listener.local_addr()?.port());
        let world = Arc::new(World::new(options, origin));
        tokio::spawn(server::accept(listener, Arc::clone(&world)));
        Ok(Self { world })
    }

    pub(crate) fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Base of the APIs; ends with `/`.
    pub fn base_url(&self) -> String {
        format!("{}/", self.world.origin)
    }

    /// OAuth authorization endpoint.
    pub fn authorize_url(&self) -> String {
        format!("{}/oauth/authorize", self.world.origin)
    }

    /// OAuth token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/oauth/token", self.world.origin)
    }

    /// The administrator: role `SUPER_USER`, no licence. A good service account.
    pub fn admin(&self) -> Person {
        Person::clone(self.world.lock().people.admin())
    }

    /// The employee without a licence, who cannot host.
    pub fn unlicensed(&self) -> Person {
        Person::clone(self.world.lock().people.unlicensed())
    }

    /// Everybody who can host, in the order in which the admin API lists them; it lists the
    /// unlicensed employee and the administrator after them.
    pub fn employees(&self) -> Vec<Person> {
        let state = self.world.lock();
        let organizers = state.people.organizers();
        organizers.map(|person| Person::clone(person)).collect()
    }

    /// The user with this address.
    pub fn employee(&self, email: &str) -> Option<Person> {
        let state = self.world.lock();
        let person = state.people.with_email(email)?;
        Some(Person::clone(person))
    }

    /// Makes it this many organizers: drops the last or adds more. The same people come back when
    /// the number does.
    pub fn set_people(&self, organizers: usize) {
        self.world.lock().people.resize(organizers);
    }

    /// Removes the last `count` organizers.
    pub fn remove_people(&self, count: usize) {
        let people = &mut self.world.lock().people;
        let left = people.organizers().count().saturating_sub(count);
        people.resize(left);
    }

    /// Adds a licensed organizer at the end.
    ///
    /// # Errors
    /// When the address is taken.
    pub fn add_person(&self, email: &str, first: &str, last: &str) -> anyhow::Result<Person> {
        self.world.lock().people.add(email, first, last)
    }

    /// Gives somebody another name; the key stays.
    ///
    /// # Errors
    /// When nobody has the address.
    pub fn rename_person(&self, email: &str, first: &str, last: &str) -> anyhow::Result<Person> {
        let people = &mut self.world.lock().people;
        people.change(email, |person| {
            person.rename(first.to_owned(), last.to_owned());
        })
    }

    /// Gives or takes a licence, and with it the one product that people have.
    ///
    /// # Errors
    /// When nobody has the address.
    pub fn set_licensed(&self, email: &str, licensed: bool) -> anyhow::Result<Person> {
        let people = &mut self.world.lock().people;
        people.change(email, |person| person.license(licensed))
    }

    /// Makes somebody `ACTIVE`, `INVITED`, `SUSPENDED` or something new; `None` leaves the field out
    /// of their row. Who is not active can neither sign in nor host.
    ///
    /// # Errors
    /// When nobody has the address.
    pub fn set_status(&self, email: &str, status: Option<&str>) -> anyhow::Result<Person> {
        let people = &mut self.world.lock().people;
        people.change(email, |person| person.status = status.map(str::to_owned))
    }

    /// Gives somebody exactly these products; a licence to host is among them or not. `None` leaves
    /// the field out of their row and the licence as it was.
    ///
    /// # Errors
    /// When nobody has the address.
    pub fn set_products(&self, email: &str, products: Option<&[&str]>) -> anyhow::Result<Person> {
        let people = &mut self.world.lock().people;
        people.change(email, |person| person.set_products(products))
    }

    /// Puts somebody into another group of the account.
    ///
    /// # Errors
    /// When nobody has the address.
    pub fn set_group(&self, email: &str, group: &str) -> anyhow::Result<Person> {
        let people = &mut self.world.lock().people;
        people.change(email, |person| group.clone_into(&mut person.group))
    }

    /// Gives or takes the role `SUPER_USER`.
    ///
    /// # Errors
    /// When nobody has the address.
    pub fn set_admin(&self, email: &str, admin: bool) -> anyhow::Result<Person> {
        let people = &mut self.world.lock().people;
        people.change(email, |person| person.admin = admin)
    }

    /// Adds a licensed person of another account, `FOREIGN_ACCOUNT_KEY`: they sign in at the same
    /// clients, and are in no list of this account.
    ///
    /// # Errors
    /// When the address is taken.
    pub fn add_foreign_person(
        &self,
        email: &str,
        first: &str,
        last: &str,
    ) -> anyhow::Result<Person> {
        self.world.lock().people.add_foreign(email, first, last)
    }

    /// Registers whole redirect URLs for a client, in place of those it had; from then on no other
    /// will do. With none registered, any host will do but not any path.
    ///
    /// # Errors
    /// When there is no such client, or one is no URL.
    pub fn register_redirects(&self, client_id: &str, urls: &[&str]) -> anyhow::Result<()> {
        let urls = urls.iter().map(|url| (*url).to_owned()).collect();
        self.world.lock().redirects.register(client_id, urls)
    }

    /// Removes an organizer.
    ///
    /// # Errors
    /// When no organizer has the address.
    pub fn remove_person(&self, email: &str) -> anyhow::Result<()> {
        self.world.lock().people.remove(email)
    }

    /// Moves the sandbox's clock forward.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// The sandbox's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.world.clock.now()
    }

    /// Does what somebody does in the sign-in window: opens the authorization URL, chooses who they
    /// are, allows if asked. Returns the redirect back to the application, which is not followed.
    ///
    /// # Errors
    /// When a page refuses the request.
    pub async fn consent(&self, departure_url: &str, email: &str) -> anyhow::Result<String> {
        visit::consent(&self.world, departure_url, email).await
    }

    /// Like [`Sandbox::consent`] by somebody who denies.
    ///
    /// # Errors
    /// When a page refuses the request.
    pub async fn deny(&self, departure_url: &str) -> anyhow::Result<String> {
        visit::deny(&self.world, departure_url).await
    }

    /// Makes something go wrong.
    pub fn fault(&self, fault: Fault) {
        self.world.lock().faults.add(fault);
    }

    /// Makes everything go right.
    pub fn clear_faults(&self) {
        self.world.lock().faults.clear();
    }

    /// Has requests of `route` wait, unhandled, while the guard lives.
    pub fn hold(&self, route: Route) -> Hold {
        Hold::new(&self.world, route, Moment::Before)
    }

    /// Has requests of `route` wait with all done and only the answer missing.
    pub fn hold_answers(&self, route: Route) -> Hold {
        Hold::new(&self.world, route, Moment::After)
    }

    /// Waits until `count` requests of `route` are in the log, answered or not.
    pub async fn received(&self, route: Route, count: usize) {
        self.wait_for(route, count, |_| true).await;
    }

    /// Waits until `count` requests of `route` were handled, whether or not their answers are held.
    pub async fn handled(&self, route: Route, count: usize) {
        self.wait_for(route, count, |received| received.handled)
            .await;
    }

    /// Waits until `count` requests of `route` were answered or cut.
    pub async fn finished(&self, route: Route, count: usize) {
        self.wait_for(route, count, |received| {
            received.outcome != Outcome::Pending
        })
        .await;
    }

    async fn wait_for(&self, route: Route, count: usize, is: impl Fn(&Received) -> bool) {
        loop {
            // Before the look at the log, so that no change falls in between.
            let changed = self.world.changed.notified();
            let seen = self
                .world
                .lock()
                .log
                .of(route)
                .filter(|entry| is(entry))
                .count();
            if seen >= count {
                return;
            }
            changed.await;
        }
    }

    /// Every request since the start or the last clearing.
    pub fn log(&self) -> Vec<Received> {
        self.world.lock().log.all().to_vec()
    }

    /// The requests of one call; [`Route::Any`] for all that programs made.
    pub fn log_of(&self, route: Route) -> Vec<Received> {
        self.world.lock().log.of(route).cloned().collect()
    }

    /// Forgets the log, and so what [`Sandbox::max_in_window`] counts.
    pub fn clear_log(&self) {
        self.world.lock().log.clear();
    }

    /// The most requests of [`Route::Any`], refused ones included, that arrived in any half-open
    /// window of this length.
    pub fn max_in_window(&self, window: Duration) -> usize {
        self.world.lock().max_in_window(window)
    }

    /// All meetings that were ever made, in the order of their ids.
    pub fn meetings(&self) -> Vec<Meeting> {
        self.world.lock().meetings.all().cloned().collect()
    }

    /// Ends the refresh tokens and consents of a person, as when they withdraw their consent; the
    /// next refresh answers `invalid_grant`. Access tokens live out their hour.
    ///
    /// # Errors
    /// When nobody has the address.
    pub fn revoke_grants_of(&self, email: &str) -> anyhow::Result<()> {
        self.world.lock().revoke_grants_of(email)
    }

    /// Ends all access tokens now.
    pub fn expire_access_tokens(&self) {
        let now = self.world.clock.now();
        self.world.lock().grants.expire_access(now);
    }
}
