//! `cargo fuzz-parsers`: a million hostile inputs for every reader of foreign text.

use std::process::ExitCode;

use clap::Parser as _;
use goto_microapps::fuzzing::PARSERS;
use goto_microapps_fuzz::run;

/// Feeds every reader of foreign text with inputs made of `tests/corpus`, and fails if one panics,
/// breaks a promise about what it accepts, or takes more than a second.
#[derive(Debug, clap::Parser)]
#[command(name = "fuzz-parsers")]
struct Options {
    /// Inputs for each reader.
    #[arg(long, default_value_t = 1_000_000)]
    inputs: u64,
    /// The same inputs for the same seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One reader only.
    #[arg(long)]
    target: Option<String>,
}

#[expect(clippy::print_stdout, reason = "a program for a terminal")]
fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let chosen: Vec<_> = PARSERS
        .iter()
        .filter(|parser| {
            options
                .target
                .as_deref()
                .is_none_or(|name| name == parser.name)
        })
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = PARSERS.iter().map(|parser| parser.name).collect();
        anyhow::bail!("--target is one of {}", names.join(", "));
    }
    // What a panic says stands in the table.
    std::panic::set_hook(Box::new(|_| {}));
    println!(
        "{:<18} {:>10} {:>10} {:>11}",
        "target", "inputs", "accepted", "slowest"
    );
    let (mut passed, mut failed) = (0, 0);
    for parser in chosen {
        let outcome = run(*parser, options.inputs, options.seed)?;
        println!(
            "{:<18} {:>10} {:>10} {:>8.3} ms",
            parser.name,
            outcome.inputs,
            outcome.accepted,
            outcome.slowest.as_secs_f64() * 1000.0
        );
        for finding in &outcome.findings {
            println!("  FAILED {finding}");
        }
        if outcome.findings.is_empty() {
            passed += 1;
        } else {
            failed += 1;
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(ExitCode::from(u8::from(failed > 0)))
}
