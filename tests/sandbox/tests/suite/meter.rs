//! The limit per second and API, and the exact count of what arrived.

use std::time::Duration;

use goto_sandbox::{Options, Received, Route, max_in_window};
use proptest::prelude::*;

use crate::client::{ELODIE, Goto, quiet};

const SECOND: Duration = Duration::from_secs(1);

async fn burst(goto: &Goto, token: &str, path: &str, count: usize) {
    let sends = (0..count).map(|_| goto.get(path, token));
    futures::future::join_all(sends).await;
}

/// Whatever the speed of this machine: no second took more than it may, and nobody was refused
/// while there was room.
fn assert_exact(received: &[Received], limit: usize) {
    let taken = |received: &&Received| received.status() != Some(429);
    let mut accepted: Vec<Duration> = received.iter().filter(taken).map(|r| r.arrived).collect();
    accepted.sort_unstable();
    assert!(max_in_window(&accepted, SECOND) <= limit);
    for refused in received.iter().filter(|received| !taken(received)) {
        let before = accepted
            .iter()
            .filter(|at| **at <= refused.arrived && refused.arrived.saturating_sub(**at) < SECOND);
        assert_eq!(before.count(), limit);
    }
}

#[tokio::test]
async fn above_the_limit_429() {
    for retry_after in [false, true] {
        let goto = Goto::start(Options {
            requests_per_second: 3,
            retry_after,
            ..quiet()
        })
        .await;
        let token = goto.access(ELODIE).await;
        burst(&goto, &token, "G2M/rest/upcomingMeetings", 40).await;
        let received = goto.sandbox.log_of(Route::Upcoming);
        assert_eq!(received.len(), 40, "the refused ones are in the log");
        assert_exact(&received, 3);
        let reply = loop {
            let reply = goto.get("G2M/rest/upcomingMeetings", &token).await;
            if reply.status == 429 {
                break reply;
            }
        };
        assert_eq!(reply.header("retry-after"), retry_after.then_some("1"));
        assert!(
            reply
                .headers
                .keys()
                .all(|name| !name.as_str().starts_with("x-ratelimit"))
        );
    }
}

#[tokio::test]
async fn each_api_has_a_meter_of_its_own() {
    let goto = Goto::start(Options {
        requests_per_second: 2,
        ..quiet()
    })
    .await;
    let token = goto.service_access(ELODIE, None).await;
    let paths = [
        "G2M/rest/upcomingMeetings",
        "admin/rest/v1/me",
        "identity/v1/Users/me",
    ];
    let bursts = paths.map(|path| burst(&goto, &token, path, 20));
    futures::future::join_all(bursts).await;
    for route in [Route::Upcoming, Route::AdminMe, Route::Me] {
        assert_exact(&goto.sandbox.log_of(route), 2);
    }
}

#[tokio::test]
async fn all_calls_count_but_the_persons_and_the_tests() {
    let goto = Goto::start(quiet()).await;
    let token = goto.access(ELODIE).await;
    goto.get("G2M/rest/upcomingMeetings", &token).await;
    goto.get("G2M/rest/nothing", &token).await;
    goto.get("sandbox/log", "").await;
    let long = Duration::from_secs(3600);
    assert_eq!(
        goto.sandbox.max_in_window(long),
        3,
        "token, upcoming, nothing"
    );
    assert_eq!(goto.sandbox.max_in_window(Duration::ZERO), 0);
    goto.sandbox.clear_log();
    assert_eq!(goto.sandbox.max_in_window(long), 0);
}

/// The definition: every window that begins at or just before an arrival, or ends after one.
fn brute_force(arrivals: &[u64], window: u64) -> usize {
    let starts = arrivals
        .iter()
        .flat_map(|at| [*at, (*at + 1).saturating_sub(window)]);
    let count = |start: u64| {
        let inside = arrivals
            .iter()
            .filter(|at| (start..start + window).contains(at));
        inside.count()
    };
    starts.map(count).max().unwrap_or_default()
}

proptest! {
    #[test]
    fn the_sweep_is_exact(
        arrivals in prop::collection::vec(0_u64..400, 0..60),
        window in 0_u64..120,
    ) {
        let nanos: Vec<Duration> = arrivals.iter().copied().map(Duration::from_nanos).collect();
        let swept = max_in_window(&nanos, Duration::from_nanos(window));
        prop_assert_eq!(swept, brute_force(&arrivals, window));
    }
}
