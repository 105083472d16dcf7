//! `goto-microapps rekey`.

use std::process::ExitCode;

use goto_microapps::clock::Clock;
use goto_microapps::proxy::StartError;
use goto_microapps::store::Store;

use super::{Configured, complain, say};

pub(super) fn rekey(configured: &Configured) -> ExitCode {
    let settings = match configured.load() {
        Ok(settings) => settings,
        Err(refused) => return refused,
    };
    let sealed = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            runtime.block_on(async {
                let store = Store::open(&settings.store, &Clock::system())
                    .await
                    .map_err(StartError::from)?;
                let sealed = store.rekey().await;
                store.close().await;
                Ok(sealed?)
            })
        });
    match sealed {
        Ok(count) => {
            let first = settings.store.keys.first().map_or("", |key| &key.id);
            say(&format!(
                "{count} values were sealed anew; all are sealed with `{first}` now. The other keys of store.keys can be removed."
            ));
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
