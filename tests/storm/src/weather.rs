//! What goes wrong: faults at GoTo, replicas that are killed, a database that goes away, access
//! tokens that end early.

use std::sync::Arc;
use std::time::Duration;

use goto_microapps_harness::Visitor;
use goto_microapps_harness::postgres::{Postgres, Shutdown};
use goto_sandbox::{Answer, Cleaner, Fault, FaultKind, RetryAfter, Route, Sandbox, Spelling};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use crate::fleet::Fleet;
use crate::options::Options;
use crate::sabotage::Sabotage;

/// Longest wait of the proxy for one answer, seconds.
pub const TIMEOUT: u64 = 2;
/// A renewal takes this long, so that two at once would be seen.
const RENEWAL: Duration = Duration::from_millis(400);
/// Seconds for which GoTo sends everybody away when others have used up the limit: longer than the proxy
/// lets anybody wait, so that some leave their creates to it.
const CROWDED: u32 = 6;
/// What is sent once takes this long, so that kills find some on the wire.
const ONCE: Duration = Duration::from_millis(80);

/// How hard it stormed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Damage {
    /// Processes that got SIGKILL.
    pub kills: u32,
    /// Times the database went away.
    pub restarts: u32,
    /// Times all access tokens ended.
    pub expiries: u32,
    /// Times others had used up the limit at GoTo.
    pub crowds: u32,
}

/// Sets the faults of a storm.
pub fn brew(sandbox: &Sandbox, rate: f64) {
    let status = |status: u16| Answer {
        status,
        headers: Vec::new(),
        body: "<h1>no</h1>".to_owned(),
    };
    let create = [
        (FaultKind::CutBefore, 0.18),
        (FaultKind::CutAfterCommit, 0.2),
        (FaultKind::Truncated, 0.1),
        (FaultKind::Instead(status(500)), 0.08),
        (FaultKind::AfterCommit(status(502)), 0.1),
        (FaultKind::Html, 0.04),
        (FaultKind::HtmlAfterCommit, 0.08),
        (FaultKind::EmptyBody, 0.04),
        (FaultKind::InvalidToken, 0.08),
        // One 429 keeps everybody quiet for a second.
        (FaultKind::TooManyRequests(RetryAfter::Seconds(1)), 0.01),
        (FaultKind::DelayAfter(beyond_timeout()), 0.04),
        (FaultKind::DelayBefore(beyond_timeout()), 0.02),
        (FaultKind::DelayBefore(Duration::from_millis(250)), 0.1),
        (FaultKind::Spellings(Spelling::Both), 0.3),
        (FaultKind::Spellings(Spelling::UsualEmpty), 0.3),
    ];
    // Answered without a body, of which nothing can be spoilt.
    let change = [
        (FaultKind::CutBefore, 0.18),
        (FaultKind::CutAfterCommit, 0.2),
        (FaultKind::Instead(status(500)), 0.08),
        (FaultKind::AfterCommit(status(502)), 0.1),
        (FaultKind::Html, 0.08),
        (FaultKind::HtmlAfterCommit, 0.08),
        (FaultKind::InvalidToken, 0.08),
        (FaultKind::DelayAfter(beyond_timeout()), 0.04),
        (FaultKind::DelayBefore(beyond_timeout()), 0.02),
        (FaultKind::DelayBefore(Duration::from_millis(250)), 0.1),
    ];
    let read = [
        (FaultKind::CutBefore, 0.15),
        (FaultKind::Truncated, 0.1),
        (FaultKind::Instead(status(503)), 0.15),
        (FaultKind::Html, 0.1),
        (FaultKind::DelayAfter(Duration::from_millis(250)), 0.2),
        (FaultKind::TooManyRequests(RetryAfter::Absent), 0.01),
        (FaultKind::OddRows, 1.0),
        (FaultKind::DashedIds, 0.5),
        (FaultKind::Spellings(Spelling::OtherEmpty), 0.3),
        (FaultKind::Spellings(Spelling::OtherOnly), 0.3),
    ];
    let token = [
        (FaultKind::CutBefore, 0.1),
        (FaultKind::CutAfterCommit, 0.1),
        (FaultKind::Instead(status(500)), 0.1),
        (FaultKind::Html, 0.05),
        (FaultKind::TooManyRequests(RetryAfter::Absent), 0.05),
        (FaultKind::field("expires_in", json!(3599.5)), 0.3),
        (FaultKind::MissingFields(vec!["token_type".to_owned()]), 0.3),
    ];
    // Nobody's create may wait for an API that it does not need.
    let over = FaultKind::TooManyRequests(RetryAfter::Seconds(30));
    sandbox.fault(Fault::new(Route::AdminApi, over));
    sandbox.fault(Fault::new(Route::Token, FaultKind::DelayBefore(RENEWAL)));
    for route in [
        Route::CreateMeeting,
        Route::UpdateMeeting,
        Route::DeleteMeeting,
    ] {
        sandbox.fault(Fault::new(route, FaultKind::DelayAfter(ONCE)));
    }
    // At least once each, however short the storm and whatever the dice say.
    if rate > 0.0 {
        for route in [
            Route::CreateMeeting,
            Route::UpdateMeeting,
            Route::DeleteMeeting,
        ] {
            sandbox.fault(Fault::once(route, FaultKind::CutAfterCommit));
        }
    }
    let routes: [(Route, &[(FaultKind, f64)]); 6] = [
        (Route::CreateMeeting, &create),
        (Route::UpdateMeeting, &change),
        (Route::DeleteMeeting, &change),
        (Route::GetMeeting, &read),
        (Route::Upcoming, &read),
        (Route::Token, &token),
    ];
    // One cleaner for each call: two in a row would clean what is clean.
    for (route, cleaner) in [
        (Route::GetMeeting, Cleaner::Names),
        (Route::Upcoming, Cleaner::Hexadecimal),
    ] {
        let fault = Fault::new(route, FaultKind::Entities(cleaner));
        sandbox.fault(fault.probability(rate.min(1.0)));
    }
    for (route, kinds) in routes {
        for (kind, share) in kinds {
            let fault = Fault::new(route, kind.clone());
            sandbox.fault(fault.probability((rate * share).min(1.0)));
        }
    }
}

