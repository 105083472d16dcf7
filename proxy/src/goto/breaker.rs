//! The breaker: when GoTo is down, employees hear it at once, and no slot of the limit is spent on
//! finding out again and again.
//!
//! One per replica. Five failures in a row open it for half a minute; then one request at a time
//! tries, and the first answer closes it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, Millis};

/// Failures in a row that open it.
const FAILURES: u32 = 5;
/// How long it stays open, milliseconds; plus or minus a fifth, so that replicas do not try in step.
const REST: Millis = 30_000;

/// See the module.
#[derive(Debug)]
pub(super) struct Breaker {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Millis>,
    /// Somebody tries.
    trying: bool,
}

/// What the breaker says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// Go.
    Closed,
    /// Go first and alone: the outcome decides.
    Try,
    /// Nothing is sent.
    Open,
}

impl Breaker {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// May a request go? Whoever gets [`Gate::Try`] must report the outcome.
    pub(super) fn ask(&self) -> Gate {
        let now = self.clock.since_boot();
        let mut state = self.state();
        match state.open_until {
            None => Gate::Closed,
            Some(until) if now >= until && !state.trying => {
                state.trying = true;
                Gate::Try
            }
            Some(_) => Gate::Open,
        }
    }

    /// Whether asking again now would only be refused here.
    pub(super) fn is_open(&self) -> bool {
        let now = self.clock.since_boot();
        self.state().open_until.is_some_and(|until| now < until)
    }

    /// GoTo answered, whatever it said.
    pub(super) fn answered(&self) {
        *self.state() = State::default();
    }

    /// GoTo did not answer, or with a server error.
    pub(super) fn failed(&self) {
        let now = self.clock.since_boot();
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            let fifth = REST / 5;
            let jitter = rand::random_range(-fifth..=fifth);
            if state.open_until.is_none() {
                tracing::warn!(
                    "GoTo failed {FAILURES} times in a row: requests rest for half a minute"
                );
            }
            state.open_until = Some(now + REST + jitter);
        }
        state.trying = false;
    }

    /// Nothing was tried after all.
    pub(super) fn gave_up(&self) {
        self.state().trying = false;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn failed(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.failed();
        }
    }

    #[test]
    fn opens_after_five_failures_and_lets_one_try() {
        let clock = Clock::manual(chrono::DateTime::UNIX_EPOCH);
        let breaker = Breaker::new(clock.clone());
        failed(&breaker, FAILURES - 1);
        assert_eq!(breaker.ask(), Gate::Closed);
        breaker.failed();
        assert_eq!(breaker.ask(), Gate::Open);
        clock.advance(Duration::from_secs(36));
        assert_eq!(breaker.ask(), Gate::Try);
        assert_eq!(breaker.ask(), Gate::Open);
        breaker.failed();
        assert_eq!(breaker.ask(), Gate::Open);
        clock.advance(Duration::from_secs(36));
        assert_eq!(breaker.ask(), Gate::Try);
        breaker.answered();
        assert_eq!(breaker.ask(), Gate::Closed);
        failed(&breaker, FAILURES - 1);
        assert_eq!(breaker.ask(), Gate::Closed);
    }

    #[test]
    fn an_answer_in_between_forgets_the_failures() {
        let breaker = Breaker::new(Clock::manual(chrono::DateTime::UNIX_EPOCH));
        failed(&breaker, FAILURES - 1);
        breaker.answered();
        failed(&breaker, FAILURES - 1);
        assert_eq!(breaker.ask(), Gate::Closed);
    }
}
