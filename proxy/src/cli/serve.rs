//! `goto-microapps serve`.

use std::io::IsTerminal;
use std::process::ExitCode;

use goto_microapps::clock::Clock;
use goto_microapps::proxy::Proxy;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Configured, complain};

/// Environment variable with the log filter, in the syntax of `tracing_subscriber::EnvFilter`.
const LOG: &str = "GOTO_MICROAPPS_LOG";

pub(super) fn serve(configured: &Configured) -> ExitCode {
    let settings = match configured.load() {
        Ok(settings) => settings,
        Err(refused) => return refused,
    };
    log();
    goto_microapps::panics::install();
    more_files();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the runtime cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let served = runtime.block_on(async {
        // Before it is heard of: whoever starts it may stop it at once.
        let mut terminate = signal(SignalKind::terminate())?;
        let proxy = Proxy::start(settings, Clock::system()).await?;
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
        tracing::info!("stopping: requests under way are finished first");
        proxy.stop().await;
        anyhow::Ok(())
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Each connection is an open file, and systems start processes with a low soft limit.
fn more_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => tracing::debug!(files, "open files"),
        Err(error) => tracing::warn!(%error, "the limit of open files stays as it is"),
    }
}

/// JSON lines for machines, text for a terminal. Our own events hold no secret; the libraries below
/// us may at debug, so they are kept to warnings unless somebody asks.
fn log() {
    let filter =
        EnvFilter::try_from_env(LOG).unwrap_or_else(|_| EnvFilter::new("warn,goto_microapps=info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        subscriber.init();
    } else {
        subscriber.json().init();
    }
}
