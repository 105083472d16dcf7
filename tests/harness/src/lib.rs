//! The whole product on loopback: sandbox, proxy and an intranet page, each on a site of its own.
//!
//! Used by the HTTP suites, the browser suites and the demo. The proxy is the real one, configured
//! through its own configuration file; this crate only stands where a browser or an operator does.

mod admin;
mod front;
mod gateway;
mod intranet;
mod jar;
mod middlebox;
mod node;
pub mod outside;
pub mod pgbouncer;
mod playground;
pub mod portal;
pub mod postgres;
mod process;
mod replica;
mod settings;
mod sign_on;
pub mod splitter;
pub mod stranger;
mod visitor;

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use goto_microapps::clock::Clock;
use goto_microapps::config::Settings;
use goto_microapps::proxy::Proxy;
use goto_microapps::zones::Zones;
use goto_sandbox::Sandbox;

use crate::front::RunningFront;
use crate::gateway::Gateway;
use crate::process::Process;

pub use admin::{ADMIN_PASSWORD, Admin};
pub use front::{Front, ReverseProxy};
pub use intranet::{Intranet, NONCE, PageOptions};
pub use middlebox::{Change, Interference, Middlebox};
pub use node::NodeProgram;
pub use process::PROXY_THREAD;
pub use replica::Replica;
pub use settings::{Configuration, register_redirects};
pub use sign_on::{SIGN_ON_COOKIE, SignOn};
pub use visitor::{Reply, SECRETS, Visitor, challenge};

/// How the harness is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Settings of the sandbox.
    pub sandbox: goto_sandbox::Options,
    /// `Some` stops both clocks there until [`Harness::advance`].
    pub start: Option<DateTime<Utc>>,
    /// Whether browsers reach the proxy by https, as in production.
    pub https: bool,
    /// Whether the service account is connected and the organizers are read.
    pub connected: bool,
    /// More TOML for the proxy's configuration; a repeated section is merged by key.
    pub settings: Vec<(String, String)>,
    /// Ports of sandbox, proxy, console and intranet page; 0 takes any.
    pub ports: [u16; 4],
    /// Where the store is: `None` makes a SQLite file that goes with the harness.
    pub store_url: Option<String>,
    /// A reverse proxy by way of which everybody comes.
    pub front: Option<Front>,
    /// Whether a [`Middlebox`] stands in its place.
    pub middlebox: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sandbox: goto_sandbox::Options::default(),
            start: None,
            https: false,
            connected: true,
            settings: Vec::new(),
            ports: [0; 4],
            store_url: None,
            front: None,
            middlebox: false,
        }
    }
}

impl Options {
    /// Sets a key of the proxy's configuration to a TOML value: `("goto.pkce", "false")`.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }
}

/// See the module.
#[derive(Debug)]
pub struct Harness {
    /// The local GoTo.
    pub sandbox: Sandbox,
    /// The site the widget is embedded on.
    pub intranet: Intranet,
    /// The proxy's clock.
    pub clock: Clock,
    process: Option<Process>,
    _front: Option<RunningFront>,
    middlebox: Option<Middlebox>,
    settings: Settings,
    addresses: Addresses,
    _gateway: Option<Gateway>,
    directory: tempfile::TempDir,
}

/// What browsers call the proxy.
const PROXY_NAME: &str = "proxy.localhost";

/// Name of the configuration file.
const SETTINGS: &str = "goto-microapps.toml";

/// Where the proxy listens; it keeps both over a restart.
#[derive(Clone, Copy, Debug)]
struct Addresses {
    public: SocketAddr,
    admin: SocketAddr,
}

