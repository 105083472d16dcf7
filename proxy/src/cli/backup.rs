//! `goto-microapps backup` and `goto-microapps restore`.

use std::path::Path;
use std::process::ExitCode;

use goto_microapps::clock::{self, Clock};
use goto_microapps::proxy::StartError;
use goto_microapps::store::backup::{BackupError, Contents};
use goto_microapps::store::{Error, Store};

use super::{Configured, complain, failed, say};

pub(super) fn backup(configured: &Configured, file: &Path) -> ExitCode {
    let settings = match configured.load() {
        Ok(settings) => settings,
        Err(refused) => return refused,
    };
    let clock = Clock::system();
    let written = block_on(async {
        let store = match Store::open(&settings.store, &clock).await {
            Err(error @ Error::JournalMissing) => {
                complain(&format!(
                    "store.url: {error}. This backup lacks it as well."
                ));
                Store::open_incomplete(&settings.store, &clock).await
            }
            opened => opened,
        };
        let store = store?;
        let written = store.backup(file, clock.millis()).await;
        store.close().await;
        written
    });
    told(written, |contents| {
        format!(
            "{}: {} rows, written and read again. What was sealed is sealed in it: keep the keys of store.keys in another place.",
            file.display(),
            contents.rows
        )
    })
}

pub(super) fn restore(configured: &Configured, file: &Path) -> ExitCode {
    let settings = match configured.load() {
        Ok(settings) => settings,
        Err(refused) => return refused,
    };
    let clock = Clock::system();
    let restored = block_on(Store::restore(&settings.store, file, clock.millis()));
    told(restored, |contents| {
        format!(
            "{} rows of {} were restored. Everybody signs in again; creates that were under way ask their person what to do; nothing is sent to GoTo for a while after the start.",
            contents.rows,
            clock::date(contents.taken_at).format("%Y-%m-%d %H:%M UTC")
        )
    })
}

fn block_on(work: impl Future<Output = Result<Contents, BackupError>>) -> anyhow::Result<Contents> {
    let runtime = tokio::runtime::Runtime::new()?;
    match runtime.block_on(work) {
        Ok(contents) => Ok(contents),
        // With its key and cure, as at a start.
        Err(BackupError::Store(error)) => Err(StartError::from(error).into()),
        Err(error) => Err(error.into()),
    }
}

fn told(done: anyhow::Result<Contents>, words: impl FnOnce(&Contents) -> String) -> ExitCode {
    match done {
        Ok(contents) => {
            say(&words(&contents));
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("{error:#}"));
            failed(&error)
        }
    }
}
