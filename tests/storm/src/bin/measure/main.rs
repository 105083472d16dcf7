//! `cargo measure`: what the proxy needs and how fast it is. Figures, not judgements: nothing here
//! fails because a machine is slow. Only a release build gives honest ones.
//!
//! The minute of the limit is scaled to two seconds, where a figure is about a full limit; what
//! that means for GoTo's minute is said beside it.

mod footprint;
mod throughput;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use goto_microapps_harness::Visitor;
use goto_microapps_storm::fleet::{self, Fleet, INTRANET};
use goto_microapps_storm::{say, told_to_end};
use goto_sandbox::Sandbox;

/// Of the scaled limit.
const REQUESTS: usize = 100;
const WINDOW: Duration = Duration::from_secs(2);

/// Prints what the proxy needs and how fast it is.
#[derive(Debug, Parser)]
#[command(name = "measure")]
struct Options {
    /// The program to measure; built first where absent.
    #[arg(long)]
    proxy: Option<PathBuf>,
    /// Only these parts; all where absent.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

/// What is measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// How much of the limit is used when everybody creates.
    Limit,
    /// What the proxy adds to a create.
    Create,
    /// Starts, memory, and the sync of a large account.
    Size,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let program = fleet::program(options.proxy.as_deref())?;
    // Each connection is two open files, one here and one there.
    rlimit::increase_nofile_limit(u64::MAX)?;
    if cfg!(debug_assertions) {
        say(
            "note: this is a debug build; the figures of `cargo measure` are those of a release build",
        );
    }
    row("figure", "measured", "target");
    tokio::select! {
        measured = measure(&options.parts, &program) => measured,
        told = told_to_end() => {
            told?;
            anyhow::bail!("told to end before everything was measured");
        }
    }
}

async fn measure(parts: &[Part], program: &Path) -> anyhow::Result<()> {
    let asked = |part| parts.is_empty() || parts.contains(&part);
    if asked(Part::Limit) {
        throughput::saturation(program).await?;
    }
    if asked(Part::Create) {
        throughput::overhead(program).await?;
    }
    if asked(Part::Size) {
        footprint::size(program).await?;
    }
    Ok(())
}

fn row(figure: &str, measured: &str, target: &str) {
    say(&format!("{figure:<66} {measured:>22}  {target}"));
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn share(part: usize, whole: f64) -> String {
    format!("{:.1} %", part as f64 / whole * 100.0)
}

/// The value below which `percent` of them are.
fn percentile(values: &mut [Duration], percent: usize) -> Duration {
    values.sort_unstable();
    let at = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or_default()
}

async fn sandbox(organizers: usize) -> anyhow::Result<Sandbox> {
    Sandbox::start(goto_sandbox::Options {
        organizers,
        requests_per_second: 0,
        public_host: Some("goto.localhost".to_owned()),
        ..goto_sandbox::Options::default()
    })
    .await
}

fn limited(requests: usize, per_second: usize) -> Vec<(&'static str, String)> {
    vec![
        ("goto.requests", requests.to_string()),
        ("goto.requests_per_second", per_second.to_string()),
        ("goto.interval_seconds", WINDOW.as_secs().to_string()),
        ("organizers.sync", "\"manual\"".to_owned()),
    ]
}

async fn employees(
    fleet: &Fleet,
    sandbox: &Sandbox,
    count: usize,
) -> anyhow::Result<Vec<Arc<Visitor>>> {
    let mut visitors = Vec::new();
    for person in sandbox.employees().iter().take(count) {
        let base = fleet.bases()[0].clone();
        let visitor = Visitor::new(base, fleet.public(0), INTRANET.to_owned());
        visitor.sign_in(sandbox, &person.email).await?;
        visitors.push(Arc::new(visitor));
    }
    Ok(visitors)
}
