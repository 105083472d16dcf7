//! `cargo layout`: draws what imports what.

use std::process::ExitCode;

use clap::Parser;
use goto_microapps_layout::{Sources, workspace};

/// Prints who imports whom in a crate, as text for mermaid.
#[derive(Debug, Parser)]
#[command(name = "layout")]
struct Options {
    /// The folder of the crate: `proxy`, `proxy/api`, `widget`, ...
    #[arg(default_value = "proxy")]
    package: String,
    /// Files instead of rooms, which are the modules at the top.
    #[arg(long)]
    files: bool,
    /// The circles only, in words; fails where there is one.
    #[arg(long)]
    circles: bool,
}

#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let root = workspace().join(&options.package).join("src/lib.rs");
    let sources = Sources::read(&root)?;
    let graph = if options.files {
        sources.files()
    } else {
        sources.rooms()
    };
    if !options.circles {
        print!("{}", graph.mermaid());
        return Ok(ExitCode::SUCCESS);
    }
    let told = graph.told();
    print!("{told}");
    Ok(ExitCode::from(u8::from(!told.is_empty())))
}
