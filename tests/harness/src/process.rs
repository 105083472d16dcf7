//! The proxy as a process: on a runtime of its own, so that it can die in the middle of anything.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::Context;
use goto_microapps::clock::Clock;
use goto_microapps::config::Settings;
use goto_microapps::proxy::Proxy;
use tokio::runtime::{Builder, Runtime};

/// Name of the threads a proxy runs on.
pub const PROXY_THREAD: &str = "proxy";

/// How long a killed proxy's threads are waited for.
const LAST_BREATH: Duration = Duration::from_secs(10);

/// See the module. Dropped, it dies without being waited for.
#[derive(Debug)]
pub(crate) struct Process {
    proxy: Option<Proxy>,
    runtime: Option<Runtime>,
}

impl Process {
    pub(crate) async fn start(
        settings: Settings,
        clock: Clock,
        [public, admin]: [TcpListener; 2],
    ) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(PROXY_THREAD)
            .enable_all()
            .build()?;
        // Made first, so that it ends off this thread whatever fails below.
        let mut process = Self {
            proxy: None,
            runtime: None,
        };
        let starting = runtime.spawn(async move {
            let public = tokio::net::TcpListener::from_std(public)?;
            let admin = tokio::net::TcpListener::from_std(admin)?;
            anyhow::Ok(Proxy::start_on(settings, clock, public, admin).await?)
        });
        process.runtime = Some(runtime);
        process.proxy = Some(starting.await??);
        Ok(process)
    }

    /// The running proxy.
    pub(crate) fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// Lets it finish, as SIGTERM does.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        if let (Some(proxy), Some(runtime)) = (self.proxy.take(), &self.runtime) {
            runtime.spawn(proxy.stop()).await?;
        }
        self.kill().await
    }

    /// Ends it as `kill -9` does: nothing more is sent, finished or written.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        let runtime = self.runtime.take().context("the proxy has ended before")?;
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(LAST_BREATH)).await?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
