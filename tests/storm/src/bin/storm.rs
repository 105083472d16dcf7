//! `cargo storm`: see the library.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use clap::Parser;
use goto_microapps_harness::Visitor;
use goto_microapps_storm::diary::Diary;
use goto_microapps_storm::employee::{Employee, Office, TABS};
use goto_microapps_storm::fleet::{self, Fleet, INTRANET};
use goto_microapps_storm::options::{Control, Options};
use goto_microapps_storm::sabotage::Sabotage;
use goto_microapps_storm::store::Database;
use goto_microapps_storm::truth::Truth;
use goto_microapps_storm::verdict::{self, Evidence};
use goto_microapps_storm::{hop, say, told_to_end, weather};
use goto_sandbox::{Route, Sandbox};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

/// How long employees wait for their last answers once the storm is over: the time after which a
/// lost answer is looked for, all looks, and a breaker that is open. All looks have to fit into the
/// limit, which takes some windows more.
const DRAIN: Duration = Duration::from_secs(140);
const WINDOWS: u32 = 5;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    anyhow::ensure!(options.replicas > 0, "--replicas: at least one");
    anyhow::ensure!(options.employees > 0, "--employees: at least one");
    let held = tokio::select! {
        held = storm(&options) => held?,
        told = told_to_end() => {
            told?;
            anyhow::bail!("told to end before the storm was over");
        }
    };
    if held {
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::FAILURE)
    }
}

/// True if every promise held.
async fn storm(options: &Options) -> anyhow::Result<bool> {
    let program = fleet::program(options.proxy.as_deref())?;
    let database = {
        let kind = options.store;
        tokio::task::spawn_blocking(move || Database::start(kind)).await??
    };
    let sandbox = Sandbox::start(goto_sandbox::Options {
        organizers: options.employees + 20,
        requests_per_second: 0,
        public_host: Some("goto.localhost".to_owned()),
        seed: options.seed,
        ..goto_sandbox::Options::default()
    })
    .await?;
    let mut more = vec![
        ("goto.requests", options.requests.to_string()),
        (
            "goto.interval_seconds",
            options.interval_seconds.to_string(),
        ),
        ("goto.requests_per_second", options.per_second().to_string()),
        ("goto.timeout_seconds", weather::TIMEOUT.to_string()),
        ("organizers.sync", "\"manual\"".to_owned()),
    ];
    if options.negative_control == Some(Control::Retry) {
        let upstream = sandbox.base_url().replace("goto.localhost", "127.0.0.1");
        let address = hop::start(&upstream).await?;
        more.push(("goto.api_base", format!("\"http://{address}/\"")));
    }
    let mut fleet = Fleet::start(program, &sandbox, &database.url, options.replicas, &more).await?;
    fleet.connect(&sandbox).await?;
    let visitors = sign_in(options, &fleet, &sandbox).await?;
    let sabotage = Sabotage::start(options.negative_control, &database).await?;
    let control = match options.negative_control {
        Some(control) => format!(", negative control {control:?}"),
        None => String::new(),
    };
    say(&format!(
        "storm: {:?}, {} replicas, {} s, fault rate {}, seed {}, {} requests in {} s and {} in 1 s{control}",
        options.store,
        options.replicas,
        options.seconds,
        options.fault_rate,
        options.seed,
        options.requests,
        options.interval_seconds,
        options.per_second(),
    ));

    weather::brew(&sandbox, options.fault_rate);
    let before = sandbox.log_of(Route::Any).len();
    let office = Arc::new(Office {
        bases: fleet.bases(),
        closing: AtomicBool::new(false),
        closed: AtomicBool::new(false),
        keys: AtomicU64::new(0),
        began: sandbox.now(),
        seed: options.seed,
    });
    let mut working = JoinSet::new();
    for (number, visitor) in (0..).zip(&visitors) {
        for tab in 0..TABS {
            let employee = Employee::new(office.clone(), visitor.clone(), number, tab);
            working.spawn(employee.work());
        }
    }
    let damage = weather::blow(
        options,
        &mut fleet,
        database.server.clone(),
        &sandbox,
        &sabotage,
        &visitors,
    )
    .await?;
    let during = sandbox.log_of(Route::Any).len() - before;
    office.closing.store(true, Ordering::Relaxed);
    sandbox.clear_faults();
    let patience = DRAIN + options.interval() * WINDOWS;
    let diaries = come_home(&office, &sabotage, working, patience).await?;
    let evidence = Evidence {
        options,
        damage,
        diaries: &diaries,
        stored: database.creates().await?,
        stored_meetings: database.meetings().await?,
        stored_changes: database.changes().await?,
        lost_consents: database.lost_consents().await?,
        sandbox: &sandbox,
        truth: Truth::of(&sandbox),
        during,
    };
    let held = verdict::pronounce(&evidence);
    if !held {
        say(&format!(
            "what the replicas logged: {}",
            fleet.keep_logs().display()
        ));
    }
    Ok(held)
}

/// Signs everybody in while the weather is fine, within the limit.
async fn sign_in(
    options: &Options,
    fleet: &Fleet,
    sandbox: &Sandbox,
) -> anyhow::Result<Vec<Arc<Visitor>>> {
    let mut visitors = Vec::new();
    for person in sandbox.employees().iter().take(options.employees) {
        let base = fleet.bases()[0].clone();
        let visitor = Visitor::new(base, fleet.public(0), INTRANET.to_owned());
        visitor.sign_in(sandbox, &person.email).await?;
        visitors.push(Arc::new(visitor));
    }
    Ok(visitors)
}

/// Waits for everybody's last answer, not for ever.
async fn come_home(
    office: &Office,
    sabotage: &Sabotage,
    mut working: JoinSet<Diary>,
    patience: Duration,
) -> anyhow::Result<Vec<Diary>> {
    let mut diaries = Vec::new();
    let drained = timeout(patience, async {
        let mut minutes = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                diary = working.join_next() => match diary {
                    Some(diary) => diaries.push(diary?),
                    None => return anyhow::Ok(()),
                },
                _ = minutes.tick() => sabotage.end_waits().await,
            }
        }
    });
    if let Ok(drained) = drained.await {
        drained?;
    }
    office.closed.store(true, Ordering::Relaxed);
    while let Some(diary) = working.join_next().await {
        diaries.push(diary?);
    }
    Ok(diaries)
}
