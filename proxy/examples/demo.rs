//! `cargo demo`: a local GoTo, the proxy and an intranet page that embeds the widget, each on a site
//! of its own, with the service account connected and the organizers read.
//!
//! Nothing is kept: the store goes when it ends.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use goto_microapps_harness::{ADMIN_PASSWORD, Harness, Options};
use tracing_subscriber::EnvFilter;

/// Sandbox, proxy and a demo intranet page on this machine.
#[derive(Debug, Parser)]
#[command(name = "cargo demo")]
struct Arguments {
    /// Port of the intranet page.
    #[arg(long, default_value_t = 8000)]
    intranet: u16,
    /// Port of the proxy.
    #[arg(long, default_value_t = 8080)]
    proxy: u16,
    /// Port of the administrator's console.
    #[arg(long, default_value_t = 8081)]
    admin: u16,
    /// Port of the local GoTo.
    #[arg(long, default_value_t = 8090)]
    goto: u16,
    /// How many organizers the directory has.
    #[arg(long, default_value_t = 250)]
    organizers: usize,
}

fn say(text: &str) {
    // A closed pipe is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{text}");
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("GOTO_MICROAPPS_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let options = Options {
        sandbox: goto_sandbox::Options {
            organizers: arguments.organizers,
            ..goto_sandbox::Options::default()
        },
        ports: [
            arguments.goto,
            arguments.proxy,
            arguments.admin,
            arguments.intranet,
        ],
        ..Options::default()
    }
    .set("integration.name", "\"Corp meetings\"");
    let harness = match Harness::start(options).await {
        Ok(harness) => harness,
        Err(error) => {
            say(&format!(
                "The demo cannot start: {error:#}.\nIf a port is taken, choose others: cargo demo -- --help"
            ));
            return ExitCode::FAILURE;
        }
    };
    describe(&harness);
    // An error would mean that signals cannot be waited for: then there is nothing to wait for.
    let _ = tokio::signal::ctrl_c().await;
    ExitCode::SUCCESS
}

fn describe(harness: &Harness) {
    let people: Vec<String> = harness
        .sandbox
        .employees()
        .iter()
        .take(3)
        .map(|person| format!("{} <{}>", person.name, person.email))
        .collect();
    say(&format!(
        "
  Schedule a meeting   {intranet}/          in French: {intranet}/?lang=fr
  Try every attribute  {intranet}/playground   with the markup to copy
  Administer           {admin}/admin   password: {password}
  The local GoTo       {goto}sandbox/meetings   what was created there

The service account is connected and the organizers are read. At the local GoTo's sign-in page
choose any employee, for example {people}; there is no password.

Ctrl-C ends all three.",
        intranet = harness.intranet.origin(),
        admin = harness.admin_url(),
        password = ADMIN_PASSWORD,
        goto = harness.sandbox.base_url(),
        people = people.join(", "),
    ));
}
