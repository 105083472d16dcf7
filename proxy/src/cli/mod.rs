//! Commands of `goto-microapps`: `serve`, `check`, `keygen`, `rekey`, `backup`, `restore`,
//! `hash-password`.

mod backup;
mod check;
mod hash_password;
mod keygen;
mod log;
mod online;
mod rekey;
mod serve;
mod signals;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use goto_microapps::config::{self, Mistake, Settings};
use goto_microapps::outbound::Outbound;
use goto_microapps::proxy::StartError;

/// Exit code for a configuration that is refused (`EX_CONFIG` of sysexits.h).
const CONFIGURATION: u8 = 78;

/// Schedules GoToMeetings from any intranet page: the proxy.
#[derive(Debug, Parser)]
#[command(name = "goto-microapps", version, about, long_about = None)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the proxy until it is told to stop (SIGTERM, Ctrl-C).
    Serve(Configured),
    /// Read the configuration and say what `serve` would do, without doing it.
    Check(Checked),
    /// Print a new key for `store.keys`.
    Keygen,
    /// Seal everything in the store with the first key of `store.keys`, so that the others can go.
    Rekey(Configured),
    /// Write everything that has to be kept to one new file, while the proxy runs.
    Backup(Copied),
    /// Read a file of `backup` into an empty database, while no proxy runs.
    Restore(Copied),
    /// Read a password and print the line for `admin.password_hash`.
    HashPassword,
}

#[derive(Debug, clap::Args)]
struct Checked {
    #[command(flatten)]
    configured: Configured,
    /// Also open the store, bind the ports, reach GoTo and compare clocks. Nothing stays changed.
    #[arg(long)]
    online: bool,
}

#[derive(Debug, clap::Args)]
struct Configured {
    /// Configuration file. Default: goto-microapps.toml here, else
    /// /etc/goto-microapps/goto-microapps.toml.
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Copied {
    #[command(flatten)]
    configured: Configured,
    /// The backup.
    file: PathBuf,
}

/// Runs the command of this process.
pub(crate) fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve(configured) => serve::serve(&configured),
        Command::Check(checked) => check::check(&checked.configured, checked.online),
        Command::Keygen => keygen::keygen(),
        Command::Rekey(configured) => rekey::rekey(&configured),
        Command::Backup(copied) => backup::backup(&copied.configured, &copied.file),
        Command::Restore(copied) => backup::restore(&copied.configured, &copied.file),
        Command::HashPassword => hash_password::hash_password(),
    }
}

impl Configured {
    fn file(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| {
            config::default_files()
                .into_iter()
                .find(|file| file.exists())
        })
    }

    /// The settings; a configuration with mistakes is refused with every mistake and its cure.
    fn load(&self) -> Result<Settings, ExitCode> {
        let file = self.file();
        // A value that is not text cannot be right, and whoever reads it says so.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| {
                Some((
                    name.into_string().ok()?,
                    value.to_string_lossy().into_owned(),
                ))
            })
            .collect::<Vec<_>>();
        let settings = Settings::load(file.as_deref(), environment);
        let mut mistakes = Vec::new();
        match &settings {
            Ok(settings) => mistakes.extend(no_way_out(settings)),
            Err(found) => mistakes.clone_from(found),
        }
        mistakes.extend(log::filter().err());
        match settings {
            Ok(settings) if mistakes.is_empty() => Ok(settings),
            _ => Err(refuse(file.as_deref(), &mistakes)),
        }
    }
}

/// A machine that trusts nobody cannot reach GoTo; found here and not by the first employee.
fn no_way_out(settings: &Settings) -> Option<Mistake> {
    let outbound = Outbound::new(&settings.goto.outgoing);
    let error = outbound.client(|builder| builder).err()?;
    Some(Mistake {
        key: error.key().to_owned(),
        problem: error.to_string(),
        cure: error.cure().to_owned(),
        in_environment: false,
    })
}

/// How to exit: a supervisor need not try again what only a change of the configuration mends.
fn failed(error: &anyhow::Error) -> ExitCode {
    match error.downcast_ref::<StartError>() {
        Some(error) if error.is_configuration() => ExitCode::from(CONFIGURATION),
        _ => ExitCode::FAILURE,
    }
}

/// Writes to standard output; a closed pipe is no reason to panic.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Writes to standard error.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Lists every mistake with its cure.
fn refuse(file: Option<&Path>, mistakes: &[Mistake]) -> ExitCode {
    let count = match mistakes.len() {
        1 => "1 mistake".to_owned(),
        n => format!("{n} mistakes"),
    };
    let in_environment = mistakes.iter().filter(|m| m.in_environment).count();
    match file {
        Some(_) if in_environment == mistakes.len() => {
            complain(&format!("The environment has {count}:\n"));
        }
        Some(file) if in_environment > 0 => complain(&format!(
            "{} and the environment have {count}:\n",
            file.display()
        )),
        Some(file) => complain(&format!("{} has {count}:\n", file.display())),
        None => {
            let [here, system] = config::default_files().map(|file| file.display().to_string());
            complain(&format!(
                "There is no {here} here and no {system}, so only the environment was read (--config FILE names another file). It has {count}:\n"
            ));
        }
    }
    for (index, mistake) in mistakes.iter().enumerate() {
        complain(&format!("{}. {mistake}\n", index + 1));
    }
    ExitCode::from(CONFIGURATION)
}
