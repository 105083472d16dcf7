//! `goto-microapps rekey`.

use std::process::ExitCode;

use goto_microapps::clock::Clock;
use goto_microapps::proxy::StartError;
use goto_microapps::store::{Rekeyed, Store};

use super::{Configured, complain, failed, say};

pub(super) fn rekey(configured: &Configured) -> ExitCode {
    let settings = match configured.load() {
        Ok(settings) => settings,
        Err(refused) => return refused,
    };
    let clock = Clock::system();
    let rekeyed = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            runtime.block_on(async {
                let store = Store::open(&settings.store, &clock)
                    .await
                    .map_err(StartError::from)?;
                let rekeyed = store.rekey(clock.millis()).await;
                store.close().await;
                Ok(rekeyed?)
            })
        });
    match rekeyed {
        Ok(rekeyed) => {
            say(&told(&rekeyed));
            if rekeyed.unopened.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            complain(&format!("{error:#}"));
            failed(&error)
        }
    }
}

/// What was done, and which keys may go.
fn told(rekeyed: &Rekeyed) -> String {
    let list = |ids: &[String]| format!("`{}`", ids.join("`, `"));
    let mut lines = vec![format!(
        "{} values were sealed anew with `{}`.",
        rekeyed.sealed, rekeyed.first
    )];
    for (key, count) in &rekeyed.unopened {
        lines.push(format!(
            "{count} values bear the name of the key `{key}` and were sealed with another one: they stay as they are. Put the earlier key of that name back as one more line behind and run this again; `{key}` must stay."
        ));
    }
    if !rekeyed.in_use.is_empty() {
        lines.push(format!(
            "A running proxy still seals with {}: restart it with this configuration and run this again before you remove that key.",
            list(&rekeyed.in_use)
        ));
    }
    if !rekeyed.removable.is_empty() {
        lines.push(format!(
            "Nothing needs {} any more: remove it from store.keys.",
            list(&rekeyed.removable)
        ));
    }
    lines.join("\n")
}
