//! `goto-microapps serve`.

use std::process::ExitCode;

use goto_microapps::clock::Clock;
use goto_microapps::proxy::Proxy;

use super::signals::{Signals, Stop};
use super::{CONFIGURATION, Configured, complain, log};

pub(super) fn serve(configured: &Configured) -> ExitCode {
    let settings = match configured.load() {
        Ok(settings) => settings,
        Err(refused) => return refused,
    };
    log::start();
    goto_microapps::panics::install();
    more_files();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the runtime cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let drain = settings.server.drain;
    let served = runtime.block_on(async {
        // Before it is heard of: whoever starts it may stop it at once.
        let mut signals = Signals::listen()?;
        let started = tokio::select! {
            started = Proxy::start(settings, Clock::system()) => started,
            _ = signals.told_to_stop() => {
                tracing::info!("stopping before it started");
                return anyhow::Ok(ExitCode::SUCCESS);
            }
        };
        let proxy = match started {
            Ok(proxy) => proxy,
            Err(error) => {
                complain(&format!("{error:#}"));
                return Ok(if error.is_configuration() {
                    ExitCode::from(CONFIGURATION)
                } else {
                    ExitCode::FAILURE
                });
            }
        };
        if signals.told_to_stop().await == Stop::Terminate && !drain.is_zero() {
            // Done before it is said: who reads that may look at once.
            proxy.drain();
            tracing::info!(
                seconds = drain.as_secs(),
                "told to stop: not ready any more, still answering; a second signal stops at once"
            );
            tokio::select! {
                () = tokio::time::sleep(drain) => {}
                _ = signals.told_to_stop() => {}
            }
        }
        tracing::info!("stopping: requests under way are finished first");
        proxy.stop().await;
        Ok(ExitCode::SUCCESS)
    });
    match served {
        Ok(code) => code,
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