impl Harness {
    /// Starts all three.
    ///
    /// # Errors
    /// What did not start.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let [goto_port, public_port, admin_port, intranet_port] = options.ports;
        // With a gateway, the port asked for is the gateway's.
        let proxy_port = if options.https { 0 } else { public_port };
        let public = listen(([127, 0, 0, 1], proxy_port).into())?;
        let admin = listen(([127, 0, 0, 1], admin_port).into())?;
        let addresses = Addresses {
            public: public.local_addr()?,
            admin: admin.local_addr()?,
        };
        let sandbox = Sandbox::start(goto_sandbox::Options {
            port: goto_port,
            public_host: Some("goto.localhost".to_owned()),
            start: options.start,
            ..options.sandbox.clone()
        })
        .await
        .context("sandbox")?;
        // Browser, then TLS, then the reverse proxy, then ours; each of the two in between may lack.
        let middlebox = if options.middlebox {
            Some(Middlebox::start(0, addresses.public).await?)
        } else {
            None
        };
        let inner = middlebox
            .as_ref()
            .map_or(addresses.public, Middlebox::address);
        let (front, path, upstream) = match &options.front {
            Some(front) => {
                let port = free_address()?.port();
                let running = RunningFront::start(front, port, inner).await?;
                let path = front.path.as_str();
                (Some(running), path, ([127, 0, 0, 1], port).into())
            }
            None => (None, "/", inner),
        };
        let gateway = if options.https {
            Some(Gateway::start(PROXY_NAME, upstream, public_port).await?)
        } else {
            None
        };
        let public_url = match &gateway {
            Some(gateway) => format!("https://{PROXY_NAME}:{}{path}", gateway.port()),
            None => format!("http://{PROXY_NAME}:{}{path}", upstream.port()),
        };
        let intranet = Intranet::start(intranet_port, &public_url).await?;
        let text = Configuration {
            public_url: &public_url,
            sandbox: &sandbox,
            intranet: intranet.origin(),
            store_url: options.store_url.clone().unwrap_or_else(|| {
                format!("sqlite://{}", directory.path().join("store.db").display())
            }),
            more: &options.settings,
        }
        .to_toml()?;
        let file = directory.path().join(SETTINGS);
        write(&file, &text)?;
        let settings = load(&file)?;
        register_redirects(&sandbox, settings.server.public_url.as_str())?;
        let clock = match options.start {
            Some(start) => Clock::manual(start),
            None => Clock::system(),
        };
        let process = Process::start(settings.clone(), clock.clone(), [public, admin]).await?;
        let harness = Self {
            sandbox,
            intranet,
            clock,
            process: Some(process),
            _front: front,
            middlebox,
            settings,
            addresses,
            _gateway: gateway,
            directory,
        };
        if options.connected {
            harness.connect().await?;
        }
        Ok(harness)
    }

    /// Has the administrator connect the service account, as a browser would, and reads everybody.
    ///
    /// # Errors
    /// What did not work.
    pub async fn connect(&self) -> anyhow::Result<()> {
        let admin = self.admin();
        admin.sign_in(ADMIN_PASSWORD).await?;
        let page = admin.authorise(&self.sandbox.admin().email).await?;
        anyhow::ensure!(page.status == 200, "consent: {}", page.text);
        // The consent itself started a sync; whichever of the two comes first does the work.
        loop {
            match self.proxy().sync().await {
                Ok(()) => return Ok(()),
                Err(goto_microapps::organizers::SyncError::Running) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What stands between browsers and the proxy.
    ///
    /// # Panics
    /// When nothing does: see [`Options::middlebox`].
    pub fn middlebox(&self) -> &Middlebox {
        self.middlebox.as_ref().expect("a middlebox")
    }

    /// The running proxy.
    ///
    /// # Panics
    /// While it is stopped.
    pub fn proxy(&self) -> &Proxy {
        let proxy = self.process.as_ref().and_then(Process::proxy);
        proxy.expect("the proxy is stopped")
    }

    /// What the proxy was started with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where employees' browsers reach the proxy; ends with `/`.
    pub fn public_url(&self) -> &str {
        self.settings.server.public_url.as_str()
    }

    /// Where the administrator reaches the console; no slash at the end.
    pub fn admin_url(&self) -> String {
        format!("http://localhost:{}", self.addresses.admin.port())
    }

    /// Somebody without cookies, on the intranet page.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(
            self.public_url().to_owned(),
            self.addresses.public,
            self.intranet.origin().to_owned(),
        )
    }

    /// Somebody signed in, on the intranet page.
    ///
    /// # Errors
    /// What did not work.
    pub async fn employee(&self, email: &str) -> anyhow::Result<Visitor> {
        let visitor = self.visitor();
        visitor.sign_in(&self.sandbox, email).await?;
        Ok(visitor)
    }

    /// An administrator's browser, not signed in.
    pub fn admin(&self) -> Admin<'_> {
        Admin::new(&self.sandbox, self.addresses.admin, self.addresses.public)
    }

    /// One more proxy on the same store and clock.
    ///
    /// # Errors
    /// What did not start.
    pub async fn replica(&self) -> anyhow::Result<Replica> {
        Replica::start(self.settings.clone(), self.clock.clone()).await
    }

    /// The configuration as a file's text, with some keys set to other TOML values: for a proxy that
    /// is started as a process.
    ///
    /// # Errors
    /// When the file is gone.
    pub fn configuration(&self, keys: &[(&str, &str)]) -> anyhow::Result<String> {
        let text = std::fs::read_to_string(self.directory.path().join(SETTINGS))?;
        let set = |text: String, (key, value): &(&str, &str)| with(&text, key, value);
        Ok(keys.iter().fold(text, set))
    }

    /// One more proxy on the same store and clock, with one key of the configuration set otherwise.
    ///
    /// # Errors
    /// What did not start.
    pub async fn replica_with(&self, key: &str, value: &str) -> anyhow::Result<Replica> {
        let file = self.directory.path().join("replica.toml");
        write(&file, &self.configuration(&[(key, value)])?)?;
        Replica::start(load(&file)?, self.clock.clone()).await
    }

    /// Moves both clocks. The sandbox's first, so that a request never seems to arrive before it
    /// was sent.
    pub fn advance(&self, by: Duration) {
        self.sandbox.advance(by);
        self.clock.advance(by);
    }

    /// Stops the proxy as an operator does: requests under way are finished.
    ///
    /// # Errors
    /// When it was stopped before.
    pub async fn stop_proxy(&mut self) -> anyhow::Result<()> {
        let process = self.process.take().context("the proxy is stopped")?;
        process.stop().await
    }

    /// Ends the proxy as `kill -9` does, in the middle of whatever it is doing.
    ///
    /// # Errors
    /// When it was stopped before.
    pub async fn kill_proxy(&mut self) -> anyhow::Result<()> {
        let process = self.process.take().context("the proxy is stopped")?;
        process.kill().await
    }

    /// Changes a key of the configuration for the next start.
    ///
    /// # Errors
    /// What the proxy would say about it.
    pub fn configure(&mut self, key: &str, value: &str) -> anyhow::Result<()> {
        let file = self.directory.path().join(SETTINGS);
        let text = std::fs::read_to_string(&file)?;
        write(&file, &with(&text, key, value))?;
        self.settings = load(&file)?;
        register_redirects(&self.sandbox, self.public_url())
    }

    /// Starts it again on the same addresses, store and clock.
    ///
    /// # Errors
    /// What did not start.
    pub async fn start_proxy(&mut self) -> anyhow::Result<()> {
        let listeners = [
            listen(self.addresses.public)?,
            listen(self.addresses.admin)?,
        ];
        let started = Process::start(self.settings.clone(), self.clock.clone(), listeners);
        self.process = Some(started.await?);
        Ok(())
    }
}

