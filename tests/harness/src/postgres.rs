//! A throwaway PostgreSQL server on loopback, for tests over several replicas.
//!
//! PostgreSQL does not run as root: there it runs as the user of Debian's package. A guardian
//! process waits for the end of this one, however it comes, then stops the server and deletes its
//! files; no test has to.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;

use crate::free_address;

/// Where Debian keeps the programs of all versions.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Who runs the server where root starts it.
const USER: &str = "postgres";
/// The superuser in the database.
pub(crate) const ROLE: &str = "goto";

/// Waits until standard input ends, then cleans up.
const GUARDIAN: &str = r#"
cat >/dev/null
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1
rm -rf "$2"
"#;

/// How a server goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Connections are closed, everything is written.
    Fast,
    /// As when it crashes: the next start recovers from the log.
    Immediate,
}

/// See the module. Stopped and deleted when dropped, or when the process ends.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    directory: PathBuf,
    port: u16,
    user: Option<(u32, u32)>,
    databases: AtomicU32,
    guardian: Child,
}

impl Postgres {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> anyhow::Result<Self> {
        let server = Self::prepare()?;
        // Nothing here cuts the power, so nothing has to reach the disk.
        server.run(
            "initdb",
            &["-A", "trust", "-U", ROLE, "-E", "UTF8", "--no-locale", "-N"],
        )?;
        server.start_again()?;
        Ok(server)
    }

    /// One more server with what this one holds: a standby that follows it, or one that goes its own
    /// way from now on.
    ///
    /// # Errors
    /// When it does not start.
    pub fn copy(&self, standby: bool) -> anyhow::Result<Self> {
        let server = Self::prepare()?;
        let port = self.port.to_string();
        let from = ["-h", "127.0.0.1", "-p", &port, "-U", ROLE];
        let how = ["-c", "fast", "-X", "stream", "--no-sync"];
        let follows: &[&str] = if standby { &["-R"] } else { &[] };
        server.run("pg_basebackup", &[&from[..], &how, follows].concat())?;
        server.start_again()?;
        Ok(server)
    }

    /// A place for a cluster, without one yet.
    fn prepare() -> anyhow::Result<Self> {
        let programs = programs()?;
        let user = other_user()?;
        let directory = tempfile::Builder::new()
            .prefix("goto-microapps-postgres-")
            .tempdir()?
            .keep();
        if let Some((uid, gid)) = user {
            chown(&directory, Some(uid), Some(gid))?;
        }
        let mut guardian = as_user(user, "sh");
        let guardian = guardian
            .args(["-c", GUARDIAN, "guardian"])
            .args([&programs, &directory])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal goes to the whole group; the guardian has to outlive us.
            .process_group(0)
            .spawn()
            .context("the guardian of PostgreSQL")?;
        Ok(Self {
            port: free_address()?.port(),
            programs,
            directory,
            user,
            databases: AtomicU32::new(0),
            guardian,
        })
    }

    /// Starts it after [`Postgres::stop`], on the same address.
    ///
    /// # Errors
    /// What its log says.
    pub fn start_again(&self) -> anyhow::Result<()> {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
             -c max_connections=200",
            self.port
        );
        let log = self.directory.join("log");
        let log = log.to_str().context("a path that is text")?;
        self.run("pg_ctl", &["start", "-w", "-l", log, "-o", &options])
    }

    /// Stops it; connections break.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn stop(&self, how: Shutdown) -> anyhow::Result<()> {
        let mode = match how {
            Shutdown::Fast => "fast",
            Shutdown::Immediate => "immediate",
        };
        self.run("pg_ctl", &["stop", "-w", "-m", mode])
    }

    /// Makes an empty database and returns its URL.
    ///
    /// # Errors
    /// When the server is down.
    pub fn database(&self) -> anyhow::Result<String> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let port = self.port.to_string();
        let mut command = as_user(None, self.programs.join("createdb"));
        let done = command
            .args(["-h", "127.0.0.1", "-p", &port, "-U", ROLE, &name])
            .output()?;
        anyhow::ensure!(
            done.status.success(),
            "createdb: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(format!("postgres://{ROLE}@127.0.0.1:{port}/{name}"))
    }

    /// The same database on this server.
    ///
    /// # Errors
    /// When `url` is none.
    pub fn at(&self, url: &str) -> anyhow::Result<String> {
        let mut url = url::Url::parse(url)?;
        url.set_port(Some(self.port))
            .map_err(|()| anyhow::anyhow!("a URL with a port"))?;
        Ok(url.into())
    }

    /// Runs one of PostgreSQL's programs on the cluster.
    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = as_user(self.user, self.programs.join(program));
        // Not captured through pipes: the server inherits them and would keep them open.
        let said = self.directory.join(format!("{program}.out"));
        let file = std::fs::File::create(&said)?;
        let status = command
            .args(arguments)
            .arg("-D")
            .arg(self.directory.join("data"))
            .stdin(Stdio::null())
            .stderr(file.try_clone()?)
            .stdout(file)
            .status()
            .with_context(|| program.to_owned())?;
        if status.success() {
            return Ok(());
        }
        let read = |name: &Path| std::fs::read_to_string(name).unwrap_or_default();
        let log = read(&self.directory.join("log"));
        anyhow::bail!("{program}: {}\n{log}", read(&said))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Its standard input ends, which is what it waits for.
        drop(self.guardian.stdin.take());
        let _ = self.guardian.wait();
    }
}

/// The programs of the newest version installed.
fn programs() -> anyhow::Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, path)| path.join("postgres").exists())
        .collect();
    found.sort();
    if let Some((_, path)) = found.pop() {
        return Ok(path);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|path| path.join("initdb").exists())
        .context("PostgreSQL is not installed (package postgresql)")
}

/// Root must become somebody else.
pub(crate) fn other_user() -> anyhow::Result<Option<(u32, u32)>> {
    if std::fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let id = |flag: &str| -> anyhow::Result<u32> {
        let said = Command::new("id").args([flag, USER]).output()?;
        let said = String::from_utf8(said.stdout)?;
        said.trim()
            .parse()
            .with_context(|| format!("there is no user {USER}"))
    };
    Ok(Some((id("-u")?, id("-g")?)))
}

pub(crate) fn as_user(user: Option<(u32, u32)>, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    // The directory of the tests may be closed to the other user.
    command.current_dir("/");
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}
