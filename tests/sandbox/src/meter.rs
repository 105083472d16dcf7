//! GoTo's documented limit: requests per second and API, 429 above.
//!
//! The strictest reading of "per second", so that a client that satisfies it satisfies any other:
//! a request is refused when as many as are allowed were taken in the second that ends with it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::route::Api;

const SECOND: Duration = Duration::from_secs(1);

/// Arrivals that were taken, per API.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    taken: HashMap<Api, VecDeque<Duration>>,
}

impl Meter {
    /// Whether a request that arrived at `at` is within the limit; 0 is no limit.
    pub(crate) fn takes(&mut self, api: Api, at: Duration, per_second: u32) -> bool {
        if per_second == 0 {
            return true;
        }
        let taken = self.taken.entry(api).or_default();
        while taken
            .front()
            .is_some_and(|first| at.saturating_sub(*first) >= SECOND)
        {
            taken.pop_front();
        }
        if taken.len() >= per_second as usize {
            return false;
        }
        taken.push_back(at);
        true
    }
}