fn beyond_timeout() -> Duration {
    Duration::from_millis(TIMEOUT * 1_000 + 600)
}

/// Blows until the time is over. All replicas run at the end.
///
/// # Errors
/// What does not start again.
pub async fn blow(
    options: &Options,
    fleet: &mut Fleet,
    server: Option<Arc<Postgres>>,
    sandbox: &Sandbox,
    sabotage: &Sabotage,
    visitors: &[Arc<Visitor>],
) -> anyhow::Result<Damage> {
    let mut dice = StdRng::seed_from_u64(options.seed);
    let mut damage = Damage::default();
    let began = Instant::now();
    let end = began + options.duration();
    // Ten times in every minute, but with time to do something in between.
    let seconds = Duration::from_secs;
    let killing = (options.duration() / 11).clamp(seconds(4), seconds(6));
    let expiring = (options.duration() / 7).max(seconds(7));
    let crowding = seconds(20);
    let mut next_kill = began + killing;
    // While nobody waits for anything else yet.
    let mut next_crowd = if options.fault_rate > 0.0 {
        began + killing / 3
    } else {
        end
    };
    let mut next_expiry = began + expiring;
    let mut restarts = match server {
        Some(_) => vec![
            (began + options.duration() * 2 / 3, Shutdown::Fast),
            (began + options.duration() / 3, Shutdown::Immediate),
        ],
        None => Vec::new(),
    };
    loop {
        let next_restart = restarts.last().map_or(end, |(at, _)| *at);
        let next = next_kill.min(next_expiry).min(next_crowd);
        sleep_until(next.min(next_restart).min(end)).await;
        fleet.relaunch_ended()?;
        let now = Instant::now();
        if now >= end {
            break;
        }
        if now >= next_kill {
            next_kill += killing;
            let number = dice.random_range(0..fleet.size());
            fleet.kill(number);
            damage.kills += 1;
            sabotage.after_kill().await;
            sleep(Duration::from_millis(dice.random_range(50..600))).await;
            fleet.launch(number)?;
        }
        if now >= next_crowd {
            next_crowd += crowding;
            let away = FaultKind::TooManyRequests(RetryAfter::Seconds(CROWDED));
            sandbox.fault(Fault::once(Route::CreateMeeting, away));
            damage.crowds += 1;
        }
        if now >= next_expiry {
            next_expiry += expiring;
            sandbox.expire_access_tokens();
            sabotage.end_tokens().await;
            damage.expiries += 1;
            herd(fleet, visitors, &mut dice);
        }
        if let (Some(server), Some((at, how))) = (&server, restarts.last().copied())
            && now >= at
        {
            restarts.pop();
            let server = server.clone();
            let pause = Duration::from_millis(dice.random_range(200..1_500));
            tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
                server.stop(how)?;
                std::thread::sleep(pause);
                server.start_again()
            })
            .await??;
            damage.restarts += 1;
        }
    }
    for number in 0..fleet.size() {
        fleet.relaunch_ended()?;
        fleet.ready(number).await?;
    }
    Ok(damage)
}

/// A few people have several tabs open: all of them ask at once, each by way of another replica.
fn herd(fleet: &Fleet, visitors: &[Arc<Visitor>], dice: &mut StdRng) {
    let bases = fleet.bases();
    for _ in 0..8 {
        let visitor = &visitors[dice.random_range(0..visitors.len())];
        for number in 0..bases.len().max(2) {
            let url = format!("{}app/api/meetings/123456789", bases[number % bases.len()]);
            let visitor = visitor.clone();
            tokio::spawn(async move {
                let request = visitor.call(Method::GET, &url);
                // Whatever it answers: what counts is how often the token is renewed.
                let _ = visitor.send(request.timeout(Duration::from_secs(20))).await;
            });
        }
    }
}
