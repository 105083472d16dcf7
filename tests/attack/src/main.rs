//! `cargo attack`: see the library.

use std::process::ExitCode;

use clap::Parser;
use goto_microapps_attack::{Outcome, Size, attacks, print, say};

/// Files this needs at the most, whatever the system allows.
const FILES_MAX: u64 = 20_000;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let size = Size::parse();
    let files = rlimit::increase_nofile_limit(FILES_MAX)?;
    // Both ends of each connection are in this process.
    let most = usize::try_from(files / 5)?;
    anyhow::ensure!(
        size.connections <= most,
        "--connections: this system's {files} open files are enough for {most}"
    );
    let outcomes = Box::pin(attacks::all(&size)).await?;
    print(&outcomes);
    let bounced = outcomes.iter().all(Outcome::bounced);
    say(if bounced {
        "every attack bounced"
    } else {
        "something got through"
    });
    Ok(if bounced {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
