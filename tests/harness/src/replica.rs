//! One more proxy on the store of the first, as behind a load balancer.

use std::net::SocketAddr;

use goto_microapps::clock::Clock;
use goto_microapps::config::Settings;
use goto_microapps::proxy::Proxy;

use crate::process::Process;
use crate::{PROXY_NAME, listen};

/// See the module. Dropped, it dies without being waited for.
#[derive(Debug)]
pub struct Replica {
    process: Process,
    public: SocketAddr,
}

impl Replica {
    pub(crate) async fn start(settings: Settings, clock: Clock) -> anyhow::Result<Self> {
        let public = listen(([127, 0, 0, 1], 0).into())?;
        let admin = listen(([127, 0, 0, 1], 0).into())?;
        Ok(Self {
            public: public.local_addr()?,
            process: Process::start(settings, clock, [public, admin]).await?,
        })
    }

    /// The running proxy.
    ///
    /// # Panics
    /// Never before [`Replica::kill`].
    pub fn proxy(&self) -> &Proxy {
        self.process.proxy().expect("it runs until it is killed")
    }

    /// Where a load balancer reaches it; ends with `/`. Its public URL is the one all share.
    pub fn base(&self) -> String {
        format!("http://{PROXY_NAME}:{}/", self.public.port())
    }

    /// Ends it as `kill -9` does, in the middle of whatever it is doing.
    ///
    /// # Errors
    /// When its threads do not end.
    pub async fn kill(self) -> anyhow::Result<()> {
        self.process.kill().await
    }
}
