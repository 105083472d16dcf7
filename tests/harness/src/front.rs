//! A reverse proxy in front of ours: nginx, Apache or Caddy, configured as the recipes say.
//!
//! The configuration is read from `widget/RECIPES.md` itself, so that what administrators copy is
//! what is tried.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// Longest it may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);
/// Address of the proxy in the recipes.
const PROXY: &str = "127.0.0.1:8080";
/// Path in the recipes.
const PATH: &str = "/goto/";
/// Where the test command puts programs that would otherwise be started as services.
const UNPACKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/servers");

/// A reverse proxy that there is a recipe for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReverseProxy {
    /// nginx.
    Nginx,
    /// Apache HTTP Server with `mod_proxy`.
    Apache,
    /// Caddy.
    Caddy,
}

/// What stands in front of the proxy.
#[derive(Clone, Debug)]
pub struct Front {
    /// Which program.
    pub server: ReverseProxy,
    /// What an administrator writes into its configuration.
    pub recipe: String,
    /// Path under which it answers; begins and ends with `/`.
    pub path: String,
}

impl Front {
    /// The recipe of a server for `path` instead of the one that stands there.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(server: ReverseProxy, path: &str) -> anyhow::Result<Self> {
        Ok(Self {
            server,
            recipe: recipe(server, 0)?.replace(PATH, path),
            path: path.to_owned(),
        })
    }

    /// nginx that asks a sign-on service, which listens at `sign_on`, and tells the proxy `secret`.
    ///
    /// # Errors
    /// When there is no recipe.
    pub fn with_sign_on(sign_on: SocketAddr, secret: &str) -> anyhow::Result<Self> {
        let recipe = recipe(ReverseProxy::Nginx, 1)?
            .replace("127.0.0.1:4180", &sign_on.to_string())
            .replace("<the secret>", secret);
        Ok(Self {
            server: ReverseProxy::Nginx,
            recipe,
            path: "/".to_owned(),
        })
    }
}

/// The recipe of that number, of those that are for `server`.
fn recipe(server: ReverseProxy, number: usize) -> anyhow::Result<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../widget/RECIPES.md");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let language = match server {
        ReverseProxy::Nginx => "nginx",
        ReverseProxy::Apache => "apache",
        ReverseProxy::Caddy => "caddy",
    };
    let start = format!("```{language}\n");
    let block = text.split(&start).nth(number + 1);
    let block = block.and_then(|rest| rest.split("```").next());
    block
        .map(str::to_owned)
        .with_context(|| format!("RECIPES.md has no recipe {number} for {language}"))
}

/// A running reverse proxy; ends when dropped.
#[derive(Debug)]
pub(crate) struct RunningFront {
    process: Child,
    directory: TempDir,
}

impl Drop for RunningFront {
    fn drop(&mut self) {
        // An error says that it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl RunningFront {
    /// Starts it on `port`, in front of the proxy that listens at `proxy`.
    pub(crate) async fn start(front: &Front, port: u16, proxy: SocketAddr) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let recipe = front.recipe.replace(PROXY, &proxy.to_string());
        let place = directory.path();
        let (text, mut command) = match front.server {
            ReverseProxy::Nginx => nginx(&recipe, port, place)?,
            ReverseProxy::Apache => apache(&recipe, port, place)?,
            ReverseProxy::Caddy => caddy(&recipe, port, place)?,
        };
        std::fs::write(place.join("front.conf"), text)?;
        let log = std::fs::File::create(place.join("output"))?;
        let process = command
            .current_dir(place)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{:?}", front.server))?;
        let mut running = Self { process, directory };
        running.listens(port).await?;
        Ok(running)
    }

    async fn listens(&mut self, port: u16) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_err()
        {
            let ended = self.process.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                let output = self.directory.path().join("output");
                let output = std::fs::read_to_string(output).unwrap_or_default();
                anyhow::bail!("the reverse proxy does not listen: {output}");
            }
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}

/// The program of that name, unpacked by the test command or installed.
pub(crate) fn program(name: &str) -> anyhow::Result<PathBuf> {
    // Not everybody has the first in their path.
    let places = ["/usr/sbin", "/usr/bin", UNPACKED].map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(places)
        .map(|place| place.join(name))
        .find(|file| file.is_file())
        .with_context(|| format!("{name} is not installed; tests/run does it"))
}

fn nginx(recipe: &str, port: u16, place: &Path) -> anyhow::Result<(String, Command)> {
    let place = place.display();
    // Where root may write is not where everybody may.
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {place}/{kind};"))
        .join("\n");
    let text = format!(
        "daemon off;\nmaster_process off;\npid {place}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\n\
         server {{\nlisten 127.0.0.1:{port};\nserver_name proxy.localhost;\n{recipe}\n}}\n}}\n"
    );
    let mut command = Command::new(program("nginx")?);
    command.args(["-e", "stderr", "-c"]);
    command.arg(format!("{place}/front.conf"));
    Ok((text, command))
}

fn apache(recipe: &str, port: u16, place: &Path) -> anyhow::Result<(String, Command)> {
    let mut text = String::new();
    for module in ["mpm_event", "authz_core", "proxy", "proxy_http"] {
        writeln!(
            text,
            "LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so"
        )?;
    }
    let place = place.display();
    write!(
        text,
        "ServerRoot {place}\nServerName proxy.localhost\nPidFile {place}/pid\n\
         DefaultRuntimeDir {place}\nListen 127.0.0.1:{port}\nErrorLog /dev/stderr\n{recipe}\n"
    )?;
    let mut command = Command::new(program("apache2")?);
    command.args(["-DFOREGROUND", "-f"]);
    command.arg(format!("{place}/front.conf"));
    Ok((text, command))
}

fn caddy(recipe: &str, port: u16, place: &Path) -> anyhow::Result<(String, Command)> {
    let text = format!(
        "{{\nadmin off\nauto_https off\n}}\nhttp://proxy.localhost:{port} {{\nbind 127.0.0.1\n{recipe}\n}}\n"
    );
    let mut command = Command::new(program("caddy")?);
    command.args(["run", "--adapter", "caddyfile", "--config"]);
    command.arg(place.join("front.conf"));
    // It keeps its own files there.
    command.env("HOME", place).env("XDG_DATA_HOME", place);
    command.env("XDG_CONFIG_HOME", place);
    Ok((text, command))
}