/// A configuration with a key set to a TOML value.
fn with(text: &str, key: &str, value: &str) -> String {
    let others = text
        .lines()
        .filter(|line| line.split(" = ").next() != Some(key));
    let mut lines: Vec<&str> = others.collect();
    let line = format!("{key} = {value}");
    lines.push(&line);
    lines.join("\n")
}

/// Writes a configuration as its owner's alone: it holds secrets.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let mut file = OpenOptionsExt::mode(&mut options, 0o600).open(file)?;
    Ok(file.write_all(text.as_bytes())?)
}

fn load(file: &Path) -> anyhow::Result<Settings> {
    let settings = Settings::load(Some(file), Vec::new()).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("configuration: {}", lines.join("; "))
    })?;
    // What a test sees must not depend on how new the zoneinfo of its machine is.
    let zones = Zones::bundled();
    Ok(Settings { zones, ..settings })
}

/// An address on loopback where nobody listens now, for a program that is told where to.
///
/// # Errors
/// When there is none.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    // Below those that systems give to connections by themselves: Linux from 32,768 on, others from
    // 49,152 (RFC 6335, section 6). Another test's connection would have it before it is used.
    const PORTS: std::ops::Range<u32> = 20_000..32_000;
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let own = std::process::id().wrapping_mul(97);
    for _ in PORTS {
        let at = own.wrapping_add(ASKED.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(PORTS.start + at % (PORTS.end - PORTS.start))?;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
    anyhow::bail!("every port from {} on is taken", PORTS.start)
}

/// Listens for whichever runtime comes to serve it.
fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| address.to_string())?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
