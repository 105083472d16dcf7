//! Holds: requests that wait until a test lets them go, so that no test sleeps.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::route::Route;
use crate::world::World;

/// Where a held request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Before it is handled: nothing is done yet.
    Before,
    /// When all is done and only the answer is missing.
    After,
}

/// Requests wait while this lives.
#[derive(Debug)]
pub struct Hold {
    id: u64,
    world: Arc<World>,
}

impl Hold {
    pub(crate) fn new(world: &Arc<World>, route: Route, moment: Moment) -> Self {
        Self {
            id: world.lock().holds.add(route, moment),
            world: Arc::clone(world),
        }
    }

    /// Lets go whoever waits, and holds nobody any more.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.world.lock().holds.release(self.id);
    }
}

/// The holds in place.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    next: u64,
    active: Vec<Active>,
}

#[derive(Debug)]
struct Active {
    id: u64,
    route: Route,
    moment: Moment,
    /// Never sent on: that it is gone is the message.
    alive: watch::Sender<()>,
}

impl Holds {
    pub(crate) fn add(&mut self, route: Route, moment: Moment) -> u64 {
        let id = self.next;
        self.next += 1;
        self.active.push(Active {
            id,
            route,
            moment,
            alive: watch::Sender::new(()),
        });
        id
    }

    pub(crate) fn release(&mut self, id: u64) {
        self.active.retain(|hold| hold.id != id);
    }

    pub(crate) fn release_all(&mut self) {
        self.active.clear();
    }

    /// What a request of `route` has to wait for at `moment`: each until it closes.
    pub(crate) fn gates(&self, route: Route, moment: Moment) -> Vec<watch::Receiver<()>> {
        self.active
            .iter()
            .filter(|hold| hold.moment == moment && hold.route.covers(route))
            .map(|hold| hold.alive.subscribe())
            .collect()
    }
}
