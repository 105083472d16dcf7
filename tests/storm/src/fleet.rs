//! The replicas: real processes with a written configuration, killed by SIGKILL and started again.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use goto_microapps_harness::{
    ADMIN_PASSWORD, Admin, Configuration, free_address, register_redirects,
};
use goto_sandbox::Sandbox;
use tempfile::TempDir;

/// Longest a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where the pages live that the employees work on.
pub const INTRANET: &str = "http://intranet.localhost:8000";

/// See the module. All are killed when dropped.
#[derive(Debug)]
pub struct Fleet {
    program: PathBuf,
    directory: TempDir,
    replicas: Vec<Replica>,
}

#[derive(Debug)]
struct Replica {
    public: SocketAddr,
    admin: SocketAddr,
    configuration: PathBuf,
    process: Option<Child>,
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Replica {
    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // SIGKILL; an error says that it is gone already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The proxy's program: the one given, or one built now with the profile of this one.
///
/// # Errors
/// When it does not build.
pub fn program(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(path) = given {
        return path
            .canonicalize()
            .with_context(|| path.display().to_string());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "-p", "goto-microapps", "--bin"]);
    build.arg("goto-microapps");
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    let built = build.status().context("cargo build")?;
    anyhow::ensure!(built.success(), "the proxy does not build");
    let beside = std::env::current_exe()?;
    Ok(beside.with_file_name("goto-microapps"))
}

impl Fleet {
    /// Starts `count` replicas on one store. `more` are settings, as TOML values.
    ///
    /// # Errors
    /// What did not start.
    pub async fn start(
        program: PathBuf,
        sandbox: &Sandbox,
        store_url: &str,
        count: usize,
        more: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let mut fleet = Self {
            program,
            directory: tempfile::tempdir()?,
            replicas: Vec::new(),
        };
        let addresses = (0..count)
            .map(|_| Ok((free_address()?, free_address()?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let public_url = base(addresses[0].0);
        register_redirects(sandbox, &public_url)?;
        for (number, (public, admin)) in addresses.into_iter().enumerate() {
            let most = || "100000".to_owned();
            let listen = [
                ("server.listen", format!("\"{public}\"")),
                ("admin.listen", format!("\"{admin}\"")),
                // Everybody comes from one address here, and some connections are silent.
                ("inbound.connections_per_address", most()),
                ("inbound.requests_at_once_per_address", most()),
                ("inbound.requests_per_second", most()),
                ("inbound.refused_codes", "1000".to_owned()),
                ("inbound.head_seconds", "60".to_owned()),
            ];
            let more: Vec<(String, String)> = listen
                .iter()
                .chain(more)
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect();
            let text = Configuration {
                public_url: &public_url,
                sandbox,
                intranet: INTRANET,
                store_url: store_url.to_owned(),
                more: &more,
            }
            .to_toml()?;
            let configuration = fleet.directory.path().join(format!("{number}.toml"));
            std::fs::write(&configuration, text)?;
            fleet.replicas.push(Replica {
                public,
                admin,
                configuration,
                process: None,
            });
            fleet.launch(number)?;
        }
        for number in 0..count {
            fleet.ready(number).await?;
        }
        Ok(fleet)
    }

    /// Where employees reach each replica; all end with `/`.
    pub fn bases(&self) -> Vec<String> {
        self.replicas
            .iter()
            .map(|replica| base(replica.public))
            .collect()
    }

    /// Public address of a replica.
    pub fn public(&self, number: usize) -> SocketAddr {
        self.replicas[number].public
    }

    /// Administrator's address of a replica.
    pub fn admin(&self, number: usize) -> SocketAddr {
        self.replicas[number].admin
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.replicas.len()
    }

    /// Process id of a running replica.
    pub fn pid(&self, number: usize) -> Option<u32> {
        self.replicas[number].process.as_ref().map(Child::id)
    }

    /// What the replicas logged, one file each; deleted with the fleet unless kept.
    pub fn log(&self, number: usize) -> PathBuf {
        self.directory.path().join(format!("{number}.log"))
    }

    /// Sends SIGKILL.
    pub fn kill(&mut self, number: usize) {
        self.replicas[number].kill();
    }

    /// Starts a killed replica again, without waiting for it.
    ///
    /// # Errors
    /// When the program does not run.
    pub fn launch(&mut self, number: usize) -> anyhow::Result<()> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log(number))?;
        let replica = &mut self.replicas[number];
        let process = Command::new(&self.program)
            .arg("serve")
            .arg("--config")
            .arg(&replica.configuration)
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| self.program.display().to_string())?;
        replica.process = Some(process);
        Ok(())
    }

    /// Starts again whoever ended by itself, as a service manager does: a proxy that finds no
    /// database at its start says so and ends.
    ///
    /// # Errors
    /// When the program does not run.
    pub fn relaunch_ended(&mut self) -> anyhow::Result<()> {
        for number in 0..self.replicas.len() {
            let process = self.replicas[number].process.as_mut();
            let ended = process.is_some_and(|process| !matches!(process.try_wait(), Ok(None)));
            if ended {
                self.launch(number)?;
            }
        }
        Ok(())
    }

    /// Waits until a replica serves; how long that took.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn ready(&self, number: usize) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let url = format!("http://{}/health/ready", self.replicas[number].admin);
        let http = reqwest::Client::builder().no_proxy().build()?;
        loop {
            if let Ok(answer) = http.get(&url).send().await
                && answer.status() == 200
            {
                return Ok(began.elapsed());
            }
            if began.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.log(number)).unwrap_or_default();
                anyhow::bail!("replica {number} does not serve: {log}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Has the administrator connect the service account at the first replica.
    ///
    /// # Errors
    /// What did not work.
    pub async fn connect(&self, sandbox: &Sandbox) -> anyhow::Result<()> {
        let admin = Admin::new(sandbox, self.admin(0), self.public(0));
        admin.sign_in(ADMIN_PASSWORD).await?;
        let page = admin.authorise(&sandbox.admin().email).await?;
        anyhow::ensure!(page.status == 200, "consent: {}", page.text);
        Ok(())
    }

    /// Leaves the logs behind and says where.
    pub fn keep_logs(self) -> PathBuf {
        let mut this = self;
        this.replicas.clear();
        this.directory.disable_cleanup(true);
        this.directory.path().to_owned()
    }
}

fn base(address: SocketAddr) -> String {
    format!("http://proxy.localhost:{}/", address.port())
}
